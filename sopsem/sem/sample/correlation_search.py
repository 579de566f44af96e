"""The maximum of many one-parameter log-likelihoods in a correlation, all at once and safe at the ends."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["END", "Slopes", "maximise_correlations"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Slopes = Callable[[Array, Index], tuple[Array, Array]]

END = 0.99999  # a likelihood that still rises here has its maximum at a correlation of 1
START = 0.9  # no search begins closer to the ends
GRADIENT = 1e-13  # mean slope, on the scale of Fisher's z, at which a search ends
SETTLED = 1e-8  # a Newton step this short leaves an error of its square
SMALLEST = 1e-14  # width of a bracket that only rounding would shorten
ITERATIONS = 200


def maximise_correlations(slopes: Slopes, start: Array) -> Array:
    """Return the maxima of log-likelihoods of a correlation, each searched from its own start.

    Parameters
    ----------
    slopes : callable
        Takes correlations and the problems they belong to; returns the first and second derivatives by the
        correlation of each problem's mean log-likelihood.  An infinite first derivative says on which side
        the likelihood is zero.
    start : (b,) array
        Correlations to begin from.

    Returns
    -------
    (b,) array
        A magnitude of ``END`` or more: the likelihood rises up to a correlation of 1 or -1.

    Notes
    -----
    Newton steps on Fisher's z, of length 1 at most, inside a bracket in which the slope changes its sign from
    plus to minus; a step out of the bracket, or where the likelihood is not concave, is replaced by bisection.

    Examples
    --------
    >>> def parabola(rho, problems):
    ...     return 0.25 - rho, np.full(len(rho), -1.0)
    >>> float(maximise_correlations(parabola, np.array([0.0]))[0])
    0.25

    """
    z = np.arctanh(np.clip(start, -START, START))
    low, high = np.full(len(z), -np.inf), np.full(len(z), np.inf)
    open_ = np.arange(len(z))
    for _ in range(ITERATIONS):
        rho = np.tanh(z[open_])
        first, second = slopes(rho, open_)
        low[open_] = np.where(first > 0.0, z[open_], low[open_])
        high[open_] = np.where(first < 0.0, z[open_], high[open_])
        step, newton = _step(rho, first, second, z[open_], (low[open_], high[open_]))
        flat = np.abs(first * (1.0 - rho**2)) <= GRADIENT
        settled = newton & (np.abs(step) <= SETTLED)
        done = flat | settled | (step == 0.0) | (high[open_] - low[open_] <= SMALLEST)
        z[open_] = np.where(flat, z[open_], z[open_] + step)
        open_ = open_[~done]
        if not len(open_):
            break
    return np.tanh(z)


def _step(
    rho: Array, first: Array, second: Array, z: Array, bracket: tuple[Array, Array]
) -> tuple[Array, NDArray[np.bool_]]:
    """Return the next step on the scale of Fisher's z, and whether it is a Newton step."""
    low, high = bracket
    scale = 1.0 - rho**2
    finite = np.isfinite(first)
    slope = np.where(finite, first, 0.0) * scale
    curvature = np.where(finite, second, 0.0) * scale**2 - 2.0 * rho * slope
    concave = curvature < 0.0
    newton = np.clip(-slope / np.where(concave, curvature, -1.0), -1.0, 1.0)
    # uphill by a fixed length where there is no curvature to rely on; infinite slopes bisect
    newton = np.where(concave, newton, np.sign(slope) * 0.5)
    end = np.arctanh(END)
    target = np.clip(z + newton, -end, end)
    middle = 0.5 * (np.maximum(low, -end) + np.minimum(high, end))
    bisect = (target <= low) | (target >= high) | ~finite
    return np.where(bisect, middle, target) - z, concave & ~bisect
