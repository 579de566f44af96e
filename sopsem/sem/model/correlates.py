"""Saturated correlates: auxiliary variables that inform missing values and restrict nothing."""

from collections.abc import Sequence
from dataclasses import replace

from sopsem.errors import UsageError
from sopsem.sem.model.parameter_table import ModelSpec, Parameter

__all__ = ["with_correlates"]


def with_correlates(spec: ModelSpec, auxiliary: Sequence[str]) -> ModelSpec:
    """Add auxiliary variables that covary with each other and with the rest of every observed variable.

    Parameters
    ----------
    spec : ModelSpec
        With a mean structure and without fixed exogenous variables.
    auxiliary : sequence of str
        Names outside the model.

    Returns
    -------
    ModelSpec
        As many new parameters as new moments: the degrees of freedom stay what they were.

    Raises
    ------
    UsageError
        An auxiliary variable is in the model.

    Notes
    -----
    Graham (2003), Structural Equation Modeling, 10, 80-100.  An indicator without error has no rest; there the
    covariance is with its factor.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> spec = with_correlates(model_spec("y ~ x", meanstructure=True, fixed_x=False), ["a"])
    >>> [p.name for p in spec if "a" in (p.lhs, p.rhs)]
    ['a~~a', 'a~~y', 'a~~x', 'a~1']

    """
    names = tuple(dict.fromkeys(auxiliary))
    if clash := [a for a in names if a in (*spec.observed, *spec.latent)]:
        raise UsageError(f"auxiliary variable {clash[0]!r} is in the model; leave it out of auxiliary")
    rows = list(spec.parameters)
    for group in range(1, spec.n_groups + 1):
        rows += _rows(spec, names, group)
    note = (
        f"auxiliary variables ({', '.join(names)}) covary with each other and with all observed variables "
        "(saturated correlates): they inform missing values and restrict nothing; "
        "log-likelihood, AIC and BIC are of all variables"
    )
    return replace(
        spec,
        parameters=tuple(sorted(rows, key=lambda p: p.group)),
        observed=(*spec.observed, *names),
        auxiliary=names,
        notes=(*spec.notes, note),
    )


def _rows(spec: ModelSpec, names: tuple[str, ...], group: int) -> list[Parameter]:
    partners = tuple(dict.fromkeys(_partner(spec, v, group) for v in spec.observed))
    pairs = [(a, b) for i, a in enumerate(names) for b in (*names[i:], *partners)]
    rows = [("~~", a, b) for a, b in pairs] + [("~1", a, "") for a in names]
    return [Parameter(lhs=a, op=op, rhs=b, group=group, user=False, free=True) for op, a, b in rows]


def _partner(spec: ModelSpec, variable: str, group: int) -> str:
    """Return what an auxiliary variable covaries with: the variable, or the factor that it is."""
    variance = spec.find(variable, "~~", variable, group=group)
    factors = [p.lhs for p in spec if p.op == "=~" and p.rhs == variable and p.group == group]
    whole = variance is not None and not variance.free and variance.value == 0.0 and len(factors) == 1
    return factors[0] if whole else variable
