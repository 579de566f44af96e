"""A table from lines of numbers: what a column prints, and from which key of a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sopsem.report.digits import Formatter
from sopsem.report.table import Table

__all__ = ["Column", "Line", "interval_columns", "lined_table", "named"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A printed column: the key of its values, header, format, text above the header."""

    key: str
    header: str
    shown: Formatter
    over: str = ""
    align: str = "d"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A printed row: indentation, first cell, numbers or texts by key; where a key is missing the cell is empty."""

    level: int
    name: str
    cells: Mapping[str, object]


def named(labels: Mapping[str, str], name: str) -> str:
    """Return the label of a variable, or its name.

    >>> named({"f": "Trust"}, "f"), named({"f": "Trust"}, "g")
    ('Trust', 'g')
    """
    return labels.get(name, name)


def interval_columns(lower: str, upper: str, shown: Formatter, level: float) -> list[Column]:
    """Return the two columns of an interval under one header."""
    over = f"{round(100 * level, 4):g}% CI"
    return [
        Column(key=lower, header="LL", shown=shown, over=over),
        Column(key=upper, header="UL", shown=shown, over=over),
    ]


def lined_table(
    title: str,
    columns: Sequence[Column],
    lines: Sequence[Line],
    *,
    first: str,
    notes: Sequence[str],
    frame: pd.DataFrame,
    source_label: str = "",
) -> Table:
    """Return the table; a value that is text already is printed as it is."""
    levels = [line.level for line in lines]
    return Table(
        title=title,
        columns=(first, *(column.header for column in columns)),
        rows=tuple((line.name, *(_cell(line, column) for column in columns)) for line in lines),
        notes=tuple(note for note in notes if note),
        alignment="l" + "".join(column.align for column in columns),
        source_label=source_label,
        spanners=("", *(column.over for column in columns)) if any(c.over for c in columns) else (),
        levels=tuple(levels) if any(levels) else (),
        frame=frame,
    )


def _cell(line: Line, column: Column) -> str:
    if column.key not in line.cells:
        return ""
    value = line.cells[column.key]
    return value if isinstance(value, str) else column.shown(value)
