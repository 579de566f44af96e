"""Moments of incomplete data are the maximum, whatever the order and the units of the data."""

import numpy as np
import pytest

from sopsem.errors import DataError, UsageError
from sopsem.sem.sample.em import baseline_moments, em_moments
from sopsem.sem.sample.missing_likelihood import likelihood_point, log_likelihood
from sopsem.sem.sample.patterns import patterns_from_values, resampled_patterns

NAMES = ("a", "b", "c", "d")
# Schafer (1997): serum cholesterol, body mass index and age group of 25 people
AGE = [1, 2, 1, 3, 1, 3, 1, 1, 2, 2, 1, 2, 3, 2, 1, 1, 3, 2, 1, 3, 1, 1, 1, 3, 2]
BMI = [0, 22.7, 0, 0, 20.4, 0, 22.5, 30.1, 22, 0, 0, 0, 21.7, 28.7, 29.6, 0, 27.2, 26.3, 35.3, 25.5, 0, 33.2]
BMI += [27.5, 24.9, 27.4]
CHL = [
    0,
    187,
    187,
    0,
    113,
    184,
    118,
    187,
    238,
    0,
    0,
    0,
    206,
    204,
    0,
    0,
    284,
    199,
    218,
    0,
    0,
    229,
    131,
    0,
    186,
]


@pytest.fixture
def nhanes():
    found = np.column_stack([CHL, BMI, AGE]).astype(float)
    found[found == 0.0] = np.nan
    return patterns_from_values(found, ("chl", "bmi", "age"))


def incomplete(seed=0, n=120, share=0.25):
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(n, 4)) @ (np.eye(4) + 0.6) + np.array([0.0, 3.0, -2.0, 1.0])
    # the second half of the variables is missing more often when the first is large
    rate = share * np.where((found[:, :1] > 0.5) & (np.arange(4) > 1), 2.0, 0.8)
    found[rng.random(found.shape) < rate] = np.nan
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_slopes_are_zero_at_the_maximum(seed):
    """Relative to the information of complete data, to ten digits."""
    patterns = patterns_from_values(incomplete(seed), NAMES)
    found = em_moments(patterns)
    point = likelihood_point(patterns, found.mean, found.covariance)
    sd = np.sqrt(np.diag(found.covariance))
    assert found.converged
    assert found.iterations < 30
    assert np.abs(point.mean_slope * sd).max() < 1e-10 * found.n
    assert np.abs(point.covariance_slope * np.outer(sd, sd)).max() < 1e-10 * found.n
    assert point.log_likelihood == pytest.approx(found.log_likelihood, rel=1e-12)


def test_no_neighbour_has_a_higher_likelihood():
    """The point is a maximum, not only stationary."""
    patterns = patterns_from_values(incomplete(), NAMES)
    found = em_moments(patterns)
    rng = np.random.default_rng(0)
    for _ in range(20):
        move = 0.01 * rng.normal(size=(4, 4))
        mean = found.mean + 0.01 * rng.normal(size=4)
        assert log_likelihood(patterns, mean, found.covariance + move + move.T) < found.log_likelihood


def test_complete_data_give_the_sample_moments():
    """In closed form."""
    values = np.random.default_rng(1).normal(size=(30, 4)) @ (np.eye(4) + 0.5)
    found = em_moments(patterns_from_values(values, NAMES))
    covariance = np.cov(values.T, bias=True)
    np.testing.assert_allclose(found.mean, values.mean(axis=0), atol=1e-14)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-12)
    wanted = -15.0 * (4.0 * np.log(2.0 * np.pi) + np.linalg.slogdet(covariance)[1] + 4.0)
    assert found.log_likelihood == pytest.approx(wanted, rel=1e-13)


def test_monotone_missing_data_have_a_closed_form():
    """Regression of the incomplete variable on the complete one (Anderson, 1957)."""
    rng = np.random.default_rng(2)
    values = rng.normal(size=(40, 2)) @ np.array([[1.0, 0.7], [0.0, 0.5]])
    values[25:, 1] = np.nan
    found = em_moments(patterns_from_values(values, ("x", "y")))
    slope, intercept = np.polyfit(values[:25, 0], values[:25, 1], 1)
    rest = np.mean((values[:25, 1] - intercept - slope * values[:25, 0]) ** 2)
    mean, variance = values[:, 0].mean(), values[:, 0].var()
    np.testing.assert_allclose(found.mean, [mean, intercept + slope * mean], atol=1e-10)
    wanted = [[variance, slope * variance], [slope * variance, rest + slope**2 * variance]]
    np.testing.assert_allclose(found.covariance, wanted, rtol=1e-9)


def test_order_and_units_of_the_data_do_not_matter():
    """Shuffled rows and other units give the same moments in these units."""
    values = incomplete()
    plain = em_moments(patterns_from_values(values, NAMES))
    scale, shift = np.array([1e-6, 1.0, 1e5, 3.0]), np.array([0.0, 1e3, -2.0, 50.0])
    mixed = np.random.default_rng(0).permutation(values) * scale + shift
    found = em_moments(patterns_from_values(mixed, NAMES))
    np.testing.assert_allclose(found.mean, plain.mean * scale + shift, rtol=1e-9)
    np.testing.assert_allclose(found.covariance, plain.covariance * np.outer(scale, scale), rtol=1e-8)
    seen = (~np.isnan(values)).sum(axis=0)
    assert found.log_likelihood == pytest.approx(plain.log_likelihood - seen @ np.log(scale), rel=1e-11)


def test_an_empty_row_changes_nothing():
    """It is listed and left out."""
    values = incomplete()
    found = em_moments(patterns_from_values(np.vstack([np.full(4, np.nan), values]), NAMES))
    plain = em_moments(patterns_from_values(values, NAMES))
    np.testing.assert_allclose(found.covariance, plain.covariance, rtol=1e-12)
    assert found.n == plain.n


def test_a_resample_has_the_moments_of_its_rows():
    """Counts instead of copies."""
    values = incomplete()
    counts = np.bincount(np.random.default_rng(4).integers(0, 120, 120), minlength=120)
    light = em_moments(resampled_patterns(patterns_from_values(values, NAMES), counts))
    copied = em_moments(patterns_from_values(np.repeat(values, counts, axis=0), NAMES))
    np.testing.assert_allclose(light.covariance, copied.covariance, rtol=1e-9)


def test_lavaan_gives_the_same_moments(nhanes):
    """lavaan 0.6-14, lav_mvnorm_missing_h1_estimate_moments(tol = 1e-12); log-likelihood of lavaan 0.7-2."""
    found = em_moments(nhanes)
    np.testing.assert_allclose(found.mean, [194.3409350582, 26.5308635364, 1.76], rtol=1e-9)
    wanted = [1955.96816490906, 51.28003448105, 20.72185643129, 18.43910717166, -1.59692171291, 0.6624]
    np.testing.assert_allclose(found.covariance[np.triu_indices(3)], wanted, rtol=1e-8)
    assert found.log_likelihood == pytest.approx(-144.5667905, abs=1e-6)
    # baseline.chisq of sem("chl ~ bmi + age; bmi ~ age", missing = "ml") in lavaan 0.7-2
    mean, variance = baseline_moments(nhanes)
    chisq = 2.0 * (found.log_likelihood - log_likelihood(nhanes, mean, np.diag(variance)))
    assert chisq == pytest.approx(17.80401313, abs=1e-6)


def test_no_diagonal_matrix_is_more_likely_than_the_baseline():
    """The closed form is the maximum."""
    patterns = patterns_from_values(incomplete(), NAMES)
    mean, variance = baseline_moments(patterns)
    found = log_likelihood(patterns, mean, np.diag(variance))
    for j in range(len(NAMES)):
        for factor in (0.99, 1.01):
            other = variance.copy()
            other[j] *= factor
            assert log_likelihood(patterns, mean, np.diag(other)) < found
            assert (
                log_likelihood(patterns, mean + (factor - 1.0) * np.eye(len(NAMES))[j], np.diag(variance))
                < found
            )


def test_steps_that_are_too_few_are_told():
    """Not converged, with the move that is left."""
    found = em_moments(patterns_from_values(incomplete(), NAMES), max_iterations=1)
    assert not found.converged
    assert found.iterations == 1
    assert found.change > 1e-10


def never_together(values):
    values[::2, 0] = np.nan
    values[1::2, 2] = np.nan


def constant(values):
    values[:, 1] = np.where(np.isnan(values[:, 1]), np.nan, 3.0)


def dependent(values):
    values[:, 3] = 2.0 * values[:, 0] - 1.0


def huge(values):
    values[:, 1] *= 1e160


BAD = [
    (never_together, "no row has values of both 'a' and 'c', so"),
    (constant, "'b' are constant where observed"),
    (dependent, "'a' and 'd' are the same up to scale"),
    (huge, "'b' holds numbers beyond"),
]


@pytest.mark.parametrize(("spoil", "message"), BAD)
def test_what_cannot_be_estimated_is_named(spoil, message):
    """The variables, and what to do."""
    values = incomplete()
    spoil(values)
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(DataError, match=message):
        em_moments(patterns_from_values(values, NAMES))


def test_fewer_complete_rows_than_variables_have_no_maximum():
    """Three rows lie in a plane, in which the likelihood has no bound."""
    with pytest.raises(DataError, match=r"no maximum: 3 row.s. observe all of 'a', 'b', 'c', 'd'"):
        em_moments(patterns_from_values(np.random.default_rng(0).normal(size=(3, 4)), NAMES))


@pytest.mark.parametrize("options", [{"tolerance": 0.0}, {"tolerance": np.nan}, {"max_iterations": 0}])
def test_bad_settings_are_refused(options):
    """A tolerance and a number of steps are positive."""
    with pytest.raises(UsageError, match="must be positive"):
        em_moments(patterns_from_values(incomplete(), NAMES), **options)
