"""Every number is printed once: read back from the page, the workbook and JSON it is the same."""

import io
import json
import re
from html import unescape

import pytest
from briefings import briefing

from sopsem.report.client.assembly import client_document
from sopsem.report.client.document import Drawing
from sopsem.report.client.numbers import document_json, printed_value
from sopsem.report.client.page import client_page
from sopsem.runs.atomic import json_bytes


@pytest.fixture(scope="module")
def document():
    return client_document(briefing())


@pytest.fixture(scope="module")
def printed(document):
    """Table id -> rows of texts, from JSON."""
    data = json.loads(json_bytes(document_json(document)))
    blocks = [each for part in data["parts"] for each in part["content"]]
    return {each["id"]: each for each in blocks if each["kind"] == "table"}


def test_json_and_page_print_the_same_cells(document, printed):
    """All tables, cell by cell."""
    page = client_page(document)
    tables = re.findall(r'<div class="table" id="(\w+)".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert [name for name, _ in tables] == list(printed)
    for name, body in tables:
        rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", body)]
        assert [[unescape(c).replace("−", "-") for c in row] for row in rows] == printed[name]["rows"]


def test_workbook_holds_the_printed_numbers(document, printed):
    """As numbers, percentages as shares; never more digits than the page has."""
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    from sopsem.report.client.workbook import workbook_bytes

    content = workbook_bytes(document)
    assert content == workbook_bytes(document)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Summary", "Scorecard", "Gaps", "Drivers", "Data quality", "Method"]
    found = {}
    for sheet in book:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        for place, row in enumerate(rows):
            name = str(row[0]).split("  ")[0]
            if name in printed:
                width, height = len(printed[name]["columns"]), len(printed[name]["rows"])
                found[name] = [r[:width] for r in rows[place + 2 : place + 2 + height]]
    assert found.keys() == printed.keys()
    for name, rows in found.items():
        for row, texts in zip(rows, printed[name]["rows"], strict=True):
            for value, text in zip(row[1:], texts[1:], strict=True):
                wanted = printed_value(text)
                if isinstance(wanted, float | int):
                    assert value == pytest.approx(wanted / (100.0 if text.endswith("%") else 1.0), abs=1e-12)
                else:
                    assert value == text


def test_nothing_is_more_exact_than_the_print():
    """The numbers of JSON are those of the print, so no unrounded mean of a group leaves the house."""
    exact = briefing().scores.assign(mean=4.3219876)
    text = json_bytes(document_json(client_document(briefing(scores=exact)))).decode()
    assert "4.32" not in text
    assert '"score": 4.3' in text


def test_sentences_use_printed_numbers(document, printed):
    """Every decimal number of the summary stands in a table."""
    cells = " ".join(cell for each in printed.values() for row in each["rows"] for cell in row)
    said = " ".join(each.sentence for each in document.summary)
    for number in re.findall(r"-?\d*\.\d+|\d+%", said):
        assert number in f"{cells} 95%"  # the level of the intervals stands in headers


def test_figures_have_no_numbers_of_their_own(document):
    """A figure is traced to the table of its number."""
    ids = {each.id: each for each in document.exhibits}
    for name, each in ids.items():
        if isinstance(each.content, Drawing):
            assert ids[f"T{name[1:]}"].trace == each.trace
