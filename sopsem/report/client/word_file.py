"""The client report as a Word file: real headings and tables, figures with a description, the same numbers."""

import io

from docx import Document as WordDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from sopsem.report.client.document import Document, Drawing, Exhibit, Part, Statement
from sopsem.report.escape import plain, true_minus
from sopsem.report.table import Table
from sopsem.report.word import same_bytes, set_properties
from sopsem.report.word_columns import PORTRAIT, fitted
from sopsem.report.word_grid import write_grid

__all__ = ["client_word"]

_FONT = "Arial"
_MADE = RGBColor(0x8A, 0x3A, 0x00)
_SOFT = RGBColor(0x4A, 0x4A, 0x4A)
_INK = RGBColor(0x1A, 0x1A, 0x1A)
_WIDTH = Mm(165)
_SMALLER = 0.9  # the widths are those of Times; these letters are wider


class _Writer:
    """Adds to one Word document and counts the characters that Word cannot hold."""

    def __init__(self, document: object) -> None:
        self.document = document
        self.replaced = 0

    def clean(self, text: str) -> str:
        """Return a text fit for Word, with the true minus sign."""
        made, count = plain(text)
        self.replaced += count
        return true_minus(made)

    def paragraph(
        self,
        text: str,
        *,
        size: float = 10,
        color: RGBColor = _INK,
        bold: bool = False,
        close: bool = False,
        evidence: str = "",
    ) -> None:
        """Add a paragraph, with its evidence behind it; ``close`` keeps it on the page of the next one."""
        made = self.document.add_paragraph()  # type: ignore[attr-defined]
        run = made.add_run(self.clean(text))
        run.font.size, run.font.color.rgb, run.bold = Pt(size), color, bold
        if evidence:
            behind = made.add_run(f" {self.clean(evidence)}")
            behind.font.size, behind.font.color.rgb = Pt(7.5), _SOFT
        made.paragraph_format.space_after = Pt(2 if close else 8)
        made.paragraph_format.keep_with_next = close

    def space(self, points: float) -> None:
        """Add some air, on the page of what follows."""
        made = self.document.add_paragraph()  # type: ignore[attr-defined]
        made.paragraph_format.line_spacing = Pt(points)
        made.paragraph_format.keep_with_next = True

    def heading(self, text: str, level: int, label: str = "") -> None:
        """Add a heading, with what the data are behind it."""
        made = self.document.add_heading(level=level)  # type: ignore[attr-defined]
        run = made.add_run(self.clean(text))
        run.font.name, run.font.color.rgb, run.font.size = _FONT, _INK, Pt({0: 20, 1: 14}.get(level, 11.5))
        if label:
            said = made.add_run(f"  {self.clean(label)}")
            said.font.name, said.font.color.rgb, said.font.size = _FONT, _MADE, Pt(9)
        made.paragraph_format.space_before = Pt(0 if level == 0 else 18)


def client_word(document: Document) -> bytes:
    """Return the report as the bytes of a .docx file, the same bytes each time.

    Control characters, which Word cannot hold, are replaced by U+FFFD and counted at the end.
    """
    word = WordDocument()
    _set_page(word, document.language)
    writer = _Writer(word)
    writer.heading(document.title, 0)
    writer.paragraph(document.subtitle, color=_SOFT)
    if document.source_label:
        writer.paragraph(document.source_label, color=_MADE, bold=True)
    writer.heading("Summary", 1, document.source_label)
    for line in document.summary:
        writer.paragraph(line.topic, bold=True, close=True)
        writer.paragraph(line.sentence, evidence=line.evidence)
    for part in document.parts:
        _write_part(writer, part, document.source_label)
    if writer.replaced:
        writer.paragraph(
            f"{writer.replaced} characters that Word cannot hold were replaced by \ufffd.", size=8
        )
    set_properties(word, plain(document.title)[0])
    return same_bytes(word)


def _set_page(word: object, language: str) -> None:
    section = word.sections[0]  # type: ignore[attr-defined]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22.5)
    section.top_margin = section.bottom_margin = Mm(20)
    style = word.styles["Normal"]  # type: ignore[attr-defined]
    style.font.name, style.font.size = _FONT, Pt(10)
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(1.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), plain(language)[0])
    style.element.rPr.append(spoken)


def _write_part(writer: _Writer, part: Part, label: str) -> None:
    writer.heading(part.heading, 1, label)
    for block in part.content:
        if isinstance(block, str):
            writer.paragraph(block)
        elif isinstance(block, Statement):
            writer.paragraph(block.sentence, evidence=block.evidence)
        elif isinstance(block.content, Drawing):
            _write_drawing(writer, block, block.content)
        else:
            _write_table(writer, block, block.content)


def _write_drawing(writer: _Writer, exhibit: Exhibit, drawing: Drawing) -> None:
    writer.paragraph(exhibit.caption, bold=True, close=True)
    made = writer.document.add_picture(io.BytesIO(drawing.png), width=_WIDTH)  # type: ignore[attr-defined]
    made._inline.docPr.set("descr", writer.clean(drawing.alt))  # noqa: SLF001 - the library has no alt text
    writer.document.paragraphs[-1].paragraph_format.keep_with_next = True  # type: ignore[attr-defined]
    _write_trace(writer, exhibit)


def _write_table(writer: _Writer, exhibit: Exhibit, table: Table) -> None:
    room, size, widths = fitted(table)
    if room > PORTRAIT:  # the page is not turned: the columns share what there is
        widths = [width * PORTRAIT / sum(widths) for width in widths]
    title = f"{table.title} ({table.source_label})" if table.source_label else table.title
    writer.paragraph(title, bold=True, close=True)
    write_grid(writer.document, table, widths, _SMALLER * size, writer.clean)
    writer.space(3)
    for number, note in enumerate(table.notes):
        writer.paragraph(f"{'' if number else 'Note. '}{note}", size=8.5, color=_SOFT, close=True)
    _write_trace(writer, exhibit)


def _write_trace(writer: _Writer, exhibit: Exhibit) -> None:
    said = f"{exhibit.id} · {exhibit.trace.function} · inputs {exhibit.trace.inputs_sha256[:12]}"
    writer.paragraph(said, size=7.5, color=_SOFT)
