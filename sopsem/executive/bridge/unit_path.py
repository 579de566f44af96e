"""One slope over few units: least squares, and a wild bootstrap for what its error would be."""

import math

import numpy as np
import numpy.typing as npt

from sopsem.errors import DataError
from sopsem.executive.notices import fault, refusal

__all__ = ["unit_path"]

Floats = npt.NDArray[np.float64]
FEWEST, LEVEL = 4, 0.95


def unit_path(x: npt.ArrayLike, y: npt.ArrayLike, *, draws: int, seed: int) -> dict[str, float]:
    """Return the slope of y on x with an interval and a p-value by wild bootstrap.

    t = slope / HC3 error.  p: residuals of the null (slope 0) times signs, |t*| >= |t| (restricted, Davidson &
    Flachaire 2008).  Interval: slope +- the 95 % point of |t*| of the unrestricted residuals times the error.  Where
    there are no more than ``draws`` choices of signs all of them are taken, so the answer is exact.

    Parameters
    ----------
    x, y : array, shape (units,)
        Without missing values.
    draws, seed : int

    Returns
    -------
    dict
        ``slope se t p lower upper n``; NaN where x has no spread.

    Raises
    ------
    DataError
        T13 with fewer than four units.

    Examples
    --------
    >>> found = unit_path([1, 2, 3, 4, 5, 6, 7, 8], [1.1, 1.9, 3.2, 3.8, 5.1, 6.2, 6.8, 8.1], draws=2000, seed=1)
    >>> round(found["slope"], 3), round(found["p"], 4)
    (0.998, 0.0078)

    """
    a, b = np.asarray(x, float), np.asarray(y, float)
    n = len(a)
    if n < FEWEST:
        raise _too_few(n)
    if not np.ptp(a) > 0:
        return dict.fromkeys(("slope", "se", "t", "p", "lower", "upper"), math.nan) | {"n": n}
    centred = a - a.mean()
    leverage = 1 / n + centred**2 / (centred @ centred)
    slope, se = (float(v) for v in _slope(centred, leverage, b))
    t = slope / se if se > 0 else math.inf * np.sign(slope)
    signs = _signs(n, draws, seed)
    null_slope, null_se = _slope(centred, leverage, signs * (b - b.mean()))
    residuals = (b - b.mean() - slope * centred) / (1 - leverage)
    free_slope, free_se = _slope(centred, leverage, signs * residuals)
    wide = float(np.quantile(_absolute_t(free_slope, free_se), LEVEL))
    # all choices of signs hold the data themselves; random ones do not, so the data are added
    exact = len(signs) == 2**n
    beyond = int((_absolute_t(null_slope, null_se) >= abs(t) * (1 - 1e-9)).sum())
    p = beyond / len(signs) if exact else (beyond + 1) / (len(signs) + 1)
    return {
        "slope": slope,
        "se": se,
        "t": t,
        "p": p,
        "lower": slope - wide * se,
        "upper": slope + wide * se,
        "n": n,
    }


def _too_few(n: int) -> DataError:
    return refusal([fault("T13", f"unit-level path: have {n} units, need {FEWEST}")])


def _slope(centred: Floats, leverage: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return slopes and HC3 errors of every row of y."""
    total = centred @ centred
    slope = y @ centred / total
    residuals = y - y.mean(axis=-1, keepdims=True) - np.multiply.outer(slope, centred)
    se = np.sqrt(((residuals / (1 - leverage)) ** 2) @ centred**2) / total
    return np.asarray(slope, np.float64), np.asarray(se, np.float64)


def _absolute_t(slope: Floats, se: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nan_to_num(np.abs(slope / se), nan=0.0, posinf=np.inf))


def _signs(n: int, draws: int, seed: int) -> Floats:
    """Return rows of +1 and -1 (Rademacher): every choice where there are few, else random ones."""
    if 2**n <= draws:
        return np.asarray(1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1), np.float64)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 6]))
    return np.asarray(rng.choice([-1.0, 1.0], size=(draws, n)), np.float64)
