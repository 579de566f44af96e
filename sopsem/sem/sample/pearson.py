"""Correlations of observed variables with their tests and intervals."""

from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from sopsem.errors import DataError, UsageError
from sopsem.sem.distributions import norm_ppf, t_sf

__all__ = ["pearson_correlations"]


def pearson_correlations(
    data: pd.DataFrame, *, missing: Literal["listwise", "pairwise"] = "listwise", level: float = 0.95
) -> pd.DataFrame:
    """Return the correlation of every pair of columns with p and interval.

    Parameters
    ----------
    data : DataFrame
        Numeric columns.
    missing : {"listwise", "pairwise"}
        Rows without any missing value, or for each pair the rows that have both.
    level : float

    Returns
    -------
    DataFrame
        lhs rhs r n pvalue ci_lower ci_upper; NaN where a variable does not vary or fewer than four rows are left.

    Raises
    ------
    UsageError
        Another ``missing``, a level outside 0..1.
    DataError
        A column that is not numeric.

    Notes
    -----
    t = r sqrt((n - 2) / (1 - r²)) with n - 2 degrees of freedom; limits tanh(atanh r ± z / sqrt(n - 3)) (Fisher).

    Examples
    --------
    >>> data = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [2.0, 1, 4, 3, 5]})
    >>> print(pearson_correlations(data).round(3).to_string(index=False))
    lhs rhs   r  n  pvalue  ci_lower  ci_upper
      a   b 0.8  5   0.104     -0.28     0.986

    """
    if missing not in ("listwise", "pairwise"):
        raise UsageError(f"missing is {missing!r}; choose 'listwise' or 'pairwise'")
    if not 0.0 < level < 1.0:
        raise UsageError(f"level is {level}; give a number between 0 and 1, e.g. 0.95")
    text = [str(c) for c in data.columns if not pd.api.types.is_numeric_dtype(data[c])]
    if text:
        raise DataError(f"column {text[0]!r} holds text; correlations need numbers: leave it out or code it")
    numbers = data.astype(np.float64)
    whole = numbers.dropna() if missing == "listwise" else numbers
    half = float(norm_ppf(0.5 + level / 2.0))
    rows = []
    for first, second in combinations(whole.columns, 2):
        pair = whole[[first, second]].dropna().to_numpy()
        rows.append((first, second, *_test(pair, half)))
    return pd.DataFrame(rows, columns=["lhs", "rhs", "r", "n", "pvalue", "ci_lower", "ci_upper"])


def _test(pair: np.ndarray, half: float) -> tuple[float, int, float, float, float]:
    """Return r, n, p and limits of two columns (n, 2)."""
    n = len(pair)
    if n < 4 or not (pair.std(axis=0) > 0.0).all():
        return np.nan, n, np.nan, np.nan, np.nan
    r = float(np.clip(np.corrcoef(pair, rowvar=False)[0, 1], -1.0, 1.0))
    with np.errstate(divide="ignore"):
        size = np.abs(r) * np.sqrt((n - 2) / max(1.0 - r**2, 0.0)) if r**2 < 1.0 else np.inf
        limits = np.tanh(np.arctanh(r) + np.array([-1.0, 1.0]) * half / np.sqrt(n - 3))
    return r, n, float(2.0 * t_sf(size, n - 2)), float(limits[0]), float(limits[1])
