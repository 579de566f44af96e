"""SPSS, Stata and Parquet files, sound and damaged."""

import datetime as dt

import pandas as pd
import pyreadstat
import pytest

from sopsem.errors import DataError, FileError
from sopsem.survey.formats import read_table


def test_spss_dates_texts_and_labels(tmp_path):
    frame = pd.DataFrame(
        {"when": [pd.Timestamp("2024-05-01 10:30")] * 2, "who": ["é", "MISSING"], "x": [1.5, 2]}
    )
    pyreadstat.write_sav(
        frame,
        tmp_path / "a.sav",
        column_labels={"who": "Who are you?"},
        variable_format={"when": "DATETIME20"},
        missing_ranges={"who": ["MISSING"]},
    )
    table = read_table(tmp_path / "a.sav", (tmp_path / "a.sav").read_bytes())
    assert table.cells == (("2024-05-01 10:30:00",) * 2, ("é", "MISSING"), ("1.5", "2"))
    assert table.missing == {"who": {"MISSING": "declared missing in the file"}}
    assert table.headings[1] == "Who are you?"
    assert list(table.lines) == [1, 2]


def test_stata_dates_are_read(tmp_path):
    frame = pd.DataFrame({"when": [pd.Timestamp("2024-05-01 10:30")], "x": [1.0]})
    frame.to_stata(tmp_path / "a.dta", write_index=False)
    assert read_table("a.dta", (tmp_path / "a.dta").read_bytes()).cells[0] == ("2024-05-01 10:30:00",)


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_stata_files_of_any_age_are_recognised(tmp_path, version):
    pd.DataFrame({"x": [1.0, 2.0]}).to_stata(tmp_path / "a.dta", write_index=False, version=version)
    table = read_table("a.dta", (tmp_path / "a.dta").read_bytes())
    assert (table.format, table.cells) == ("dta", (("1", "2"),))


def test_parquet_types_become_text(tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({"a": [True, None], "b": [1, 2], "c": ["x", None], "d": [dt.date(2024, 5, 1)] * 2})
    frame.to_parquet(tmp_path / "a.parquet")
    table = read_table("a.parquet", (tmp_path / "a.parquet").read_bytes())
    assert table.cells == (("TRUE", ""), ("1", "2"), ("x", ""), ("2024-05-01",) * 2)


@pytest.mark.parametrize("name", ["qualtrics.sav", "plain.dta", "plain.parquet", "plain.xls", "plain.ods"])
@pytest.mark.parametrize("share", [0.1, 0.6, 0.98])
def test_a_file_cut_short_is_damaged_or_whole(name, share, samples):
    raw = (samples / name).read_bytes()
    try:
        table = read_table(name, raw[: int(len(raw) * share)])
    except FileError:
        pass
    else:  # only value labels, which stand at the end of a Stata file, were lost
        assert (name, len(table.lines)) == ("plain.dta", 24)


def test_a_file_without_rows_has_no_respondents(tmp_path):
    pyreadstat.write_sav(pd.DataFrame({"x": pd.Series([], dtype=float)}), tmp_path / "a.sav")
    with pytest.raises(DataError, match="0 respondents"):
        read_table("a.sav", (tmp_path / "a.sav").read_bytes())


def test_what_begins_like_spss_and_is_not_is_damaged():
    with pytest.raises(FileError, match="damaged"):
        read_table("a.sav", b"$FL2@(#) hello" * 50)


def test_text_in_another_encoding_than_the_file_tells_asks_for_it(tmp_path):
    pyreadstat.write_sav(pd.DataFrame({"x": ["Qu\u00e9b"] * 3}), tmp_path / "a.sav")
    raw = (tmp_path / "a.sav").read_bytes().replace("\u00e9".encode(), "\u00e9x".encode("cp1252"))
    with pytest.raises(FileError, match="give encoding="):
        read_table("a.sav", raw)
    assert read_table("a.sav", raw, encoding="WINDOWS-1252").cells[0][0].startswith("Qu\u00e9")
