"""Probabilities of the standard normal in one and two dimensions, right in the tails.

Infinite limits are given as +-``FAR``: the density is 0.0 there, and differences of limits stay finite.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, owens_t

__all__ = [
    "FAR",
    "Rectangle",
    "bivariate_normal_cdf",
    "bivariate_normal_density",
    "density_slope",
    "normal_density",
    "normal_interval",
    "rectangle_probability",
    "tail_probability",
]

Array = NDArray[np.float64]

FAR = 40.0  # exp(-800) is 0.0: the normal distribution ends here for a double
NUDGE = 1e-20  # stands for a limit of 0.0, where Owen's formula divides by it; changes no digit
CANCELLED = 1e-9  # a rectangle below this keeps too few digits as a difference of four cdf values
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
PANELS = 24


class Rectangle(NamedTuple):
    """Limits of rectangles: lower and upper of the first variable, lower and upper of the second."""

    lower_1: Array
    upper_1: Array
    lower_2: Array
    upper_2: Array


def normal_density(z: Array) -> Array:
    """Return the standard normal density.

    Examples
    --------
    >>> round(float(normal_density(0.0)), 6)
    0.398942

    """
    return np.asarray(np.exp(-0.5 * np.square(z)) / np.sqrt(2.0 * np.pi))


def normal_interval(lower: Array, upper: Array) -> Array:
    """Return P(lower < Z < upper) of a standard normal Z.

    Parameters
    ----------
    lower, upper : array
        Limits, ``lower <= upper``.

    Returns
    -------
    array

    Notes
    -----
    Limits above 0 are mirrored, as a difference of two numbers near 1 would have no digits left.

    Examples
    --------
    >>> float(normal_interval(10.0, 40.0)) == float(normal_interval(-40.0, -10.0)) > 0.0
    True

    """
    mirror = np.add(lower, upper) > 0.0
    return np.asarray(ndtr(np.where(mirror, -lower, upper)) - ndtr(np.where(mirror, -upper, lower)))


def bivariate_normal_density(h: Array, k: Array, rho: Array) -> Array:
    """Return the density at (h, k) of two standard normals with correlation ``rho``, |rho| < 1.

    Examples
    --------
    >>> round(float(bivariate_normal_density(0.0, 0.0, 0.6)), 6)
    0.198944

    """
    rest = (1.0 - rho) * (1.0 + rho)
    return np.asarray(
        np.exp(-0.5 * (h * h - 2.0 * rho * h * k + k * k) / rest) / (2.0 * np.pi * np.sqrt(rest))
    )


def density_slope(h: Array, k: Array, rho: Array) -> Array:
    """Return the derivative by rho of the logarithm of the bivariate normal density.

    Examples
    --------
    >>> float(density_slope(0.0, 0.0, 0.0))
    0.0

    """
    rest = (1.0 - rho) * (1.0 + rho)
    return np.asarray((rho + h * k - rho * (h * h - 2.0 * rho * h * k + k * k) / rest) / rest)


def bivariate_normal_cdf(h: Array, k: Array, rho: Array) -> Array:
    """Return P(X < h, Y < k) of two standard normals with correlation ``rho``.

    Parameters
    ----------
    h, k : array
        Upper limits, finite; +-``FAR`` stands for infinity.
    rho : array
        Correlations, -1 < rho < 1.

    Returns
    -------
    array
        With an absolute error of a few 1e-16.

    Notes
    -----
    (Phi(h) + Phi(k)) / 2 - T(h, (k - rho h) / (h r)) - T(k, (h - rho k) / (k r)) - d / 2 with Owen's T,
    r = sqrt(1 - rho^2) and d = 1 where h and k have opposite signs (Owen, 1956, Ann. Math. Stat. 27).

    Examples
    --------
    >>> round(float(bivariate_normal_cdf(0.0, 0.0, 0.5)), 12) == round(1.0 / 3.0, 12)
    True

    """
    h = np.where(h == 0.0, NUDGE, h)
    k = np.where(k == 0.0, NUDGE, k)
    root = np.sqrt((1.0 - rho) * (1.0 + rho))
    owen = owens_t(h, (k - rho * h) / (h * root)) + owens_t(k, (h - rho * k) / (k * root))
    apart = np.where((h < 0.0) != (k < 0.0), 0.5, 0.0)
    return np.asarray(0.5 * (ndtr(h) + ndtr(k)) - owen - apart)


def rectangle_probability(limits: Rectangle, rho: Array) -> Array:
    """Return the probability of rectangles under two standard normals with correlation ``rho``.

    Parameters
    ----------
    limits : Rectangle
        One-dimensional arrays of one length.
    rho : array
        One correlation per rectangle, or one for all.

    Returns
    -------
    array
        Relative error about 1e-7 at worst, also far in the tails.

    Notes
    -----
    The difference of four cdf values where that keeps its digits, else quadrature of
    phi(x) P(lower_2 < Y < upper_2 | x) over x.

    Examples
    --------
    >>> side = np.array([-40.0]), np.array([-2.0]), np.array([2.0]), np.array([40.0])
    >>> bool(0.0 < rectangle_probability(Rectangle(*side), np.array(0.95))[0] < 1e-30)
    True

    """
    a, b, c, d = limits
    cdf = bivariate_normal_cdf
    found = cdf(b, d, rho) - cdf(a, d, rho) - cdf(b, c, rho) + cdf(a, c, rho)
    small = np.flatnonzero(found < CANCELLED)
    if len(small):
        every = np.broadcast_to(rho, found.shape)[small]
        found[small] = tail_probability(Rectangle(*(side[small] for side in limits)), every)
    return found


def tail_probability(limits: Rectangle, rho: Array) -> Array:
    """Return the probability of small rectangles by Gauss-Legendre quadrature around its densest point.

    Examples
    --------
    >>> side = np.array([-40.0]), np.array([-3.0]), np.array([-40.0]), np.array([-3.0])
    >>> bool(np.isclose(tail_probability(Rectangle(*side), np.array([0.0]))[0], ndtr(-3.0) ** 2, rtol=1e-12))
    True

    """
    root = np.sqrt((1.0 - rho) * (1.0 + rho))
    start, end = _support(limits, rho, root)
    panels = start + (end - start) * np.linspace(0.0, 1.0, PANELS + 1)[:, None]
    half = 0.5 * (panels[1:] - panels[:-1])[:, None]
    x = 0.5 * (panels[1:] + panels[:-1])[:, None] + half * NODES[:, None]
    within = normal_interval((limits.lower_2 - rho * x) / root, (limits.upper_2 - rho * x) / root)
    return np.asarray((WEIGHTS[:, None] * half * normal_density(x) * within).sum(axis=(0, 1)))


def _support(limits: Rectangle, rho: Array, root: Array) -> tuple[Array, Array]:
    """Return the part of the first variable's interval where the density is not negligible.

    With y free in its interval, x has its densest point where y is clipped to that interval; around it the
    density falls at least as fast as that of a normal with standard deviation ``root`` (y at its limit) or 1.
    """
    nearest_y = np.clip(0.0, limits.lower_2, limits.upper_2)
    x = np.clip(rho * nearest_y, limits.lower_1, limits.upper_1)
    for _ in range(50):  # alternate projections reach the densest point of the rectangle
        nearest_y = np.clip(rho * x, limits.lower_2, limits.upper_2)
        x = np.clip(rho * nearest_y, limits.lower_1, limits.upper_1)
    width = 9.0 * np.where(nearest_y == rho * x, 1.0, root)
    return np.maximum(limits.lower_1, x - width), np.minimum(limits.upper_1, x + width)
