"""The questionnaire as a Word file: the same content as the page, to be printed or changed by hand."""

from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from sopsem.report.escape import plain
from sopsem.report.questionnaire.page import MAKERS_COPY
from sopsem.report.questionnaire.paper import Grid, Paper, Question, questionnaire_paper
from sopsem.report.word import same_bytes, set_properties
from sopsem.survey.questionnaire import Instrument

__all__ = ["questionnaire_word"]

_FONT = "Arial"
_BOX = "\u25cb"  # an empty circle
_LINE = "_" * 40
_ROOM, _QUESTION = 18.0, 7.2  # cm: the width of the page, and of the questions in a grid


def questionnaire_word(instrument: Instrument, *, optional: bool = True, annotated: bool = False) -> bytes:
    """Return the printable questionnaire as the bytes of a .docx file, the same bytes each time.

    Parameters
    ----------
    instrument, optional, annotated
        As for `questionnaire_page`.

    Examples
    --------
    >>> from sopsem.survey import load_instrument
    >>> questionnaire_word(load_instrument())[:2]
    b'PK'

    """
    paper = questionnaire_paper(instrument, optional=optional, annotated=annotated)
    writer = _Writer(paper)
    writer.opening(MAKERS_COPY if annotated else "")
    for grid in paper.grids:
        writer.grid(grid)
    writer.about()
    writer.closing()
    set_properties(writer.document, plain(paper.title)[0])
    return same_bytes(writer.document)


class _Writer:
    """Writes a paper into a document, from right to left where the language is."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.document = Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(1.5)
        section.top_margin = section.bottom_margin = Cm(1.6)
        self._style()

    def _style(self) -> None:
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = _FONT, Pt(10)
        fonts = style.element.rPr.rFonts
        for script in ("eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), _FONT)
        language = OxmlElement("w:lang")
        kinds = ("val", "bidi") if self.paper.right_to_left else ("val",)
        for kind in kinds:
            language.set(qn(f"w:{kind}"), self.paper.language)
        style.element.rPr.append(language)
        style.paragraph_format.space_after = Pt(0)

    def paragraph(
        self, text: str, size: float = 10, *, bold: bool = False, before: float = 0, after: float = 2
    ) -> Any:
        """Add a paragraph to the document."""
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = (
            Pt(before),
            Pt(after),
        )
        self.fill(paragraph, text, size, bold=bold)
        return paragraph

    def fill(self, paragraph: Any, text: str, size: float, *, bold: bool = False) -> None:
        """Write text into a paragraph, in the direction of the language."""
        number, tab, rest = text.partition("\t")
        run = paragraph.add_run(f"{plain(number)[0]}{tab}{plain(rest)[0]}")
        run.font.size, run.bold = Pt(size), bold
        if self.paper.right_to_left:
            run.font.rtl, run.font.cs_bold = True, bold
            _complex_size(run, size)
            properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001 - the library has no such switch
            if properties.find(qn("w:bidi")) is None:
                properties.insert_element_before(OxmlElement("w:bidi"), "w:spacing", "w:jc", "w:rPr")

    def opening(self, copy: str) -> None:
        """Write title, warning and instruction."""
        self.paragraph(self.paper.title, 16, bold=True, after=6)
        if copy:
            self.paragraph(copy, 10, bold=True, after=6)
        if self.paper.instruction:
            self.paragraph(self.paper.instruction, 11, after=4)

    def grid(self, grid: Grid) -> None:
        """Write a grid: its sentence, the answers as columns, a row per question."""
        words = self.paper.words
        self.paragraph(
            grid.stem or words.statements, 11, bold=True, before=12
        ).paragraph_format.keep_with_next = True
        how = self.paragraph(words.tick_each if grid.options else words.write, 9, after=4)
        how.paragraph_format.keep_with_next = True
        n = max(len(grid.options), 1)
        widths = [_QUESTION, *[(_ROOM - _QUESTION) / n] * n]
        table = self.document.add_table(rows=0, cols=n + 1)
        table.autofit = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        if self.paper.right_to_left:
            table._tblPr.append(OxmlElement("w:bidiVisual"))  # noqa: SLF001 - the library has no such switch
        if grid.options:
            self._row(table, ["", *(option.label for option in grid.options)], widths, size=7, header=True)
        for question in grid.questions:
            answers = [_BOX] * len(grid.options) or [_LINE[: int((_ROOM - _QUESTION) / 0.25)]]
            self._row(table, [_numbered(question), *answers], widths, size=9.5)

    def _row(
        self, table: Any, texts: Sequence[str], widths: Sequence[float], *, size: float, header: bool = False
    ) -> None:
        row = table.add_row()
        properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - the library has no such switches
        for name in ("cantSplit", *(["tblHeader"] if header else [])):
            properties.append(OxmlElement(f"w:{name}"))
        for place, (cell, text, width) in enumerate(zip(row.cells, texts, widths, strict=True)):
            cell.width = Cm(width)
            _border(cell)
            _middle(cell, bottom=header)
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(3)
            if place:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            elif not header:
                _hang(paragraph)
            self.fill(paragraph, text, 15 if text == _BOX else size)

    def about(self) -> None:
        """Write the questions about the respondent."""
        words = self.paper.words
        if not self.paper.background:
            return
        self.paragraph(words.about_you, 13, bold=True, before=16).paragraph_format.keep_with_next = True
        self.paragraph(words.tick_one, 9, after=4).paragraph_format.keep_with_next = True
        for question in self.paper.background:
            if question.heading:
                heading = self.paragraph(question.heading, 8.5, bold=True, before=8, after=0)
                heading.paragraph_format.keep_with_next = True
            text = self.paragraph(_numbered(question), 10, before=0 if question.heading else 8)
            text.paragraph_format.keep_with_next = True
            _hang(text)
            answers = [f"{_BOX}   {option.label}" for option in question.options] or [_LINE]
            for place, answer in enumerate(answers):
                line = self.paragraph(answer, 10, before=0 if question.options else 8)
                line.paragraph_format.left_indent = Cm(0.8)
                line.paragraph_format.keep_with_next = place < len(answers) - 1

    def closing(self) -> None:
        """Write the thanks and what this is."""
        self.paragraph(self.paper.words.thanks, 12, bold=True, before=18, after=6)
        self.paragraph(
            f"{self.paper.title} \N{MIDDLE DOT} {self.paper.words.version} {self.paper.version}", 8
        )


def _numbered(question: Question) -> str:
    mark = f"  [{question.mark}]" if question.mark else ""
    return f"{question.number}.\t{question.text}{mark}"


def _complex_size(run: Any, size: float) -> None:
    """Set the size of letters of scripts such as Arabic, which Word keeps apart."""
    element = OxmlElement("w:szCs")
    element.set(qn("w:val"), str(round(2 * size)))
    following = ("w:highlight", "w:u", "w:effect", "w:bdr", "w:shd", "w:vertAlign", "w:rtl", "w:cs", "w:lang")
    run._r.get_or_add_rPr().insert_element_before(element, *following)  # noqa: SLF001 - not in the library


def _hang(paragraph: Any) -> None:
    """Let the number stand out to the side of the text."""
    paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Cm(0.8), Cm(-0.8)


def _border(cell: Any) -> None:
    """Draw a thin line below a cell."""
    borders = OxmlElement("w:tcBorders")
    line = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "A0A0A0")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)  # noqa: SLF001 - the library has no borders


def _middle(cell: Any, *, bottom: bool) -> None:
    place = OxmlElement("w:vAlign")
    place.set(qn("w:val"), "bottom" if bottom else "center")
    cell._tc.get_or_add_tcPr().append(place)  # noqa: SLF001 - in the order that the schema asks for
