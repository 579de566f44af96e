"""The Word file: the same cells as the page, headings, labels, descriptions of figures, hostile texts."""

import io

import docx
import pytest
from briefings import briefing

from sopsem.report.client.assembly import client_document
from sopsem.report.client.document import Drawing
from sopsem.report.client.word_file import client_word
from sopsem.report.escape import plain


@pytest.fixture(scope="module")
def document():
    return client_document(briefing())


@pytest.fixture(scope="module")
def word(document):
    return docx.Document(io.BytesIO(client_word(document)))


def cells(table):
    return [[cell.text.replace("−", "-") for cell in row.cells] for row in table.rows]


def test_word_prints_the_cells_of_the_document(document, word):
    """Every table, cell by cell, in the same order."""
    tables = [each.content for each in document.exhibits if not isinstance(each.content, Drawing)]
    assert len(word.tables) == len(tables) == 9
    for shown, table in zip(word.tables, tables, strict=True):
        assert cells(shown) == [list(table.columns), *map(list, table.rows)]


def test_parts_are_headings_with_what_the_data_are(document, word):
    """A reader can jump from part to part; none is without its label."""
    headings = [each.text for each in word.paragraphs if each.style.name == "Heading 1"]
    assert [each.partition("  ")[0] for each in headings] == [
        "Summary",
        *(part.heading for part in document.parts),
    ]
    assert all(each.endswith("synthetic data") for each in headings)


def test_figures_are_described_and_everything_is_traced(document, word):
    """Alt texts, and the line of the manifest under every table and figure."""
    alts = [each._inline.docPr.get("descr") for each in word.inline_shapes]
    assert alts == [
        e.content.alt.replace(" -", " −") for e in document.exhibits if isinstance(e.content, Drawing)
    ]
    lines = [p.text for p in word.paragraphs]
    for each in document.exhibits:
        wanted = f"{each.id} · {each.trace.function} · inputs {each.trace.inputs_sha256[:12]}"
        assert lines.count(wanted) == 1


def test_summary_is_the_same(document, word):
    """Five sentences, word for word."""
    lines = [p.text for p in word.paragraphs]
    for each in document.summary:
        assert each.sentence.replace("[-", "[−").replace(" -", " −") in lines


def test_hostile_texts_do_not_stop_word(hostile_document):
    """Control characters are replaced and counted; everything else stands as it was written."""
    content = client_word(hostile_document)
    assert content == client_word(hostile_document)
    word = docx.Document(io.BytesIO(content))
    assert len(word.tables) == len(hostile_document.parts)
    for table, part in zip(word.tables, hostile_document.parts, strict=True):
        assert cells(table)[1][0] == plain(part.heading)[0].replace("−", "-")
    assert any("characters that Word cannot hold" in p.text for p in word.paragraphs)
    assert not any(rel.is_external for rel in word.part.rels.values())
