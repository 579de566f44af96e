"""Polynomials with the moments asked for, or a refusal with the bound."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.sem.simulation.fleishman import correlation_of_normals, fleishman, least_kurtosis


def moments(b, c, d):
    """Return variance, skewness and excess kurtosis by Gauss-Hermite quadrature, which is exact here."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    weights = weights / weights.sum()
    x = -c + b * nodes + c * nodes**2 + d * nodes**3
    assert abs(weights @ x) < 1e-12
    return weights @ x**2, weights @ x**3, weights @ x**4 - 3


@pytest.mark.parametrize(
    ("skewness", "kurtosis"),
    [(0, 0), (1.75, 3.75), (-1, 1.5), (0, 3), (0, -1), (0, 25), (2, 6), (-3, 20), (0.25, -1)],
)
def test_the_polynomial_has_the_moments(skewness, kurtosis):
    """Checked by integration, not by the formulas that were solved."""
    assert moments(*fleishman(skewness, kurtosis)) == pytest.approx((1.0, skewness, kurtosis), abs=1e-8)


def test_fleishmans_table():
    """Fleishman (1978), table 1: skewness 1.75, kurtosis 3.75."""
    assert fleishman(1.75, 3.75) == pytest.approx((0.92966052, 0.39949667, -0.03646699), abs=1e-7)


@pytest.mark.parametrize(
    ("skewness", "kurtosis", "why"),
    [(3.0, 1.0, r"skewness\^2 - 2 = 7"), (0.0, -1.5, "-1.151 at least"), (0.0, 500.0, "too large")],
)
def test_the_impossible_is_refused_with_its_bound(skewness, kurtosis, why):
    """No distribution, no such polynomial, or too much kurtosis; the variable is named."""
    with pytest.raises(UsageError, match=f"income cannot have .*{why}"):
        fleishman(skewness, kurtosis, "income")


def test_the_bound_is_where_solutions_begin():
    """Just above the least kurtosis there is a solution, just below none."""
    least = least_kurtosis(1.0)
    fleishman(1.0, least + 0.01)
    with pytest.raises(UsageError):
        fleishman(1.0, least - 0.01)


def test_correlations_of_the_polynomials():
    """E[p(Z1) q(Z2)] by quadrature in two dimensions is the correlation asked for."""
    first, second = fleishman(1.5, 3.0), fleishman(-1.0, 2.0)
    rho = correlation_of_normals(np.array([[1, 0.4], [0.4, 1]]), [first, second], ["a", "b"])[0, 1]
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    w = np.outer(weights, weights) / weights.sum() ** 2
    z1, z2 = np.meshgrid(nodes, nodes, indexing="ij")
    z2 = rho * z1 + np.sqrt(1 - rho**2) * z2

    def polynomial(coefficients, z):
        b, c, d = coefficients
        return -c + b * z + c * z**2 + d * z**3

    assert (w * polynomial(first, z1) * polynomial(second, z2)).sum() == pytest.approx(0.4, abs=1e-10)


def test_a_correlation_that_skewed_variables_cannot_have():
    """Two variables skewed to one side cannot correlate -0.95."""
    skewed = fleishman(2.0, 6.0)
    with pytest.raises(UsageError, match=r"a and b cannot correlate -0\.950"):
        correlation_of_normals(np.array([[1, -0.95], [-0.95, 1]]), [skewed, skewed], ["a", "b"])
