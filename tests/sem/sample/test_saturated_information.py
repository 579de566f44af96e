"""Information matrices against differences, closed forms and lavaan; two-stage moments."""

import numpy as np
import pytest

from sopsem.errors import ConvergenceError, DataError, ModelError, UsageError
from sopsem.sem.sample.em import em_moments
from sopsem.sem.sample.missing_likelihood import casewise_scores
from sopsem.sem.sample.patterns import patterns_from_values, resampled_patterns
from sopsem.sem.sample.saturated_information import (
    expected_information,
    first_order_information,
    observed_information,
    two_stage_moments,
)

NAMES = ("a", "b", "c")
MEAN = np.array([0.2, -0.5, 1.0])
COVARIANCE = np.array([[2.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 1.5]])
NAN = np.nan
# Schafer (1997): chl, bmi, age of 25 people
NHANES = """
. . 1;187 22.7 2;187 . 1;. . 3;113 20.4 1;184 . 3;118 22.5 1;187 30.1 1;238 22 2;. . 2;. . 1;. . 2;206 21.7 3;
204 28.7 2;. 29.6 1;. . 1;
284 27.2 3;199 26.3 2;218 35.3 1;. 25.5 3;. . 1;229 33.2 1;131 27.5 1;. 24.9 3;186 27.4 2"""


@pytest.fixture
def nhanes():
    rows = [[NAN if x == "." else float(x) for x in row.split()] for row in NHANES.split(";")]
    return patterns_from_values(np.array(rows), ("chl", "bmi", "age"))


@pytest.fixture
def patterns():
    rng = np.random.default_rng(5)
    values = rng.normal(size=(80, 3)) @ (np.eye(3) + 0.3)
    values[rng.random(values.shape) < 0.25] = NAN
    return patterns_from_values(values, NAMES)


def moved(k, h):
    mean, covariance = MEAN.copy(), COVARIANCE.copy()
    if k < 3:
        mean[k] += h
    else:
        i, j = (at[k - 3] for at in np.triu_indices(3))
        covariance[i, j] += h
        covariance[j, i] = covariance[i, j]
    return mean, covariance


def test_observed_information_is_the_curvature(patterns):
    """Central differences of the summed scores."""
    found, h = observed_information(patterns, MEAN, COVARIANCE), 1e-5
    for k in range(9):
        up, down = (casewise_scores(patterns, *moved(k, s)).sum(axis=0) for s in (h, -h))
        np.testing.assert_allclose(found[k], (down - up) / (2 * h * patterns.n), atol=1e-7)


def test_expected_information_is_the_mean_of_the_observed():
    """Over many rows drawn at the moments, with values missing completely at random."""
    rng = np.random.default_rng(0)
    values = rng.multivariate_normal(MEAN, COVARIANCE, size=200_000)
    values[rng.random(values.shape) < 0.2] = NAN
    many = patterns_from_values(values, NAMES)
    found = expected_information(many, MEAN, COVARIANCE)
    np.testing.assert_allclose(observed_information(many, MEAN, COVARIANCE), found, atol=0.02)
    np.testing.assert_allclose(first_order_information(many, MEAN, COVARIANCE), found, atol=0.02)


def test_complete_data_have_the_textbook_information():
    """Observed equals expected at the sample moments, and its inverse has 2 S_ij^2-like entries."""
    values = np.random.default_rng(1).normal(size=(50, 3)) @ (np.eye(3) + 0.4)
    whole = patterns_from_values(values, NAMES)
    gamma = two_stage_moments(whole).gamma
    s = np.cov(values.T, bias=True)
    np.testing.assert_allclose(gamma[:3, :3], s, rtol=1e-10)
    pairs = list(zip(*np.triu_indices(3), strict=True))
    wanted = [[s[i, k] * s[j, m] + s[i, m] * s[j, k] for k, m in pairs] for i, j in pairs]
    np.testing.assert_allclose(gamma[3:, 3:], wanted, rtol=1e-9)
    assert np.abs(gamma[:3, 3:]).max() < 1e-10
    np.testing.assert_allclose(two_stage_moments(whole, information="expected").gamma, gamma, atol=1e-9)


def test_complete_data_have_the_fourth_moments_when_robust():
    """The covariance matrix of the centred products (Browne, 1984)."""
    values = np.random.default_rng(1).exponential(size=(50, 3))
    gamma = two_stage_moments(patterns_from_values(values, NAMES), robust=True).gamma
    away = values - values.mean(axis=0)
    i, j = np.triu_indices(3)
    products = np.hstack([away, away[:, i] * away[:, j]])
    np.testing.assert_allclose(gamma, np.cov(products.T, bias=True), rtol=1e-9, atol=1e-10)


def test_lavaan_gives_the_same_information(nhanes):
    """lavaan 0.6-14, lav_mvnorm_missing_information_* at given moments."""
    mean = np.array([195.0, 26.0, 1.7])
    at = np.array([[1900.0, 50.0, 20.0], [50.0, 18.0, -1.5], [20.0, -1.5, 0.7]])
    wanted = [
        [7.57817127645e-04, 7.07990269285e-02, 2.90875349230, 4.02769551010e-07, 9.97685768338e-05,
         2.72752896902e-03, 3.59212413699e-03, 2.59030751222e-01, 2.56413790812],
        [7.57817127645e-04, 7.07990269285e-02, 2.90875349230, 4.90592976955e-07, 1.21003221960e-04,
         4.67952225610e-03, 4.05249938872e-03, 4.03687342486e-01, 5.02369459756],
        [6.90408880972e-04, 6.44194736911e-02, 2.47425530879, 3.18515152992e-07, 1.23082486310e-04,
         2.93113422464e-03, 2.53735036304e-03, 2.13497607472e-01, 2.14717798209],
    ]  # fmt: skip
    sixth = [
        [5.70101327330e-04, -3.70574530346e-03, -3.15149744733e-02, -2.76896508281e-05, 3.76817438123e-04,
         2.72752896902e-03, -1.35486987169e-03, -1.57954634983e-02, -5.69178859541e-02],
        [0.0, 0.0, 0.0, -4.06283112474e-05, 5.95144001153e-04, 4.67952225610e-03, -2.18627892823e-03,
         -3.26325609058e-02, -1.23985160029e-01],
        [-3.33059409975e-04, 4.43292816024e-03, 6.62704558826e-03, -2.51663195774e-05, 5.34001680912e-04,
         2.93113422464e-03, -1.79379132822e-03, -2.09721563682e-02, -6.60710256851e-02],
    ]  # fmt: skip
    functions = (observed_information, expected_information, first_order_information)
    for function, diagonal, column in zip(functions, wanted, sixth, strict=True):
        found = function(nhanes, mean, at)
        np.testing.assert_allclose(np.diag(found), diagonal, rtol=1e-9)
        np.testing.assert_allclose(found[:, 5], column, rtol=1e-9)


def test_lavaan_gives_the_same_gamma(nhanes):
    """lavaan 0.6-14: inverse observed information, and lav_mvnorm_missing_h1_omega_sw, at EM moments."""
    normal = [2653.59067707, 25.4651649864, 0.6624, 11650481.6016, 52369.7207933, 2236.48851518, 1097.12041357,
              19.3499568217, 0.87754752]  # fmt: skip
    robust = [2693.17446232, 26.7876422228, 0.6624, 11108608.5125, 37182.0934353, 1974.76143361, 773.710538947,
              13.8793758190, 0.289704959995]  # fmt: skip
    np.testing.assert_allclose(np.diag(two_stage_moments(nhanes).gamma), normal, rtol=1e-7)
    np.testing.assert_allclose(np.diag(two_stage_moments(nhanes, robust=True).gamma), robust, rtol=1e-7)


def test_gamma_follows_the_units(patterns):
    """Other units give the same precision in these units."""
    scale = np.array([1e-6, 1.0, 1e5])
    i, j = np.triu_indices(3)
    unit = np.concatenate([scale, scale[i] * scale[j]])
    plain = two_stage_moments(patterns, robust=True)
    found = two_stage_moments(patterns_from_values(patterns.data * scale, NAMES), robust=True)
    np.testing.assert_allclose(found.gamma / np.outer(unit, unit), plain.gamma, rtol=1e-6, atol=1e-9)


def test_auxiliary_variables_stay_in_the_numbers(patterns):
    """The part of some variables is theirs, in the order asked for, and differs from that without the others."""
    whole = two_stage_moments(patterns)
    part = whole.marginal(("c", "a"))
    np.testing.assert_array_equal(part.mean, whole.mean[[2, 0]])
    np.testing.assert_array_equal(part.covariance, whole.covariance[np.ix_([2, 0], [2, 0])])
    rows = [2, 0, 8, 5, 3]  # c, a, cc, ca, aa of a, b, c, aa, ab, ac, bb, bc, cc
    np.testing.assert_array_equal(part.gamma, whole.gamma[np.ix_(rows, rows)])
    alone = two_stage_moments(patterns_from_values(patterns.data[:, [2, 0]], ("c", "a")))
    assert np.abs(alone.mean - part.mean).max() > 1e-4
    for names in (("a", "x"), ("a", "a")):
        with pytest.raises(ModelError, match="give each name once, out of a, b, c"):
            whole.marginal(names)


def test_a_resample_weighs_its_rows(patterns):
    """First-order information of counts is that of copied rows."""
    counts = np.arange(80) % 3
    drawn = resampled_patterns(patterns, counts)
    copied = patterns_from_values(np.repeat(patterns.data, counts, axis=0), NAMES)
    found = first_order_information(drawn, MEAN, COVARIANCE)
    np.testing.assert_allclose(
        found, first_order_information(copied, MEAN, COVARIANCE), rtol=1e-11, atol=1e-13
    )


def test_bad_first_stages_are_refused(patterns):
    """Unknown information, moments of other variables, moments that are not the maximum."""
    with pytest.raises(UsageError, match=r"information is 'first.order'"):
        two_stage_moments(patterns, information="first.order")
    other = patterns_from_values(patterns.data, ("x", "y", "z"))
    with pytest.raises(UsageError, match="moments are of x, y, z"):
        two_stage_moments(patterns, moments=em_moments(other))
    with pytest.raises(ConvergenceError, match="did not converge in 1 steps"):
        two_stage_moments(patterns, moments=em_moments(patterns, max_iterations=1))
    with pytest.raises(DataError, match="constant"):
        two_stage_moments(patterns_from_values(np.ones((5, 3)), NAMES))
