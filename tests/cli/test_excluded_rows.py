"""Rows that are left out are counted and named in everything that is printed and written."""

import csv
import json

import pytest


@pytest.fixture
def gaps(survey):
    """The shipped answers with three incomplete rows: 4, 8 and 21."""

    def change(frame):
        frame.loc[[3, 7], "col1"] = ""
        frame.loc[20, "int1"] = "-99"
        return frame

    return survey(change)


def test_the_manifest_counts_the_rows_of_the_file(run, gaps) -> None:
    """Rows given, rows used, and the numbers of the others with line and reason."""
    data = json.loads(run("replicate", gaps, "--draws", 20, "--json").out)["manifest"]["data"]
    assert (data["rows"], data["rows_used"], data["rows_excluded"]) == (92, 89, [4, 8, 21])
    assert data["excluded"][2] == {"row": 21, "line": 22, "reason": "missing: int1"}


def test_log_and_excluded_rows_are_written(run, gaps, tmp_path) -> None:
    """Two more CSV files in the folder."""
    folder = tmp_path / "out"
    run("replicate", gaps, "--draws", 20, "--out", folder)
    rows = list(csv.reader((folder / "excluded_rows.csv").read_text("utf-8").splitlines()))
    assert rows == [
        ["row", "line", "reason"],
        ["4", "5", "missing: col1"],
        ["8", "9", "missing: col1"],
        ["21", "22", "missing: int1"],
    ]
    log = list(csv.DictReader((folder / "recode_log.csv").read_text("utf-8").splitlines()))
    assert {"item": "int1", "rule": "missing code", "from": "-99", "n_cells": "1"}.items() <= next(
        entry for entry in log if entry["item"] == "int1"
    ).items()
    assert {"con3", "con4", "via3"} >= {e["item"] for e in log if e["rule"] == "reversed"} != set()


def test_validate_says_how_many_are_left_out(run, gaps) -> None:
    """In its sentence and in its JSON."""
    result = json.loads(run("validate", gaps, "--draws", 10, "--json").out)
    assert "89 rows are used, 3 left out for a missing value." in " ".join(result["sentences"])
    assert result["data"]["rows_excluded"] == [4, 8, 21]


def test_other_commands_use_the_same_rows(run, gaps) -> None:
    """Mediation and crosscheck run on incomplete files; a draw names rows of the survey."""
    assert run("mediation", gaps, "--draws", 10).code == 0
    assert json.loads(run("crosscheck", gaps, "--json").out)["largest_difference"] < 1e-3
    seen = set()
    for index in range(8):
        seen |= set(json.loads(run("draw", gaps, "--index", index, "--json").out)["rows"])
    assert not seen & {4, 8, 21}
    assert max(seen) > 89


def test_one_row_is_one_row(run, survey):
    def change(frame):
        frame.loc[3, "col1"] = ""
        return frame

    assert "91 respondents used, 1 left out (row 4: a value is missing)" in run("draw", survey(change)).err
