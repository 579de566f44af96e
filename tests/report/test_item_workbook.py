"""The item sheet in Excel: read back without loss, nothing a formula, lists to choose from."""

import zipfile

import pytest

from sopsem.errors import DataError, UsageError
from sopsem.report.item_workbook import instrument_bytes
from sopsem.survey import load_instrument

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("xlsxwriter")
pytest.importorskip("python_calamine")


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "q.xlsx"
    path.write_bytes(instrument_bytes(load_instrument(), path))
    return path


def test_it_is_read_back_without_loss(written):
    assert load_instrument(written) == load_instrument()


def test_it_is_read_back_after_somebody_saved_it_elsewhere(written):
    book = openpyxl.load_workbook(written)
    rows = {row[0].value: row for row in book["items"].iter_rows()}
    rows["col1"][1].value = "=1+1 is what they meet for"
    rows["col1"][1].data_type = "s"
    rows["con3"][4].value = True
    rows["chk1"][7].value = 4
    book["codes"]["B2"].value = 1
    book["items"].append([])
    book.save(written)
    changed = load_instrument(written)
    assert changed.items["col1"].text == "=1+1 is what they meet for"
    assert changed.items["con3"].reverse
    assert changed.items["chk1"].expected == 4


def test_a_misnamed_sheet_and_a_wrong_cell_are_told_with_their_place(written):
    book = openpyxl.load_workbook(written)
    book["background"].title = "backgroud"
    next(row for row in book["items"].iter_rows() if row[0].value == "con3")[4].value = "perhaps"
    book.save(written)
    with pytest.raises(DataError) as caught:
        load_instrument(written)
    assert "no section 'backgroud', did you mean 'background'?" in str(caught.value)
    assert "sheet 'items', row 8, column reverse: 'perhaps' is neither yes nor no" in str(caught.value)


def test_hostile_texts_are_texts(tmp_path):
    hostile = load_instrument().model_copy(
        update={"title": "=cmd|' /C calc'!A0", "version": "http://x.example"}
    )
    path = tmp_path / "q.xlsx"
    path.write_bytes(instrument_bytes(hostile, path))
    with zipfile.ZipFile(path) as archive:
        sheets = "".join(archive.read(n).decode() for n in archive.namelist() if "worksheets/sheet" in n)
    assert "<f>" not in sheets
    assert "hyperlink" not in sheets
    assert load_instrument(path) == hostile


def test_other_endings_are_refused(tmp_path):
    with pytest.raises(UsageError, match=r"written to \.toml or \.csv"):
        instrument_bytes(load_instrument(), tmp_path / "q.docx")
