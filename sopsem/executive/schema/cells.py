"""Cells of one column, as text or as numbers, to values of the column's type; what cannot be read is a fault."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, quote, warning
from sopsem.executive.schema.definitions import Column
from sopsem.executive.schema.periods import frequency_of, start_of

__all__ = ["Dialect", "Read", "named_rows", "read_column"]

MISSING = "NA"
SHOWN = 5
ISO_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T ][0-9:.]{4,}(Z|[+-][0-9:]{4,6})?)?", re.ASCII)
SLASHED = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})", re.ASCII)
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
LARGEST = 1e15
CURRENCY = re.compile(r"[$€£¥₺₽]|\b(EUR|USD|GBP|TRY|RUB|CHF)\b")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How numbers and dates are written; nothing of it is guessed."""

    decimal: str = "."
    dayfirst: bool = False
    percent: bool = False


@dataclass(frozen=True, kw_only=True)
class Read:
    """The values of a column and what was wrong with its cells (row 1 is the header)."""

    cells: pd.Series
    notices: tuple[Notice, ...] = ()


def named_rows(bad: np.ndarray, rows: np.ndarray, keys: "pd.Series[str] | None" = None) -> str:
    """Name the first five rows, with their keys when given, and count the rest.

    >>> named_rows(np.array([True] * 7), np.arange(2, 9))
    'rows 2, 3, 4, 5, 6 and 2 more'
    """
    at = np.flatnonzero(bad)
    key = ["" if keys is None else f" ({keys.iloc[i]})" for i in at[:SHOWN]]
    shown = ", ".join(f"{rows[i]}{k}" for i, k in zip(at, key, strict=False))
    more = f" and {len(at) - SHOWN} more" if len(at) > SHOWN else ""
    return f"row{'s' if len(at) != 1 else ''} {shown}{more}"


def read_column(cells: pd.Series, column: Column, dialect: Dialect, rows: np.ndarray, table: str) -> Read:
    """Read every cell of a column.

    Parameters
    ----------
    cells : Series
        Texts as they stand in a file, or values of a frame in memory.
    column : Column
        What the cells must be.
    dialect : Dialect
        Decimal mark and order of dates.
    rows : array of int
        The row of each cell in the file.
    table : str
        For messages.

    Examples
    --------
    >>> from sopsem.executive.schema.definitions import SCHEMAS
    >>> price = SCHEMAS["products"].columns["price"]
    >>> read = read_column(pd.Series(["4", "1.234,56"]), price, Dialect(), np.array([2, 3]), "products")
    >>> read.notices[0].message
    "row 3: price is '1.234,56', no number with a decimal point; if numbers have a decimal comma, give decimal=','"

    """
    codes, text = (None, cells) if _is_typed(cells) else _texts(cells)
    values, bad, why = _READERS[column.type](text, dialect)
    if codes is not None:
        values = pd.Series(values.to_numpy()[codes], index=cells.index, dtype=values.dtype)
        bad = bad[codes]
    notices: list[Notice] = []
    if bad.any():
        found = quote(cells.iloc[int(np.flatnonzero(bad)[0])])
        hint = why(found)
        notices.append(
            fault(
                _code(cells[bad]),
                f"{named_rows(bad, rows)}: {column.name} is {found}, {hint}",
                table=table,
                column=column.name,
                rows=rows[bad],
            )
        )
    notices.extend(_time_zones(text, column, table))
    return Read(cells=values, notices=tuple(notices))


def _code(bad: pd.Series) -> str:
    """Money signs of several currencies are T09, anything else that cannot be read is T03."""
    signs = {found[0] for text in bad.astype(str).head(1000) if (found := CURRENCY.search(text))}
    return "T09" if len(signs) > 1 else "T03"


def _is_typed(cells: pd.Series) -> bool:
    kinds = pd.api.types
    return bool(
        kinds.is_numeric_dtype(cells) or kinds.is_datetime64_any_dtype(cells) or kinds.is_bool_dtype(cells)
    )


def _texts(cells: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """Return which distinct text each cell holds, and those texts, stripped; a missing value or NA is no text."""
    codes, distinct = pd.factorize(cells)  # a missing value has code -1, which takes the last text
    plain = np.asarray(distinct, dtype=object)
    texts = [cell.strip() if isinstance(cell, str) else _plain_text(cell) for cell in plain]
    cleaned = np.array([*texts, ""], dtype=object)
    cleaned[cleaned == MISSING] = ""
    return codes, pd.Series(cleaned, dtype=object)


def _spread_texts(cells: pd.Series) -> pd.Series:
    codes, texts = _texts(cells)
    return texts.iloc[codes].set_axis(cells.index)


def _plain_text(cell: object) -> str:
    """Return a cell as text; a whole number that a spreadsheet made a float is that whole number."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


Found = tuple[pd.Series, np.ndarray, Callable[[str], str]]


def _number(cells: pd.Series, dialect: Dialect) -> Found:
    if _is_typed(cells) and not pd.api.types.is_datetime64_any_dtype(cells):
        values = cells.astype(float)
        return values, np.isinf(values.to_numpy()), lambda _: "which is not finite"
    mark = dialect.decimal
    codes, distinct = pd.factorize(cells.astype(str) if _is_typed(cells) else cells)
    parsed = np.array([_one_number(text, mark) for text in distinct], dtype=float)
    wrong = np.array(
        [text != "" and not np.isfinite(p) for text, p in zip(distinct, parsed, strict=True)], bool
    )
    values = pd.Series(parsed[codes] if len(parsed) else [], index=cells.index, dtype=float)
    return values, wrong[codes] if len(wrong) else np.zeros(0, bool), lambda found: _number_hint(found, mark)


def _one_number(text: str, mark: str) -> float:
    plain = text if mark == "." else text.replace(".", "x").replace(mark, ".")
    if not NUMBER.fullmatch(plain):
        return float("nan")
    value = float(plain)
    return value if abs(value) < LARGEST else float("nan")


def _number_hint(found: str, mark: str) -> str:
    word = "point" if mark == "." else "comma"
    hint = f"no number with a decimal {word}"
    if mark == "." and "," in found:
        return f"{hint}; if numbers have a decimal comma, give decimal=','"
    if CURRENCY.search(found):
        return f"{hint}; write the number without the currency"
    return f"{hint}; write digits only, and leave a missing value empty"


def _integer(cells: pd.Series, dialect: Dialect) -> Found:
    values, bad, _ = _number(cells, dialect)
    fraction = values.notna().to_numpy() & (np.floor(values.to_numpy()) != values.to_numpy())
    return values, bad | fraction, lambda _: "no whole number"


def _text(cells: pd.Series, dialect: Dialect) -> Found:
    del dialect
    held = _spread_texts(cells) if _is_typed(cells) else cells
    values = held.where(held != "", None).astype(object)
    return values, np.zeros(len(values), bool), str


def _flag(cells: pd.Series, dialect: Dialect) -> Found:
    del dialect
    codes, distinct = pd.factorize(_spread_texts(cells) if _is_typed(cells) else cells)
    known = np.array([FLAGS.get(text.casefold()) for text in distinct], dtype=object)
    wrong = np.array([text != "" and k is None for text, k in zip(distinct, known, strict=True)], dtype=bool)
    values = pd.Series(known[codes] if len(known) else [], index=cells.index, dtype=object)
    return values, _spread(wrong, codes), lambda _: "which is neither true nor false"


def _period(cells: pd.Series, dialect: Dialect) -> Found:
    del dialect
    texts = cells.astype(str) if _is_typed(cells) else cells
    codes, distinct = pd.factorize(texts)
    wrong = np.array([t != "" and not frequency_of(t) for t in distinct], dtype=bool)
    values = texts.where(texts != "", None).astype(object)
    return values, _spread(wrong, codes), lambda _: "no period; write 2025-01, 2025-W03 or 2025-Q1"


def _date(cells: pd.Series, dialect: Dialect) -> Found:
    if pd.api.types.is_datetime64_any_dtype(cells):
        naive = cells.dt.tz_localize(None) if cells.dt.tz is not None else cells
        return naive.astype("datetime64[s]"), np.zeros(len(cells), bool), str
    return _parsed(cells, lambda text: _one_day(text, dialect), _date_hint)


def _moment(cells: pd.Series, dialect: Dialect) -> Found:
    """Read a date, or a period, which counts as its first day."""
    if pd.api.types.is_datetime64_any_dtype(cells):
        return _date(cells, dialect)
    return _parsed(cells, lambda text: _one_moment(text, dialect), _date_hint)


def _parsed(cells: pd.Series, one: Callable[[str], np.datetime64], why: Callable[[str], str]) -> Found:
    texts = cells.astype(str) if _is_typed(cells) else cells
    codes, distinct = pd.factorize(texts)
    days = np.array([one(text) for text in distinct], dtype="datetime64[s]")
    wrong = np.array([t != "" and np.isnat(d) for t, d in zip(distinct, days, strict=True)], dtype=bool)
    values = pd.Series(days[codes] if len(days) else [], index=cells.index, dtype="datetime64[s]")
    return values, _spread(wrong, codes), why


def _spread(wrong: np.ndarray, codes: np.ndarray) -> np.ndarray:
    return wrong[codes] if len(wrong) else np.zeros(len(codes), bool)


def _one_moment(text: str, dialect: Dialect) -> np.datetime64:
    return np.datetime64(start_of(text), "s") if frequency_of(text) else _one_day(text, dialect)


def _one_day(text: str, dialect: Dialect) -> np.datetime64:
    found = ISO_DAY.fullmatch(text)
    day = found[1] if found else ""
    slashed = SLASHED.fullmatch(text) if dialect.dayfirst else None
    if slashed:
        day = f"{slashed[3]}-{int(slashed[2]):02d}-{int(slashed[1]):02d}"
    try:
        return np.datetime64(day, "s") if day else np.datetime64("NaT", "s")
    except ValueError:
        return np.datetime64("NaT", "s")


def _date_hint(found: str) -> str:
    hint = "no date; write 2025-01-31"
    return (
        f"{hint}; if dates are day/month/year, give dayfirst=True" if "/" in found or "." in found else hint
    )


def _time_zones(cells: pd.Series, column: Column, table: str) -> Iterator[Notice]:
    """Dates with a time zone are taken as local dates, and that is said."""
    if column.type not in ("date", "moment"):
        return
    aware = pd.api.types.is_datetime64_any_dtype(cells) and cells.dt.tz is not None
    if not _is_typed(cells):
        aware = any((f := ISO_DAY.fullmatch(t)) and f[3] for t in pd.unique(cells))
    if aware:
        yield warning(
            "T03",
            f"{column.name}: time zones were left out, dates taken as local",
            table=table,
            column=column.name,
        )


_READERS: dict[str, Callable[[pd.Series, Dialect], Found]] = {
    "number": _number,
    "integer": _integer,
    "text": _text,
    "flag": _flag,
    "period": _period,
    "date": _date,
    "moment": _moment,
}
