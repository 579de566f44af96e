"""The Word file has what the page has, also from right to left and with texts that Word cannot hold."""

import io

from docx import Document
from docx.oxml.ns import qn

from sopsem.report.questionnaire.page import MAKERS_COPY
from sopsem.report.questionnaire.word import questionnaire_word
from sopsem.survey import load_instrument
from sopsem.survey.questionnaire import plain_data, questionnaire

INSTRUMENT = load_instrument()


def opened(**parts):
    made = questionnaire(plain_data(INSTRUMENT) | parts, "x")
    return Document(io.BytesIO(questionnaire_word(made)))


def words_of(document):
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


def test_every_item_and_answer_is_there_and_no_name_or_construct():
    document = opened()
    text = words_of(document)
    for item in INSTRUMENT.items.values():
        assert item.text in text
    assert "don't know" in text
    assert "Thank you for taking part." in text
    assert "coordination" not in text
    assert "con3" not in text
    assert [len(table.rows) for table in document.tables] == [13, 4, 4, 8]
    assert document.core_properties.author == ""


def test_the_makers_copy_says_so():
    text = words_of(Document(io.BytesIO(questionnaire_word(INSTRUMENT, annotated=True))))
    assert MAKERS_COPY in text
    assert "con3, conflict, reversed" in text


def test_equal_questionnaires_are_equal_files():
    assert questionnaire_word(INSTRUMENT) == questionnaire_word(INSTRUMENT)


def test_right_to_left_turns_paragraphs_tables_and_letters():
    document = opened(language="ar")
    assert "شكرًا لمشاركتك." in words_of(document)
    assert document.tables[0]._tblPr.find(qn("w:bidiVisual")) is not None
    title = document.paragraphs[0]
    assert title._p.pPr.find(qn("w:bidi")) is not None
    assert title.runs[0].font.rtl
    assert opened().paragraphs[0]._p.pPr.find(qn("w:bidi")) is None


def test_control_characters_are_replaced():
    text = words_of(opened(title="a\x00b\x1bc", instruction="x\ty\nz"))
    assert "a\ufffdb\ufffdc" in text
    assert "x\ty z" in text
