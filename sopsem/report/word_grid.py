"""The grid of a Word table: three rules, headers repeated on every page, rows that stay whole."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt

from sopsem.report.table import Table
from sopsem.report.table_shape import is_heading, level_of, printed_headers, printed_rows, spans, symbols
from sopsem.report.word_columns import INDENT

__all__ = ["write_grid"]

_ALIGN = {
    "l": WD_ALIGN_PARAGRAPH.LEFT,
    "c": WD_ALIGN_PARAGRAPH.CENTER,
    "r": WD_ALIGN_PARAGRAPH.RIGHT,
    "d": WD_ALIGN_PARAGRAPH.RIGHT,
}
_HANG = 0.12  # inches: how far the further lines of a cell stand in


def write_grid(
    document: object, table: Table, widths: Sequence[float], size: float, clean: Callable[[str], str]
) -> None:
    """Add the grid of a table to a document; widths in inches, size of the letters in points."""
    grid = document.add_table(rows=0, cols=len(table.columns))  # type: ignore[attr-defined]
    grid.autofit, grid.alignment = False, WD_TABLE_ALIGNMENT.LEFT
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Inches(width)
    if table.spanners:
        _write_spanners(_new_row(grid, widths, header=True), table, size, clean)
    header = _new_row(grid, widths, header=True)
    for cell, text, letter in zip(header, printed_headers(table), table.alignment, strict=True):
        _write(cell, clean(text), letter, size, header=True)
        _rule(cell, top=not table.spanners, bottom=True)
    for place, row in enumerate(printed_rows(table)):
        last = place == len(table.rows) - 1
        _write_row(_new_row(grid, widths), table, place, [clean(text) for text in row], size, last=last)
    _keep_together(grid, size_of_head=2 if table.spanners else 1)


def _new_row(grid: object, widths: Sequence[float], *, header: bool = False) -> list[object]:
    row = grid.add_row()  # type: ignore[attr-defined]
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - the library has no such switches
    for wanted, name in ((True, "cantSplit"), (header, "tblHeader")):
        if wanted:
            mark = OxmlElement(f"w:{name}")
            mark.set(qn("w:val"), "true")
            properties.append(mark)
    cells = list(row.cells)
    for cell, width in zip(cells, widths, strict=True):
        cell.width = Inches(width)
    return cells


def _write_spanners(cells: list[object], table: Table, size: float, clean: Callable[[str], str]) -> None:
    place = 0
    for text, count in spans(table.spanners):
        merged = cells[place].merge(cells[place + count - 1]) if text and count > 1 else cells[place]  # type: ignore[attr-defined]
        if text:
            _write(merged, clean(text), "c", size)
            _rule(merged, top=True, bottom=True)
        else:
            for cell in cells[place : place + count]:
                _write(cell, "", "c", size)
                _rule(cell, top=True, bottom=False)
        place += count


def _write_row(
    cells: list[object], table: Table, place: int, texts: list[str], size: float, *, last: bool
) -> None:
    heading = is_heading(table, place)
    if heading and len(cells) > 1:
        cells = [cells[0].merge(cells[-1])]  # type: ignore[attr-defined]
    for number, cell in enumerate(cells):
        level = level_of(table, place) if number == 0 else 0
        _write(cell, texts[number], table.alignment[number], size, level=level)
        _rule(cell, top=False, bottom=last)


def _write(
    cell: object, text: str, letter: str, size: float, *, level: int = 0, header: bool = False
) -> None:
    paragraph = cell.paragraphs[0]  # type: ignore[attr-defined]
    paragraph.alignment = _ALIGN[letter]
    for part, symbol in symbols(text) if header else [(text, False)]:
        run = paragraph.add_run(part)
        run.font.size, run.italic = Pt(size), symbol or None
    if letter == "l":
        paragraph.paragraph_format.left_indent = Inches(level * INDENT + _HANG)
        paragraph.paragraph_format.first_line_indent = Inches(-_HANG)


def _rule(cell: object, *, top: bool, bottom: bool) -> None:
    """Draw the rules of a cell: above the header, below it, below the last row."""
    borders = OxmlElement("w:tcBorders")
    for edge, wanted in (("top", top), ("bottom", bottom)):
        if wanted:
            line = OxmlElement(f"w:{edge}")
            for name, value in (("val", "single"), ("sz", "8"), ("space", "0"), ("color", "000000")):
                line.set(qn(f"w:{name}"), value)
            borders.append(line)
    if len(borders):
        cell._tc.get_or_add_tcPr().append(borders)  # type: ignore[attr-defined] # noqa: SLF001 - the library has no borders


def _keep_together(grid: object, *, size_of_head: int) -> None:
    """Keep the header with the first row and the last two rows with each other."""
    rows = list(grid.rows)  # type: ignore[attr-defined]
    for number, (row, _) in enumerate(pairwise(rows)):
        if number < size_of_head + 1 or number == len(rows) - 2:
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
