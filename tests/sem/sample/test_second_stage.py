"""All pairs together: order, both ways of fitting, and pairs that cannot be fitted."""

import numpy as np
import pytest

from sopsem.errors import DataError
from sopsem.sem.sample import second_stage as module
from sopsem.sem.sample.ordinal_data import ordinal_data
from sopsem.sem.sample.second_stage import second_stage
from sopsem.sem.sample.thresholds import normal_regression, ordered_probit


def stages(table, ordered, x=None, missing="listwise"):
    names = [f"v{j}" for j in range(len(ordered))]
    data = ordinal_data(table, names, ordered, x, missing=missing)
    ones = []
    for j, flag in enumerate(ordered):
        rows = np.flatnonzero(data.codes[:, j] >= 0 if flag else ~np.isnan(data.values[:, j]))
        if flag:
            size = len(data.categories[j])
            ones.append(ordered_probit(names[j], data.codes[rows, j], rows, size, data.covariates[rows]))
        else:
            ones.append(normal_regression(names[j], data.values[rows, j], rows, data.covariates[rows]))
    return data, ones


@pytest.fixture
def table():
    rng = np.random.default_rng(9)
    z = rng.normal(size=(200, 4)) + rng.normal(size=(200, 1))
    z[:, :3] = np.clip(np.round(z[:, :3]), [-1, -2, 0], [1, 2, 1])
    return z


def test_pairs_stand_in_the_order_of_the_lower_triangle_by_column(table):
    """And a pair's correlation does not depend on the other variables."""
    found = second_stage(*stages(table, [True, True, True, False]))
    assert found.pairs.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]
    for place, (j, i) in enumerate(found.pairs):
        alone = second_stage(*stages(table[:, [j, i]], [bool(j < 3), bool(i < 3)]))
        assert found.rho[place] == pytest.approx(alone.rho[0], abs=1e-11)


def test_scores_sum_to_zero_and_are_zero_where_missing(table):
    """A missing case says nothing about the pair."""
    table[:30, 0] = np.nan
    table[170:, 3] = np.nan
    found = second_stage(*stages(table, [True, True, True, False], missing="pairwise"))
    np.testing.assert_allclose(found.scores.sum(axis=0), 0.0, atol=1e-7)
    assert not found.scores[:30, :3].any()
    assert not found.scores[170:, 2].any()
    assert found.scores[170:, 3].all()


def test_blocks_change_nothing(table, monkeypatch):
    """Tables are worked on in blocks only to save memory."""
    data, ones = stages(table, [True, True, True, False])
    whole = second_stage(data, ones)
    monkeypatch.setattr(module, "LARGEST_BLOCK", 10)
    np.testing.assert_allclose(second_stage(data, ones).rho, whole.rho, atol=1e-12)


@pytest.mark.parametrize("ordered", [[True, True], [False, False]])
def test_variables_that_are_the_same_are_named(table, ordered):
    """A correlation of -1 has no score."""
    both = np.column_stack([table[:, 1], -table[:, 1]])
    with pytest.raises(DataError, match="'v0' and 'v1' has its maximum likelihood at -1"):
        second_stage(*stages(both, ordered))


@pytest.mark.parametrize("ordered", [[True, True], [True, False]])
def test_pairs_without_common_cases_are_named(table, ordered):
    """Each has cases, but no case has both."""
    both = table[:, [0, 1]].copy()
    both[:100, 0] = both[100:, 1] = np.nan
    with pytest.raises(DataError, match="'v0' and 'v1' have 0 case"):
        second_stage(*stages(both, ordered, missing="pairwise"))


def test_a_filled_table_is_noted_and_scored_as_observed():
    """The half case is for the estimate only."""
    both = np.repeat([[1.0, 1.0], [1.0, 2.0], [2.0, 2.0]], [20, 10, 15], axis=0)
    found = second_stage(*stages(both, [True, True]))
    assert "'v0' and 'v1' has an empty cell" in found.notes[0]
    assert len(np.unique(found.scores.round(12))) == 3
    assert abs(found.scores.sum()) > 0.1
