"""The measurement side of a model: which factors items measure, and the CFA behind a structural model.

Discriminant validity is judged on this CFA, where all factors correlate freely; in a structural model the
correlations of endogenous factors are forced through the paths (Rönkkö & Cho, 2022).
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from sopsem.errors import ModelError
from sopsem.sem.model.expressions import names_in
from sopsem.sem.model.spec import ModelSpec, Parameter, model_spec

__all__ = [
    "first_order_factors",
    "measurement_model",
    "one_factor_model",
    "second_order_factors",
    "with_unit_variances",
]

_PLAIN_NAME = re.compile(r"[^\W\d]\w*(?:\.\w+)*")


def first_order_factors(spec: ModelSpec) -> dict[str, tuple[str, ...]]:
    """Return factor -> items for the factors that only observed variables measure.

    >>> first_order_factors(model_spec("f =~ a + b; g =~ c + d; h =~ f + g"))
    {'f': ('a', 'b'), 'g': ('c', 'd')}
    """
    observed = set(spec.observed)
    return {f: items for f, items in _indicators(spec).items() if items and observed.issuperset(items)}


def second_order_factors(spec: ModelSpec) -> dict[str, tuple[str, ...]]:
    """Return factor -> dimensions for the factors that only first-order factors measure.

    >>> second_order_factors(model_spec("f =~ a + b; g =~ c + d; h =~ f + g"))
    {'h': ('f', 'g')}
    """
    first = first_order_factors(spec)
    return {f: parts for f, parts in _indicators(spec).items() if parts and all(p in first for p in parts)}


def _indicators(spec: ModelSpec) -> dict[str, tuple[str, ...]]:
    return {f: tuple(p.rhs for p in spec if p.op == "=~" and p.lhs == f and p.rhs != f) for f in spec.latent}


def measurement_model(model: str | ModelSpec) -> str:
    """Return the text of the CFA behind a model: its first-order factors, all correlated.

    Parameters
    ----------
    model : str or ModelSpec
        Any model with at least one factor measured by observed variables.

    Returns
    -------
    str
        The loadings of the first-order factors with their fixed values and labels, the residual covariances
        of their items, and equality constraints between labels that stay.  Regressions, second-order factors,
        definitions and what the model says about variances and covariances of factors are left out.

    Raises
    ------
    ModelError
        No factor is measured by observed variables.

    Examples
    --------
    >>> print(measurement_model("f =~ a + b + c; g =~ d + e + h; g ~ f; a ~~ d"))
    f =~ a + b + c
    g =~ d + e + h
    a ~~ d

    """
    spec = model_spec(model)
    factors = first_order_factors(spec)
    if not factors:
        raise ModelError(
            "the model has no factor measured by observed variables; write e.g. f =~ x1 + x2 + x3"
        )
    loadings = {f: [p for p in spec if p.op == "=~" and p.lhs == f] for f in factors}
    lines = [f"{_written(f)} =~ {' + '.join(_loading_terms(rows))}" for f, rows in loadings.items()]
    lines += [f"{_written(f)} ~~ 1*{_written(f)}" for f, rows in loadings.items() if not _has_marker(rows)]
    items = {item for part in factors.values() for item in part}
    kept = [p for p in spec if p.op == "~~" and p.user and {p.lhs, p.rhs} <= items]
    lines += [f"{_written(p.lhs)} ~~ {_modified(p)}" for p in kept]
    labels = {p.label for p in (*kept, *(p for rows in loadings.values() for p in rows)) if p.label}
    lines += [
        f"{c.lhs} {c.op} {c.rhs}"
        for c in spec.constraints
        if labels.issuperset((*names_in(c.left), *names_in(c.right)))
    ]
    return "\n".join(lines)


def _written(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else f'"{name}"'


def _modified(p: Parameter) -> str:
    """Write the right side of a row with its fixed value or label."""
    if not p.free:
        return f"{p.value!r}*{_written(p.rhs)}"
    return f"{p.label}*{_written(p.rhs)}" if p.label else _written(p.rhs)


def _has_marker(rows: Iterable[Parameter]) -> bool:
    return any(not p.free and p.value != 0.0 for p in rows)


def _loading_terms(rows: list[Parameter]) -> list[str]:
    """Write the loadings so that the automatic marker rule changes nothing."""
    first, *rest = rows
    if first.free:
        start = [f"NA*{_written(first.rhs)}"] + ([_modified(first)] if first.label else [])
    else:
        start = [_written(first.rhs) if first.value == 1.0 else _modified(first)]
    return start + [_modified(p) for p in rest]


def one_factor_model(model: str | ModelSpec, name: str = "all_items") -> str:
    """Return the text of the model in which one factor replaces all first-order factors.

    >>> print(one_factor_model("f =~ a + b; g =~ c + d; g ~ f; a ~~ c"))
    all_items =~ a + b + c + d
    a ~~ c
    """
    spec = model_spec(measurement_model(model))
    items = dict.fromkeys(p.rhs for p in spec if p.op == "=~")
    while name in items:
        name += "_"
    lines = [f"{name} =~ {' + '.join(map(_written, items))}"]
    lines += [
        f"{_written(p.lhs)} ~~ {_modified(replace(p, label=''))}"
        for p in spec
        if p.op == "~~" and p.user and {p.lhs, p.rhs} <= set(items)
    ]
    return "\n".join(lines)


def with_unit_variances(spec: ModelSpec) -> ModelSpec:
    """Return the same model with every factor scaled by variance 1, so that covariances are correlations.

    Raises
    ------
    ModelError
        A factor's scale does not come from exactly one fixed loading, so rescaling would change the model.

    """
    rows = list(spec.parameters)
    for factor in spec.latent:
        variance = next(i for i, p in enumerate(rows) if p.op == "~~" and (p.lhs, p.rhs) == (factor, factor))
        markers = [i for i, p in enumerate(rows) if p.op == "=~" and p.lhs == factor and _has_marker([p])]
        if not rows[variance].free and rows[variance].value == 1.0 and not markers:
            continue
        if not rows[variance].free or rows[variance].label or len(markers) != 1 or rows[markers[0]].label:
            raise ModelError(f"the scale of {factor} is neither one marker loading nor a variance of 1")
        rows[markers[0]] = replace(rows[markers[0]], free=True, freed=True, value=float("nan"))
        rows[variance] = replace(rows[variance], free=False, value=1.0)
    return replace(spec, parameters=tuple(rows))
