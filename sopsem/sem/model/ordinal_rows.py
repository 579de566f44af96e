"""Rows of ordered variables: thresholds of the latent response, its scale, variance and mean."""

import re
from collections.abc import Mapping, Sequence

from sopsem.errors import ModelError
from sopsem.sem.model.names import VariableNames
from sopsem.sem.model.parameter_table import Parameter
from sopsem.sem.model.user_rows import Rows

__all__ = ["add_response_scales", "add_thresholds", "ordered_variables", "threshold_rank"]

_THRESHOLD = re.compile(r"t([1-9]\d*)")


def threshold_rank(row: Parameter) -> int:
    """Return k of the threshold ``u | tk``.

    Raises
    ------
    ModelError
        The threshold has another name.

    Examples
    --------
    >>> threshold_rank(Parameter(lhs="u", op="|", rhs="t2"))
    2

    """
    match = _THRESHOLD.fullmatch(row.rhs)
    if match is None:
        raise ModelError(
            f"{row.lhs} | {row.rhs}: the thresholds of a variable are named t1, t2, ... from low to high"
        )
    return int(match[1])


def ordered_variables(
    tables: Sequence[Rows], names: VariableNames, counts: Mapping[str, int], notes: list[str]
) -> dict[str, int]:
    """Return ordered variable -> number of thresholds, in table order.

    A variable is ordered when ``counts`` names it or the text gives it thresholds; where the counts are not
    known it has as many as the highest of the text.  As in lavaan, an exogenous variable is never ordered: it
    enters as a number.

    Raises
    ------
    ModelError
        Thresholds of an exogenous or unknown variable; more of them than the data have.

    """
    rows = [row for table in tables for row in table.values()]
    written: dict[str, set[int]] = {}
    for row in rows:
        if row.op == "|":
            written.setdefault(row.lhs, set()).add(threshold_rank(row))
    exogenous = {*names.exogenous_x, *names.free_x}
    for v, ranks in written.items():
        _refuse_thresholds(v, sorted(ranks), names, exogenous, counts)
    passed = [v for v in counts if v in exogenous and v not in written]
    if passed:
        notes.append(f"{', '.join(passed)} only predict(s) and enters as a number, although declared ordered")
    if absent := [v for v in counts if v not in names.observed]:
        notes.append(f"{', '.join(absent)} is declared ordered but is no variable of the model")
    made = {v: counts.get(v, max(written.get(v, ()), default=0)) for v in names.observed}
    listed = {v: k for v, k in made.items() if v in written or (v in counts and v not in exogenous)}
    for row in rows:
        if row.op == "~*~" and row.lhs not in listed:
            raise ModelError(
                f"{row.lhs} ~*~ {row.lhs} scales the response of an ordered variable, but {row.lhs} is not "
                f"ordered; declare it ordered or give it thresholds, e.g. {row.lhs} | t1"
            )
    return listed


def _refuse_thresholds(
    v: str, ranks: list[int], names: VariableNames, exogenous: set[str], counts: Mapping[str, int]
) -> None:
    if v in names.latent:
        raise ModelError(f"{v} | t{ranks[0]}: {v} is a factor; thresholds belong to observed variables")
    if v in exogenous:
        raise ModelError(
            f"{v} | t{ranks[0]}: {v} only predicts, and an exogenous variable enters as a number; "
            "remove its thresholds (or make it an outcome or an indicator of a factor)"
        )
    if v in counts and ranks[-1] > counts[v]:
        raise ModelError(
            f"the model has {v} | t{ranks[-1]}, but {v} has {counts[v] + 1} categories in the data and so "
            f"{counts[v]} threshold(s)"
        )


def add_thresholds(rows: Rows, ordered: dict[str, int], group: int) -> None:
    """Add the free thresholds that the text does not have."""
    for v, count in ordered.items():
        for k in range(1, count + 1):
            key = (v, "|", f"t{k}")
            rows.setdefault(key, Parameter(lhs=v, op="|", rhs=f"t{k}", group=group, user=False))


def add_response_scales(rows: Rows, ordered: dict[str, int], group: int) -> None:
    """Add the scales of the latent responses, fixed to 1 (with theta they follow from the variances)."""
    for v in ordered:
        rows.setdefault(
            (v, "~*~", v),
            Parameter(lhs=v, op="~*~", rhs=v, group=group, user=False, free=False, value=1.0),
        )
