"""lavaan's automatic rows of one group: markers, variances, covariances, intercepts."""

from dataclasses import replace
from itertools import combinations, combinations_with_replacement
from typing import Any

import numpy as np

from sopsem.sem.model.names import VariableNames
from sopsem.sem.model.ordinal_rows import add_response_scales, add_thresholds
from sopsem.sem.model.parameter_table import Parameter
from sopsem.sem.model.table_options import TableOptions
from sopsem.sem.model.user_rows import Rows, row_key

__all__ = ["add_automatic_rows"]

_ZERO: dict[str, Any] = {"free": False, "value": 0.0}
_ONE: dict[str, Any] = {"free": False, "value": 1.0}
_GIVEN: dict[str, Any] = {"free": False}  # follows from the data or from other rows: no value of its own


def add_automatic_rows(
    rows: Rows,
    names: VariableNames,
    ordered: dict[str, int],
    options: TableOptions,
    *,
    group: int = 1,
    notes: list[str],
) -> None:
    """Add to the user's rows of one group what lavaan's ``cfa``, ``sem`` and ``growth`` add, in lavaan's order.

    Parameters
    ----------
    rows : dict
        The user's rows; automatic rows are added in place, and markers fixed.
    names : VariableNames
        Roles of the variables.
    ordered : dict
        Ordered variable -> number of thresholds.
    options : TableOptions
        ``meanstructure`` says whether there are intercepts.
    notes : list of str
        Takes what a reader should know of the rules that acted.

    """
    if options.fix_first:
        _fix_markers(rows, names, options, group, notes)
    add_thresholds(rows, ordered, group)
    _add_variances(rows, names, ordered, options, group, notes)
    _add_covariances(rows, names, options, group)
    add_response_scales(rows, ordered, group)
    if options.meanstructure:
        _add_means(rows, names, ordered, options, group)
    if names.free_x and options.fixed_x:
        notes.append(
            f"exogenous variable(s) {', '.join(names.free_x)} have a variance, covariance or intercept in "
            "the model text and are therefore random, not fixed"
        )


def _add(rows: Rows, group: int, lhs: str, op: str, rhs: str, **settings: Any) -> None:
    """Add an automatic row unless the user wrote one."""
    key = row_key(lhs, op, rhs, rows)
    if key not in rows:
        rows[key] = Parameter(lhs=lhs, op=op, rhs=rhs, group=group, user=False, **settings)


def _fixed_to_one(row: Parameter, notes: list[str]) -> Parameter:
    """Fix a row that scales a factor: to 1, or as in lavaan to its ``start()``."""
    if np.isnan(row.start):
        return replace(row, free=False, value=1.0)
    notes.append(
        f"{row.path()} sets the scale of {row.lhs}, so it is fixed at its start value {row.start:g} (as in "
        "lavaan); write NA* to free it, and scale the factor otherwise"
    )
    return replace(row, free=False, value=row.start)


def _fix_markers(
    rows: Rows, names: VariableNames, options: TableOptions, group: int, notes: list[str]
) -> None:
    """Fix the first loading (or weight) of every factor (composite) to 1 unless it was freed.

    Where loadings are equal over groups, a later group gets its scale from them, so that ``group_partial`` can
    free the marker itself there.
    """
    for operator, blocks in (("=~", names.indicators), ("<~", names.components)):
        for factor, items in blocks.items():
            if not items:
                continue
            row = rows[factor, operator, items[0]]
            partial = group > 1 and options.equal("loadings") and row.path(1) in options.group_partial
            if row.free and not row.freed and not partial:
                rows[factor, operator, items[0]] = _fixed_to_one(row, notes)


def _single_indicators(names: VariableNames) -> dict[str, str]:
    """Return item -> factor for items that are the only indicator of their only factor."""
    counts: dict[str, int] = {}
    for items in names.indicators.values():
        for item in items:
            counts[item] = counts.get(item, 0) + 1
    single = {items[0]: factor for factor, items in names.indicators.items() if len(items) == 1}
    return {item: factor for item, factor in single.items() if counts[item] == 1 and item not in names.latent}


def _add_variances(
    rows: Rows,
    names: VariableNames,
    ordered: dict[str, int],
    options: TableOptions,
    group: int,
    notes: list[str],
) -> None:
    single = _single_indicators(names)
    components = {v for items in names.components.values() for v in items}
    for v in names.observed:
        if v in names.exogenous_x:
            continue
        settings: dict[str, Any] = {}
        if v in ordered:
            settings = _ONE
        elif v in single and (v, "~~", v) not in rows:
            notes.append(f"{single[v]} has the one indicator {v}: its residual variance is fixed at 0")
            settings = _ZERO
        elif v in components:
            settings = _GIVEN
        _add(rows, group, v, "~~", v, **settings)
    for f in names.latent:
        phantom = not names.indicators.get(f) and (f, "=~", f) in rows
        composite: dict[str, Any] = _GIVEN if f in names.components else {}
        if not options.std_lv or phantom:
            _add(rows, group, f, "~~", f, **composite)
        elif (row := rows.get((f, "~~", f))) is None:
            _add(rows, group, f, "~~", f, **_ONE)
        elif row.free and not row.freed:
            rows[f, "~~", f] = _fixed_to_one(row, notes)


def _add_covariances(rows: Rows, names: VariableNames, options: TableOptions, group: int) -> None:
    for a, b in combinations(names.latent_exogenous, 2):
        _add(rows, group, a, "~~", b, **(_ZERO if options.orthogonal else {}))
    latent = set(names.latent)
    for a, b in combinations(names.dependent, 2):
        _add(rows, group, a, "~~", b, **(_ZERO if options.orthogonal and {a, b} <= latent else {}))
    for a, b in combinations_with_replacement(names.exogenous_x, 2):
        _add(rows, group, a, "~~", b, free=not options.fixed_x, exo=options.fixed_x)
    for items in names.components.values():
        for a, b in combinations(items, 2):
            _add(rows, group, a, "~~", b, **_GIVEN)


def _add_means(
    rows: Rows, names: VariableNames, ordered: dict[str, int], options: TableOptions, group: int
) -> None:
    for v in names.observed:
        if v in names.exogenous_x and options.fixed_x:
            _add(rows, group, v, "~1", "", free=False, exo=True)
        else:
            zero = v in ordered or not options.int_ov_free
            _add(rows, group, v, "~1", "", **(_ZERO if zero else {}))
    for f in names.latent:
        free = options.int_lv_free or _coded(rows, names, options, f)
        settings = _GIVEN if f in names.components else {} if free else _ZERO
        _add(rows, group, f, "~1", "", **settings)


def _coded(rows: Rows, names: VariableNames, options: TableOptions, factor: str) -> bool:
    """Say whether effect coding of the intercepts locates the factor, so that its mean is free."""
    items = names.indicators.get(factor, ())
    keys = [(item, "~1", "") for item in items if (item, "~1", "") in rows]
    return "intercepts" in options.coding and bool(keys) and all(rows[k].free for k in keys)
