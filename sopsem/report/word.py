"""Tables as a Word document: real tables with three rules and columns as wide as their texts."""

import io
import zipfile
from collections.abc import Sequence

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml.ns import qn
from docx.shared import Inches, Pt

from sopsem.report.escape import plain, true_minus
from sopsem.report.table import Table
from sopsem.report.table_shape import symbols
from sopsem.report.word_columns import LANDSCAPE, fitted
from sopsem.report.word_grid import write_grid

__all__ = ["same_bytes", "set_properties", "word_bytes", "word_document"]

_FONT = "Times New Roman"


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
    return word_document([table], title=table.title)


def word_document(tables: Sequence[Table], *, title: str) -> bytes:
    """Return several tables, each on a page of its own, as the bytes of one .docx file.

    Parameters
    ----------
    tables : sequence of Table
    title : str
        Title of the document in its properties.

    """
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(6)  # of empty cells: every text has a size of its own
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    style.paragraph_format.space_after = Pt(0)
    for number, table in enumerate(tables):
        _write_table(document, table, first=number == 0)
    set_properties(document, plain(title)[0])
    return same_bytes(document)


def _write_table(document: object, table: Table, *, first: bool) -> None:
    clean = _Cleaner()
    room, size, widths = fitted(table)
    section = document.sections[0] if first else document.add_section(WD_SECTION.NEW_PAGE)  # type: ignore[attr-defined]
    _set_page(section, turned=room == LANDSCAPE)
    _write_heading(document, clean, table, size)
    write_grid(document, table, widths, size, clean.cell)
    for number, note in enumerate(table.notes):
        _write_note(document, clean.cell(note), size, first=number == 0)
    if clean.replaced:
        text = f"{clean.replaced} control characters that Word cannot hold were replaced by \ufffd."
        _write_note(document, text, size, first=not table.notes)


def _set_page(section: object, *, turned: bool) -> None:
    sides = Inches(8.5), Inches(11.0)
    section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT  # type: ignore[attr-defined]
    section.page_width, section.page_height = sides[::-1] if turned else sides  # type: ignore[attr-defined]
    section.left_margin = section.right_margin = Inches(1.0)  # type: ignore[attr-defined]


def _run(paragraph: object, text: str, size: float) -> object:
    run = paragraph.add_run(text)  # type: ignore[attr-defined]
    run.font.size = Pt(size)
    return run


def _write_heading(document: object, clean: _Cleaner, table: Table, size: float) -> None:
    if table.number:
        number = document.add_paragraph()  # type: ignore[attr-defined]
        _run(number, clean(table.number), size).bold = True  # type: ignore[attr-defined]
        number.paragraph_format.space_after = Pt(4)
        number.paragraph_format.keep_with_next = True
    paragraph = document.add_paragraph()  # type: ignore[attr-defined]
    _run(paragraph, clean(table.title), size).italic = True  # type: ignore[attr-defined]
    if table.source_label:
        _run(paragraph, f" ({clean(table.source_label)})", size).bold = True  # type: ignore[attr-defined]
    paragraph.paragraph_format.space_after = Pt(4)
    paragraph.paragraph_format.keep_with_next = True


def _write_note(document: object, text: str, size: float, *, first: bool) -> None:
    paragraph = document.add_paragraph()  # type: ignore[attr-defined]
    paragraph.paragraph_format.space_before = Pt(4)
    if first:
        _run(paragraph, "Note. ", size).italic = True  # type: ignore[attr-defined]
    for part, symbol in symbols(text):
        _run(paragraph, part, size).italic = symbol or None  # type: ignore[attr-defined]


def set_properties(document: object, title: str) -> None:
    """Name the document; drop the library's own author, comment and dates."""
    properties = document.core_properties  # type: ignore[attr-defined]
    properties.title, properties.author, properties.comments = title[:255], "", ""
    element = properties._element  # noqa: SLF001 - dates cannot be removed otherwise
    for dated in list(element):
        if dated.tag.endswith(("}created", "}modified")):
            element.remove(dated)


def same_bytes(document: object) -> bytes:
    """Return the file with fixed times inside, so that equal tables are equal files."""
    first, second = io.BytesIO(), io.BytesIO()
    document.save(first)  # type: ignore[attr-defined]
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return second.getvalue()
