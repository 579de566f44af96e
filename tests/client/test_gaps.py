"""Perception gaps: Welch, Bonett, Holm, and what is said of invariance."""

import numpy as np
import pytest
from scipy import stats

from sopsem.client.gaps import holm, perception_gaps
from sopsem.client.privacy.group_statistics import gap_statistics, group_statistics
from sopsem.survey.scoring import construct_means


def test_gap_interval_and_p_are_those_of_welch():
    rng = np.random.default_rng(2)
    a, b = rng.normal(5, 1, 23), rng.normal(4.5, 2, 41)
    known = stats.ttest_ind(a, b, equal_var=False)
    found = gap_statistics(a, b)
    assert np.allclose(found[[0, 3]], [a.mean() - b.mean(), known.pvalue])
    assert np.allclose(found[1:3], known.confidence_interval(0.95))


def test_standardized_gap_has_the_interval_of_bonett():
    """Bonett (2008), equations for two groups, written out once more."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(5, 1, 15), rng.normal(4, 1.4, 25)
    va, vb = a.var(ddof=1), b.var(ddof=1)
    s = np.sqrt((va + vb) / 2)
    d = (a.mean() - b.mean()) / s
    variance = d**2 * (va**2 / 14 + vb**2 / 24) / (8 * s**4) + (va / 14 + vb / 24) / s**2
    assert np.allclose(gap_statistics(a, b)[4:], [d, *(d + np.array([-1, 1]) * 1.959964 * np.sqrt(variance))])


def test_the_interval_of_bonett_covers():
    rng = np.random.default_rng(4)
    truth, hits = 0.5, 0
    for _ in range(400):
        found = gap_statistics(rng.normal(0.5, 1, 20), rng.normal(0, 1, 25))
        hits += found[5] <= truth <= found[6]
    assert 0.92 < hits / 400 < 0.98


def test_the_numbers_of_a_group_are_those_of_numpy_and_scipy():
    values = np.random.default_rng(5).normal(4, 1, 17)
    known = stats.t.interval(0.9, 16, values.mean(), stats.sem(values))
    found = group_statistics(values, 0.9)
    assert np.allclose(found[:4], [values.mean(), values.std(ddof=1), *known])
    assert np.allclose(found[4:], np.quantile(values, [0.25, 0.5, 0.75]))


def test_groups_without_spread_have_no_interval():
    assert np.isnan(gap_statistics(np.full(9, 4.0), np.full(9, 5.0))[1:]).all()
    assert np.isnan(gap_statistics(np.array([4.0]), np.array([5.0, 6.0]))[1:]).all()
    assert np.isnan(group_statistics(np.array([4.0]))[1:]).all()


def test_holm_is_the_step_down_procedure():
    p = np.array([0.01, 0.013, 0.02, 0.6])
    assert np.allclose(holm(p), [0.04, 0.04, 0.04, 0.6])
    assert np.isnan(holm(np.array([np.nan]))).all()


def test_gaps_are_first_minus_second_and_corrected(survey):
    answers = survey({"sales": 40, "operations": 31, "other": 21}, seed=8)
    gaps = perception_gaps(answers)
    means = construct_means(answers).means.groupby(answers.respondents["department"]).mean()
    assert np.allclose(gaps.frame["gap"], (means.loc["sales"] - means.loc["operations"]).round(1))
    assert (gaps.frame["pvalue_holm"] >= gaps.frame["pvalue"]).all()
    assert gaps.frame["comparable"].isin([True, False]).all()
    assert gaps.invariance["weak"].all()
    assert set(gaps.frame["alike"]) <= {"yes, weakly", "no"}
    assert gaps.frame["differs"].tolist() == (gaps.frame["pvalue_holm"] <= 0.05).tolist()
    turned = perception_gaps(answers, groups=("operations", "sales"), check=False)
    assert np.allclose(turned.frame["gap"], -gaps.frame["gap"])
    assert "Holm" in " ".join(gaps.notes)
    assert "Perception gaps, sales minus operations" in repr(gaps)


def test_the_verdict_allows_for_the_number_of_constructs(survey):
    """An interval that leaves out 0 is no verdict: it is of one construct alone, and its limits are rounded."""
    gaps = perception_gaps(survey({"sales": 40, "operations": 40}, seed=5), check=False)
    alone, verdict = gaps.frame["pvalue"] <= 0.05, gaps.frame["differs"].astype(bool)
    assert (alone & ~verdict).any()
    assert not (verdict & ~alone).any()
    assert gaps.frame["alike"].eq("not checked").all()


def test_a_difference_in_how_items_are_answered_is_said(survey):
    def answers(rng, n):
        factor = rng.normal(size=(n, 1))
        values = 4 + 1.2 * factor + rng.normal(size=(n, 18)) * 0.8
        values[:80, 0] += 2  # sales answers col1 higher than its factor says
        return np.clip(np.rint(values), 1, 7)

    gaps = perception_gaps(survey({"sales": 80, "operations": 80}, answers=answers))
    row = gaps.frame.set_index("construct")
    assert row.loc["coordination", "comparable"] is False
    assert row.loc["alignment", "comparable"] is True
    assert row.loc["coordination", "comparability"].startswith("the groups answer the items differently")
    assert "The groups answer the items of Organisational collaboration" in " ".join(gaps.notes)


@pytest.mark.parametrize("check", [True, False])
def test_small_groups_are_labelled_as_not_checked(survey, check):
    gaps = perception_gaps(survey({"sales": 8, "operations": 30, "other": 30}), check=check)
    assert gaps.frame["comparable"].isna().all()
    assert (
        gaps.frame["comparability"].str.startswith("not checked").all()
        or gaps.frame["comparability"].str.contains("fewer than 10").any()
    )
    assert "Not checked whether the groups answer alike" in " ".join(gaps.notes)
    assert gaps.frame["gap"].notna().all()
    assert gaps.frame["pvalue"].isna().all()
    assert all(each is None for each in gaps.frame["differs"])
