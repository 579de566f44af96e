"""Quantiles of bootstrap draws, by the rules that programs use between two order statistics.

weibull        rank (B + 1) a, linear interpolation
floor          the order statistic floor((B + 1) a), at least the first
inverse_cdf    the smallest order statistic with at least a share a at or below it
normal_interp  rank (B + 1) a, interpolation on the normal-quantile scale (as in R's boot)
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sopsem.errors import UsageError

__all__ = ["RULES", "quantile", "usable"]

Array = NDArray[np.float64]


def _rank(ordered: Array, a: Array) -> Array:
    """Return (B + 1) a, exactly whole where it is whole up to rounding."""
    rank = (len(ordered) + 1) * a
    return np.where(np.abs(rank - np.round(rank)) < 1e-9, np.round(rank), rank)


def _weibull(ordered: Array, a: Array) -> Array:
    rank = _rank(ordered, a)
    low = np.clip(np.floor(rank), 1, len(ordered)).astype(int)
    high = np.clip(low + 1, 1, len(ordered))
    share = np.clip(rank - low, 0.0, 1.0)
    return np.asarray(ordered[low - 1] * (1.0 - share) + ordered[high - 1] * share)


def _floor(ordered: Array, a: Array) -> Array:
    rank = np.clip(np.floor(_rank(ordered, a)), 1, len(ordered)).astype(int)
    return np.asarray(ordered[rank - 1])


def _inverse_cdf(ordered: Array, a: Array) -> Array:
    rank = np.clip(np.ceil(len(ordered) * a - 1e-9), 1, len(ordered)).astype(int)
    return np.asarray(ordered[rank - 1])


def _normal_interp(ordered: Array, a: Array) -> Array:
    size = len(ordered)
    rank = _rank(ordered, a)
    low = np.clip(np.floor(rank), 1, size).astype(int)
    high = np.clip(low + 1, 1, size)
    z, z_low, z_high = (
        ndtri(np.clip(r, 1e-300, 1 - 1e-16)) for r in (a, low / (size + 1), high / (size + 1))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(high > low, (z - z_low) / (z_high - z_low), 0.0)
    share = np.where(rank == low, 0.0, np.clip(share, 0.0, 1.0))
    return np.asarray(ordered[low - 1] * (1.0 - share) + ordered[high - 1] * share)


RULES: dict[str, Callable[[Array, Array], Array]] = {
    "weibull": _weibull,
    "floor": _floor,
    "inverse_cdf": _inverse_cdf,
    "normal_interp": _normal_interp,
}


def usable(values: Array) -> Array:
    """Return the finite draws, sorted."""
    return np.sort(values[np.isfinite(values)])


def quantile(values: Array, a: Array, *, rule: str = "weibull") -> Array:
    """Return quantiles of one statistic's draws (B,) at levels ``a``; NaN with fewer than two usable draws.

    Examples
    --------
    >>> quantile(np.arange(1.0, 10.0), np.array([0.1, 0.5])).tolist()
    [1.0, 5.0]

    """
    if rule not in RULES:
        raise UsageError(f"rule is {rule!r}; choose one of {', '.join(RULES)}")
    ordered, levels = usable(np.asarray(values, dtype=np.float64)), np.asarray(a, dtype=np.float64)
    if len(ordered) < 2 or not np.isfinite(levels).all():
        return np.full(levels.shape, np.nan)
    return RULES[rule](ordered, levels)
