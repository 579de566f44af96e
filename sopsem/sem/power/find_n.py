"""N for a target: power, or the width of an interval, measured at a few N and read off a straight line.

The probit of power is nearly linear in sqrt(N) (exactly so for a z test far from alpha), and the log of a width in
log(N).  Sizes are tried where theory and then the measured values point; the line through those near the answer is
fitted with weights from their Monte Carlo errors, and the error of the N read off it is by the delta method.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.distributions import norm_pdf, norm_ppf

__all__ = ["LARGEST", "NeededN", "Scale", "find_n", "power_scale", "theoretical_n", "width_scale"]

Array = NDArray[np.float64]
LARGEST = 1_000_000
SPREAD = (0.85, 1.0, 1.18)  # sizes of one round around the answer so far
WINDOW = 1.7  # sizes further away than this factor do not speak for the line
WIDEST = 3  # power to which these factors are taken at most
ROUNDS = 8


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Axes on which what is measured is a straight line in N; ``rises`` says which way."""

    x: Callable[[Array], Array]
    n: Callable[[float], float]
    slope: Callable[[float], float]  # dN/dx
    y: Callable[[Array], Array]
    error: Callable[[Array, Array], Array]  # of y, from the value and its error
    rises: bool


@dataclass(frozen=True, kw_only=True)
class NeededN:
    """The smallest N, its Monte Carlo standard error, 95 % limits, and the sizes that speak for it.

    The error is NaN where the smallest size that can be tried is enough.
    """

    n: int
    mc_se: float
    lower: float
    upper: float
    sizes: tuple[int, ...]


def power_scale() -> Scale:
    """Return the axes of power: probit against sqrt(N)."""
    return Scale(
        x=np.sqrt,
        n=lambda x: x**2,
        slope=lambda x: 2.0 * x,
        y=lambda p: np.asarray(norm_ppf(p)),
        error=lambda p, se: np.asarray(se / norm_pdf(norm_ppf(p))),
        rises=True,
    )


def width_scale() -> Scale:
    """Return the axes of a width: its log against log(N)."""
    return Scale(
        x=np.log,
        n=lambda x: float(np.exp(x)),
        slope=lambda x: float(np.exp(x)),
        y=np.log,
        error=lambda w, se: np.asarray(se / w),
        rises=False,
    )


def theoretical_n(reached: Callable[[int], bool], least: int) -> int | None:
    """Return the smallest N from ``least`` on at which a rising condition holds; None up to a million.

    >>> theoretical_n(lambda n: n >= 785, 5)
    785
    """
    low, high = least - 1, least
    while not reached(high):
        low, high = high, 2 * high
        if high > LARGEST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def find_n(
    measure: Callable[[int], tuple[float, float]],
    known: dict[int, tuple[float, float]],
    scale: Scale,
    target: float,
    *,
    start: int,
    least: int,
) -> NeededN:
    """Search the N at which what is measured reaches a target.

    Parameters
    ----------
    measure : callable
        N to value and Monte Carlo standard error.
    known : dict
        Values at sizes that were measured already.
    scale : Scale
    target : float
    start, least : int
        Where theory puts N, and the smallest N that can be tried.

    Raises
    ------
    UsageError
        No N up to a million is enough, or the values do not move with N towards the target.

    """
    points, center, spread = dict(known), float(start), 1
    for _ in range(ROUNDS):
        for factor in SPREAD:
            n = int(np.clip(round(center * factor**spread), least, LARGEST))
            if n not in points:
                points[n] = measure(n)
        if least in points and _enough(*points[least], scale, target):
            return NeededN(n=least, mc_se=float("nan"), lower=least, upper=least, sizes=(least,))
        line = _line(points, scale, target, center)
        if line is not None:
            answer, error, used = line
            if min(used) <= answer <= max(used) or answer <= least:
                return _needed(answer, error, used, least)
            center = answer
        elif far := _far(points, scale, target, center):
            center = float(np.clip(center * far, least, LARGEST))
        else:
            spread = min(spread + 1, WIDEST)  # near the target the noise hides the slope: look wider
    raise UsageError(
        f"no N for {target:g} was found: {_told(points)}; the effect may be too small, the replications too few, or "
        "the target one that this test does not reach"
    )


def _line(
    points: dict[int, tuple[float, float]], scale: Scale, target: float, center: float
) -> tuple[float, float, list[int]] | None:
    """Return N at the target, its standard error and the sizes used; None where the line does not lead there."""
    used = [
        n for n in sorted(points) if center / WINDOW <= n <= center * WINDOW and _usable(*points[n], scale)
    ]
    if len(used) < 2:
        return None
    x = scale.x(np.array(used, dtype=float))
    values, errors = np.array([points[n] for n in used]).T
    y, weight = scale.y(values), 1.0 / scale.error(values, errors) ** 2
    middle = float((weight * x).sum() / weight.sum())
    spread = float((weight * (x - middle) ** 2).sum())
    height, slope = (
        float((weight * y).sum() / weight.sum()),
        float((weight * (x - middle) * y).sum() / spread),
    )
    if (slope > 0.0) != scale.rises or abs(slope) * np.sqrt(spread) < 2.0:
        return None
    at = middle + (float(scale.y(np.array(target))) - height) / slope
    if at <= 0.0 or scale.n(at) > LARGEST:
        return None
    of_y = float(np.sqrt(1.0 / weight.sum() + (at - middle) ** 2 / spread))
    return scale.n(at), scale.slope(at) * of_y / abs(slope), used


def _enough(value: float, error: float, scale: Scale, target: float) -> bool:
    """Say whether a value passes the target by more than its Monte Carlo error."""
    return value - 2.0 * error > target if scale.rises else value + 2.0 * error < target


def _usable(value: float, error: float, scale: Scale) -> bool:
    """Say whether a value has a place on the scale: no power of 0 or 1, no missing width."""
    return bool(error > 0.0 and np.isfinite(scale.y(np.array(value))))


def _far(points: dict[int, tuple[float, float]], scale: Scale, target: float, center: float) -> float:
    """Return by which factor to move where what was measured is far from the target, else 0."""
    value, error = points[min(points, key=lambda n: abs(np.log(n / center)))]
    if (
        _usable(value, error, scale)
        and abs(float(scale.y(np.array(value)) - scale.y(np.array(target)))) < 1.0
    ):
        return 0.0
    return 4.0 if (value < target) == scale.rises else 0.25


def _needed(answer: float, error: float, used: list[int], least: int) -> NeededN:
    z = float(norm_ppf(0.975))
    return NeededN(
        n=max(int(np.ceil(answer)), least),
        mc_se=error,
        lower=max(answer - z * error, float(least)),
        upper=answer + z * error,
        sizes=tuple(used),
    )


def _told(points: dict[int, tuple[float, float]]) -> str:
    return ", ".join(f"{value:.3f} at N = {n}" for n, (value, _) in sorted(points.items()))
