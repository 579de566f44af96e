"""Correlations, permutation p, intervals, corrections: against scipy, closed forms and an exact enumeration."""

import math
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sopsem.executive.bridge.association import (
    associate,
    corrected_for_unreliability,
    correlations,
    holm,
    spearman_brown,
)

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(2, 12))
QUICK = {"permutations": 2000, "draws": 300, "seed": 7}


def test_both_correlations_are_scipys_with_ties_too():
    for x, y in ((X, Y), (np.round(X), np.round(Y))):
        found = correlations(x, y)
        assert found["spearman"] == pytest.approx(stats.spearmanr(x, y).statistic)
        assert found["pearson"] == pytest.approx(stats.pearsonr(x, y).statistic)


def test_a_permutation_p_of_few_units_is_the_share_of_all_pairings():
    x, y = X[:6], Y[:6] + X[:6]
    found = associate(x, y, permutations=10_000, draws=100, seed=0)
    for name, of in (("pearson", stats.pearsonr), ("spearman", stats.spearmanr)):
        all_of_them = np.array([of(np.array(p), y).statistic for p in permutations(x)])
        at_least = (all_of_them >= found[name] - 1e-12).mean()
        at_most = (all_of_them <= found[name] + 1e-12).mean()
        assert found[f"{name}_p"] == pytest.approx(min(1.0, 2 * min(at_least, at_most)))


def test_the_same_seed_gives_the_same_numbers_and_another_seed_nearly_the_same():
    one, again = associate(X, Y, **QUICK), associate(X, Y, **QUICK)
    assert one == again
    other = associate(X, Y, **(QUICK | {"seed": 8}))
    assert other["pearson_p"] != one["pearson_p"]
    assert other["pearson_p"] == pytest.approx(one["pearson_p"], abs=0.08)


def test_an_interval_is_around_its_correlation_and_a_scale_changes_nothing():
    found = associate(X, X + Y, **QUICK)
    for name in ("spearman", "pearson"):
        assert -1 <= found[f"{name}_lower"] < found[name] < found[f"{name}_upper"] <= 1
    scaled = associate(3 * X + 1, (X + Y) / 10, **QUICK)
    assert scaled == pytest.approx(found)
    turned = associate(X, -(X + Y), **QUICK)
    assert turned["pearson_p"] == pytest.approx(found["pearson_p"])
    assert turned["pearson"] == pytest.approx(-found["pearson"])


def test_a_column_without_spread_has_no_correlation():
    found = associate(X, np.ones(12), **QUICK)
    assert all(math.isnan(value) for value in found.values())
    assert math.isnan(correlations(X[:2], Y[:2])["pearson"])


def test_units_in_one_line_have_no_interval_but_a_p():
    found = associate(range(9), range(9), **QUICK)
    assert found["pearson"] == pytest.approx(1)
    assert found["pearson_p"] < 0.01


def test_corrections_by_hand():
    assert corrected_for_unreliability(0.83, 0.93, 1.0) == pytest.approx(0.83 / math.sqrt(0.93))
    assert corrected_for_unreliability(0.9, 0.5, 0.5) == pytest.approx(1.8)
    assert math.isnan(corrected_for_unreliability(0.5, -0.1, 0.9))
    assert math.isnan(corrected_for_unreliability(0.5, math.nan, 0.9))
    halves = np.random.default_rng(1).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 20_000)
    assert spearman_brown(*halves.T) == pytest.approx(2 * 0.6 / 1.6, abs=0.01)


def test_holm_by_hand_skips_what_is_not_known():
    p = pd.Series([0.01, np.nan, 0.04, 0.03])
    assert holm(p).tolist() == pytest.approx([0.03, np.nan, 0.06, 0.06], nan_ok=True)
    assert p.tolist()[0] == 0.01
    assert holm(pd.Series([np.nan])).isna().all()
