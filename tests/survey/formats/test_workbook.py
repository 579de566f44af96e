"""Workbooks: what a sheet hides is told, which sheet is read is never guessed, and what is no number stays none."""

import datetime as dt
import zipfile

import openpyxl
import pytest
import xlsxwriter

from sopsem.errors import DataError, FileError, ResourceLimitError, UsageError
from sopsem.survey.formats import read_table


def book(path, *rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.file = path
    return made


def read(made, **options):
    made.save(made.file)
    return read_table(made.file, made.file.read_bytes(), **options)


@pytest.fixture
def small(tmp_path):
    return book(tmp_path / "a.xlsx", ["a", "b"], [1, 2.5], [3, None])


def test_cells_are_text_as_a_csv_file_would_hold_them(tmp_path):
    day = dt.date(2024, 5, 1)
    times = dt.datetime.combine(day, dt.time(10, 30)), day
    made = book(tmp_path / "a.xlsx", list("abcdefg"), [4, 0.1, True, "007", "3 ", *times])
    assert read(made).cells == (
        ("4",),
        ("0.1",),
        ("TRUE",),
        ("007",),
        ("3 ",),
        ("2024-05-01 10:30:00",),
        ("2024-05-01",),
    )


def test_lines_are_the_rows_of_the_sheet_and_empty_rows_are_skipped(tmp_path):
    table = read(book(tmp_path / "a.xlsx", [], ["a", "b"], [], [1, 2], [], [3, 4]))
    assert table.lines == (4, 6)
    assert (table.word, table.sheet, table.encoding) == ("row", "Sheet", None)


def test_a_sheet_that_begins_further_right_keeps_its_columns(tmp_path):
    made = openpyxl.Workbook()
    made.active["B2"], made.active["C2"], made.active["B3"] = "a", "b", 1
    made.file = tmp_path / "a.xlsx"
    assert read_columns(made) == ("a", "b")
    made.active["A3"] = 7
    with pytest.raises(DataError, match="column 1 has no name"):
        read(made)


def read_columns(made):
    """Cells before the first one that is filled are no columns, but keep the numbers of the others."""
    return read(made).columns


def test_more_than_one_sheet_with_data_must_be_chosen(small):
    other = small.create_sheet("Other")
    other.append(["x"])
    other.append([9])
    with pytest.raises(
        DataError, match=r"2 sheets hold data: 'Sheet' \(3 rows\), 'Other' \(2 rows\); choose"
    ):
        read(small)
    assert read(small, sheet="Other").columns == ("x",)
    with pytest.raises(UsageError, match="no sheet 'Third'"):
        read(small, sheet="Third")


def test_an_empty_second_sheet_is_no_choice(small):
    small.create_sheet("Empty")
    assert read(small).sheet == "Sheet"


def test_a_hidden_sheet_with_data_is_counted_and_named(small):
    hidden = small.create_sheet("Secret")
    hidden.append(["x"])
    hidden.sheet_state = "veryHidden"
    with pytest.raises(DataError, match="'Secret' \\(1 rows, hidden\\)"):
        read(small)
    assert "1 hidden sheets were not read: 'Secret' (1 rows)" in read(small, sheet="Sheet").notes
    hidden.append([1])
    assert "the sheet 'Secret' that was read is hidden" in read(small, sheet="Secret").notes


def test_hidden_rows_columns_and_filters_are_told(small):
    small.active.row_dimensions[2].hidden = True
    small.active.column_dimensions["B"].hidden = True
    small.active.auto_filter.ref = "A1:B3"
    notes = read(small).notes
    assert "1 hidden rows were read like the others" in notes
    assert "1 ranges of hidden columns were read like the others" in notes
    assert any("filter" in note for note in notes)
    assert read(small).cells[0] == ("1", "3")


def test_percent_and_currency_are_told_and_the_number_kept(small):
    small.active["B2"].number_format = "0%"
    small.active["A2"].number_format = "[$€-407] #,##0.00"
    table = read(small)
    assert table.cells == (("1", "3"), ("2.5", ""))
    assert any(note.startswith("percent format in column B: 1 cells") for note in table.notes)
    assert any(note.startswith("currency format in column A: 1 cells") for note in table.notes)


def test_an_error_in_a_cell_and_a_formula_without_a_result_are_no_missing_answers(tmp_path):
    path = tmp_path / "a.xlsx"
    made = xlsxwriter.Workbook(path)
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!")
    sheet.write_formula(1, 1, "=1+1", None, 2)
    made.close()
    assert read_table(path, path.read_bytes()).cells == (("#DIV/0!",), ("2",))
    unsaved = book(path, ["a", "b"], ["=1+1", 5])
    assert read(unsaved).cells == (("<formula without a stored result>",), ("5",))


def test_a_header_over_merged_cells_leaves_a_column_without_a_name(small):
    small.active.merge_cells("A1:B1")
    with pytest.raises(DataError, match="column 2 has no name but holds values"):
        read(small)


def test_duplicate_names_name_both_positions(tmp_path):
    with pytest.raises(DataError, match="'a' is used twice: columns 1 and 3"):
        read(book(tmp_path / "a.xlsx", ["a", "b", "a"], [1, 2, 3]))


def test_a_cell_far_away_is_a_limit_not_a_crash(small):
    small.active["XFD1048576"] = 1
    with pytest.raises(ResourceLimitError, match=r"GB of memory|more than the limit"):
        read(small)


def test_a_workbook_cut_short_is_damaged(small):
    small.save(small.file)
    raw = small.file.read_bytes()
    for length in (len(raw) // 3, len(raw) - 40):
        with pytest.raises(FileError, match="damaged or cut short"):
            read_table("a.xlsx", raw[:length])


def test_a_workbook_without_its_sheets_is_damaged(small):
    small.save(small.file)
    with (
        zipfile.ZipFile(small.file) as archive,
        zipfile.ZipFile(small.file.with_name("b.xlsx"), "w") as other,
    ):
        for name in archive.namelist():
            if "sheet" not in name:
                other.writestr(name, archive.read(name))
    with pytest.raises(FileError, match=r"damaged|empty"):
        read_table("b.xlsx", small.file.with_name("b.xlsx").read_bytes())


def test_an_empty_workbook_and_one_with_a_header_only(tmp_path):
    with pytest.raises(FileError, match="no sheet holds anything"):
        read(book(tmp_path / "a.xlsx"))
    with pytest.raises(DataError, match="0 respondents"):
        read(book(tmp_path / "a.xlsx", ["a", "b"]))


@pytest.mark.parametrize("options", [{"encoding": "utf-8"}, {"delimiter": ";"}])
def test_options_of_text_files_are_refused(small, options):
    small.save(small.file)
    with pytest.raises(UsageError, match="has no"):
        read_table(small.file, small.file.read_bytes(), **options)


def test_a_sheet_of_a_text_file_is_refused():
    with pytest.raises(UsageError, match="has no sheet"):
        read_table("a.csv", b"a,b\n1,2\n", sheet="x")
