"""The formats a table is written in: one function per format, one registry.

The label of a format is the ending of its files.  A new format is one function registered here.
"""

import csv
import io
import os
import textwrap
from pathlib import Path

from sopsem.errors import UsageError
from sopsem.registry import Registry
from sopsem.report.digits import MISSING
from sopsem.report.escape import (
    csv_cell,
    display_width,
    latex_text,
    markdown_text,
    terminal_text,
    true_minus,
)
from sopsem.report.markup import Section, html_page
from sopsem.report.table import Table
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
    """Return headers and rows as CSV; missing cells are empty, and a source label is a last column."""
    label = [table.source_label] if table.source_label else []
    lines = [[*table.columns, *(["source"] if label else [])], *([*row, *label] for row in table.rows)]
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerows([["" if cell == MISSING else csv_cell(cell) for cell in line] for line in lines])
    return target.getvalue()


@formats.register("markdown", label=".md", source="GitHub Flavored Markdown")
def markdown_format(table: Table) -> str:
    """Return a pipe table under a bold title."""
    rule = {"l": ":---", "c": ":---:", "r": "---:"}
    label = f" ({markdown_text(table.source_label)})" if table.source_label else ""
    lines = [
        f"**{markdown_text(table.title) or 'Table'}**{label}",
        "",
        _pipes([markdown_text(column) for column in table.columns]),
        _pipes([rule[letter] for letter in table.alignment]),
        *(_pipes([markdown_text(cell) for cell in row]) for row in table.rows),
    ]
    notes = [
        line
        for number, note in enumerate(table.notes)
        for line in ("", f"{'' if number else '*Note.* '}{_paragraph(note)}")
    ]
    return "\n".join([*lines, *notes]) + "\n"


def _pipes(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _paragraph(text: str) -> str:
    """Return a Markdown paragraph that cannot start a list, a quote or a code block."""
    marked = markdown_text(text).strip()
    if marked[:1] in {"-", "+", "="}:
        return "\\" + marked
    number = marked.split(".", 1)[0].split(")", 1)[0]
    return f"{number}\\{marked[len(number) :]}" if number.isdigit() and marked[len(number) :] else marked


@formats.register("latex", label=".tex", source="booktabs")
def latex_format(table: Table) -> str:
    """Return a table environment; the document needs the booktabs package only."""
    label = f" ({latex_text(table.source_label)})" if table.source_label else ""
    lines = [
        r"\begin{table}",
        rf"\caption{{{latex_text(table.title)}{label}}}",
        rf"\begin{{tabular}}{{{table.alignment}}}",
        r"\toprule",
        _latex_row([latex_text(column) for column in table.columns]),
        r"\midrule",
        *(_latex_row([latex_text(true_minus(cell)) for cell in row]) for row in table.rows),
        r"\bottomrule",
        r"\end{tabular}",
        *(_latex_note(note, first=number == 0) for number, note in enumerate(table.notes)),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _latex_note(note: str, *, first: bool) -> str:
    lead = r"\emph{Note.} " if first else ""
    return rf"\par\smallskip{{\footnotesize {lead}{latex_text(note)}\par}}"


def _latex_row(cells: list[str]) -> str:
    # A row that starts with [ or * would be read as an argument of the line end before it.
    guard = "{}" if cells[0].startswith(("[", "*")) else ""
    return f"{guard}{' & '.join(cells)} \\\\"


@formats.register("html", label=".html", source="HTML; Content Security Policy Level 3")
def html_format(table: Table) -> str:
    """Return a page that holds the table alone."""
    return html_page(table.title, [Section(heading="", content=(table,))], source_label=table.source_label)


@formats.register("text", label=".txt", source="three rules, as in APA tables")
def text_format(table: Table) -> str:
    """Return the table for a terminal, columns padded to the width they take there."""
    lines = [[terminal_text(cell) for cell in line] for line in (table.columns, *table.rows)]
    widths = [max(display_width(line[place]) for line in lines) for place in range(len(table.columns))]
    shown = [_padded(line, widths, table.alignment) for line in lines]
    rule = "\N{BOX DRAWINGS LIGHT HORIZONTAL}" * (sum(widths) + 2 * (len(widths) - 1))
    label = f" ({terminal_text(table.source_label)})" if table.source_label else ""
    head = [terminal_text(table.title) + label] if table.title or label else []
    notes = [
        textwrap.fill(
            f"{'' if number else 'Note. '}{terminal_text(note)}", width=max(60, min(100, len(rule)))
        )
        for number, note in enumerate(table.notes)
    ]
    return "\n".join([*head, rule, shown[0], rule, *shown[1:], rule, *notes]) + "\n"


def _padded(line: list[str], widths: list[int], alignment: str) -> str:
    cells = []
    for text, width, letter in zip(line, widths, alignment, strict=True):
        gap = width - display_width(text)
        left = {"l": 0, "c": gap // 2, "r": gap}[letter]
        cells.append(" " * left + text + " " * (gap - left))
    return "  ".join(cells).rstrip()


formats.register("docx", label=".docx", source="Office Open XML; APA table with three rules")(word_bytes)
