"""Bootstrap intervals and p-values from draws of a statistic: every formula on plain arrays.

``values`` has the draws on its first axis; NaN draws are not used.  ``rule`` says how a quantile between two
order statistics is read (see ``quantiles``).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sopsem.errors import UsageError
from sopsem.registry import Registry
from sopsem.sem.distributions import norm_pdf, norm_sf
from sopsem.sem.resampling.quantiles import RULES, quantile, usable

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
BLOCKS = 20


def bias_correction(values: Array, estimate: float) -> float:
    """Return z0 = Phi^-1(share of draws below the estimate), ties counted half (Efron, 1987)."""
    used = usable(values)
    below = (used < estimate).sum() + 0.5 * (used == estimate).sum()
    return (
        float(ndtri(np.clip(below / len(used), 0.5 / len(used), 1.0 - 0.5 / len(used))))
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
        raise UsageError(
            "the BCa interval needs jackknife= (leave-one-out estimates); effects() makes them itself"
        )
    return _accelerated(values, estimate, level, rule, _acceleration(jackknife))


def _acceleration(jackknife: Array | None) -> float:
    """Return a = sum d^3 / (6 (sum d^2)^1.5) from leave-one-out estimates (Efron, 1987); 0 without them."""
    if jackknife is None:
        return 0.0
    spread = jackknife.mean() - jackknife
    power = 6.0 * float((spread**2).sum()) ** 1.5
    return float((spread**3).sum()) / power if power > 0.0 else 0.0


@INTERVALS.register("normal", label="normal", source="Efron & Tibshirani (1993)")
def _normal(values: Array, estimate: float, level: float, _rule: str, **_: Array | None) -> Array:
    """Bias-corrected normal interval, 2 estimate - mean -/+ z SD (divisor B), as lavaan."""
    used = usable(values)
    half = ndtri(0.5 + level / 2.0) * used.std()
    return np.asarray(2.0 * estimate - used.mean() + np.array([-half, half]))


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
        raise UsageError("the studentized interval needs a standard error in every draw: draw_se= and se=")
    pivots = _pivots(values, estimate, draw_se)
    lower, upper = _percentile(pivots, 0.0, level, rule)
    return np.array([estimate - upper * float(se), estimate - lower * float(se)])


def _pivots(values: Array, estimate: float, draw_se: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(draw_se > 0.0, (values - estimate) / draw_se, np.nan)


def _tails(level: float) -> Array:
    return np.asarray(ndtri(np.array([(1.0 - level) / 2.0, 0.5 + level / 2.0])))


def _accelerated(values: Array, estimate: float, level: float, rule: str, acceleration: float) -> Array:
    """Return the quantiles at Phi(z0 + (z0 + z)/(1 - a (z0 + z))) (Efron, 1987)."""
    z0 = bias_correction(values, estimate)
    shifted = z0 + _tails(level)
    return quantile(values, ndtr(z0 + shifted / (1.0 - acceleration * shifted)), rule=rule)


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


def _share_below(used: Array, point: float) -> float:
    """Return the share of draws below a point, ties counted half, kept off 0 and 1 by one draw in B + 1."""
    size = len(used)
    share = ((used < point).sum() + 0.5 * (used == point).sum()) / size
    return float(np.clip(share, 1.0 / (size + 1), size / (size + 1)))


def bootstrap_pvalue(values: Array, estimate: float, *, kind: str = "percentile", **extra: Array) -> float:
    """Return the two-sided p by inversion of the interval: 1 - p is the level whose interval has an end at 0.

    With u = (#(draw < 0) + #(draw = 0)/2)/B kept within [1/(B+1), B/(B+1)]:
    percentile 2 min(u, 1 - u); bias-corrected 2 min(Phi(w), 1 - Phi(w)), w = Phi^-1(u) - 2 z0, and with the
    acceleration a w = t/(1 + a t) - z0, t = Phi^-1(u) - z0; basic as percentile with u the share below twice
    the estimate; studentized with u the share of pivots below estimate/SE; normal with z = (2 estimate -
    mean)/SD.  Where no draw lies beyond 0 the p is an upper bound, the least that B draws can show: for BC and
    BCa it may exceed 1 - level although the interval leaves out 0.

    Parameters
    ----------
    values, estimate, kind, **extra
        As in ``interval``.

    """
    used = usable(values)
    if len(used) < 2 or not np.isfinite(estimate):
        return float("nan")
    if kind == "normal":
        return float(2.0 * norm_sf(abs(_normal_z(used, estimate))))
    if kind in ("bc", "bca"):
        below = ndtr(_inverted(used, estimate, **extra)[0])
    else:
        below = _share_below(*_inverted_share(used, values, estimate, kind, **extra))
    return float(2.0 * min(below, 1.0 - below))


def _normal_z(used: Array, estimate: float) -> float:
    spread = float(used.std())
    return (2.0 * estimate - float(used.mean())) / spread if spread > 0.0 else float("nan")


def _inverted_share(
    used: Array, values: Array, estimate: float, kind: str, **extra: Array
) -> tuple[Array, float]:
    """Return draws and the point at which the interval has an end at 0 when the draw there is its limit."""
    if kind == "basic":
        return used, 2.0 * estimate
    if kind == "studentized":
        pivots = _pivots(values, estimate, extra["draw_se"])
        return usable(pivots), estimate / float(extra["se"])
    return used, 0.0


def _inverted(
    used: Array, estimate: float, *, jackknife: Array | None = None, **_: Array
) -> tuple[float, float]:
    """Return the normal quantile of the BC or BCa level with an end at 0, and its slope in Phi^-1(u)."""
    z0, acceleration = bias_correction(used, estimate), _acceleration(jackknife)
    t = float(ndtri(_share_below(used, 0.0))) - z0
    stretch = 1.0 / (1.0 + acceleration * t)
    return t * stretch - z0, stretch**2


def monte_carlo_se(
    values: Array,
    estimate: float,
    *,
    kind: str,
    level: float,
    rule: str = "weibull",
    against: float = np.inf,
    **extra: Array,
) -> tuple[float, float]:
    """Return the Monte-Carlo standard error of both limits; inf where a limit is the outermost draw.

    From order statistics, or by the delete-block jackknife over 20 blocks of draws b = g mod 20, so that the
    answer depends on the draws alone.

    Parameters
    ----------
    against : float
        Draws of another, independent run: the error is then that of the difference between both limits.

    """
    if kind in ("percentile", "bc", "bca") and np.isfinite(values).sum() >= 2:
        return _order_statistic_se(values, estimate, kind, level, extra.get("jackknife"), against)
    blocks = min(BLOCKS, len(values))
    groups = np.arange(len(values)) % blocks
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
            for g in range(blocks)
        ]
    )
    spread = np.sqrt((blocks - 1.0) / blocks * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    spread *= np.sqrt(1.0 + len(values) / against)
    return float(spread[0]), float(spread[1])


def _order_statistic_se(
    values: Array, estimate: float, kind: str, level: float, jackknife: Array | None, against: float
) -> tuple[float, float]:
    """Half the distance between the quantiles one binomial standard error below and above each level.

    The share of draws below a quantile has SD sqrt(a(1-a)(1/B + 1/B')), B' the draws of the other run; for BC and
    BCa the level itself varies with z0.  A limit beyond which less than one draw is expected is not known.
    """
    used = usable(values)
    per_draw = 1.0 / len(used) + 1.0 / against
    z0 = 0.0 if kind == "percentile" else bias_correction(used, estimate)
    shifted = z0 + _tails(level)
    stretch = 1.0 / (1.0 - (_acceleration(jackknife) if kind == "bca" else 0.0) * shifted)
    z = z0 + shifted * stretch
    a = ndtr(z)
    variance = a * (1.0 - a) * per_draw
    if kind != "percentile":
        share = ndtr(z0)
        z0_se = np.sqrt(share * (1.0 - share) * per_draw) / norm_pdf(z0)
        slope = (1.0 + stretch**2) * norm_pdf(z)
        # the count below the estimate and the count below the limit are drawn together
        joint = np.minimum(a, share) - a * share
        variance = variance + (slope * z0_se) ** 2 - 2.0 * slope * joint * per_draw / norm_pdf(z0)
    step = np.sqrt(np.maximum(variance, 0.0))
    low, high = np.clip(a - step, 0.0, 1.0), np.clip(a + step, 0.0, 1.0)
    width = np.maximum(high - low, 1e-300)
    half = (quantile(used, high) - quantile(used, low)) * step / width
    half = np.where(np.minimum(a, 1.0 - a) * (len(used) + 1) < 1.0 - 1e-9, np.inf, half)
    return float(half[0]), float(half[1])


def pvalue_monte_carlo_se(
    values: Array, estimate: float, *, kind: str = "percentile", against: float = np.inf, **extra: Array
) -> float:
    """Return the Monte-Carlo standard error of ``bootstrap_pvalue``: the binomial error of u carried on.

    ``against`` as in ``monte_carlo_se``.
    """
    used = usable(values)
    if len(used) < 2 or not np.isfinite(estimate):
        return float("nan")
    size = 1.0 / (1.0 / len(used) + 1.0 / against)
    if kind == "normal":
        z = _normal_z(used, estimate)
        return float(2.0 * norm_pdf(z) * np.sqrt((1.0 + z**2 / 2.0) / size))
    if kind not in ("bc", "bca"):
        u = _share_below(*_inverted_share(used, values, estimate, kind, **extra))
        return float(2.0 * np.sqrt(u * (1.0 - u) / size))
    u = _share_below(used, 0.0)
    z0 = bias_correction(used, estimate)
    w, steepness = _inverted(used, estimate, **extra)
    share = ndtr(z0)
    slope_u = steepness * norm_pdf(w) / norm_pdf(ndtri(u))
    slope_share = -(1.0 + steepness) * norm_pdf(w) / norm_pdf(z0)
    variance = slope_u**2 * u * (1.0 - u) + slope_share**2 * share * (1.0 - share)
    variance += 2.0 * slope_u * slope_share * (min(u, share) - u * share)
    return float(2.0 * np.sqrt(max(variance, 0.0) / size))
