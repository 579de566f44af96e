"""Change a model by one idea and fit it again to the same moments.

Free or fix a path, or let the dimensions of a second-order outcome take its place.

Changes are made in the parameter table, so automatic rules do not run a second time and nothing else moves;
the model text of the new table says the same.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from math import isfinite

from sopsem.errors import ModelError
from sopsem.sem.estimation.fit import Fit, fit_moments
from sopsem.sem.model.expressions import names_in
from sopsem.sem.model.spec import Definition, ModelSpec, Parameter

__all__ = ["first_order_outcomes", "fix_at_zero", "free_row", "is_second_order", "model_text", "refit"]


def refit(fitted: Fit, spec: ModelSpec) -> Fit:
    """Fit another parameter table to the moments of a fit, with all its settings."""
    return fit_moments(spec, fitted.data_moments, settings=fitted.settings)


def free_row(spec: ModelSpec, lhs: str, op: str, rhs: str) -> ModelSpec:
    """Return the model with the path (``~``) or covariance (``~~``) free.

    Raises
    ------
    ModelError
        A name that is no variable of the model, or a row that is free already.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> free_row(model_spec("m ~ x; y ~ m"), "y", "~", "x").find("y", "~", "x").free
    True

    """
    _require_variables(spec, (lhs, rhs))
    old = spec.find(lhs, op, rhs)
    if old is None:
        rows = _inserted(spec.parameters, [Parameter(lhs=lhs, op=op, rhs=rhs)])
        return _with_line(spec, rows, f"{_quoted(lhs)} {op} {_quoted(rhs)}")
    if old.free:
        raise ModelError(f"{lhs} {op} {rhs} is free already; there is nothing to add")
    rows = _swapped(spec.parameters, old, replace(old, free=True, freed=True, user=True, value=float("nan")))
    return _spelt_out(replace(spec, parameters=rows))


def fix_at_zero(spec: ModelSpec, lhs: str, op: str, rhs: str) -> ModelSpec:
    """Return the model with a free row fixed at 0.

    Raises
    ------
    ModelError
        The row is not free, or other rows or constraints share its label and would change with it.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> fix_at_zero(model_spec("m ~ x; y ~ m + x"), "y", "~", "x").find("y", "~", "x").value
    0.0

    """
    old = spec.find(lhs, op, rhs)
    if old is None or not old.free:
        raise ModelError(f"{lhs} {op} {rhs} is not a free row of the model; there is nothing to fix")
    tied = [p.name for p in spec if p is not old and old.label and p.label == old.label]
    tied += [f"{c.lhs} {c.op} {c.rhs}" for c in spec.constraints if old.name in _names_used(c)]
    if tied:
        raise ModelError(
            f"{lhs} {op} {rhs} cannot be fixed at 0 alone: it is tied to {', '.join(tied)}; give it a label "
            "of its own"
        )
    rows = _swapped(spec.parameters, old, replace(old, free=False, freed=False, user=True, value=0.0))
    if old.freed:
        return _spelt_out(replace(spec, parameters=rows))
    return _with_line(spec, rows, f"{_quoted(old.lhs)} {op} 0*{_quoted(old.rhs)}")


def is_second_order(spec: ModelSpec, factor: str) -> bool:
    """Say whether a factor has at least two indicators and all of them are factors."""
    dimensions = _dimensions(spec, factor)
    return len(dimensions) > 1 and all(d in spec.latent for d in dimensions)


def first_order_outcomes(spec: ModelSpec, factor: str) -> ModelSpec:
    """Return the model without a second-order outcome: its dimensions are the outcomes.

    The residuals of the dimensions may covary, as they did through the factor.

    Parameters
    ----------
    spec : ModelSpec
    factor : str
        A factor measured by factors only, predicted by ``~`` and predicting nothing.

    Raises
    ------
    ModelError
        The factor is not of this kind, or a constraint uses a parameter that goes away with it.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> text = "d =~ a + b + c; e =~ g + h + i; f =~ d + e; f ~ x"
    >>> [p.name for p in first_order_outcomes(model_spec(text), "f") if p.op == "~"]
    ['d~x', 'e~x']

    """
    _require_outcome(spec, factor)
    dimensions = _dimensions(spec, factor)
    kept = [p for p in spec if factor not in (p.lhs, p.rhs)]
    known = {frozenset((p.lhs, p.rhs)) if p.op == "~~" else (p.lhs, p.rhs) for p in kept if p.op != "=~"}
    new = []
    for p in spec:
        if p.op == "~" and p.lhs == factor and (p.free or p.value != 0.0):
            new += [Parameter(lhs=d, op="~", rhs=p.rhs) for d in dimensions if (d, p.rhs) not in known]
        elif p.op == "~~" and p.lhs != p.rhs and factor in (p.lhs, p.rhs) and p.free:
            other = p.rhs if p.lhs == factor else p.lhs
            new += [Parameter(lhs=d, op="~~", rhs=other) for d in dimensions]
    new += [
        Parameter(lhs=a, op="~~", rhs=b, user=False)
        for a, b in combinations(dimensions, 2)
        if frozenset((a, b)) not in known
    ]
    return _without_factor(spec, factor, _inserted(kept, new))


def _without_factor(spec: ModelSpec, factor: str, rows: tuple[Parameter, ...]) -> ModelSpec:
    names = {p.name for p in rows} | {f"{p.lhs}{p.op}{p.rhs}" for p in rows}
    lost = [c for c in spec.constraints if not set(_names_used(c)) <= names]
    if lost:
        raise ModelError(
            f"the constraint {lost[0].lhs} {lost[0].op} {lost[0].rhs} uses a parameter of {factor}, which "
            "this model does without; remove the constraint first"
        )
    definitions: list[Definition] = []
    dropped = []
    for d in spec.definitions:
        if set(names_in(d.right)) <= names:
            names.add(d.lhs)
            definitions.append(d)
        else:
            dropped.append(d.lhs)
    note = (
        [f"without {factor} these have no meaning and were left out: {', '.join(dropped)}"] if dropped else []
    )
    changed = replace(
        spec,
        parameters=rows,
        definitions=tuple(definitions),
        latent=tuple(v for v in spec.latent if v != factor),
        notes=(*spec.notes, *note),
    )
    return _spelt_out(changed)


def _require_outcome(spec: ModelSpec, factor: str) -> None:
    if not is_second_order(spec, factor):
        raise ModelError(
            f"{factor} is not a second-order factor: name one that is measured by two or more factors"
        )
    if not any(p.op == "~" and p.lhs == factor for p in spec):
        raise ModelError(
            f"{factor} is no outcome: nothing predicts it, so its dimensions cannot take its place"
        )
    onward = [p.name for p in spec if (p.op == "~" and p.rhs == factor) or (p.op == "=~" and p.rhs == factor)]
    if onward:
        raise ModelError(
            f"{factor} is more than an outcome ({', '.join(onward)}); its dimensions can take its place "
            "only where nothing depends on it"
        )
    if any(p.op == "~1" and p.lhs == factor and p.free for p in spec):
        raise ModelError(f"{factor} has a free mean; fix it at 0 before its dimensions take its place")


def _dimensions(spec: ModelSpec, factor: str) -> list[str]:
    return [p.rhs for p in spec if p.op == "=~" and p.lhs == factor and p.rhs != factor]


def _require_variables(spec: ModelSpec, names: Iterable[str]) -> None:
    known = (*spec.latent, *spec.observed)
    for name in names:
        if name not in known:
            raise ModelError(f"{name!r} is no variable of the model; its variables are {', '.join(known)}")


def _names_used(constraint: Definition) -> tuple[str, ...]:
    return (*names_in(constraint.left), *names_in(constraint.right))


def _swapped(rows: tuple[Parameter, ...], old: Parameter, new: Parameter) -> tuple[Parameter, ...]:
    return tuple(new if p is old else p for p in rows)


def _inserted(rows: Iterable[Parameter], new: list[Parameter]) -> tuple[Parameter, ...]:
    """Put new rows behind the last row with their operator, or at the end."""
    table = list(rows)
    for p in new:
        same = [i for i, q in enumerate(table) if q.op == p.op]
        table.insert(same[-1] + 1 if same else len(table), p)
    return tuple(table)


def _with_line(spec: ModelSpec, rows: tuple[Parameter, ...], line: str) -> ModelSpec:
    return replace(spec, parameters=rows, text=f"{spec.text.rstrip()}\n{line}\n")


def _spelt_out(spec: ModelSpec) -> ModelSpec:
    """Write the text anew where a further line would contradict an earlier one."""
    return replace(spec, text=model_text(spec))


def _quoted(name: str) -> str:
    return name if name.replace(".", "_").isidentifier() else f'"{name}"'


def model_text(spec: ModelSpec) -> str:
    """Write a parameter table as model text with every row spelt out, so that no automatic rule is needed.

    Read back with the default options it gives the same rows.  Constraints that the table made itself (effect
    coding) have no text of their own and are written as comments.
    """
    lines = [_row_text(p) for p in spec if not p.exo]
    lines += [f"{d.lhs} {d.op} {d.rhs}" for d in spec.definitions]
    labels = {p.label for p in spec}
    for c in spec.constraints:
        comment = "" if set(_names_used(c)) <= labels else "# "
        lines.append(f"{comment}{c.lhs} {c.op} {c.rhs}")
    return "\n".join(lines) + "\n"


def _row_text(p: Parameter) -> str:
    if p.op == "=~" and p.lhs == p.rhs:
        return f"{_quoted(p.lhs)} =~ 0"
    parts = ["NA" if p.free else f"{p.value!r}"]
    parts += [f"label({_quoted(p.label)})"] if p.label else []
    for name in ("start", "lower", "upper"):
        value = getattr(p, name)
        if isfinite(value):
            parts.append(f"{name}({value!r})")
    op, rhs = ("~", "1") if p.op == "~1" else (p.op, _quoted(p.rhs))
    return f"{_quoted(p.lhs)} {op} {'*'.join(parts)}*{rhs}"
