"""The Word document read back."""

import io
import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn

from sopsem.report.table import Table
from sopsem.report.word import word_bytes


def opened(table):
    return Document(io.BytesIO(word_bytes(table)))


def make(columns=3, width=8, **changes):
    cells = tuple("x" * width for _ in range(columns))
    return Table(**({"title": "Effects", "columns": cells, "rows": (cells, cells)} | changes))


def edges(cell):
    borders = cell._tc.find(f".//{qn('w:tcBorders')}")
    return set() if borders is None else {line.tag.split("}")[1] for line in borders}


def test_three_rules():
    """Rules above and below the header and below the last row, nowhere else."""
    rows = opened(make()).tables[0].rows
    assert [[edges(cell) for cell in row.cells] for row in rows] == [
        [{"top", "bottom"}] * 3,
        [set()] * 3,
        [{"bottom"}] * 3,
    ]


def test_texts_and_alignment():
    """Title, source, cells with a true minus, notes."""
    document = opened(
        make(
            columns=1,
            rows=(("-.448",),),
            notes=("N = 92.", "Second."),
            alignment="r",
            source_label="synthetic data",
        )
    )
    assert [p.text for p in document.paragraphs] == ["Effects (synthetic data)", "Note. N = 92.", "Second."]
    cell = document.tables[0].cell(1, 0)
    assert cell.text == "−.448"
    assert cell.paragraphs[0].alignment is not None


def test_the_header_is_repeated_on_each_page():
    """A long table keeps its header."""
    header, first, _ = opened(make()).tables[0].rows
    assert header._tr.find(f".//{qn('w:tblHeader')}") is not None
    assert first._tr.find(f".//{qn('w:tblHeader')}") is None


def total(document):
    return sum(column.width for column in document.tables[0].columns) / 914400


@pytest.mark.parametrize(("columns", "landscape"), [(3, False), (9, False), (12, True), (40, True)])
def test_the_table_fits_the_page(columns, landscape):
    """A wide table gets smaller letters, then a turned page; it never leaves the margins."""
    document = opened(make(columns=columns))
    section = document.sections[0]
    room = (section.page_width - section.left_margin - section.right_margin) / 914400
    assert total(document) <= room + 0.01
    assert (section.page_width > section.page_height) is landscape


def test_no_word_is_cut():
    """A column is at least as wide as its longest word takes in letters of half their size."""
    document = opened(make(columns=2, rows=(("Organisational collaboration", "Sales-operations"),)))
    first = document.tables[0].columns[0].width / 914400
    assert first >= len("Organisational") * 10 / 72 * 0.5


def test_control_characters_are_replaced_and_counted(payload):
    """One bad comment does not stop the report, and nobody has to look for what is missing."""
    document = opened(Table(title=payload, columns=("a",), rows=((payload,),), notes=(payload,)))
    bad = sum(payload.count(letter) for letter in "\x1b\x07\x00\ud800\u202e")
    counted = [p.text for p in document.paragraphs if "control characters" in p.text]
    assert counted == (
        [f"{3 * bad} control characters that Word cannot hold were replaced by \ufffd."] if bad else []
    )


def test_no_date_no_link_and_the_same_bytes():
    """Nothing in the file depends on when or by whom it was made, and nothing points outside."""
    table = make()
    assert word_bytes(table) == word_bytes(table)
    with zipfile.ZipFile(io.BytesIO(word_bytes(table))) as archive:
        core = archive.read("docProps/core.xml").decode()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not any(b'TargetMode="External"' in archive.read(name) for name in archive.namelist())
    assert "created" not in core
    assert "python-docx" not in core
