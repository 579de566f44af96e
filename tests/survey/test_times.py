"""Times of survey tools: never guessed, and the sign of a zone is that of the tool."""

import numpy as np
import pytest

from sopsem.survey.times import read_times


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2020/10/30 3:08:44 PM GMT+1", "2020-10-30T14:08:44"),
        ("2020/10/30 12:08:44 AM GMT-3", "2020-10-30T03:08:44"),
        ("2020/10/30 12:08:44 PM GMT+5:30", "2020-10-30T06:38:44"),
        ("2020/10/30 12:08:44 PM GMT-3:30", "2020-10-30T15:38:44"),
        ("2020/10/30 15:08:44 GMT", "2020-10-30T15:08:44"),
    ],
)
def test_a_zone_ahead_of_greenwich_is_ahead(text, time):
    times, note = read_times([text, ""])
    assert times[0] == np.datetime64(time)
    assert np.isnat(times[1])
    assert note == "times are UTC"


def test_iso_times_are_read_with_and_without_a_zone():
    times, note = read_times(["2024-05-01 10:00:00", "2024-05-01T10:00", "2024-05-01"])
    assert [str(t) for t in times] == ["2024-05-01T10:00:00", "2024-05-01T10:00:00", "2024-05-01T00:00:00"]
    assert not note
    times, note = read_times(["2024-05-01T10:00:00+02:00"])
    assert (str(times[0]), note) == ("2024-05-01T08:00:00", "times are UTC")


def test_the_order_of_day_and_month_is_read_only_where_the_column_proves_it():
    """pandas flips the meaning with the order of the rows."""
    assert str(read_times(["05/04/2024", "13/04/2024"])[0][0]) == "2024-04-05T00:00:00"
    assert str(read_times(["05/04/2024", "04/13/2024 3:00 PM"])[0][1]) == "2024-04-13T15:00:00"
    for column, why in (
        (["05/04/2024"], "cannot be told apart"),
        (["13/04/2024", "04/13/2024"], "change places"),
    ):
        times, note = read_times(column)
        assert np.isnat(times).all()
        assert why in note


@pytest.mark.parametrize(
    "text", ["2024-02-31 10:00", "31/02/2024", "2020/13/30 3:08:44 PM GMT+1", "soon", "45000"]
)
def test_what_is_no_time_is_counted(text):
    times, note = read_times([text])
    assert np.isnat(times[0])
    assert "1 cells are not times" in note


def test_the_date_limesurvey_writes_for_undated_answers_is_none():
    assert np.isnat(read_times(["1980-01-01 00:00:00"])[0][0])
