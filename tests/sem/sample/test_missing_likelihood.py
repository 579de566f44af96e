"""The likelihood of incomplete data against its definition and against differences."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from sopsem.errors import DataError, UsageError
from sopsem.sem.sample import missing_likelihood
from sopsem.sem.sample.missing_likelihood import (
    casewise_scores,
    likelihood_point,
    log_likelihood,
    vech,
)
from sopsem.sem.sample.patterns import patterns_from_values, resampled_patterns

NAMES = ("a", "b", "c")
MEAN = np.array([0.2, -0.5, 1.0])
COVARIANCE = np.array([[2.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 1.5]])


@pytest.fixture
def patterns():
    rng = np.random.default_rng(5)
    values = rng.normal(size=(40, 3)) * 1.4
    values[rng.random(values.shape) < 0.3] = np.nan
    values[3] = np.nan
    return patterns_from_values(values, NAMES)


def moved(k, h):
    """Return the moments with element k of (mu, vech Sigma) moved by h."""
    mean, covariance = MEAN.copy(), COVARIANCE.copy()
    if k < 3:
        mean[k] += h
    else:
        i, j = (at[k - 3] for at in np.triu_indices(3))
        covariance[i, j] += h
        covariance[j, i] = covariance[i, j]
    return mean, covariance


def casewise(patterns, mean, covariance):
    """Return the log-likelihood of each row by scipy; NaN for a row without values."""
    found = np.full(len(patterns.data), np.nan)
    for i, row in enumerate(patterns.data):
        seen = ~np.isnan(row)
        if seen.any():
            found[i] = multivariate_normal(mean[seen], covariance[np.ix_(seen, seen)]).logpdf(row[seen])
    return found


def test_the_likelihood_is_the_density_of_what_each_row_observes(patterns):
    """By scipy; a row without values has none."""
    wanted = np.nansum(casewise(patterns, MEAN, COVARIANCE))
    assert log_likelihood(patterns, MEAN, COVARIANCE) == pytest.approx(wanted, rel=1e-12)


def test_casewise_scores_are_the_slopes_of_the_casewise_likelihood(patterns):
    """Central differences, in the order means, lower triangle by column."""
    found = casewise_scores(patterns, MEAN, COVARIANCE)
    h = 1e-5
    for k in range(9):
        up, down = (casewise(patterns, *moved(k, s)) for s in (h, -h))
        np.testing.assert_allclose(found[:, k], np.nan_to_num(up - down) / (2 * h), atol=1e-7)
    assert not found[3].any()


def test_the_slopes_are_the_sum_of_the_scores(patterns):
    """Off the diagonal of Sigma an element stands twice."""
    point = likelihood_point(patterns, MEAN, COVARIANCE)
    twice = np.where(np.eye(3) == 1.0, 1.0, 2.0)
    slope = np.concatenate([point.mean_slope, vech(point.covariance_slope * twice)])
    np.testing.assert_allclose(slope, casewise_scores(patterns, MEAN, COVARIANCE).sum(axis=0), atol=1e-11)


def test_the_hessian_product_is_the_change_of_the_slopes(patterns):
    """Central differences along a direction in means and covariances together."""
    rng = np.random.default_rng(0)
    mean, square = rng.normal(size=3), rng.normal(size=(3, 3))
    covariance, h = square + square.T, 1e-5
    found = likelihood_point(patterns, MEAN, COVARIANCE).hessian_product(mean, covariance)
    up, down = (likelihood_point(patterns, MEAN + s * mean, COVARIANCE + s * covariance) for s in (h, -h))
    np.testing.assert_allclose(found[0], (up.mean_slope - down.mean_slope) / (2 * h), rtol=1e-6)
    np.testing.assert_allclose(found[1], (up.covariance_slope - down.covariance_slope) / (2 * h), rtol=1e-6)


def test_blocks_of_rows_make_no_difference(patterns, monkeypatch):
    """Casewise work holds few numbers at once."""
    whole = casewise_scores(patterns, MEAN, COVARIANCE)
    monkeypatch.setattr(missing_likelihood, "BLOCK", 63)
    np.testing.assert_array_equal(casewise_scores(patterns, MEAN, COVARIANCE), whole)


def test_a_resample_counts_its_rows(patterns):
    """A row enters as often as it was drawn."""
    counts = np.arange(40) % 3
    drawn = resampled_patterns(patterns, counts)
    each = casewise(patterns, MEAN, COVARIANCE)
    wanted = np.nansum(counts * each)
    assert log_likelihood(drawn, MEAN, COVARIANCE) == pytest.approx(wanted, rel=1e-12)


def test_lavaan_gives_the_same_numbers():
    """lavaan 0.6-14, lav_mvnorm_missing_llik_casewise, first rows of Schafer's (1997) data."""
    nan = np.nan
    rows = [[nan, nan, 1], [187, 22.7, 2], [187, nan, 1], [nan, nan, 3], [113, 20.4, 1]]
    found = patterns_from_values(np.array(rows), ("chl", "bmi", "age"))
    covariance = np.array([[1900.0, 50.0, 20.0], [50.0, 18.0, -1.5], [20.0, -1.5, 0.7]])
    wanted = [-1.09060106124, -7.53532897715, -5.65966290787, -1.94774391838, -9.49029333230]
    whole = log_likelihood(found, np.array([195.0, 26.0, 1.7]), covariance)
    assert whole == pytest.approx(sum(wanted), rel=1e-10)


@pytest.mark.parametrize("function", [likelihood_point, casewise_scores])
def test_bad_moments_are_refused(patterns, function):
    """Shapes, entries and definiteness are checked, also where no row observes the singular part."""
    with pytest.raises(UsageError, match="have shapes"):
        function(patterns, MEAN[:2], COVARIANCE)
    with pytest.raises(UsageError, match="missing or infinite"):
        function(patterns, MEAN, COVARIANCE * np.nan)
    with pytest.raises(DataError, match="not positive definite"):
        function(patterns, MEAN, np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]]))
