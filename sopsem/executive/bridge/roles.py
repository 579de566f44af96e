"""The perception gap by function: do sales and operations see the same company."""

import math
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

__all__ = ["hedges_g", "role_gap"]

Floats = npt.NDArray[np.float64]


def hedges_g(first: npt.ArrayLike, second: npt.ArrayLike, axis: int = -1) -> Floats:
    """Return the difference of two means in pooled standard deviations, small samples corrected; NaN without spread.

    g = (m1 - m2) / s x (1 - 3 / (4 df - 1)), df = n1 + n2 - 2 (Hedges 1981).

    >>> float(hedges_g([4.0, 5, 6], [1.0, 2, 3]).round(3))
    2.4
    """
    a, b = np.asarray(first, float), np.asarray(second, float)
    n, m = a.shape[axis], b.shape[axis]
    df = n + m - 2
    if df < 1:
        return np.full(np.delete(a.shape, axis), np.nan)
    squares = a.var(axis=axis, ddof=0) * n + b.var(axis=axis, ddof=0) * m
    spread = np.sqrt(np.where(squares > 0, squares, np.nan) / df)
    return np.asarray((a.mean(axis=axis) - b.mean(axis=axis)) / spread * (1 - 3 / (4 * df - 1)))


def role_gap(
    scores: pd.DataFrame, roles: Sequence[str], *, least: int, draws: int, seed: int
) -> dict[str, object]:
    """Return means of two roles, their difference and Hedges g with a BCa interval of 95 %.

    Respondents of all units together, drawn within their role; that they share units makes the interval wide rather
    than narrow where both roles are in every unit.

    Parameters
    ----------
    scores : DataFrame
        ``role score``.
    roles : two names
        The difference is the first less the second.
    least : int
        A role with fewer answers is not shown, and nothing is where so few are outside both roles.
    draws, seed : int

    Examples
    --------
    >>> seen = pd.DataFrame({"role": ["S", "S", "S", "O", "O", "O"], "score": [4.0, 5, 6, 1, 2, 3]})
    >>> found = role_gap(seen, ["S", "O"], least=3, draws=200, seed=1)
    >>> found["difference"], round(found["g"], 2)
    (3.0, 2.4)

    """
    first, second = (np.sort(scores.loc[scores["role"] == role, "score"].to_numpy(float)) for role in roles)
    reason = _reason(len(first), len(second), len(scores) - len(first) - len(second), max(least, 2))
    enough = not reason
    row: dict[str, object] = {"role": roles[0], "other": roles[1], "n": len(first), "n_other": len(second)}
    means = (float(first.mean()), float(second.mean())) if enough else (math.nan, math.nan)
    g = float(hedges_g(first, second)) if enough else math.nan
    nothing = (math.nan, math.nan)
    ends = {
        name: _interval(of, first, second, draws, seed) if enough else nothing
        for name, of in (("difference", _difference), ("g", hedges_g))
    }
    return row | {
        "mean": means[0],
        "mean_other": means[1],
        "difference": means[0] - means[1],
        "difference_lower": ends["difference"][0],
        "difference_upper": ends["difference"][1],
        "g": g,
        "g_lower": ends["g"][0],
        "g_upper": ends["g"][1],
        "reason": reason,
    }


def _reason(first: int, second: int, others: int, least: int) -> str:
    if min(first, second) < least:
        return f"fewer than {least} answers of a role"
    # all answers less those of the two roles would show them
    return f"fewer than {least} answers outside both roles would follow" if 0 < others < least else ""


def _difference(first: Floats, second: Floats, axis: int = -1) -> Floats:
    return np.asarray(first.mean(axis=axis) - second.mean(axis=axis))


def _interval(
    of: Callable[..., Floats], first: Floats, second: Floats, draws: int, seed: int
) -> tuple[float, float]:
    """Return the BCa interval; NaN where so many answers are alike that some draw has no spread."""
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            (first, second),
            of,
            vectorized=True,
            n_resamples=draws,
            method="BCa",
            rng=np.random.default_rng(np.random.SeedSequence([seed, 5])),
        )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)
