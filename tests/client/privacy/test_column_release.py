"""What is looked at once, and only where somebody's score changed, is what looking at everything each time finds."""

from collections import deque

import numpy as np
import pytest

from sopsem.client.privacy.column_release import (
    Column,
    _hide_by_bounds,
    _hide_by_reading,
    _small_sets,
    release_column,
)
from sopsem.client.privacy.group_statistics import gap_statistics, group_statistics
from sopsem.client.privacy.rules import RULES


def rounded(numbers, decimals):
    return np.round(np.round(numbers, 9), decimals) + 0.0


class Whole(Column):
    """Every number of every group and gap is made again for every set of scores."""

    def printed(self, scores):
        told = []
        for g in np.flatnonzero(self.shown):
            numbers = rounded(group_statistics(scores[..., self.valid[g]], self.level), 1)
            told.append(numbers if self.spread[g] else numbers[..., :1])
        for a, b in self.pairs:
            if self.shown[a] and self.shown[b]:
                numbers = gap_statistics(scores[..., self.valid[a]], scores[..., self.valid[b]], self.level)
                numbers[..., 3] = np.ceil(numbers[..., 3] * 1000 - 1e-9) / 1000
                whole = np.concatenate([rounded(numbers[..., :3], 1), numbers[..., 3:4]], axis=-1)
                whole = np.concatenate([whole, rounded(numbers[..., 4:], 1)], axis=-1)
                told.append(whole if self.spread[a] and self.spread[b] else whole[..., :1])
        return np.concatenate(told, axis=-1) if told else np.zeros((*scores.shape[:-1], 0))

    def some_print_the_same(self, scores):
        told, now = self.printed(scores), self.printed(self.values)
        return bool(((told == now) | (np.isnan(told) & np.isnan(now))).all(axis=-1).any())


def release_whole(column):
    """Look at every set and every group again after each that was hidden."""
    while _hide_by_bounds(column, deque(_small_sets(column))) or _hide_by_reading(
        column, deque(range(len(column.masks)))
    ):
        pass
    return column


def column(kind, seed):
    """Return people of a total, two departments and some units, with scores that leave little room."""
    rng = np.random.default_rng(seed)
    units = np.repeat(np.arange(6), rng.integers(2, 14, 6))
    side = rng.integers(0, 2, len(units))
    masks = np.vstack([np.ones(len(units), bool), side == 0, side == 1, *(units == u for u in range(6))])
    top = rng.random(len(units)) < 0.85
    values = np.where(top, 7.0, rng.integers(4, 29, len(units)) / 4)
    values[rng.random(len(units)) < 0.1] = np.nan
    importance = [2, 1, 1, *[0] * 6]
    return kind(
        values=values,
        masks=masks,
        importance=importance,
        pairs=((1, 2),),
        limits=(1.0, 7.0),
        step=0.25,
        rules=RULES,
        level=0.95,
    )


@pytest.mark.parametrize("seed", range(12))
def test_the_release_is_that_of_looking_at_everything_again(seed):
    quick, whole = release_column(column(Column, seed)), release_whole(column(Whole, seed))
    assert quick.reasons == whole.reasons
    assert quick.spread_reasons == whole.spread_reasons
    assert np.array_equal(quick.shown, whole.shown)
    assert np.array_equal(quick.spread, whole.spread)


def test_the_cases_hide_for_every_reason():
    """Otherwise they would show nothing."""
    found = [release_column(column(Column, seed)) for seed in range(12)]
    assert {reason for each in found for reason in each.reasons} == {"", "few", "solved", "bounds", "read"}
    assert any("read" in np.array(each.spread_reasons)[each.shown & ~each.spread] for each in found)


def test_what_is_told_is_told_of_shown_groups_only():
    one = release_column(column(Column, 1))
    assert np.isnan(one.group_numbers[~one.shown]).all()
    assert np.isnan(one.group_numbers[~one.spread, 1:]).all()
    assert not np.isnan(one.group_numbers[one.shown, 0]).any()
