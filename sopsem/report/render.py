"""The formats a table is written in: one function per format, one registry.

The label of a format is the ending of its files.  A new format is one function registered here.
"""

import csv
import io
import os
from pathlib import Path

import pandas as pd

from sopsem.errors import UsageError
from sopsem.registry import Registry
from sopsem.report.digits import MISSING
from sopsem.report.escape import (
    csv_cell,
    markdown_text,
    true_minus,
)
from sopsem.report.latex import latex_table
from sopsem.report.markup import Section, html_page
from sopsem.report.table import Table
from sopsem.report.table_shape import (
    full_headers,
    is_heading,
    level_of,
)
from sopsem.report.terminal import table_text
from sopsem.report.word import word_bytes
from sopsem.runs.atomic import write_atomic

__all__ = ["formats", "render", "write_table"]

formats = Registry("table format")


def render(table: Table, name: str) -> bytes:
    r"""Return a table as the bytes of a file.

    Parameters
    ----------
    table : Table
        What to print.
    name : str
        A name in ``formats``: csv, markdown, latex, html, docx, text.

    Raises
    ------
    UsageError
        For a name that is not registered.

    Examples
    --------
    >>> table = Table(title="Fit", columns=("Index", "Value"), rows=(("CFI", ".942"),))
    >>> render(table, "csv")
    b'Index,Value\nCFI,.942\n'

    """
    if name not in formats:
        raise UsageError(
            f"no table format {name!r}; choose one of {', '.join(entry.name for entry in formats)}"
        )
    content = formats[name].function(table)
    return content.encode("utf-8") if isinstance(content, str) else content


def write_table(table: Table, path: str | os.PathLike[str]) -> None:
    """Write a table to a file, whole or not at all; the ending of the name chooses the format.

    Raises
    ------
    UsageError
        For an ending that no format has.
    FileError
        When the file cannot be written.

    """
    suffix = Path(path).suffix.lower()
    name = next((entry.name for entry in formats if entry.label == suffix), None)
    if name is None:
        known = ", ".join(entry.label for entry in formats)
        raise UsageError(
            f"{Path(path).name}: no table format for the ending {suffix!r}; choose one of {known}"
        )
    write_atomic(path, render(table, name))


@formats.register("csv", label=".csv", source="RFC 4180; OWASP, CSV Injection")
def csv_format(table: Table) -> str:
    """Return the numbers behind a table unrounded, or headers and rows where there are none, as CSV.

    Missing cells are empty, and a source label is a last column.
    """
    label = [table.source_label] if table.source_label else []
    header, rows = _for_machines(table) if table.frame is not None else (full_headers(table), table.rows)
    lines = [[*header, *(["source"] if label else [])], *([*row, *label] for row in rows)]
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerows([["" if cell == MISSING else csv_cell(cell) for cell in line] for line in lines])
    return target.getvalue()


def _for_machines(table: Table) -> tuple[list[str], list[list[str]]]:
    """Return headers and cells of the frame; a number as the shortest text that reads back as itself."""
    frame = pd.DataFrame() if table.frame is None else table.frame
    columns = [_machine_cells(frame[name]) for name in frame.columns]
    return [str(name) for name in frame.columns], [list(row) for row in zip(*columns, strict=True)]


def _machine_cells(column: pd.Series) -> list[str]:
    return [
        "" if pd.isna(value) else repr(float(value)) if isinstance(value, float) else str(value)
        for value in column
    ]


@formats.register("markdown", label=".md", source="GitHub Flavored Markdown")
def markdown_format(table: Table) -> str:
    """Return a pipe table under a bold title."""
    rule = {"l": ":---", "c": ":---:", "r": "---:", "d": "---:"}
    label = f" ({markdown_text(table.source_label)})" if table.source_label else ""
    number = [f"**{markdown_text(table.number)}**", ""] if table.number else []
    lines = [
        *number,
        f"**{markdown_text(table.title) or 'Table'}**{label}",
        "",
        _pipes([markdown_text(column) for column in full_headers(table)]),
        _pipes([rule[letter] for letter in table.alignment]),
        *(_pipes(_markdown_row(table, place)) for place in range(len(table.rows))),
    ]
    notes = [
        line
        for number, note in enumerate(table.notes)
        for line in ("", f"{'' if number else '*Note.* '}{_paragraph(true_minus(note))}")
    ]
    return "\n".join([*lines, *notes]) + "\n"


def _markdown_row(table: Table, place: int) -> list[str]:
    cells = [markdown_text(true_minus(cell)) for cell in table.rows[place]]
    if is_heading(table, place):
        cells[0] = f"**{cells[0]}**"
    return ["&nbsp;" * 4 * level_of(table, place) + cells[0], *cells[1:]]


def _pipes(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _paragraph(text: str) -> str:
    """Return a Markdown paragraph that cannot start a list, a quote or a code block."""
    marked = markdown_text(text).strip()
    if marked[:1] in {"-", "+", "="}:
        return "\\" + marked
    number = marked.split(".", 1)[0].split(")", 1)[0]
    return f"{number}\\{marked[len(number) :]}" if number.isdigit() and marked[len(number) :] else marked


formats.register("latex", label=".tex", source="booktabs")(latex_table)


@formats.register("html", label=".html", source="HTML; Content Security Policy Level 3")
def html_format(table: Table) -> str:
    """Return a page that holds the table alone."""
    return html_page(table.title, [Section(heading="", content=(table,))], source_label=table.source_label)


formats.register("text", label=".txt", source="three rules, as in APA tables")(table_text)
formats.register("docx", label=".docx", source="Office Open XML; APA table with three rules")(word_bytes)
