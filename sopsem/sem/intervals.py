"""Bootstrap intervals and p-values from draws of a statistic: every formula on plain arrays.

``values`` has the draws on its first axis and any statistics behind it; NaN draws are not used.  ``rule``
says how a quantile between two order statistics is read:

weibull        rank (B + 1) a, linear interpolation
floor          the order statistic floor((B + 1) a), at least the first
inverse_cdf    the smallest order statistic with at least a share a at or below it
normal_interp  rank (B + 1) a, interpolation on the normal-quantile scale (as in R's boot)
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from sopsem.errors import UsageError
from sopsem.registry import Registry

__all__ = [
    "INTERVALS",
    "RULES",
    "bias_correction",
    "bootstrap_pvalue",
    "interval",
    "monte_carlo_se",
    "pvalue_monte_carlo_se",
    "quantile",
]

Array = NDArray[np.float64]
INTERVALS = Registry("interval")


def _weibull(ordered: Array, a: Array) -> Array:
    rank = (len(ordered) + 1) * a
    low = np.clip(np.floor(rank), 1, len(ordered)).astype(int)
    high = np.clip(low + 1, 1, len(ordered))
    share = np.clip(rank - low, 0.0, 1.0)
    return ordered[low - 1] * (1.0 - share) + ordered[high - 1] * share


def _floor(ordered: Array, a: Array) -> Array:
    rank = np.clip(np.floor((len(ordered) + 1) * a + 1e-9), 1, len(ordered)).astype(int)
    return ordered[rank - 1]


def _inverse_cdf(ordered: Array, a: Array) -> Array:
    rank = np.clip(np.ceil(len(ordered) * a - 1e-9), 1, len(ordered)).astype(int)
    return ordered[rank - 1]


def _normal_interp(ordered: Array, a: Array) -> Array:
    size = len(ordered)
    rank = (size + 1) * a
    low = np.clip(np.floor(rank + 1e-9), 1, size).astype(int)
    high = np.clip(low + 1, 1, size)
    z, z_low, z_high = (
        norm.ppf(np.clip(r, 1e-300, 1 - 1e-16)) for r in (a, low / (size + 1), high / (size + 1))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(high > low, (z - z_low) / (z_high - z_low), 0.0)
    share = np.where(np.abs(rank - low) < 1e-9, 0.0, np.clip(share, 0.0, 1.0))
    return ordered[low - 1] * (1.0 - share) + ordered[high - 1] * share


RULES: dict[str, Callable[[Array, Array], Array]] = {
    "weibull": _weibull,
    "floor": _floor,
    "inverse_cdf": _inverse_cdf,
    "normal_interp": _normal_interp,
}


def _usable(values: Array) -> Array:
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
    ordered, levels = _usable(np.asarray(values, dtype=np.float64)), np.asarray(a, dtype=np.float64)
    if len(ordered) < 2 or not np.isfinite(levels).all():
        return np.full(levels.shape, np.nan)
    return RULES[rule](ordered, levels)


def bias_correction(values: Array, estimate: float) -> float:
    """Return z0 = Phi^-1(share of draws below the estimate), ties counted half (Efron, 1987)."""
    used = _usable(values)
    below = (used < estimate).sum() + 0.5 * (used == estimate).sum()
    return (
        float(norm.ppf(np.clip(below / len(used), 0.5 / len(used), 1.0 - 0.5 / len(used))))
        if len(used)
        else np.nan
    )


@INTERVALS.register("percentile", label="percentile", source="Efron (1979)")
def _percentile(values: Array, _estimate: float, level: float, rule: str, **_: Array | None) -> Array:
    tail = (1.0 - level) / 2.0
    return quantile(values, np.array([tail, 1.0 - tail]), rule=rule)


@INTERVALS.register("bc", label="bias-corrected", source="Efron (1987), a = 0")
def _bc(values: Array, estimate: float, level: float, rule: str, **_: Array | None) -> Array:
    return _accelerated(values, estimate, level, rule, 0.0)


@INTERVALS.register("bca", label="bias-corrected and accelerated", source="Efron (1987)")
def _bca(
    values: Array,
    estimate: float,
    level: float,
    rule: str,
    *,
    jackknife: Array | None = None,
    **_: Array | None,
) -> Array:
    if jackknife is None:
        raise UsageError("the BCa interval needs the jackknife estimates; use bootstrap(..., jackknife=True)")
    spread = jackknife.mean() - jackknife
    power = 6.0 * float((spread**2).sum()) ** 1.5
    acceleration = float((spread**3).sum()) / power if power > 0.0 else 0.0
    return _accelerated(values, estimate, level, rule, acceleration)


@INTERVALS.register("normal", label="normal", source="Efron & Tibshirani (1993)")
def _normal(values: Array, estimate: float, level: float, _rule: str, **_: Array | None) -> Array:
    """Bias-corrected normal interval, 2 estimate - mean -/+ z SD (divisor B), as R's boot and lavaan."""
    used = _usable(values)
    half = norm.ppf(0.5 + level / 2.0) * used.std()
    return 2.0 * estimate - used.mean() + np.array([-half, half])


@INTERVALS.register("basic", label="basic", source="Davison & Hinkley (1997)")
def _basic(values: Array, estimate: float, level: float, rule: str, **_: Array | None) -> Array:
    lower, upper = _percentile(values, estimate, level, rule)
    return np.array([2.0 * estimate - upper, 2.0 * estimate - lower])


@INTERVALS.register("studentized", label="studentized", source="Efron & Tibshirani (1993)")
def _studentized(
    values: Array,
    estimate: float,
    level: float,
    rule: str,
    *,
    draw_se: Array | None = None,
    se: Array | None = None,
    **_: Array | None,
) -> Array:
    """Bootstrap-t: quantiles of (draw - estimate)/SE(draw), turned back with the SE of the estimate."""
    if draw_se is None or se is None:
        raise UsageError(
            "the studentized interval needs a standard error in every draw; use bootstrap(..., se=True)"
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        pivots = np.where(draw_se > 0.0, (values - estimate) / draw_se, np.nan)
    lower, upper = _percentile(pivots, 0.0, level, rule)
    return np.array([estimate - upper * float(se), estimate - lower * float(se)])


def _accelerated(values: Array, estimate: float, level: float, rule: str, acceleration: float) -> Array:
    z0 = bias_correction(values, estimate)
    z = norm.ppf(np.array([(1.0 - level) / 2.0, 0.5 + level / 2.0]))
    return quantile(values, norm.cdf(z0 + (z0 + z) / (1.0 - acceleration * (z0 + z))), rule=rule)


def interval(
    values: Array,
    estimate: float,
    *,
    kind: str = "percentile",
    level: float = 0.95,
    rule: str = "weibull",
    **extra: Array,
) -> tuple[float, float]:
    """Return the limits of one statistic.

    Parameters
    ----------
    values : (B,) array
        Draws; NaN draws are not used.
    estimate : float
    kind : str
        A name in ``INTERVALS``: percentile, bc, bca, normal, basic, studentized.
    level : float
    rule : str
        A name in ``RULES``.
    **extra
        ``jackknife`` (n,) for bca; ``draw_se`` (B,) and ``se`` for studentized.

    Raises
    ------
    UsageError
        An unknown kind or rule, a level outside (0, 1), or a missing extra.

    Examples
    --------
    >>> interval(np.arange(1.0, 200.0), 100.0, level=0.9)
    (10.0, 190.0)

    """
    if kind not in INTERVALS:
        raise UsageError(f"interval is {kind!r}; choose one of {', '.join(e.name for e in INTERVALS)}")
    if not 0.0 < level < 1.0:
        raise UsageError(f"level is {level}; give a number between 0 and 1, e.g. 0.95")
    if np.isfinite(values).sum() < 2 or not np.isfinite(estimate):
        return float("nan"), float("nan")
    lower, upper = INTERVALS[kind].function(values, estimate, level, rule, **extra)
    return float(lower), float(upper)


def _share_below_zero(used: Array) -> float:
    """Return the share of draws below 0, ties counted half, kept off 0 and 1 by one draw in B + 1."""
    size = len(used)
    share = ((used < 0.0).sum() + 0.5 * (used == 0.0).sum()) / size
    return float(np.clip(share, 1.0 / (size + 1), size / (size + 1)))


def bootstrap_pvalue(values: Array, estimate: float, *, kind: str = "percentile") -> float:
    """Return the two-sided p by interval inversion: 1 - p is the level whose interval has an end at 0.

    With k0 = #(draw < 0) + #(draw = 0)/2 and u = k0/B kept within [1/(B+1), B/(B+1)]:
    percentile 2 min(u, 1 - u); bias-corrected 2 min(Phi(w), 1 - Phi(w)), w = Phi^-1(u) - 2 z0.
    """
    used = _usable(values)
    size = len(used)
    if size < 2:
        return float("nan")
    u = _share_below_zero(used)
    if kind in ("bc", "bca"):
        u = norm.cdf(norm.ppf(u) - 2.0 * bias_correction(used, estimate))
    return float(2.0 * min(u, 1.0 - u))


def monte_carlo_se(
    values: Array, estimate: float, *, kind: str, level: float, rule: str = "weibull", **extra: Array
) -> tuple[float, float]:
    """Return the Monte-Carlo standard error of both limits.

    Blocks are draws b = g mod 20, so the answer depends on the draws alone.
    """
    if kind in ("percentile", "bc", "bca") and np.isfinite(values).sum() >= 2:
        return _order_statistic_se(values, estimate, kind, level)
    groups = np.arange(len(values)) % 20
    per_draw = {k: v for k, v in extra.items() if np.ndim(v) == 1 and len(v) == len(values)}
    fixed = {k: v for k, v in extra.items() if k not in per_draw}
    left_out = np.array(
        [
            interval(
                values[groups != g],
                estimate,
                kind=kind,
                level=level,
                rule=rule,
                **fixed,
                **{k: v[groups != g] for k, v in per_draw.items()},
            )
            for g in range(20)
        ]
    )
    spread = np.sqrt(19.0 / 20.0 * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    return float(spread[0]), float(spread[1])


def _order_statistic_se(values: Array, estimate: float, kind: str, level: float) -> tuple[float, float]:
    """Half the distance between the quantiles one binomial standard error below and above each level.

    The rank of a quantile has SD sqrt(a(1-a)/B); for BC the level itself also varies with the estimated z0.
    """
    used = _usable(values)
    size = len(used)
    z = norm.ppf(np.array([(1.0 - level) / 2.0, 0.5 + level / 2.0]))
    z0 = 0.0 if kind == "percentile" else bias_correction(used, estimate)
    a = norm.cdf(2.0 * z0 + z)
    variance = a * (1.0 - a) / size
    if kind != "percentile":
        share = norm.cdf(z0)
        z0_se = np.sqrt(share * (1.0 - share) / size) / norm.pdf(z0)
        slope = 2.0 * norm.pdf(2.0 * z0 + z)
        # the count below the estimate and the count below the limit are drawn together
        joint = np.minimum(a, share) - a * share
        variance = variance + (slope * z0_se) ** 2 - 2.0 * slope * joint / (size * norm.pdf(z0))
    step = np.sqrt(np.maximum(variance, 0.0))
    low = quantile(used, np.clip(a - step, 0.0, 1.0))
    high = quantile(used, np.clip(a + step, 0.0, 1.0))
    half = (high - low) / 2.0
    return float(half[0]), float(half[1])


def pvalue_monte_carlo_se(values: Array, estimate: float, *, kind: str = "percentile") -> float:
    """Return the Monte-Carlo standard error of ``bootstrap_pvalue``: the binomial error of u carried on."""
    used = _usable(values)
    size = len(used)
    if size < 2:
        return float("nan")
    u = _share_below_zero(used)
    if kind not in ("bc", "bca"):
        return float(2.0 * np.sqrt(u * (1.0 - u) / size))
    z0 = bias_correction(used, estimate)
    share, w = norm.cdf(z0), norm.ppf(u) - 2.0 * z0
    slope_u, slope_share = norm.pdf(w) / norm.pdf(norm.ppf(u)), -2.0 * norm.pdf(w) / norm.pdf(z0)
    variance = slope_u**2 * u * (1.0 - u) + slope_share**2 * share * (1.0 - share)
    variance += 2.0 * slope_u * slope_share * (min(u, share) - u * share)
    return float(2.0 * np.sqrt(max(variance, 0.0) / size))
