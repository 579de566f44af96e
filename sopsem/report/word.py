"""A table as a Word document: a real table with three rules and columns as wide as their texts."""

import io
import zipfile

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt

from sopsem.report.escape import display_width, plain, true_minus
from sopsem.report.table import Table

__all__ = ["word_bytes"]

_ALIGN = {"l": WD_ALIGN_PARAGRAPH.LEFT, "c": WD_ALIGN_PARAGRAPH.CENTER, "r": WD_ALIGN_PARAGRAPH.RIGHT}
_FONT = "Times New Roman"
_PORTRAIT, _LANDSCAPE = 6.5, 9.0
_WIDEST_COLUMN = 2.8


class _Cleaner:
    """Makes texts fit for Word and counts the control characters it had to replace."""

    def __init__(self) -> None:
        self.replaced = 0

    def __call__(self, text: str) -> str:
        clean, count = plain(text)
        self.replaced += count
        return clean

    def cell(self, text: str) -> str:
        return true_minus(self(text))


def word_bytes(table: Table) -> bytes:
    """Return a table as the bytes of a .docx file, the same bytes each time.

    Control characters, which Word cannot hold, are replaced by U+FFFD; a note below the table counts them.

    Examples
    --------
    >>> content = word_bytes(Table(title="Fit", columns=("CFI",), rows=((".942",),)))
    >>> content[:2]
    b'PK'

    """
    clean = _Cleaner()
    document = Document()
    size, widths = _fit(document, table)
    _set_style(document, size)
    _write_heading(document, clean, table)
    _write_grid(document, clean, table, widths)
    for number, note in enumerate(table.notes):
        _write_note(document, clean(note), first=number == 0)
    if clean.replaced:
        text = f"{clean.replaced} control characters that Word cannot hold were replaced by \ufffd."
        _write_note(document, text, first=not table.notes)
    _set_properties(document, clean(table.title))
    return _same_bytes(document)


def _fit(document: object, table: Table) -> tuple[float, list[float]]:
    """Return font size (points) and column widths (inches) that fit: smaller letters, then a turned page."""
    for room, size in ((_PORTRAIT, 10.0), (_PORTRAIT, 9.0), (_LANDSCAPE, 9.0), (_LANDSCAPE, 8.0)):
        widths = _widths(table, size)
        if sum(widths) <= room:
            break
    _set_page(document, turned=room == _LANDSCAPE)
    return size, [width * min(1.0, room / sum(widths)) for width in widths]


def _widths(table: Table, size: float) -> list[float]:
    """Return a width per column: its longest text or, for long texts that may wrap, its longest word."""
    letter = 0.0073 * size  # inches; a digit of Times takes half its size, capitals more
    found = []
    for place, header in enumerate(table.columns):
        cells = [row[place] for row in table.rows]
        words = [word for text in (header, *cells) for word in text.split()]
        longest = max((display_width(text) for text in (*cells, header)), default=1)
        word = max((display_width(word) for word in words), default=1)
        wrapped = min(longest * letter, _WIDEST_COLUMN)
        found.append(max(wrapped, min(word * letter, 2.0 * _WIDEST_COLUMN)) + 0.16)
    return found


def _set_page(document: object, *, turned: bool) -> None:
    section = document.sections[0]  # type: ignore[attr-defined]
    sides = Inches(8.5), Inches(11.0)
    section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = sides[::-1] if turned else sides
    section.left_margin = section.right_margin = Inches(1.0)


def _set_style(document: object, size: float) -> None:
    style = document.styles["Normal"]  # type: ignore[attr-defined]
    style.font.name, style.font.size = _FONT, Pt(size)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    style.paragraph_format.space_after = Pt(0)


def _write_heading(document: object, clean: _Cleaner, table: Table) -> None:
    paragraph = document.add_paragraph()  # type: ignore[attr-defined]
    paragraph.add_run(clean(table.title)).italic = True
    if table.source_label:
        paragraph.add_run(f" ({clean(table.source_label)})").bold = True
    paragraph.paragraph_format.space_after = Pt(4)
    paragraph.paragraph_format.keep_with_next = True


def _write_note(document: object, text: str, *, first: bool) -> None:
    paragraph = document.add_paragraph()  # type: ignore[attr-defined]
    paragraph.paragraph_format.space_before = Pt(4)
    if first:
        paragraph.add_run("Note. ").italic = True
    paragraph.add_run(text)


def _write_grid(document: object, clean: _Cleaner, table: Table, widths: list[float]) -> None:
    grid = document.add_table(rows=0, cols=len(table.columns))  # type: ignore[attr-defined]
    grid.autofit, grid.alignment = False, WD_TABLE_ALIGNMENT.LEFT
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Inches(width)
    lines = [
        [clean(text) for text in table.columns],
        *([clean.cell(text) for text in row] for row in table.rows),
    ]
    for number, line in enumerate(lines):
        cells = grid.add_row().cells
        for cell, text, letter, width in zip(cells, line, table.alignment, widths, strict=True):
            cell.width = Inches(width)
            cell.paragraphs[0].alignment = _ALIGN[letter]
            cell.paragraphs[0].add_run(text)
            _rule(cell, top=number == 0, bottom=number in {0, len(lines) - 1})
    _repeat_header(grid.rows[0])


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


def _repeat_header(row: object) -> None:
    """Repeat the header on every page that the table runs over."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # type: ignore[attr-defined] # noqa: SLF001 - the library has no such switch


def _set_properties(document: object, title: str) -> None:
    """Name the document; drop the library's own author, comment and dates."""
    properties = document.core_properties  # type: ignore[attr-defined]
    properties.title, properties.author, properties.comments = title[:255], "", ""
    element = properties._element  # noqa: SLF001 - dates cannot be removed otherwise
    for dated in list(element):
        if dated.tag.endswith(("}created", "}modified")):
            element.remove(dated)


def _same_bytes(document: object) -> bytes:
    """Return the file with fixed times inside, so that equal tables are equal files."""
    first, second = io.BytesIO(), io.BytesIO()
    document.save(first)  # type: ignore[attr-defined]
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return second.getvalue()
