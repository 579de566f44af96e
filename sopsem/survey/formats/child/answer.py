"""What the child says: a column as its distinct texts and codes, or why there is none."""

import datetime as dt
import math
from collections.abc import Iterable
from typing import Any

__all__ = ["Refusal", "coded", "labels_of", "refuse_large", "text_of"]

MOST_CELLS = 50_000_000
LARGEST_WHOLE = 1e15  # whole numbers below are written without a point


class Refusal(Exception):  # noqa: N818 - it is the answer, not a fault of the program
    """The file is understood, and the answer is no; ``kind`` is file, data, limit, usage or library."""

    def __init__(self, kind: str, message: str) -> None:
        """Keep the kind of error the parent is to raise."""
        super().__init__(message)
        self.kind = kind


def coded(values: Iterable[object]) -> dict[str, Any]:
    """Return a column as distinct texts and one code per row.

    Examples
    --------
    >>> coded([4.0, None, 4.0])
    {'texts': ['4', ''], 'codes': [0, 1, 0]}

    """
    seen: dict[str, int] = {}
    codes = [seen.setdefault(text_of(value), len(seen)) for value in values]
    return {"texts": list(seen), "codes": codes}


def text_of(value: object) -> str:
    """Return a cell as a text file would hold it; numbers that are whole have no decimal point.

    Examples
    --------
    >>> [text_of(v) for v in (5.0, 2.5, True, None, dt.datetime(2024, 1, 2, 3, 4, 5))]
    ['5', '2.5', 'TRUE', '', '2024-01-02 03:04:05']

    """
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return str(value)
    return _odd(value)


def _number(value: float) -> str:
    if isinstance(value, float) and math.isnan(value):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_WHOLE:
        return str(int(value))
    whole_and_long = isinstance(value, int) and abs(value) > 10**18
    return "<integer of more than 18 digits>" if whole_and_long else repr(value)


def _odd(value: object) -> str:
    """Write decimals as they are; what no text file holds is named by its type, to be refused later."""
    name = type(value).__name__
    return str(value) if name == "Decimal" else f"<{name}>"


def labels_of(labels: dict[Any, Any]) -> dict[str, str]:
    """Return value labels by the text of their code."""
    return {text_of(code): str(label) for code, label in labels.items()}


def refuse_large(rows: int, columns: int, what: str = "the file") -> None:
    """Refuse more cells than a survey has, before any is read."""
    if rows * columns > MOST_CELLS:
        raise Refusal(
            "limit",
            f"{what} has {rows:,} rows and {columns:,} columns: {rows * columns:,} cells, "
            f"more than the limit of {MOST_CELLS:,}",
        )
