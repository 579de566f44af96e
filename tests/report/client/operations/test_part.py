"""The chapter as a part of the report: tables, figure, sentences, in every format."""

import io
import json
from dataclasses import replace

import docx
import numpy as np
import pandas as pd
import pytest
from chapters import records, told

from sopsem.client.operations.measured_outcome import measured_outcome
from sopsem.report.client.assembly import client_document
from sopsem.report.client.document import Drawing, Exhibit
from sopsem.report.client.operations.comparison import operations_chapter
from sopsem.report.client.operations.part import joined_label, operations_headline, operations_part
from sopsem.report.client.report_files import client_files
from sopsem.report.client.report_text import report_text
from sopsem.report.table import Table


def exhibits(part):
    return {each.id: each.content for each in part.content if isinstance(each, Exhibit)}


def test_every_floor_has_its_exhibits(chapter):
    def shown(found):
        return list(exhibits(operations_part(found, "synthetic data")))

    one = operations_chapter(*told({"U1": 12}))
    few = operations_chapter(*told({"U1": 9, "U2": 9, "U3": 9}))
    assert shown(one) == ["F10", "T10"]
    assert shown(few) == ["F10", "T10"]
    assert shown(chapter) == ["F10", "T10", "T11", "T12"]
    refused = operations_chapter(*told({"U1": 9, "U2": 9}, question="plant"))
    assert shown(refused) == ["T10"]


def test_the_figure_tells_of_shown_units_only(chapter):
    figure = exhibits(operations_part(chapter, ""))["F10"]
    assert isinstance(figure, Drawing)
    hidden = chapter.units.loc[chapter.units["reason"] != "", "unit"]
    assert len(hidden) == 2
    for unit in chapter.units["unit"]:
        assert (unit in figure.alt) is (unit not in set(hidden))


def test_the_table_prints_what_the_chapter_holds(chapter):
    table = exhibits(operations_part(chapter, "synthetic data"))["T10"]
    assert isinstance(table, Table)
    assert table.source_label == "synthetic data"
    rows = {row[0]: row for row in table.rows}
    assert rows["U02"][1:3] == ("—", "—")
    assert rows["U02"][-1] == "hidden: fewer than 5 people answered"
    first = chapter.units.iloc[0]
    assert rows["U00"][2] == f"{first['perceived']:.1f}"
    assert rows["U00"][-1] == first["quadrant"]


def with_paths(chapter):
    rng = np.random.default_rng(5)
    unit = np.repeat(np.arange(40), 6)
    level, mood = rng.normal(size=40), rng.normal(0, 0.5, 240)
    items = {f"{k}{i}": level[unit] + mood + rng.normal(size=240) for k in "ap" for i in range(3)}
    found = measured_outcome(
        pd.DataFrame(items | {"unit": unit}),
        pd.DataFrame({"unit": range(40), "outcome": level + rng.normal(size=40)}),
        reliability=0.9,
        model="alignment =~ a0 + a1 + a2\nperformance =~ p0 + p1 + p2\nperformance ~ alignment",
    )
    return replace(chapter, paths=found)


def test_the_measured_outcome_is_told_in_a_sentence_a_table_and_the_summary(chapter):
    found = with_paths(chapter)
    part = operations_part(found, "")
    table = exhibits(part)["T13"]
    assert [row[0] for row in table.rows] == ["reported", "measured", "difference"]
    est = found.paths.paths["est"]
    said = next(each for each in part.content if isinstance(each, str) and each.startswith("With 40 units"))
    for value in est:
        assert f"{value:.2f}".replace("0.", ".", 1) in said
    assert "EBITDA margin of their unit" in said
    assert "lower than to the reported one" in operations_headline(found).sentence


def test_the_headline_counts_units_that_see_it_otherwise(chapter):
    placed = chapter.units[chapter.units["quadrant"] != ""]
    n = int((placed["quadrant"] == "misaligned and confident").sum())
    said = operations_headline(chapter).sentence
    assert said.startswith(f"Beside each other, of {len(placed)} units {n or 'none is'} ")


def test_labels_of_both_sides_are_joined():
    found = operations_chapter(*told({"U1": 12}))
    assert joined_label("synthetic data", found) == "synthetic data"
    assert joined_label("", found) == "operations: synthetic data"
    assert joined_label("pilot data", found) == "pilot data; operations: synthetic data"
    assert joined_label("pilot data", replace(found, label="")) == "pilot data"


@pytest.fixture(scope="module")
def files(ten):
    briefing, made = ten
    document = client_document(briefing, made)
    return {**client_files(briefing, document), "terminal": report_text(document).encode()}


def test_every_format_has_the_chapter(files):
    data = json.loads(files["report.json"])
    part = next(each for each in data["parts"] if each["anchor"] == "operations")
    assert [each["topic"] for each in data["summary"]][-2:] == ["Do records agree", "How sure this is"]
    table = next(each for each in part["content"] if each.get("id") == "T10")
    page, terminal = files["report.html"].decode(), files["terminal"].decode()
    for unit in ("U00", "U09"):
        assert unit in page
        assert unit in terminal
    word = docx.Document(io.BytesIO(files["report.docx"]))
    printed = [[cell.text for cell in row.cells] for each in word.tables for row in each.rows]
    assert any(
        cells[0] == "U00" and cells[2].strip() == table["rows"][0][2] for cells in printed if len(cells) == 7
    )
    manifest = json.loads(files["manifest.json"])
    assert manifest["exhibits"]["T11"]["function"].endswith("operations_chapter")
    assert manifest["exhibits"]["F10"]["numbers"] == "those of T10"


def test_the_workbook_has_its_sheet(files):
    openpyxl = pytest.importorskip("openpyxl")
    sheet = openpyxl.load_workbook(io.BytesIO(files["scorecard.xlsx"]))["Operations"]
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "U00" in cells
    assert "hidden: fewer than 5 people answered" in cells


def test_a_report_without_records_is_as_before(ten):
    document = client_document(replace(ten[0], views=None))
    assert "operations" not in [part.anchor for part in document.parts]
    assert len(document.summary) == 5


def test_strange_names_of_units_run_nothing():
    name = "<script>alert(1)</script>"
    made = records([name, "=1+1", "U3"])
    briefing, made = told({name: 9, "=1+1": 9, "U3": 9}, made)
    page = client_files(briefing, client_document(briefing, made))["report.html"].decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
