"""The replication report: write, read and write again; the same numbers in every format."""

import csv
import io
import json
from pathlib import Path

import docx
import pytest

import sopsem
from sopsem.report.replication import (
    cells_table,
    effects_table,
    fit_table,
    replication_json,
    replication_text,
)
from sopsem.report.replication_files import replication_files
from sopsem.report.table import Table
from sopsem.runs.atomic import json_bytes


@pytest.fixture(scope="module")
def result():
    """A replication on the first twin."""
    instrument = sopsem.load_instrument()
    items = sopsem.read_responses(sopsem.find_survey(), instrument).items
    return sopsem.replicate(items, draws=60, seed=3, source={"label": "synthetic data"})


@pytest.fixture(scope="module")
def files(result):
    """Its files by name."""
    return {path.name: content for path, content in replication_files(result, Path("out")).items()}


def test_l27_json_written_read_and_written_is_the_same_bytes(files) -> None:
    """Nothing is lost on the way through JSON."""
    for name in ("result.json", "manifest.json"):
        assert json_bytes(json.loads(files[name])) == files[name]


def test_l27_csv_written_read_and_written_is_the_same_bytes(files) -> None:
    """Nothing is lost on the way through CSV."""
    text = files["cells.csv"].decode("utf-8")
    again = io.StringIO()
    csv.writer(again, lineterminator="\n").writerows(csv.reader(io.StringIO(text)))
    assert again.getvalue() == text


def test_every_format_holds_the_same_numbers(result, files) -> None:
    """The effects table read back from CSV, Markdown, Word and HTML."""
    table = effects_table(result)
    rows = list(csv.reader(io.StringIO(files["effects.csv"].decode("utf-8"))))
    assert [tuple(row[: len(table.columns)]) for row in rows[1 : len(table.rows) + 1]] == list(table.rows)
    word = docx.Document(io.BytesIO(files["effects.docx"])).tables[0]
    numbers = [[cell.text.replace("−", "-") for cell in row.cells] for row in word.rows]
    assert [tuple(row) for row in numbers[-len(table.rows) :]] == list(table.rows)
    for name in ("effects.md", "effects.html"):
        text = files[name].decode("utf-8").replace("−", "-").replace("\\", "")
        for row in table.rows:
            assert all(cell.replace("<", "&lt;") in text or cell in text for cell in row), (name, row)


def test_every_output_says_that_the_data_are_synthetic(result, files) -> None:
    """Tables, page, figures' pages and the terminal."""
    for make in (effects_table, fit_table, cells_table):
        assert isinstance(make(result), Table)
        assert make(result).source_label == "synthetic data"
    assert "synthetic data" in replication_text(result)
    assert replication_json(result)["manifest"]["data"]["label"] == "synthetic data"
    page = files["report.html"].decode("utf-8")
    assert page.count("synthetic data") >= 5


def test_the_page_loads_nothing_and_describes_its_pictures(files) -> None:
    """A strict policy, inline pictures with texts for those who cannot see them."""
    page = files["report.html"].decode("utf-8")
    assert "default-src 'none'" in page
    assert page.count("<img") == page.count('alt="') == 4
    assert "<script" not in page
    assert 'src="http' not in page
