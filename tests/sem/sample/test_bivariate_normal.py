"""Normal probabilities: closed forms, symmetries, quadrature, and tails."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr

from sopsem.sem.sample.bivariate_normal import (
    FAR,
    Rectangle,
    bivariate_normal_cdf,
    bivariate_normal_density,
    density_slope,
    normal_interval,
    rectangle_probability,
    tail_probability,
)

RHO = np.array([-0.999, -0.9, -0.3, 0.0, 0.2, 0.7, 0.95, 0.9999])


def test_orthant_probability_is_sheppards_formula():
    """P(X < 0, Y < 0) = 1/4 + asin(rho) / (2 pi)."""
    zero = np.zeros(len(RHO))
    wanted = 0.25 + np.arcsin(RHO) / (2.0 * np.pi)
    np.testing.assert_allclose(bivariate_normal_cdf(zero, zero, RHO), wanted, atol=1e-15)


def test_far_limits_leave_the_margin():
    """A limit of +-FAR is an infinite one."""
    h = np.linspace(-3.0, 3.0, 8)
    np.testing.assert_allclose(bivariate_normal_cdf(h, np.full(8, FAR), RHO), ndtr(h), atol=1e-15)
    np.testing.assert_allclose(bivariate_normal_cdf(h, np.full(8, -FAR), RHO), 0.0, atol=1e-15)


@pytest.mark.parametrize("rho", RHO)
@pytest.mark.parametrize(("h", "k"), [(0.0, 1.0), (-1.3, 0.4), (2.2, -0.7), (-2.5, -2.0), (1.0, 0.0)])
def test_cdf_agrees_with_quadrature(h, k, rho):
    """Integrating the conditional probability over x gives the same to 1e-13."""
    root = np.sqrt(1.0 - rho**2)

    def integrand(x):
        return np.exp(-0.5 * x * x) / np.sqrt(2.0 * np.pi) * ndtr((k - rho * x) / root)

    step = k / rho if rho else 0.0
    points = [p for p in (step - 9 * root, step, step + 9 * root) if -9.0 < p < h] or None
    wanted = quad(integrand, -9.0, h, epsabs=1e-15, epsrel=1e-13, points=points, limit=500)[0]
    assert bivariate_normal_cdf(h, k, np.array(rho)) == pytest.approx(wanted, abs=1e-13)


def test_cdf_obeys_its_symmetries():
    """Swapping the variables changes nothing; turning one round gives the rest of the margin."""
    rng = np.random.default_rng(1)
    h, k = rng.normal(size=(2, 50))
    rho = rng.uniform(-0.99, 0.99, 50)
    cdf = bivariate_normal_cdf(h, k, rho)
    np.testing.assert_allclose(cdf, bivariate_normal_cdf(k, h, rho), atol=1e-15)
    np.testing.assert_allclose(ndtr(h) - cdf, bivariate_normal_cdf(h, -k, -rho), atol=2e-15)


def test_density_is_the_derivative_of_the_cdf_by_rho():
    """Plackett's identity, by central differences."""
    rng = np.random.default_rng(2)
    h, k = rng.normal(size=(2, 50))
    rho, step = rng.uniform(-0.9, 0.9, 50), 1e-5
    numeric = (bivariate_normal_cdf(h, k, rho + step) - bivariate_normal_cdf(h, k, rho - step)) / (2 * step)
    np.testing.assert_allclose(bivariate_normal_density(h, k, rho), numeric, rtol=1e-6, atol=1e-9)


def test_density_slope_is_the_derivative_of_the_log_density():
    """By central differences."""
    h, k, rho, step = 0.7, -1.1, np.array(0.45), 1e-6
    above, below = (np.log(bivariate_normal_density(h, k, rho + s)) for s in (step, -step))
    assert density_slope(h, k, rho) == pytest.approx((above - below) / (2 * step), rel=1e-8)


def test_interval_keeps_its_digits_in_both_tails():
    """The upper tail is as exact as the lower one."""
    assert normal_interval(np.array(9.0), np.array(FAR)) == ndtr(-9.0)
    assert normal_interval(np.array(-1.0), np.array(1.0)) == pytest.approx(2.0 * ndtr(1.0) - 1.0, abs=1e-16)


def test_small_rectangles_keep_their_digits():
    """Where the cdf cancels, quadrature agrees with the product of margins and with the mirrored tail."""
    limits = Rectangle(*(np.array([x]) for x in (4.0, 5.0, -6.0, -5.0)))
    product = normal_interval(4.0, 5.0) * normal_interval(-6.0, -5.0)
    np.testing.assert_allclose(rectangle_probability(limits, np.array(0.0)), product, rtol=1e-10)
    mirrored = Rectangle(*(np.array([x]) for x in (-5.0, -4.0, 5.0, 6.0)))
    rho = np.array(0.6)
    np.testing.assert_allclose(
        rectangle_probability(limits, rho), rectangle_probability(mirrored, rho), rtol=1e-10
    )


def test_quadrature_and_cdf_agree_where_both_are_right():
    """On ordinary rectangles the two ways give the same."""
    rng = np.random.default_rng(3)
    a, b = np.sort(rng.normal(size=(2, 40)), axis=0)
    c, d = np.sort(rng.normal(size=(2, 40)), axis=0)
    rho = rng.uniform(-0.95, 0.95, 40)
    limits = Rectangle(a, b, c, d)
    np.testing.assert_allclose(tail_probability(limits, rho), rectangle_probability(limits, rho), atol=1e-10)
