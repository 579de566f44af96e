"""Months, weeks and quarters as text that sorts in time."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.errors import DataError
from sopsem.executive.schema.periods import (
    days_per_period,
    frequency_of,
    label_of,
    ordinal_of,
    period_of_dates,
    single_frequency,
    start_of,
)


@given(st.sampled_from(["month", "week", "quarter"]), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_a_period_is_its_number_and_holds_its_days(frequency, day):
    label = period_of_dates(pd.to_datetime(pd.Series([day])), frequency).iloc[0]
    number = ordinal_of(label)
    assert label_of(number, frequency) == label
    following = label_of(number + 1, frequency)
    assert start_of(label) <= day < start_of(following)
    assert label < following
    assert frequency_of(label) == frequency


@pytest.mark.parametrize(
    "text", ["2025-00", "2025-13", "2025-W54", "2021-W53", "2025-Q5", "2025", "25-01", "2025-1"]
)
def test_what_is_no_period(text):
    assert frequency_of(text) == ""
    with pytest.raises(DataError, match="is no period"):
        ordinal_of(text)


def test_days_and_one_frequency():
    assert days_per_period("month") == pytest.approx(365 / 12)
    assert days_per_period("month", 360) == 30
    assert days_per_period("week", 360) == 7
    with pytest.raises(DataError, match="mixed frequencies"):
        single_frequency(["2025-01", "2025-Q1"], "demand")
