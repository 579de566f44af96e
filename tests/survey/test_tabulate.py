"""Rows to columns: sheets may end their rows early, text may not."""

import time

import pytest

from sopsem.errors import DataError
from sopsem.survey.table import Grid, Row
from sopsem.survey.tabulate import tabulate


def grid(*rows, **options):
    return Grid(rows=[Row(line=k, fields=r) for k, r in enumerate(rows, 1)], format="csv", **options)


def test_rows_of_a_sheet_may_be_short_and_those_of_a_text_not():
    table = tabulate(grid(["a", "b"], ["1"], strict=False), "x")
    assert table.cells == (("1",), ("",))
    with pytest.raises(DataError, match="line 2: too few cells: 1"):
        tabulate(grid(["a", "b"], ["1"]), "x")


def test_a_fault_of_a_sheet_is_told_by_row():
    with pytest.raises(DataError, match="row 2: too many cells: 3"):
        tabulate(grid(["a", "b"], ["1", "2", "3"], word="row", strict=False), "x")


def test_the_legacy_export_of_qualtrics_has_an_empty_last_column():
    names = [*(f"V{k}" for k in range(1, 11)), "Q1", ""]
    texts = ["ResponseID", *["?"] * 9, "stem - item", ""]
    table = tabulate(grid(names, texts, ["R_1", *["0"] * 9, "4", ""]), "x")
    assert (table.tool, table.columns[-1], table.headings[-1]) == ("Qualtrics (legacy)", "Q1", "stem - item")
    assert table.aliases[-1] == ("item",)
    assert table.cells[-1] == ("4",)


def test_names_v1_to_v10_alone_are_no_qualtrics():
    """R writes them for a matrix."""
    names = [f"V{k}" for k in range(1, 11)]
    assert tabulate(grid(names, ["1"] * 10, ["2"] * 10), "x").tool == "plain"


def test_a_nameless_column_is_left_out_if_blank_and_refused_with_its_row_if_not():
    table = tabulate(grid(["", "a", "", "b", ""], ["", "1", " ", "2", ""]), "x")
    assert (table.columns, table.cells) == (("a", "b"), (("1",), ("2",)))
    with pytest.raises(DataError, match="column 3 has no name but holds values, the first in line 3"):
        tabulate(grid(["", "a", "", "b"], ["", "1", "", "2"], ["", "1", "x", "2"]), "x")


def test_very_wide_headers_are_no_trap_of_time():
    """Each was quadratic once."""
    wide = 60_000
    start = time.perf_counter()
    tabulate(grid([*[""] * wide, "a"], *[[*[""] * wide, "1"]] * 20), "x")
    tabulate(
        grid(
            ["Respondent ID", *[f"q{k}" for k in range(wide)]], ["", *["x"] * wide], ["1" * 11, *["1"] * wide]
        ),
        "x",
    )
    tabulate(grid(["[" * 130_000, " " * 130_000 + "a"], ["1", "2"]), "x")
    assert time.perf_counter() - start < 20
