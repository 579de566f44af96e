"""Harman's share, eigenvalues with parallel analysis, and the one-factor comparison."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.constructs.method_variance import (
    eigenvalues,
    harman_share,
    method_variance,
    one_factor_comparison,
    parallel_analysis,
    retained,
)
from sopsem.sem.estimation.fit import fit


@pytest.mark.parametrize(("p", "r"), [(3, 0.4), (10, 0.25)])
def test_equal_correlations_have_known_eigenvalues(p, r):
    """1 + (p - 1) r once, and 1 - r otherwise; the share is the first over p."""
    matrix = np.full((p, p), r) + (1 - r) * np.eye(p)
    expected = [1 + (p - 1) * r] + [1 - r] * (p - 1)
    assert eigenvalues(matrix).tolist() == pytest.approx(expected)
    assert harman_share(matrix) == pytest.approx((1 + (p - 1) * r) / p)


def test_squared_multiple_correlations_replace_the_diagonal():
    """Two items of correlation r have SMC r^2, so the eigenvalues are r^2 + r and r^2 - r."""
    assert eigenvalues(np.array([[1.0, 0.5], [0.5, 1.0]]), reduced=True).tolist() == pytest.approx(
        [0.75, -0.25]
    )


@pytest.mark.parametrize("name", ["holzinger", "personality"])
def test_eigenvalues_equal_the_stored_ones_in_any_unit(name, construct_cases):
    matrix = construct_cases.covariance(name).to_numpy()
    scale = 10.0 ** (np.arange(len(matrix)) % 4)
    scaled = matrix * np.outer(scale, scale)
    np.testing.assert_allclose(eigenvalues(scaled), construct_cases[name]["eigenvalues"], atol=1e-7)
    reduced = construct_cases[name]["eigenvalues_smc"]
    np.testing.assert_allclose(eigenvalues(scaled, reduced=True), reduced, atol=1e-7)


def test_chance_eigenvalues_are_those_of_the_study_size():
    """92 x 18 normal data: 95th percentiles near 2.05, 1.82, 1.64, 1.51."""
    assert parallel_analysis(92, 18)[:4].tolist() == pytest.approx([2.05, 1.82, 1.64, 1.51], abs=0.04)


def test_chance_eigenvalues_sum_to_the_number_of_items_on_average():
    """The mean over sets of the sum of eigenvalues is p; medians come close."""
    assert parallel_analysis(200, 6, draws=200, percentile=50.0).sum() == pytest.approx(6.0, abs=0.05)


def test_random_set_b_depends_on_seed_and_b_only():
    """With the percentile 0 (the minimum), more sets can only lower the values."""
    few, many = (parallel_analysis(40, 5, draws=d, seed=9, percentile=0.0) for d in (50, 100))
    assert (many <= few).all()
    np.testing.assert_array_equal(few, parallel_analysis(40, 5, draws=50, seed=9, percentile=0.0))
    assert not np.array_equal(few, parallel_analysis(40, 5, draws=50, seed=10, percentile=0.0))


@pytest.mark.parametrize("wrong", [{"n": 1}, {"p": 0}, {"draws": 0}, {"percentile": 101.0}])
def test_impossible_parallel_analysis_is_refused(wrong):
    with pytest.raises(UsageError, match="parallel analysis"):
        parallel_analysis(**({"n": 50, "p": 4} | wrong))


@pytest.mark.parametrize(
    ("observed", "expected"),
    [([3.0, 2.0, 0.5], 2), ([3.0, 0.9, 1.2], 1), ([0.9, 2.0, 2.0], 0), ([3, 3, 3], 3)],
)
def test_counting_stops_at_the_first_eigenvalue_below_chance(observed, expected):
    assert retained(np.array(observed), np.array([1.2, 1.1, 1.0])) == expected


def test_the_one_factor_model_costs_what_fixing_correlations_at_one_costs(construct_cases):
    cfa = construct_cases.fitted("customers")
    found = one_factor_comparison(cfa)
    alone = fit(
        "all =~ " + " + ".join(cfa.spec.observed),
        sample_cov=construct_cases.covariance("customers"),
        n_obs=cfa.n,
        sample_cov_rescale=False,
    )
    assert found.chisq == pytest.approx(alone.chisq, abs=1e-6)
    assert found.chisq_diff == pytest.approx(alone.chisq - cfa.chisq, abs=1e-6)
    assert found.df_diff == 6
    assert found.pvalue < 1e-4


def test_one_factor_is_not_compared_with_itself():
    matrix = pd.DataFrame(0.5 + 0.5 * np.eye(4), index=list("abcd"), columns=list("abcd"))
    found = one_factor_comparison(fit("f =~ a + b + c + d", sample_cov=matrix, n_obs=80))
    assert np.isnan(found.chisq_diff)
    assert found.reason == "the CFA itself has one factor"


def test_the_report_says_that_harman_is_weak_evidence(construct_cases):
    found = method_variance(construct_cases.fitted("holzinger"), draws=100)
    assert (found.n_retained, found.n_above_one, found.n_factors) == (3, 3, 3)
    assert found.eigenvalues["above"].tolist() == [True] * 3 + [False] * 6
    assert found.harman == pytest.approx(3.216344181 / 9, abs=1e-7)
    harman, eigen, one = found.sentences
    assert "36%" in harman
    assert "weak evidence" in harman
    assert "silent on method variance" in eigen
    assert "p < .001" in one
