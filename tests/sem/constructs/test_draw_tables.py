"""Intervals beside estimates."""

import numpy as np
import pytest

from sopsem.sem.constructs.draw_tables import with_intervals


def test_failed_draws_are_counted_and_not_used():
    draws = np.concatenate([np.arange(1.0, 100.0), [np.nan, np.inf]])
    row = with_intervals([{"name": "a"}], [50.0], [draws], level=0.9).iloc[0]
    assert row["ci_lower"] == pytest.approx(5.0)
    assert row["ci_upper"] == pytest.approx(95.0)
    assert (row["draws_used"], row["draws_failed"]) == (99, 2)


def test_without_draws_or_with_none_that_works_limits_are_missing():
    table = with_intervals([{"name": "a"}, {"name": "b"}], [1.0, 2.0], [None, np.full(5, np.nan)])
    assert table[["ci_lower", "ci_upper"]].isna().all(axis=None)
    assert table["draws_used"].tolist() == [0, 0]
    assert table["draws_failed"].tolist() == [0, 5]
    assert table["est"].tolist() == [1.0, 2.0]


def test_no_statistics_give_an_empty_table():
    assert with_intervals([], [], []).empty
