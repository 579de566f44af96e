"""Stated chances against outcomes: shrunken rates, the Brier score and its parts, calibration intercept and slope."""

import math
import warnings

import numpy as np
from statsmodels.discrete.discrete_model import Logit
from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

__all__ = ["brier_parts", "cox_calibration", "shrunken_rate"]

CLIP = 0.005


def shrunken_rate(wins: float, n: float, stated: float, k: float = 20) -> float:
    """Return (wins + k x stated) / (n + k): the win rate, pulled to what was stated where there is little evidence.

    >>> round(shrunken_rate(14, 40, 0.6), 3), shrunken_rate(0, 4, 0.6)
    (0.433, 0.5)
    """
    return (wins + k * stated) / (n + k)


def brier_parts(probability: np.ndarray, won: np.ndarray) -> dict[str, float]:
    """Return the Brier score and its parts (Murphy 1973): reliability - resolution + uncertainty.

    Groups are the distinct probabilities, so the parts sum to the score exactly.

    >>> p = np.repeat([0.1, 0.3, 0.6, 0.9], 10)
    >>> won = np.concatenate([np.arange(10) < w for w in (1, 2, 4, 7)])
    >>> {name: round(value, 4) for name, value in brier_parts(p, won).items()}
    {'brier': 0.1975, 'reliability': 0.0225, 'resolution': 0.0525, 'uncertainty': 0.2275}
    """
    y = np.asarray(won, float)
    values, group = np.unique(probability, return_inverse=True)
    n = np.bincount(group)
    rate = np.bincount(group, weights=y) / n
    base = float(y.mean())
    return {
        "brier": float(((probability - y) ** 2).mean()),
        "reliability": float((n * (values - rate) ** 2).sum() / len(y)),
        "resolution": float((n * (rate - base) ** 2).sum() / len(y)),
        "uncertainty": base * (1 - base),
    }


def _logit(probability: np.ndarray) -> np.ndarray:
    held = np.clip(probability, CLIP, 1 - CLIP)
    return np.asarray(np.log(held / (1 - held)))


def fit_logit(won: np.ndarray, design: np.ndarray) -> tuple[np.ndarray, float]:
    """Return coefficients and AIC of a logit; NaN where the outcomes are separated or all alike."""
    nothing = np.full(design.shape[1], math.nan), math.nan
    if len(np.unique(won)) < 2:
        return nothing
    with warnings.catch_warnings():
        warnings.simplefilter("error", PerfectSeparationWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            fitted = Logit(np.asarray(won, float), design).fit(disp=False, maxiter=200)
        except (PerfectSeparationWarning, np.linalg.LinAlgError):
            return nothing
    return np.asarray(fitted.params), float(fitted.aic)


def cox_calibration(probability: np.ndarray, won: np.ndarray) -> dict[str, float]:
    """Return intercept and slope of the logit of winning on the logit of p (Cox 1958); 0 and 1 are perfect.

    A slope below 1 is overconfidence.  Chances of 0 and 1 count as 0.005 and 0.995.

    >>> p = np.repeat([0.1, 0.3, 0.6, 0.9], 10)
    >>> won = np.concatenate([np.arange(10) < w for w in (1, 2, 4, 7)])
    >>> {name: round(value, 3) for name, value in cox_calibration(p, won).items()}
    {'intercept': -0.713, 'slope': 0.708}
    """
    x = _logit(np.asarray(probability, float))
    if np.ptp(x) == 0:
        return {"intercept": math.nan, "slope": math.nan}
    found, _ = fit_logit(won, np.column_stack([np.ones(len(x)), x]))
    return {"intercept": float(found[0]), "slope": float(found[1])}


def compliance_gain(probability: np.ndarray, won: np.ndarray, compliance: np.ndarray) -> float:
    """Return how much AIC falls when compliance with criteria is known beside p; positive: it predicts winning."""
    x = _logit(np.asarray(probability, float))
    one = np.ones(len(x))
    if np.ptp(compliance) == 0 or np.ptp(x) == 0:
        return math.nan
    _, without = fit_logit(won, np.column_stack([one, x]))
    _, with_it = fit_logit(won, np.column_stack([one, x, compliance]))
    return without - with_it
