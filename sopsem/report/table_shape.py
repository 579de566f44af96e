"""The shape of a table, the same in every format: decimal points, headers over columns, rows that head others."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Protocol

from sopsem.report.digits import MISSING

__all__ = [
    "FIGURE_SPACE",
    "POINT_SPACE",
    "Shape",
    "decimals_aligned",
    "full_headers",
    "is_heading",
    "level_of",
    "printed_rows",
    "spans",
]

FIGURE_SPACE, POINT_SPACE = "\u2007", "\u00a0"  # as wide as a digit, as a point; lines do not break there
_SYMBOLS = frozenset({"M", "SD", "SE", "B", "N", "n", "p", "r", "df", "Δdf", "LL", "UL"})
_SYMBOL = re.compile(r"\b([NnMBp])(?= [=<>] [\d.])")
_NUMBER = re.compile(r"(?:[<>] )?[-\u2212]?(?:\d[\d,]*)?(?P<decimals>\.\d+)?(?P<marks>[*a-z]*)")


class Shape(Protocol):
    """What the functions here need to know of a table."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Headers."""

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Cells as text."""

    @property
    def alignment(self) -> str:
        """One letter per column: l, c, r or d."""

    @property
    def spanners(self) -> tuple[str, ...]:
        """Texts above the headers."""

    @property
    def levels(self) -> tuple[int, ...]:
        """Indentation of every row."""


def decimals_aligned(cells: Sequence[str]) -> list[str]:
    """Return the cells of a column filled with blanks, so that set flush right their points are below each other.

    Examples
    --------
    >>> [cell.replace("\u2007", "_").replace("\u00a0", ",") for cell in decimals_aligned([".41**", "12", ".5"])]
    ['.41**', '12,____', '.5___']

    """
    tails = [_tail(cell) for cell in cells]
    points = max((point for point, _ in tails), default=0)
    digits = max((digit for _, digit in tails), default=0)
    return [
        cell + POINT_SPACE * (points - point) + FIGURE_SPACE * (digits - digit) if _is_aligned(cell) else cell
        for cell, (point, digit) in zip(cells, tails, strict=True)
    ]


def _is_aligned(cell: str) -> bool:
    """Say whether a cell is a number, or stands for one; words and empty cells are not."""
    return bool(cell) and (
        cell.lstrip("-") in {MISSING, "\N{INFINITY}"} or _NUMBER.fullmatch(cell) is not None
    )


def _tail(cell: str) -> tuple[int, int]:
    """Return how many points and how many digits or marks stand after the whole part of a number."""
    found = _NUMBER.fullmatch(cell)
    if not found:
        return 0, 0
    decimals = found["decimals"] or ""
    return min(len(decimals), 1), max(len(decimals) - 1, 0) + len(found["marks"])


def printed_rows(table: Shape) -> list[tuple[str, ...]]:
    """Return the rows with the decimal points of every ``d`` column below each other."""
    columns = list(zip(*table.rows, strict=True)) if table.rows else []
    shown = [
        decimals_aligned(cells) if letter == "d" else list(cells)
        for cells, letter in zip(columns, table.alignment, strict=False)
    ]
    return list(zip(*shown, strict=True))


def printed_headers(table: Shape) -> list[str]:
    """Return the headers, those of ``d`` columns above the digits and not above the stars."""
    columns = list(zip(*table.rows, strict=True)) if table.rows else [()] * len(table.columns)
    return [
        header + FIGURE_SPACE * (max((_marks(cell) for cell in cells), default=0) if letter == "d" else 0)
        for header, letter, cells in zip(table.columns, table.alignment, columns, strict=True)
    ]


def _marks(cell: str) -> int:
    found = _NUMBER.fullmatch(cell)
    return len(found["marks"]) if found else 0


def symbols(text: str) -> list[tuple[str, bool]]:
    """Return the parts of a text, each with whether it is a statistical symbol, which APA sets in italics.

    A header that is one, and N, n, M, B or p before a relation.

    >>> symbols("SE"), symbols("N = 92, Plan B")
    ([('SE', True)], [('N', True), (' = 92, Plan B', False)])
    """
    if text.rstrip(FIGURE_SPACE) in _SYMBOLS:
        return [(text, True)]
    parts = _SYMBOL.split(text)
    return [(part, place % 2 == 1) for place, part in enumerate(parts) if part]


def spans(spanners: Sequence[str]) -> list[tuple[str, int]]:
    """Return every text above the headers with the number of columns below it.

    >>> spans(["", "95% CI", "95% CI", ""])
    [('', 1), ('95% CI', 2), ('', 1)]
    """
    return [(text, len(list(group))) for text, group in groupby(spanners)]


def full_headers(table: Shape) -> list[str]:
    """Return one header per column, for formats that have one row of headers.

    A text above columns stands before each of their headers: ``95% CI: LL``.
    """
    above = table.spanners or ("",) * len(table.columns)
    return [f"{over}: {own}" if over else own for over, own in zip(above, table.columns, strict=True)]


def level_of(table: Shape, row: int) -> int:
    """Return the indentation of a row."""
    return table.levels[row] if table.levels else 0


def is_heading(table: Shape, row: int) -> bool:
    """Say whether a row has nothing but a first cell and heads the rows below it."""
    return bool(table.levels) and not any(table.rows[row][1:])
