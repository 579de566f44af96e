"""Sampling covariances of means and vech(S): one the inverse of the other, and sums over rows by hand."""

import numpy as np
import pytest

from sopsem.sem.sample.normal_theory import (
    adf_gamma,
    case_deviations,
    casewise_moments,
    cluster_sums,
    normal_gamma,
    normal_weight,
)

PAIRS = [(i, j) for j in range(3) for i in range(j, 3)]
GIVEN = np.array([False, False, True])


@pytest.fixture(scope="module")
def rows(lattice):
    """Skewed rows of three variables."""
    return np.exp(0.5 * lattice[["a", "b", "d"]].to_numpy())


@pytest.fixture(scope="module")
def covariance(rows):
    return np.cov(rows.T, ddof=0)


@pytest.mark.parametrize("means", [False, True])
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_the_weight_is_the_inverse_of_gamma(covariance, means, scale):
    """In any unit of a variable."""
    sd = np.array([1.0, scale, 1.0])
    s = covariance * np.outer(sd, sd)
    product = normal_weight(s, means=means) @ normal_gamma(s, means=means)
    size = np.concatenate([sd if means else [], [sd[i] * sd[j] for i, j in PAIRS]])
    np.testing.assert_allclose(product * np.outer(size, 1.0 / size), np.eye(len(size)), atol=1e-10)


def test_gamma_has_products_of_covariances_column_by_column(covariance):
    """s_ik s_jl + s_il s_jk, in the order 11, 21, 31, 22, 32, 33."""
    s = covariance
    wanted = [[s[i, k] * s[j, m] + s[i, m] * s[j, k] for k, m in PAIRS] for i, j in PAIRS]
    np.testing.assert_allclose(normal_gamma(s, means=False), wanted, rtol=1e-12)
    full = normal_gamma(s, means=True)
    np.testing.assert_array_equal(full[:3, :3], s)
    np.testing.assert_allclose(full[3:, 3:], wanted, rtol=1e-12)
    assert not full[:3, 3:].any()


def test_what_given_variables_explain_has_no_variance(covariance):
    """The mean of y given x varies as its residual; a covariance with x as residual times x."""
    s = covariance
    gamma = normal_gamma(s, means=True, given=GIVEN)
    left = s - np.outer(s[:, 2], s[2]) / s[2, 2]
    np.testing.assert_allclose(gamma[:3, :3], left, atol=1e-12)
    assert np.abs(gamma[2]).max() < 1e-12
    assert np.abs(gamma[8]).max() < 1e-12
    at = 3 + PAIRS.index((2, 0))
    assert gamma[at, at] == pytest.approx(left[0, 0] * s[2, 2], rel=1e-10)
    np.testing.assert_array_equal(
        normal_gamma(s, means=True, given=np.zeros(3, dtype=bool)), normal_gamma(s, means=True)
    )


def test_contributions_of_rows_average_to_the_moments(rows, covariance):
    """Means first; products by column."""
    found = casewise_moments(rows, rows.mean(axis=0), means=True).mean(axis=0)
    np.testing.assert_allclose(found[:3], rows.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found[3:], [covariance[at] for at in PAIRS], rtol=1e-12)
    assert casewise_moments(rows, rows.mean(axis=0), means=False).shape == (240, 6)


def test_gamma_without_a_distribution_has_fourth_moments(rows, covariance):
    """m_ijkl - s_ij s_kl, third moments between means and covariances."""
    z = rows - rows.mean(axis=0)
    gamma = adf_gamma(rows, means=True)
    for r, (i, j) in enumerate(PAIRS):
        for c, (k, m) in enumerate(PAIRS):
            wanted = (z[:, i] * z[:, j] * z[:, k] * z[:, m]).mean() - covariance[i, j] * covariance[k, m]
            assert gamma[3 + r, 3 + c] == pytest.approx(wanted, abs=1e-12)
        assert gamma[0, 3 + r] == pytest.approx((z[:, 0] * z[:, i] * z[:, j]).mean(), abs=1e-12)
    np.testing.assert_allclose(gamma[:3, :3], covariance, rtol=1e-12)
    np.testing.assert_array_equal(adf_gamma(rows, means=False), gamma[3:, 3:])


def test_deviations_given_variables_leave_out_what_these_predict(rows):
    """Mean: the residual of the regression; covariance with x: residual times x, about its average."""
    found = case_deviations(rows, means=True, given=GIVEN)
    slope, intercept = np.polyfit(rows[:, 2], rows[:, 0], 1)
    left = rows[:, 0] - intercept - slope * rows[:, 2]
    np.testing.assert_allclose(found[:, 0], left, atol=1e-10)
    np.testing.assert_allclose(
        found[:, 3 + PAIRS.index((2, 0))], left * (rows[:, 2] - rows[:, 2].mean()), atol=1e-10
    )
    assert np.abs(found[:, [2, 8]]).max() < 1e-10
    np.testing.assert_allclose(found.mean(axis=0), 0.0, atol=1e-12)


def test_rows_of_one_cluster_are_summed(rows):
    """Each pair of rows is one: sums of both, times sqrt(c / (c - 1)), whatever the labels and their order."""
    clusters = np.array([7, 3, 3, 7, 11, 11] * 40) + 20 * (np.arange(240) // 6)
    found = cluster_sums(rows, clusters)
    wanted = [rows[clusters == c].sum(axis=0) for c in np.unique(clusters)]
    np.testing.assert_allclose(found, np.array(wanted) * np.sqrt(120 / 119), rtol=1e-12)
    z = case_deviations(rows, means=True)
    total = sum(
        np.outer(z[clusters == c].sum(axis=0), z[clusters == c].sum(axis=0)) for c in np.unique(clusters)
    )
    np.testing.assert_allclose(
        adf_gamma(rows, means=True, clusters=clusters), total / 240 * 120 / 119, rtol=1e-9, atol=1e-12
    )


def test_every_row_twice_as_one_cluster_doubles_gamma(rows):
    """Two copies of each row tell no more than one: N times the variance is twice as large."""
    twice, clusters = np.repeat(rows, 2, axis=0), np.repeat(np.arange(240), 2)
    np.testing.assert_allclose(
        adf_gamma(twice, means=True, clusters=clusters),
        2.0 * adf_gamma(rows, means=True) * 240 / 239,
        rtol=1e-9,
        atol=1e-12,
    )
