"""Residuals: what the model leaves of every covariance, mean and threshold, with standard errors.

The covariance matrix of the residuals is that of ``residual_moments``.

Source: Maydeu-Olivares (2017); Ogasawara (2001).
"""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.residual_moments import ResidualMoments, residual_moments

__all__ = ["residuals"]

Array = NDArray[np.float64]
Kind = Literal["raw", "cor", "cor_bollen", "cor_bentler", "normalized", "standardized"]
KINDS = ("raw", "cor", "cor_bollen", "cor_bentler", "normalized", "standardized")
SHOWN = ("variance", "covariance", "mean", "threshold", "slope")
EXACT = 1e-10  # a residual variance below this share of that of its statistic is rounding
SMALLEST = 1e-4  # sampling variance, of variables with variance 1, of what is not given
COLUMNS = ["lhs", "op", "rhs", "group", "residual", "se", "z"]


def residuals(fit: Fit, kind: Kind = "raw") -> pd.DataFrame:
    """Return sample minus implied moments, one row for every variance, covariance, mean and threshold.

    Parameters
    ----------
    fit : Fit
    kind : str
        ``raw``; ``cor_bollen`` (or ``cor``): difference of the two correlation matrices, each scaled by its
        own variances; ``cor_bentler``: both scaled by the sample variances; ``normalized``: raw over the
        standard error of the statistic; ``standardized``: raw over the standard error of the residual.

    Returns
    -------
    DataFrame
        Columns lhs op rhs group residual se z; means have op ``~1``, thresholds ``|``.  ``se`` and ``z`` are
        NaN for the last two kinds, which are z already; ``z`` is NaN where the model reproduces the moment
        exactly (se 0).

    Raises
    ------
    UsageError
        Another kind.

    Notes
    -----
    With robust standard errors, incomplete rows or ordered variables the errors allow for these: they rest on
    the same sampling covariances of the moments as the standard errors of the estimates.  The latent response
    of an ordered variable has the variance 1 on both sides, and its correlations are residuals as they are.
    Fixed exogenous variables are given: the errors of the other residuals are those for these values.  Of
    several groups with equal parameters, the sampling error that the other groups bring into the estimates
    counts too; lavaan leaves it out, so that its z differ there.  With ordered variables lavaan 0.6 divides by
    the N of all groups, here it is that of the group.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, .6, .3, .3], [.6, 1.0, .3, .3], [.3, .3, 1.0, .5], [.3, .3, .5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> table = residuals(fit("f =~ a + b + c + d", sample_cov=cov, n_obs=100), kind="cor")
    >>> table.query("lhs == 'c' and rhs == 'd'").residual.round(3).tolist()
    [0.286]

    """
    if kind not in KINDS:
        raise UsageError(f"kind is {kind!r}; choose one of {', '.join(map(repr, KINDS))}")
    frames = [
        _of_group(moments, kind).assign(group=number)
        for number, moments in enumerate(residual_moments(fit), start=1)
    ]
    return pd.concat(frames, ignore_index=True)[COLUMNS]


def _of_group(moments: ResidualMoments, kind: Kind) -> pd.DataFrame:
    """Return the residuals of one group, variances and covariances first."""
    values, variances = moments.sample - moments.implied, np.diag(moments.covariance)
    if kind in ("cor", "cor_bollen"):
        values, covariance = moments.as_correlations()
        variances = np.diag(covariance)
    statistic = np.diag(moments.gamma)
    if kind == "normalized":
        variances = statistic
    se = np.sqrt(np.where(variances > EXACT * np.maximum(statistic, SMALLEST), variances, 0.0) / moments.n)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(se > 0.0, values / se, np.nan)
    if kind in ("normalized", "standardized"):
        # as is the custom, an exactly reproduced moment has the value 0 here
        values, se, z = np.where(np.isnan(z), 0.0, z), np.full(len(se), np.nan), np.full(len(se), np.nan)
    elif kind == "raw":
        values, se = values * moments.unit, se * moments.unit
    rows = moments.rows.assign(residual=values, se=se, z=z)
    return _in_order(rows, moments, errors=kind not in ("normalized", "standardized"))


def _in_order(rows: pd.DataFrame, moments: ResidualMoments, *, errors: bool) -> pd.DataFrame:
    """Return rows by kind, with the variances of latent responses, which leave nothing, among the others."""
    named = {int(v): name for v, name in zip(moments.second, rows["lhs"], strict=True)}
    estimated = set(moments.first[moments.where("variance")])
    error = 0.0 if errors else np.nan
    fixed = [
        (name, "~~", name, "variance", 0.0, error, np.nan)
        for v, name in sorted(named.items())
        if v not in estimated
    ]
    ends = np.column_stack([moments.second, moments.first])
    ends = np.vstack([ends, [[v, v] for v in sorted(named) if v not in estimated]]) if fixed else ends
    whole = pd.concat([rows, pd.DataFrame(fixed, columns=rows.columns)]) if fixed else rows
    shown = whole["kind"].map({kind: max(place, 1) for place, kind in enumerate(SHOWN)}).to_numpy()
    by_column = np.where(shown[:, None] == 1, ends, 0)
    order = np.lexsort((np.arange(len(shown)), by_column[:, 1], by_column[:, 0], shown))
    return whole.iloc[order]
