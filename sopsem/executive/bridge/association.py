"""Two columns of units set beside each other: correlation, permutation, interval, correction for unreliability."""

import math
import warnings

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

__all__ = ["associate", "corrected_for_unreliability", "holm", "spearman_brown"]

Floats = npt.NDArray[np.float64]
FEWEST = 3  # units for which a correlation says anything but a sign


def _pearson(x: Floats, y: Floats, axis: int = -1) -> Floats:
    x = x - x.mean(axis=axis, keepdims=True)
    y = y - y.mean(axis=axis, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt((x**2).sum(axis=axis) * (y**2).sum(axis=axis))
        return np.asarray((x * y).sum(axis=axis) / spread)


def _spearman(x: Floats, y: Floats, axis: int = -1) -> Floats:
    return _pearson(stats.rankdata(x, axis=axis), stats.rankdata(y, axis=axis), axis)


STATISTICS = {"spearman": _spearman, "pearson": _pearson}


def correlations(x: Floats, y: Floats) -> dict[str, float]:
    """Return both correlations; NaN below three units or without spread."""
    enough = len(x) >= FEWEST and np.ptp(x) > 0 and np.ptp(y) > 0
    return {name: float(of(x, y)) if enough else math.nan for name, of in STATISTICS.items()}


def associate(
    x: npt.ArrayLike, y: npt.ArrayLike, *, permutations: int, draws: int, seed: int
) -> dict[str, float]:
    """Return Spearman's and Pearson's correlation, each with a permutation p and a BCa interval of 95 %.

    p: two-sided, ``scipy.stats.permutation_test`` over pairings (exact where there are fewer of them than
    ``permutations``); interval: ``scipy.stats.bootstrap`` of units.

    Parameters
    ----------
    x, y : array, shape (units,)
        Without missing values, in the order of the units' names.
    permutations, draws, seed : int
        The same arguments give the same numbers.

    Returns
    -------
    dict
        ``spearman spearman_p spearman_lower spearman_upper`` and the same for ``pearson``; all NaN where a column
        has no spread.

    Examples
    --------
    >>> found = associate(range(8), [0, 2, 1, 3, 4, 6, 5, 7], permutations=999, draws=500, seed=1)
    >>> round(found["spearman"], 3), found["spearman_p"] < 0.01
    (0.952, True)

    """
    a, b = np.asarray(x, float), np.asarray(y, float)
    found: dict[str, float] = {}
    for name, value in correlations(a, b).items():
        found[name] = value
        known = not math.isnan(value)
        found[f"{name}_p"] = _permutation_p(name, a, b, permutations, seed) if known else math.nan
        lower, upper = _interval(name, a, b, draws, seed) if known else (math.nan, math.nan)
        found |= {f"{name}_lower": lower, f"{name}_upper": upper}
    return found


def _permutation_p(name: str, x: Floats, y: Floats, permutations: int, seed: int) -> float:
    found = stats.permutation_test(
        (x,),
        lambda shuffled, axis=-1: STATISTICS[name](shuffled, y, axis),
        permutation_type="pairings",
        vectorized=True,
        n_resamples=permutations,
        rng=np.random.default_rng(np.random.SeedSequence([seed, 3])),
    )
    return float(found.pvalue)


def _interval(name: str, x: Floats, y: Floats, draws: int, seed: int) -> tuple[float, float]:
    """Return the BCa interval; NaN where units in one line leave nothing to correct by."""
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            (x, y),
            STATISTICS[name],
            paired=True,
            vectorized=True,
            n_resamples=draws,
            method="BCa",
            rng=np.random.default_rng(np.random.SeedSequence([seed, 4])),
        )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def spearman_brown(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Return the reliability of a measure from its two halves over units: 2 r / (1 + r).

    >>> round(spearman_brown([1, 2, 3, 4], [1, 3, 2, 4]), 3)
    0.889
    """
    r = correlations(np.asarray(first, float), np.asarray(second, float))["pearson"]
    return 2 * r / (1 + r) if r > -1 else math.nan


def corrected_for_unreliability(r: float, perceived: float, measured: float) -> float:
    """Return r / sqrt(rel_x rel_y), as it is: above 1 it says that a reliability is set too low (Spearman 1904).

    >>> round(corrected_for_unreliability(0.6, 0.9, 0.8), 3)
    0.707
    """
    return r / math.sqrt(perceived * measured) if perceived > 0 and measured > 0 else math.nan


def holm(p: "pd.Series[float]") -> "pd.Series[float]":
    """Return p-values corrected for their number (Holm 1979); those that are not known do not count.

    >>> holm(pd.Series([0.01, np.nan, 0.04])).tolist()
    [0.02, nan, 0.04]
    """
    adjusted = pd.Series(p, dtype=float).copy()
    known = adjusted.notna()
    if known.any():
        adjusted[known] = multipletests(adjusted[known], method="holm")[1]
    return adjusted
