"""What `inspect_survey` says of a file: the same that reading it would do, without refusing."""

import math
from pathlib import Path

import pytest

from sopsem.errors import DataError
from sopsem.survey import inspect_survey, read_responses

SAMPLES = Path(__file__).parent.parent / "data" / "formats"


def put(table, row, column, value):
    table[row][table[0].index(column)] = value
    return table


def test_a_file_that_can_be_read_says_so(instrument):
    found = inspect_survey(SAMPLES / "qualtrics.csv", instrument)
    assert found.readable
    assert (found.tool, found.format, found.encoding, found.n_rows) == ("Qualtrics", "csv", "utf-8-sig", 24)
    assert dict(found.interviews) == {"previews": 1.0, "unfinished": 1.0}
    assert found.sha256 == read_responses(SAMPLES / "qualtrics.csv", instrument).source.sha256


def test_what_is_missing_and_left_out_agrees_with_reading(instrument):
    found = inspect_survey(SAMPLES / "qualtrics.sav", instrument)
    answers = read_responses(SAMPLES / "qualtrics.sav", instrument)
    gone = answers.complete().excluded
    assert found.excluded.to_dict("records") == gone.to_dict("records")
    counts = found.missing.groupby("question")["n"].sum()
    gaps = answers.items.isna().sum()
    assert counts.reindex(gaps.index, fill_value=0).tolist() == gaps.tolist()
    assert set(found.missing["reason"]) == {"don't know", "no answer"}


def test_how_each_question_is_found(clean, write, instrument):
    clean[0][0] = "Q1"
    clean[0][1] = instrument.items["col2"].text
    found = inspect_survey(write(clean), instrument, columns={"col1": "Q1"})
    how = dict(zip(found.matches["question"], found.matches["how"], strict=True))
    assert (how["col1"], how["col2"], how["col3"], how["via1"]) == ("map", "question text", "name", "")


def test_a_name_that_almost_fits_is_suggested_and_not_used(clean, write, instrument):
    clean[0][0] = "Col_1"
    found = inspect_survey(write(clean), instrument)
    first = found.matches.iloc[0]
    assert (first["column"], first["how"], first["suggestion"]) == ("", "", "Col_1")
    assert not found.readable
    assert found.unmatched["column"].tolist() == ["Col_1"]


def test_a_text_that_almost_fits_is_suggested_and_not_used(clean, write, instrument):
    clean[0][0] = instrument.items["col1"].text[:-3]
    found = inspect_survey(write(clean), instrument)
    assert found.matches.iloc[0]["suggestion"] == clean[0][0]
    assert "col1" not in set(found.matches.loc[found.matches["how"] != "", "question"])


def test_faults_are_those_that_reading_refuses(clean, write, instrument):
    path = write(put(put(clean, 2, "col1", "8"), 3, "con4", "TRUE"))
    found = inspect_survey(path, instrument)
    with pytest.raises(DataError) as caught:
        read_responses(path, instrument)
    assert len(found.faults) == 2
    assert all(fault in str(caught.value) for fault in found.faults)


def test_a_file_without_any_question_is_described(write, instrument):
    found = inspect_survey(write([["x", "y"], ["1", "2"]]), instrument)
    assert len(found.faults) == 18
    assert found.excluded.empty
    assert math.isnan(found.interviews["previews"])


def test_the_frames_are_copies(clean, write, instrument):
    found = inspect_survey(write(clean), instrument)
    frame = found.matches
    frame["how"] = "changed"
    assert "changed" not in set(found.matches["how"])
    assert "problems" in repr(found)


def test_background_answers_in_no_code_book_are_listed_with_the_nearest(clean, write, instrument):
    """Reading keeps them as they are, so a slip would make a department of its own."""
    table = [[*clean[0], "department"], *([*row, "sales"] for row in clean[1:])]
    for row, text in ((1, "slaes"), (2, "finance"), (3, "finance ")):
        put(table, row, "department", text)
    found = inspect_survey(write(table), instrument)
    assert found.readable
    assert found.unknown_codes.to_dict("records") == [
        {"question": "department", "answer": "finance", "n": 2, "suggestion": ""},
        {"question": "department", "answer": "slaes", "n": 1, "suggestion": "sales"},
    ]


def test_ids_that_several_rows_share_come_with_what_to_do(clean, write, instrument):
    table = [[*clean[0], "respondent_id"], *([*row, "1"] for row in clean[1:])]
    with pytest.raises(
        DataError, match=r"take the later rows out .*sopsem screen FILE.*duplicate_ids=\"keep\""
    ):
        read_responses(write(table), instrument)
    assert len(inspect_survey(write(table), instrument).hints) == 1
