"""The rows that the user wrote, for one group: each term with the modifiers that hold in that group."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from sopsem.errors import ModelError
from sopsem.sem.model.parameter_table import Parameter
from sopsem.sem.model.syntax import Formula, Term

__all__ = ["Key", "Rows", "row_key", "user_rows"]

Key = tuple[str, str, str]
Rows = dict[Key, Parameter]
_KINDS = ("start", "label", "lower", "upper")


def row_key(lhs: str, op: str, rhs: str, rows: Rows) -> Key:
    """Return the table key; a covariance written the other way round is the same row."""
    if op == "~~" and (rhs, op, lhs) in rows:
        return (rhs, op, lhs)
    return (lhs, op, rhs)


def user_rows(
    formulas: Iterable[Formula], *, group: int = 1, n_groups: int = 1
) -> tuple[Rows, list[tuple[Key, str]]]:
    """Return the user's rows of one group, and what ``equal()`` ties to what.

    Parameters
    ----------
    formulas : iterable of Formula
        Those that hold in the group.
    group, n_groups : int
        Which value of a modifier such as ``c(a, b)`` holds, and how many it must have.

    Raises
    ------
    ModelError
        A path from a variable to itself, a duplicate, a contradiction, or a modifier whose number of values is
        neither one nor the number of groups.

    """
    rows: Rows = {}
    equalities: list[tuple[Key, str]] = []
    for formula in formulas:
        values = 1 if formula.block else n_groups
        for term in formula.terms:
            key = _term_key(formula, term, rows)
            if formula.operator == "=~" and not term.variable:
                rows[key] = Parameter(lhs=key[0], op="=~", rhs=key[2], group=group, free=False, value=0.0)
                continue
            own = _of_group(term, key, group - 1, values)
            rows[key] = _modified(rows.get(key), key, own, group)
            if own.equal is not None and own.equal[0]:
                equalities.append((key, own.equal[0]))
    return rows, equalities


def _term_key(formula: Formula, term: Term, rows: Rows) -> Key:
    lhs, op, rhs = formula.lhs, formula.operator, term.variable
    if op == "~" and not rhs:
        return (lhs, "~1", "")
    if op == "=~" and not rhs:
        return (lhs, op, lhs)
    if op in ("~", "=~", "<~") and rhs == lhs:
        raise ModelError(
            f"model line {term.line}: {rhs} {op} {rhs} is a path from a variable to itself; remove it"
        )
    if op == "~*~" and rhs != lhs:
        raise ModelError(
            f"model line {term.line}: {lhs} ~*~ {rhs} joins two variables, but a scale belongs to one; "
            f"write {lhs} ~*~ {lhs}"
        )
    return row_key(lhs, op, rhs, rows)


def _of_group(term: Term, key: Key, place: int, n_values: int) -> Term:
    """Return the term with the one value of each modifier that holds in the group at ``place``."""
    own: dict[str, Any] = {}
    for kind in ("fixed", "equal", *_KINDS):
        values = getattr(term, kind)
        if values is None:
            continue
        if len(values) not in (1, n_values):
            raise ModelError(
                f"model line {term.line}: {key[0]} {key[1]} {key[2] or '1'} has a modifier with {len(values)} "
                f"values but the formula holds in {n_values} group{'s' * (n_values != 1)}; expected are "
                f"{f'{n_values} values, one per group, or ' if n_values > 1 else ''}one value"
            )
        own[kind] = (values[place if len(values) > 1 else 0],)
    return replace(term, **own)


def _modified(row: Parameter | None, key: Key, term: Term, group: int) -> Parameter:
    if row is not None and not term.modified():
        raise ModelError(
            f"model line {term.line}: {key[0]} {key[1]} {key[2]} stands twice in the model; remove one"
        )
    row = row or Parameter(lhs=key[0], op=key[1], rhs=key[2], group=group)
    changes: dict[str, Any] = {k: v[0] for k in _KINDS if (v := getattr(term, k)) is not None}
    if term.fixed is not None:
        value = float(term.fixed[0])
        changes |= {"free": bool(np.isnan(value)), "freed": bool(np.isnan(value)), "value": value}
    _refuse_contradiction(row, changes, term)
    made = replace(row, **changes)
    if made.lower > made.upper:
        raise ModelError(
            f"model line {term.line}: {made.name} has the lower bound {made.lower:g} above its upper bound "
            f"{made.upper:g}; exchange them"
        )
    return made


def _refuse_contradiction(row: Parameter, changes: dict[str, Any], term: Term) -> None:
    """Refuse a second modifier of one kind on the same path when it says something else."""
    blank = Parameter(lhs=row.lhs, op=row.op, rhs=row.rhs)
    for kind in (*_KINDS, "free", "freed", "value"):
        before, after = str(getattr(row, kind)), changes.get(kind)
        if after is not None and before not in {str(getattr(blank, kind)), str(after)}:
            raise ModelError(
                f"model line {term.line}: {row.lhs} {row.op} {row.rhs} stands twice in the model, "
                f"with modifiers that contradict each other ({kind}); keep one"
            )
