"""The covariance matrix of the statistics: closed forms and the spread of simulated statistics."""

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import norm

from sopsem.errors import DataError
from sopsem.sem.sample.ordinal_gamma import Statistic
from sopsem.sem.sample.ordinal_moments import ordinal_moments


def test_one_threshold_has_the_variance_of_a_quantile():
    """p (1 - p) / phi(threshold)^2."""
    found = ordinal_moments(np.repeat([[0.0], [1.0]], [30, 70], axis=0), ["a"], [True])
    assert found.gamma[0, 0] == pytest.approx(0.3 * 0.7 / norm.pdf(ndtri(0.3)) ** 2, rel=1e-12)


def test_thresholds_of_one_variable_have_multinomial_covariances():
    """p_s (1 - p_t) / (phi_s phi_t) for s <= t."""
    found = ordinal_moments(np.repeat([[0.0], [1.0], [2.0]], [20, 30, 50], axis=0), ["a"], [True])
    p = np.array([0.2, 0.5])
    wanted = (np.minimum.outer(p, p) - np.outer(p, p)) / np.outer(*[norm.pdf(ndtri(p))] * 2)
    np.testing.assert_allclose(found.gamma, wanted, rtol=1e-12)


def test_index_follows_lavaans_order():
    """Thresholds and minus means by variable, slopes by covariate, variances, covariances by column."""
    rng = np.random.default_rng(10)
    table = np.column_stack([rng.integers(0, 3, 60), rng.normal(size=60), rng.integers(0, 2, 60)])
    found = ordinal_moments(table, ["a", "b", "c"], [True, False, True], rng.normal(size=(60, 2)))
    assert found.index == (
        Statistic("threshold", 0, 0),
        Statistic("threshold", 0, 1),
        Statistic("mean", 1, 0),
        Statistic("threshold", 2, 0),
        *(Statistic("slope", i, j) for j in range(2) for i in range(3)),
        Statistic("variance", 1, 1),
        Statistic("covariance", 1, 0),
        Statistic("covariance", 2, 0),
        Statistic("covariance", 2, 1),
    )


@pytest.mark.parametrize("share", [10, 25])
def test_a_continuous_variable_with_two_values_is_refused(share):
    """Its mean and variance tell the same, so that their covariance matrix has no inverse."""
    table = np.column_stack([np.arange(50) % 3, np.arange(50) < share]).astype(float)
    with pytest.raises(DataError, match="'b' have a singular covariance matrix: it has two values"):
        ordinal_moments(table, ["a", "b"], [True, False])


def test_too_few_cases_for_thresholds_and_covariates_are_refused():
    """Four parameters cannot be told apart by three cases."""
    x = np.array([[1.0], [0.0], [5.0], [2.0]])
    with pytest.raises(DataError, match="'a'"):
        ordinal_moments(np.array([[1.0], [2.0], [3.0], [4.0]]), ["a"], [True], x)


def test_gamma_describes_the_spread_of_the_statistics():
    """Over many samples of a mixed model with a covariate, n times the covariance comes near the mean gamma."""
    rng = np.random.default_rng(11)
    statistics, gammas, n = [], [], 300
    for _ in range(400):
        x = rng.normal(size=(n, 1))
        z = rng.multivariate_normal([0, 0, 0], [[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]], n) + 0.4 * x
        table = np.column_stack([np.digitize(z[:, 0], [-0.5, 0.8]), z[:, 1] > 0.2, 2.0 * z[:, 2]])
        found = ordinal_moments(table, ["a", "b", "c"], [True, True, False], x)
        statistics.append(found.statistics)
        gammas.append(found.gamma)
    spread, mean = n * np.cov(np.transpose(statistics)), np.mean(gammas, axis=0)
    sd = np.sqrt(np.diag(mean))
    np.testing.assert_allclose(np.sqrt(np.diag(spread)) / sd, 1.0, atol=0.12)
    np.testing.assert_allclose(spread / np.outer(sd, sd), mean / np.outer(sd, sd), atol=0.2)
