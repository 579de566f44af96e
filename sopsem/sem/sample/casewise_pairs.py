"""Second stage of the three-stage estimator from single cases: with covariates, or a continuous variable.

A pair is fitted on the cases that have both variables, with everything of the first stage held fixed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.sample.bivariate_normal import (
    FAR,
    Rectangle,
    bivariate_normal_density,
    density_slope,
    normal_density,
    normal_interval,
    rectangle_probability,
)
from sopsem.sem.sample.correlation_search import maximise_correlations
from sopsem.sem.sample.thresholds import Univariate

__all__ = ["Crossed", "PairScores", "casewise_correlation", "casewise_scores", "common_cases"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]

IMPOSSIBLE = 1e-290  # an observed case below this makes the likelihood zero in double precision


@dataclass(frozen=True, kw_only=True)
class Crossed:
    """Sums over cases of the correlation's score times those of one variable's own parameters."""

    location: Array
    slopes: Array
    variance: Array


@dataclass(frozen=True, kw_only=True)
class PairScores:
    """Scores of a pair: ``correlation`` (m,) by case, and the sums for the two variables."""

    correlation: Array
    first: Crossed
    second: Crossed


@dataclass(frozen=True, kw_only=True)
class _Side:
    """The common cases of one variable of a pair."""

    one: Univariate
    codes: Index
    lower: Array
    upper: Array
    covariates: Array


def common_cases(first: Univariate, second: Univariate) -> tuple[Index, Index]:
    """Return where the cases that both variables have stand among those of each.

    Examples
    --------
    >>> from sopsem.sem.sample.thresholds import normal_regression
    >>> x = normal_regression("x", np.array([-1.0, 1.0]), np.array([0, 1]), np.empty((2, 0)))
    >>> y = normal_regression("y", np.array([-1.0, 1.0]), np.array([1, 2]), np.empty((2, 0)))
    >>> [each.tolist() for each in common_cases(x, y)]
    [[1], [0]]

    """
    _, at_first, at_second = np.intersect1d(first.rows, second.rows, assume_unique=True, return_indices=True)
    return at_first, at_second


def _sides(first: Univariate, second: Univariate) -> tuple[_Side, _Side]:
    sides = []
    for one, at in zip((first, second), common_cases(first, second), strict=True):
        codes = one.codes[at] if one.ordered else one.codes
        sides.append(
            _Side(
                one=one, codes=codes, lower=one.lower[at], upper=one.upper[at], covariates=one.covariates[at]
            )
        )
    return sides[0], sides[1]


def casewise_correlation(first: Univariate, second: Univariate) -> float:
    """Return the residual correlation of a pair: polychoric, polyserial or product-moment.

    Parameters
    ----------
    first, second : Univariate
        From the first stage; they share at least one case.

    Returns
    -------
    float
        A magnitude of `correlation_search.END` or more means that no maximum exists inside (-1, 1), but for
        two continuous variables, where it is the correlation itself.

    Notes
    -----
    Everything of the first stage is held fixed (Olsson, Drasgow & Dorans, 1982, Psychometrika 47, two-step
    estimator of the polyserial correlation).

    Examples
    --------
    >>> from sopsem.sem.sample.thresholds import normal_regression
    >>> one = normal_regression("x", np.array([-1.0, 1.0, -1.0, 1.0]), np.arange(4), np.empty((4, 0)))
    >>> two = normal_regression("y", np.array([-1.0, 1.0, 1.0, -1.0]), np.arange(4), np.empty((4, 0)))
    >>> casewise_correlation(one, two)
    0.0

    """
    a, b = _sides(first, second)
    if not first.ordered and not second.ordered and len(a.upper) == len(first.rows) == len(second.rows):
        return float(a.upper @ b.upper) / len(a.upper)

    start = np.array([_start(a, b)])
    likelihood = _likelihood(a, b)

    def slopes(rho: Array, _problems: Index) -> tuple[Array, Array]:
        one, two = likelihood(float(rho[0]))
        return np.array([one]), np.array([two])

    return float(maximise_correlations(slopes, start)[0])


def _start(a: _Side, b: _Side) -> float:
    one = a.codes if a.one.ordered else a.upper
    two = b.codes if b.one.ordered else b.upper
    if np.ptp(one) == 0 or np.ptp(two) == 0:
        return 0.0
    return float(np.corrcoef(one, two)[0, 1])


def _likelihood(a: _Side, b: _Side) -> Callable[[float], tuple[float, float]]:
    """Return the function of rho that gives the derivatives of the pair's mean log-likelihood."""
    if a.one.ordered and b.one.ordered:
        limits, weights = _distinct_limits(a, b)
        return lambda rho: _two_ordered_slopes(limits, weights, rho)
    if a.one.ordered or b.one.ordered:
        ordered, other = (a, b) if a.one.ordered else (b, a)
        return lambda rho: _polyserial_slopes(other.upper, ordered.lower, ordered.upper, rho)
    return lambda rho: (
        float(density_slope(a.upper, b.upper, np.array(rho)).mean()),
        _product_moment_curvature(a.upper, b.upper, rho),
    )


def _distinct_limits(a: _Side, b: _Side) -> tuple[Rectangle, Array]:
    """Return the limits that occur and the share of cases with them: few when covariates have few values."""
    key = np.zeros(len(a.codes), dtype=np.int64)
    for side in (a, b):
        inner = np.where(side.upper < FAR, side.upper, side.lower)
        _, limit = np.unique(inner, return_inverse=True)
        # each number stays below the number of cases, so products of two fit into 64 bits
        _, one = np.unique(limit * (len(side.one.location) + 1) + side.codes, return_inverse=True)
        _, key = np.unique(key * len(one) + one, return_inverse=True)
    _, at, counts = np.unique(key, return_index=True, return_counts=True)
    return Rectangle(a.lower[at], a.upper[at], b.lower[at], b.upper[at]), counts / len(key)


def _product_moment_curvature(x: Array, y: Array, rho: float) -> float:
    rest = (1.0 - rho) * (1.0 + rho)
    squares, cross = float(np.mean(x * x + y * y)), float(np.mean(x * y))
    first = (1.0 + rho**2) / rest**2 + (2.0 * rho * cross - squares) / rest**2
    return first + 4.0 * rho * ((1.0 + rho**2) * cross - rho * squares) / rest**3


def _limits(a: _Side, b: _Side) -> Rectangle:
    return Rectangle(a.lower, a.upper, b.lower, b.upper)


def _corner_sum(limits: Rectangle, rho: float, power: int) -> Array:
    """Return the density (``power`` 0) or its derivative by rho (1) summed over corners with their signs."""
    total = np.zeros(len(limits.lower_1))
    r = np.array(rho)
    for sign, h, k in (
        (1.0, limits.upper_1, limits.upper_2),
        (-1.0, limits.lower_1, limits.upper_2),
        (-1.0, limits.upper_1, limits.lower_2),
        (1.0, limits.lower_1, limits.lower_2),
    ):
        slope = density_slope(h, k, r) if power else 1.0
        total += sign * bivariate_normal_density(h, k, r) * slope
    return total


def _two_ordered_slopes(limits: Rectangle, weights: Array, rho: float) -> tuple[float, float]:
    probability = rectangle_probability(limits, np.array(rho))
    if probability.min() < IMPOSSIBLE:
        return float(np.copysign(np.inf, -rho)), 0.0
    ratio = _corner_sum(limits, rho, 0) / probability
    second = _corner_sum(limits, rho, 1) / probability
    return float(weights @ ratio), float(weights @ (second - ratio**2))


def _polyserial_slopes(z: Array, lower: Array, upper: Array, rho: float) -> tuple[float, float]:
    """Return the derivatives of mean log P(lower < Y < upper | z) by rho, with u = (limit - rho z) / r."""
    rest = (1.0 - rho) * (1.0 + rho)
    root = np.sqrt(rest)
    probability = normal_interval((lower - rho * z) / root, (upper - rho * z) / root)
    if probability.min() < IMPOSSIBLE:
        return float(np.copysign(np.inf, -rho)), 0.0
    one, two = np.zeros(len(z)), np.zeros(len(z))
    for sign, limit in ((1.0, upper), (-1.0, lower)):
        u = (limit - rho * z) / root
        du = (rho * limit - z) / (rest * root)
        d2u = limit / (rest * root) + 3.0 * rho * du / rest
        density = normal_density(u)
        one += sign * density * du
        two += sign * density * (d2u - u * du**2)
    ratio = one / probability
    return float(ratio.mean()), float((two / probability - ratio**2).mean())


def casewise_scores(first: Univariate, second: Univariate, rho: float) -> PairScores:
    """Return the scores of a pair at its correlation.

    Parameters
    ----------
    first, second : Univariate
        From the first stage.
    rho : float
        Inside (-1, 1).

    Returns
    -------
    PairScores

    Examples
    --------
    >>> from sopsem.sem.sample.thresholds import normal_regression
    >>> one = normal_regression("x", np.array([-1.0, 1.0]), np.arange(2), np.empty((2, 0)))
    >>> casewise_scores(one, one, 0.0).correlation.round(9).tolist()
    [1.0, 1.0]

    """
    a, b = _sides(first, second)
    if first.ordered and second.ordered:
        return _two_ordered_scores(a, b, rho)
    if first.ordered:
        score, continuous, ordered = _polyserial_scores(b, a, rho)
        return PairScores(correlation=score, first=ordered, second=continuous)
    if second.ordered:
        score, continuous, ordered = _polyserial_scores(a, b, rho)
        return PairScores(correlation=score, first=continuous, second=ordered)
    score = density_slope(a.upper, b.upper, np.array(rho))
    return PairScores(
        correlation=score,
        first=_continuous(a, score, _by_own(a.upper, b.upper, rho)),
        second=_continuous(b, score, _by_own(b.upper, a.upper, rho)),
    )


def _by_own(own: Array, other: Array, rho: float) -> Array:
    """Return minus the derivative of the log bivariate density by the own standardized value."""
    return (own - rho * other) / ((1.0 - rho) * (1.0 + rho))


def _continuous(side: _Side, score: Array, by_value: Array) -> Crossed:
    """Cross the score with those of a continuous variable; ``by_value`` is minus d log density / dz."""
    by_mean = by_value / np.sqrt(side.one.variance)
    by_variance = (by_value * side.upper - 1.0) / (2.0 * side.one.variance)
    return Crossed(
        location=np.array([score @ by_mean]),
        slopes=np.asarray((score * by_mean) @ side.covariates),
        variance=np.array([score @ by_variance]),
    )


def _ordered(side: _Side, score: Array, by_upper: Array, by_lower: Array) -> Crossed:
    """Cross the score with those of an ordered variable, given the derivatives by its limits."""
    size = len(side.one.location)
    upper = np.bincount(side.codes, score * by_upper, size + 1)[:size]
    lower = np.bincount(side.codes, score * by_lower, size + 1)[1:]
    return Crossed(
        location=np.asarray(upper + lower, dtype=np.float64),
        slopes=np.asarray(-(score * (by_upper + by_lower)) @ side.covariates),
        variance=np.empty(0),
    )


def _two_ordered_scores(a: _Side, b: _Side, rho: float) -> PairScores:
    limits = _limits(a, b)
    probability = rectangle_probability(limits, np.array(rho))
    score = _corner_sum(limits, rho, 0) / probability
    root = np.sqrt((1.0 - rho) * (1.0 + rho))
    crossed = []
    for side, other in ((a, b), (b, a)):
        by_upper, by_lower = (
            sign
            * normal_density(limit)
            * normal_interval((other.lower - rho * limit) / root, (other.upper - rho * limit) / root)
            / probability
            for sign, limit in ((1.0, side.upper), (-1.0, side.lower))
        )
        crossed.append(_ordered(side, score, by_upper, by_lower))
    return PairScores(correlation=score, first=crossed[0], second=crossed[1])


def _polyserial_scores(continuous: _Side, ordered: _Side, rho: float) -> tuple[Array, Crossed, Crossed]:
    z = continuous.upper
    rest = (1.0 - rho) * (1.0 + rho)
    root = np.sqrt(rest)
    upper, lower = (ordered.upper - rho * z) / root, (ordered.lower - rho * z) / root
    probability = normal_interval(lower, upper)
    by_upper = normal_density(upper) / (root * probability)
    by_lower = -normal_density(lower) / (root * probability)
    score = (by_upper * (rho * ordered.upper - z) + by_lower * (rho * ordered.lower - z)) / rest
    by_value = z + rho * (by_upper + by_lower)
    return score, _continuous(continuous, score, by_value), _ordered(ordered, score, by_upper, by_lower)
