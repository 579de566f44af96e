"""A survey as the bridge takes it: a row per respondent, checked, each construct with its items and its mean."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from sopsem.executive.bridge.unit_names import unit_names
from sopsem.executive.notices import Notice, fault, nearest, quote, refuse
from sopsem.executive.schema.checking import excluded_frame

__all__ = ["Answers", "read_answers"]

TABLE = "survey"
FIRST_ROW = 2  # of a file with a header


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Answers as numbers, sorted by unit, role and answer, so that the order of the rows given never matters.

    ``frame``: unit, role (empty where there is none) and the items; ``items``: the items of each construct;
    ``categories``: how many response categories those have; ``given``: rows that came in; ``excluded``: rows left
    out, of the whole or of one construct.
    """

    frame: pd.DataFrame
    items: Mapping[str, tuple[str, ...]]
    categories: Mapping[str, int]
    given: int
    excluded: pd.DataFrame

    def of(self, construct: str) -> pd.DataFrame:
        """Return unit, role, score (mean of the items) and the items of those who answered all of them."""
        items = list(self.items[construct])
        whole = self.frame.dropna(subset=items)
        return whole[["unit", "role", *items]].assign(score=whole[items].mean(axis=1)).reset_index(drop=True)


def read_answers(
    survey: pd.DataFrame,
    wanted: Iterable[str],
    *,
    by: str,
    role: str,
    categories: int | Mapping[str, int],
    constructs: Mapping[str, Sequence[str]] | None = None,
) -> Answers:
    """Check a survey and find the items of the constructs that are wanted.

    Parameters
    ----------
    survey : DataFrame
        A row per respondent; items are scored 1 to ``categories`` and point the way of their construct.
    wanted : names
        Constructs; those that the survey does not have are left out.
    by, role : str
        Columns of the unit and of the function; the latter may be absent.
    categories : int or mapping of str to int
        Response categories, of all or of each construct.
    constructs : mapping of str to sequence of str, optional
        Columns of each construct; by default those named after it and numbered
        (``alignment1``, ``alignment_2``), else the one of its name.

    Raises
    ------
    DataError
        T02: a column that is not there or there twice; T03: an answer that is no number; T34: one that is outside of
        the categories.

    Examples
    --------
    >>> rows = pd.DataFrame({"unit": ["B", "A", "A"], "alignment1": [4, 2, 3], "alignment2": [4, 3, None]})
    >>> found = read_answers(rows, ["alignment", "conflict"], by="unit", role="role", categories=5)
    >>> found.of("alignment")[["unit", "score"]].values.tolist()
    [['A', 2.5], ['B', 4.0]]
    >>> found.excluded["reason"].tolist()
    ['alignment: alignment2 not answered']

    """
    refuse(_column_faults(survey, by, constructs))
    items = _items(survey, wanted, constructs)
    counts = {name: _categories_of(categories, name) for name in items}
    columns = [column for own in items.values() for column in own]
    numbers, faults = _numbers(survey, columns)
    refuse([*faults, *_outside(numbers, items, counts)])
    given = survey.reset_index(drop=True)
    frame = pd.DataFrame(
        {"unit": unit_names(given[by]), "role": unit_names(given[role]) if role in given else ""}
    )
    frame = pd.concat([frame, numbers], axis=1)
    nameless = frame["unit"] == ""
    reasons = [(int(row) + FIRST_ROW, "T02", f"no {by}") for row in np.flatnonzero(nameless)]
    reasons += _unanswered(frame[~nameless], items)
    kept = frame[~nameless].sort_values(["unit", "role", *columns], kind="stable", ignore_index=True)
    return Answers(
        frame=kept,
        items=MappingProxyType(items),
        categories=MappingProxyType(counts),
        given=len(survey),
        excluded=excluded_frame(TABLE, reasons),
    )


def _column_faults(
    survey: pd.DataFrame, by: str, constructs: Mapping[str, Sequence[str]] | None
) -> list[Notice]:
    names = [str(name) for name in survey.columns]
    asked = [by, *(column for own in (constructs or {}).values() for column in own)]
    absent = [
        fault("T02", f"column {quote(name)} is missing{nearest(name, names)}", table=TABLE, column=name)
        for name in dict.fromkeys(asked)
        if name not in names
    ]
    twice = [
        fault("T02", f"column {quote(name)} is there twice; rename one", table=TABLE, column=name)
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    return absent + twice


def _items(
    survey: pd.DataFrame, wanted: Iterable[str], constructs: Mapping[str, Sequence[str]] | None
) -> dict[str, tuple[str, ...]]:
    """Return the columns of each construct that has any."""
    found: dict[str, tuple[str, ...]] = {}
    for name in dict.fromkeys(wanted):
        numbered = re.compile(rf"{re.escape(name)}_?[0-9]+")
        own = (constructs or {}).get(name) or [c for c in survey.columns if numbered.fullmatch(str(c))]
        own = own or [name] * (name in survey)
        if own:
            found[name] = tuple(sorted(map(str, own)))
    return found


def _categories_of(categories: int | Mapping[str, int], construct: str) -> int:
    count = categories if isinstance(categories, int) else categories.get(construct, 0)
    if count < 2:
        message = f"{construct}: say how many response categories its items have, two or more"
        refuse([fault("T34", message, table=TABLE)])
    return count


def _numbers(survey: pd.DataFrame, columns: list[str]) -> tuple[pd.DataFrame, list[Notice]]:
    """Return the items as numbers; empty texts are no answer."""
    read, faults = {}, []
    for column in columns:
        cells = survey[column].reset_index(drop=True)
        if not pd.api.types.is_numeric_dtype(cells):
            cells = cells.map(lambda cell: (cell.strip() or None) if isinstance(cell, str) else cell)
        values = pd.to_numeric(cells, errors="coerce").astype(float)
        wrong = np.flatnonzero((values.isna() & cells.notna()) | np.isinf(values))
        if len(wrong):
            first = f"row {wrong[0] + FIRST_ROW}: {column} is {quote(cells.iloc[wrong[0]])}, no number"
            message = f"{first} ({len(wrong)} such answers)"
            faults.append(fault("T03", message, table=TABLE, column=column, rows=wrong + FIRST_ROW))
        read[column] = values
    return pd.DataFrame(read, index=range(len(survey))), faults


def _outside(
    numbers: pd.DataFrame, items: Mapping[str, tuple[str, ...]], counts: Mapping[str, int]
) -> list[Notice]:
    faults = []
    for construct, own in items.items():
        most = counts[construct]
        for column in own:
            values = numbers[column].to_numpy()
            wrong = np.flatnonzero((values < 1) | (values > most))
            if len(wrong):
                first = f"row {wrong[0] + FIRST_ROW}: {column} is {values[wrong[0]]:g}, outside 1 to {most}"
                message = f"{first} ({len(wrong)} such answers)"
                faults.append(fault("T34", message, table=TABLE, column=column, rows=wrong + FIRST_ROW))
    return faults


def _unanswered(frame: pd.DataFrame, items: Mapping[str, tuple[str, ...]]) -> list[tuple[int, str, str]]:
    reasons = []
    for construct, own in items.items():
        for row in frame.index[frame[list(own)].isna().any(axis=1)]:
            lacking = ", ".join(c for c in own if np.isnan(frame.loc[row, c]))
            reasons.append((int(row) + FIRST_ROW, "T02", f"{construct}: {lacking} not answered"))
    return reasons
