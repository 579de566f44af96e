"""Several groups: which formulas hold in which, what later groups free, and what is equal over groups."""

from collections.abc import Sequence
from dataclasses import replace

from sopsem.errors import ModelError
from sopsem.sem.model.names import VariableNames
from sopsem.sem.model.parameter_table import Parameter
from sopsem.sem.model.syntax import Formula
from sopsem.sem.model.table_options import TableOptions
from sopsem.sem.model.user_rows import Rows

__all__ = ["formulas_of_groups", "free_in_later_groups", "tie_groups", "tie_labels"]


def formulas_of_groups(formulas: Sequence[Formula], groups: tuple[str, ...]) -> list[list[Formula]]:
    """Return the formulas that hold in each group: all of them, or those under its ``group:`` line.

    Raises
    ------
    ModelError
        A ``group:`` line that names no group, a group without one, or formulas before the first.

    Examples
    --------
    >>> from sopsem.sem.model.syntax import parse_syntax
    >>> parsed = parse_syntax("group: b; y ~ x; group: a; y ~ z")
    >>> [[f.terms[0].variable for f in listed] for listed in formulas_of_groups(parsed, ("a", "b"))]
    [['z'], ['x']]

    """
    if not any(f.block for f in formulas):
        return [list(formulas) for _ in groups]
    outside = next((f for f in formulas if not f.block), None)
    if outside is not None:
        raise ModelError(
            f"model line {outside.line}: this formula stands before the first group: line, so no group has it; "
            "repeat it under each group: line"
        )
    made: list[list[Formula]] = [[] for _ in groups]
    for f in formulas:
        made[_place(f, groups)].append(f)
    empty = [str(i + 1) + (f" ({label})" if label else "") for i, label in enumerate(groups) if not made[i]]
    if empty:
        raise ModelError(
            f"the model has group: lines, but no formula for group {', '.join(empty)}; "
            f"give each of the {len(groups)} groups one"
        )
    return made


def _place(formula: Formula, groups: tuple[str, ...]) -> int:
    """Return the position of the group of a block: by its label, else by its number."""
    if formula.block in groups:
        return groups.index(formula.block)
    if formula.block.isdecimal() and 1 <= int(formula.block) <= len(groups):
        return int(formula.block) - 1
    known = ", ".join(label or str(i + 1) for i, label in enumerate(groups))
    raise ModelError(
        f"model line {formula.line}: group: {formula.block} names no group; the {len(groups)} group(s) of this "
        f"analysis: {known}"
    )


def free_in_later_groups(
    rows: Rows, names: VariableNames, ordered: dict[str, int], options: TableOptions
) -> None:
    """Free automatic rows of a group after the first that equal parameters identify (lavaan 0.7's rules).

    Equal intercepts free factor means; equal loadings with ``std_lv`` free factor variances; equal thresholds
    free the intercepts of latent responses and, from two thresholds on, their scales (``delta``) or residual
    variances (``theta``): Wu & Estabrook (2016).
    """
    freed: list[tuple[str, str, str]] = []
    if options.equal("intercepts") and not options.equal("means"):
        freed += [(f, "~1", "") for f in names.latent if f not in names.components]
    if options.std_lv and options.equal("loadings") and not options.equal("lv.variances"):
        freed += [(f, "~~", f) for f in names.latent]
    if options.equal("thresholds"):
        freed += [(v, "~1", "") for v in ordered]
        scale = "~*~" if options.parameterization == "delta" else "~~"
        freed += [(v, scale, v) for v, count in ordered.items() if count > 1]
    for key in freed:
        row = rows.get(key)
        if row is not None and not row.user:
            rows[key] = replace(row, free=True, value=float("nan"))


def tie_groups(tables: Sequence[Rows], names: VariableNames, options: TableOptions) -> tuple[Parameter, ...]:
    """Join the tables of the groups and label the parameters that ``group_equal`` holds equal.

    As in lavaan, the label is ``.p2.``: the position (from 1) of the first row that it ties.  A row that the
    user labelled keeps that label, and is equal to what shares it.  Where one of the rows is fixed, all take
    its value.

    Raises
    ------
    ModelError
        ``group_partial`` names no parameter.

    """
    joined = [row for table in tables for row in table.values()]
    _refuse_unknown_partial(joined, options)
    places: dict[tuple[str, ...], list[int]] = {}
    for i, row in enumerate(joined):
        if not row.exo and not row.label and _is_equal(row, names, options):
            ends = tuple(sorted((row.lhs, row.rhs))) if row.op == "~~" else (row.lhs, row.rhs)
            places.setdefault((row.op, *ends), []).append(i)
    for same in places.values():
        fixed = next((joined[i] for i in same if not joined[i].free), None)
        for i in same if len(same) > 1 else ():
            joined[i] = (
                replace(joined[i], label=f".p{same[0] + 1}.")
                if fixed is None
                else replace(joined[i], free=False, value=fixed.value)
            )
    return tuple(joined)


def _refuse_unknown_partial(joined: Sequence[Parameter], options: TableOptions) -> None:
    paths = {row.path(1) for row in joined} | {f"{row.rhs}~~{row.lhs}" for row in joined if row.op == "~~"}
    unknown = [name for name in options.group_partial if name not in paths]
    if unknown:
        raise ModelError(
            f"group_partial has {', '.join(map(repr, unknown))}, which is no parameter of the model; "
            "write lhs, operator and rhs together, e.g. 'x3~1' or 'f=~x2'"
        )


def _is_equal(row: Parameter, names: VariableNames, options: TableOptions) -> bool:
    """Say whether ``group_equal`` holds a row equal over groups."""
    partial = options.group_partial
    if row.path(1) in partial or (row.op == "~~" and f"{row.rhs}~~{row.lhs}" in partial):
        return False
    kind = {"=~": "loadings", "<~": "composite.weights", "|": "thresholds", "~": "regressions"}.get(
        row.op, ""
    )
    if row.op in ("~1", "~~") and row.lhs in names.exogenous_x:
        return False
    latent = not {row.lhs, row.rhs}.isdisjoint(names.latent)  # a covariance with a factor counts as its own
    if row.op == "~1":
        kind = "means" if latent else "intercepts"
    elif row.op == "~~":
        level = ("lv.variances", "lv.covariances") if latent else ("residuals", "residual.covariances")
        kind = level[row.lhs != row.rhs]
    return options.equal(kind)


def tie_labels(parameters: tuple[Parameter, ...], notes: list[str]) -> tuple[Parameter, ...]:
    """Fix every row that shares its label with a fixed row, at the value of the first such row.

    Raises
    ------
    ModelError
        Rows with one label are fixed to different values.

    """
    pinned: dict[str, Parameter] = {}
    for p in parameters:
        if p.label and not p.free and not p.exo:
            first = pinned.setdefault(p.label, p)
            if first.value != p.value:
                raise ModelError(
                    f"{first.path()} and {p.path()} share the label {p.label!r} but are fixed to "
                    f"{first.value:g} and {p.value:g}; give one value, or two labels"
                )
    made = tuple(
        replace(p, free=False, value=pinned[p.label].value) if p.free and p.label in pinned else p
        for p in parameters
    )
    for label, first in pinned.items():
        tied = [p.path() for p, q in zip(parameters, made, strict=True) if p is not q and p.label == label]
        if tied:
            notes.append(
                f"{', '.join(tied)} shares the label {label!r} with {first.path()} and is fixed to its value "
                f"{first.value:g}"
            )
    return made
