"""What the tools write about an interview comes out in the same columns."""

import json

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.survey import read_responses, responses_from_frame
from sopsem.survey.metadata import COLUMNS, metadata_frame


def beside(table, **columns):
    """Return a table (header and rows) with more columns, the same cell in every row."""
    return [[*table[0], *columns], *([*row, *columns.values()] for row in table[1:])]


def frame_of(**roles):
    return metadata_frame(roles, pd.RangeIndex(len(next(iter(roles.values())))))


def test_a_plain_file_has_all_columns_and_knows_nothing(clean, write, instrument):
    metadata = read_responses(write(clean), instrument).metadata
    assert tuple(metadata.columns) == COLUMNS
    assert metadata.isna().to_numpy().all()
    assert metadata.index.tolist() == list(range(1, 9))
    types = [str(t) for t in metadata.dtypes]
    assert types[:5] == ["float64", "boolean", "boolean", "datetime64[s]", "datetime64[s]"]


def test_qualtrics_is_read_by_its_import_ids(clean, write, instrument):
    """The names and texts may be in any language."""
    about = {
        "startDate": "2024-05-01 10:00:00",
        "endDate": "2024-05-01 10:05:00",
        "status": "1",
        "duration": "300",
        "finished": "0",
        "_recordId": "R_1",
        "userLanguage": "DE",
    }
    header = [*(f"x{k}" for k in range(7)), *clean[0]]
    texts = ["Anfangsdatum"] * 7 + ["Frage"] * 18
    ids = [json.dumps({"ImportId": name}) for name in (*about, *clean[0])]
    rows = [[*about.values(), *row] for row in clean[1:]]
    answers = read_responses(write([header, texts, ids, *rows]), instrument)
    assert answers.source.tool == "Qualtrics"
    first = answers.metadata.iloc[0]
    assert first.duration_seconds == 300
    assert first.is_preview
    assert not first.is_finished
    assert (first.ended - first.started).total_seconds() == 300
    assert (first.language, first.respondent_id) == ("DE", "R_1")
    assert len(answers.complete().metadata) == 8


def test_network_addresses_are_numbered_and_never_kept():
    metadata, _ = frame_of(address=["10.0.0.7", "", "10.0.0.9", " 10.0.0.7"])
    assert metadata["address"].tolist()[::2] == [1.0, 2.0]
    assert np.isnan(metadata["address"][1])
    assert metadata["address"][3] == 1.0


def test_a_frame_may_bring_its_own(instrument):
    frame = pd.DataFrame({item: [1, 4, 7] for item in instrument.item_ids})
    frame["is_finished"] = [True, False, True]
    frame["duration_seconds"] = [60.5, np.nan, 10]
    metadata = responses_from_frame(frame, instrument).metadata
    assert metadata.is_finished.tolist() == [True, False, True]
    assert metadata.duration_seconds.tolist()[::2] == [60.5, 10.0]


def test_the_metadata_cannot_be_changed_through_a_copy(clean, write, instrument):
    answers = read_responses(write(clean), instrument)
    copy = answers.metadata
    copy["language"] = "xx"
    assert answers.metadata["language"].isna().all()


def test_words_of_another_language_say_nothing_and_are_named():
    frame, notes = frame_of(status=["Umfragevorschau", "0"])
    assert frame.is_preview.tolist() == [pd.NA, False]
    assert "'umfragevorschau' is not known" in notes[0]


def test_where_the_status_is_in_other_words_the_channel_tells():
    frame, _ = frame_of(status=["Umfragevorschau", "IP-Adresse"], channel=["preview", "anonymous"])
    assert frame.is_preview.tolist() == [True, False]


def test_finished_is_told_by_word_then_progress_then_submission():
    assert frame_of(is_finished=["True", "0"], progress=["40", "100"])[0].is_finished.tolist() == [
        True,
        False,
    ]
    assert frame_of(is_finished=["Wahr", "Falsch"], progress=["100", "99"])[0].is_finished.tolist() == [
        True,
        False,
    ]
    assert frame_of(submitted=["2024-05-01 10:00:00", ""])[0].is_finished.tolist() == [True, False]


def test_without_a_duration_it_is_the_time_between_start_and_end():
    frame, _ = frame_of(
        started=["2024-05-01 10:00:00", "2024-05-01 10:00:00", ""],
        ended=["2024-05-01 10:01:30", "2024-05-01 09:00:00", "2024-05-01 10:00:00"],
    )
    assert frame.duration_seconds.iloc[0] == 90
    assert frame.duration_seconds.iloc[1:].isna().all()


def test_a_duration_that_is_no_number_is_missing_and_told():
    frame, notes = frame_of(duration_seconds=["12", "five minutes", ""])
    assert frame.duration_seconds.isna().tolist() == [False, True, True]
    assert "'five minutes'" in notes[0]


@pytest.mark.parametrize(
    "name", ["Duration (in seconds)", "Duration__in_seconds_", "duration", "Duration", "interviewtime"]
)
def test_a_usual_name_of_the_duration_is_read_and_told(name, clean, write, instrument):
    """In a file of no particular tool, as a person saves it again."""
    found = read_responses(write(beside(clean, **{name: "30"})), instrument)
    assert found.metadata["duration_seconds"].tolist() == [30.0] * (len(clean) - 1)
    assert any(name in note and "in seconds" in note for note in found.source.notes)
    assert name not in found.source.unused_columns


def test_two_columns_that_may_be_the_duration_are_named_and_neither_is_read(clean, write, instrument):
    """Which one is for the user to say; the name of the role itself is never in doubt."""
    both = beside(clean, duration="30", interviewtime="60")
    found = read_responses(write(both), instrument)
    assert found.metadata["duration_seconds"].isna().all()
    (note,) = found.source.notes
    assert "'duration', 'interviewtime'" in note
    assert "--map duration_seconds=COLUMN" in note
    chosen = read_responses(write(both), instrument, columns={"duration_seconds": "interviewtime"})
    assert set(chosen.metadata["duration_seconds"]) == {60.0}
    named = read_responses(write(beside(both, duration_seconds="90")), instrument)
    assert set(named.metadata["duration_seconds"]) == {90.0}


def test_a_column_about_the_interview_is_mapped(clean, write, instrument):
    """Like a question; a column that is not there is a fault like any other."""
    file = write(beside(clean, taken="45"))
    found = read_responses(file, instrument, columns={"duration_seconds": "taken"})
    assert set(found.metadata["duration_seconds"]) == {45.0}
    assert "taken" not in found.source.unused_columns
    with pytest.raises(DataError, match="mapped to 'takn', which is no column, did you mean 'taken'"):
        read_responses(file, instrument, columns={"duration_seconds": "takn"})
    with pytest.raises(UsageError, match="does not ask, did you mean 'duration_seconds'"):
        read_responses(file, instrument, columns={"duration_second": "taken"})
