"""First stage: quantiles, probit and normal regressions, and their scores."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

from sopsem.errors import DataError
from sopsem.sem.sample.thresholds import normal_regression, ordered_probit, univariate_scores


@pytest.fixture
def probit_data():
    """Three categories of a latent response on two covariates, standardized."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(400, 2))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    codes = np.digitize(x @ [0.8, -0.4] + rng.normal(size=400), [-0.7, 0.9])
    return codes, x


def log_likelihood(theta, codes, x):
    ends = np.concatenate([[-np.inf], theta[:2], [np.inf]])
    shift = x @ theta[2:]
    return np.log(ndtr(ends[codes + 1] - shift) - ndtr(ends[codes] - shift))


def fitted(codes, x):
    return ordered_probit("item", codes, np.arange(len(codes)), codes.max() + 1, x)


def test_thresholds_without_covariates_are_normal_quantiles():
    """Of the cumulated proportions."""
    codes = np.repeat([0, 1, 2], [10, 30, 60])
    found = fitted(codes, np.empty((100, 0)))
    np.testing.assert_allclose(found.location, ndtri([0.1, 0.4]), rtol=1e-14)


def test_probit_regression_is_the_maximum(probit_data):
    """A general optimiser started there finds nothing better, and the same from elsewhere."""
    codes, x = probit_data
    found = fitted(codes, x)
    theta = np.concatenate([found.location, found.slopes])
    other = minimize(lambda t: -log_likelihood(t, codes, x).sum(), [-0.5, 0.5, 0, 0], tol=1e-10)
    np.testing.assert_allclose(theta, other.x, atol=1e-4)
    assert log_likelihood(theta, codes, x).sum() >= -other.fun - 1e-9


def test_probit_scores_are_the_derivatives_and_sum_to_zero(probit_data):
    """Case by case against central differences."""
    codes, x = probit_data
    found = fitted(codes, x)
    theta = np.concatenate([found.location, found.slopes])
    scores = np.hstack(univariate_scores(found))
    for j in range(4):
        step = np.zeros(4)
        step[j] = 1e-6
        numeric = (log_likelihood(theta + step, codes, x) - log_likelihood(theta - step, codes, x)) / 2e-6
        np.testing.assert_allclose(scores[:, j], numeric, atol=1e-7)
    np.testing.assert_allclose(scores.sum(axis=0), 0.0, atol=1e-8)


def test_probit_recovers_what_generated_the_data():
    """With many cases the slopes and thresholds come back."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(40_000, 1))
    codes = np.digitize(0.5 * x[:, 0] + rng.normal(size=40_000), [-1.0, 0.2, 1.1])
    found = fitted(codes, x)
    np.testing.assert_allclose(found.location, [-1.0, 0.2, 1.1], atol=0.04)
    np.testing.assert_allclose(found.slopes, [0.5], atol=0.03)


def test_turning_the_codes_round_turns_signs(probit_data):
    """Reversed categories: reversed thresholds and slopes of the other sign."""
    codes, x = probit_data
    one, other = fitted(codes, x), fitted(2 - codes, x)
    np.testing.assert_allclose(other.location, -one.location[::-1], atol=1e-9)
    np.testing.assert_allclose(other.slopes, -one.slopes, atol=1e-9)


@pytest.mark.parametrize("n_categories", [2, 3])
def test_perfect_prediction_is_refused(n_categories):
    """Separated categories have no finite slope; the item is named."""
    x = np.linspace(-1.0, 1.0, 60)[:, None]
    codes = np.repeat(np.arange(n_categories), 60 // n_categories)
    with pytest.raises(DataError, match="'item' on the covariates has no finite maximum"):
        fitted(codes, x)


def test_normal_regression_is_least_squares():
    """With the variance divided by the number of cases."""
    rng = np.random.default_rng(6)
    x = rng.normal(size=(50, 2))
    y = 0.3 + x @ [1.0, -2.0] + rng.normal(size=50)
    found = normal_regression("y", y, np.arange(50), x)
    design = np.column_stack([np.ones(50), x])
    beta = np.linalg.solve(design.T @ design, design.T @ y)
    np.testing.assert_allclose(np.concatenate([found.location, found.slopes]), beta, rtol=1e-10)
    assert found.variance == pytest.approx(np.mean((y - design @ beta) ** 2), rel=1e-12)


def test_normal_scores_are_the_derivatives():
    """Case by case against central differences."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(20, 1))
    y = rng.normal(size=20)
    found = normal_regression("y", y, np.arange(20), x)
    theta = np.concatenate([found.location, found.slopes, [found.variance]])

    def value(t):
        return -0.5 * np.log(t[2]) - (y - t[0] - x[:, 0] * t[1]) ** 2 / (2.0 * t[2])

    scores = np.hstack(univariate_scores(found))
    for j in range(3):
        step = np.zeros(3)
        step[j] = 1e-6
        np.testing.assert_allclose(
            scores[:, j], (value(theta + step) - value(theta - step)) / 2e-6, atol=1e-7
        )


def test_a_variable_made_of_covariates_is_refused():
    """No residual variance is left; the variable is named."""
    x = np.arange(9.0)[:, None]
    with pytest.raises(DataError, match="predict 'y' perfectly"):
        normal_regression("y", 2.0 * x[:, 0], np.arange(9), x)
