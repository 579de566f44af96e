"""One number for all residuals: root mean squares with tests of exact and of close fit.

With the m residuals e of a block, their covariance matrix V (that of ``residual_moments`` over N) and p the
number of moments behind the mean, rms = sqrt(e'e / p).  With t1 = tr(V), t2 = tr(V V), its variance is
t2 / (2 p t1) and its expectation under exact fit sqrt(t1 / p) (4 t1^2 - t2) / (4 t1^2).  The unbiased
estimate of the population value is sqrt(max(e'e - t1, 0) / p) / k with k = 1 - (t2 + 2 e'Ve) / (4 (e'e)^2),
and has the variance (t2 + 2 e'Ve) / (2 p e'e k^2).

Source: Maydeu-Olivares (2017), Psychometrika 82; Ogasawara (2001); the layout is that of lavaan's
lavResiduals.
"""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.distributions import norm_ppf, norm_sf
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.residual_moments import ResidualMoments, residual_moments

__all__ = ["residual_summary"]

Array = NDArray[np.float64]
Kind = Literal["rmr", "srmr", "crmr"]
SECOND = ("variance", "covariance")
NO_VARIANCE = np.finfo(float).eps


def residual_summary(
    fit: Fit, kind: Kind = "srmr", *, level: float = 0.90, close: float = 0.05
) -> pd.DataFrame:
    """Return the root mean square of the residuals with its error and tests of exact and close fit.

    Parameters
    ----------
    fit : Fit
    kind : {"srmr", "crmr", "rmr"}
        ``srmr``: residuals scaled by the sample variances (``cor_bentler``); ``crmr``: differences of
        correlations, variances not counted; ``rmr``: raw.
    level : float
        Of the interval of the unbiased estimate.
    close : float
        The population value that counts as close fit.

    Returns
    -------
    DataFrame
        A row per group and part: ``cov``, ``mean`` and ``total`` (``cor``, ``thresholds``, ``total`` of ordered
        variables).  Columns group part value se exact_z exact_pvalue unbiased unbiased_se ci_lower ci_upper
        close_value close_z close_pvalue; NaN where a part has no sampling variance.

    Raises
    ------
    UsageError
        Another kind, or a level outside 0..1.

    Notes
    -----
    Formulas: see the module.  Moments of fixed exogenous variables count as residuals of 0.  Of ordered
    variables ``srmr`` divides by the number of correlations and variances, as lavaan does; its total of the
    unbiased estimate pairs every residual with its own variance, where lavaan 0.6 mixes their order.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, .6, .3, .3], [.6, 1.0, .3, .3], [.3, .3, 1.0, .5], [.3, .3, .5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> table = residual_summary(fit("f =~ a + b + c + d", sample_cov=cov, n_obs=100))
    >>> table[["part", "value", "exact_z"]].round(3).to_numpy().tolist()
    [['cov', 0.096, 3.88]]

    """
    if kind not in ("rmr", "srmr", "crmr"):
        raise UsageError(f"kind is {kind!r}; choose 'rmr', 'srmr' or 'crmr'")
    if not 0.0 < level < 1.0:
        raise UsageError(f"level is {level}; give a number between 0 and 1, e.g. 0.90")
    rows = [
        {"group": number, "part": part} | _statistics(values, variance, count, level, close)
        for number, moments in enumerate(residual_moments(fit), start=1)
        for part, values, variance, count in _parts(moments, kind)
    ]
    return pd.DataFrame(rows)


def _parts(moments: ResidualMoments, kind: Kind) -> list[tuple[str, Array, Array, int]]:
    """Return name, residuals, their covariance matrix and the number of moments of every part."""
    values, covariance = moments.sample - moments.implied, moments.covariance
    if kind == "crmr":
        values, covariance = moments.as_correlations()
    elif kind == "rmr":
        values, covariance = values * moments.unit, covariance * np.outer(moments.unit, moments.unit)
    covariance = covariance / moments.n
    ordered = moments.where("threshold").any()
    variables = len(np.unique(moments.second))
    second, other = moments.where(*SECOND), moments.where("mean", "threshold")
    fixed = variables - int(moments.where("variance").sum())  # variances of 1, which are no moments
    counted = {"rmr": fixed, "srmr": fixed, "crmr": fixed - variables}[kind]
    blocks = [("cor" if ordered else "cov", second, counted)]
    if other.any():
        blocks.append(("thresholds" if ordered else "mean", other, 0))
        blocks.append(("total", second | other, counted))
    return [
        (name, values[which], covariance[np.ix_(which, which)], int(which.sum()) + more)
        for name, which, more in blocks
    ]


def _statistics(values: Array, covariance: Array, count: int, level: float, close: float) -> dict[str, float]:
    """Return the statistics of one part; see the module."""
    first, second = float(np.trace(covariance)), float((covariance * covariance.T).sum())
    square = float(values @ values)
    value = float(np.sqrt(square / count)) if count > 0 else 0.0
    found = dict.fromkeys(
        ("se", "exact_z", "exact_pvalue", "unbiased_se", "ci_lower", "ci_upper", "close_z", "close_pvalue"),
        np.nan,
    ) | {"value": value, "unbiased": 0.0, "close_value": close}
    if count > 0 and first > 0.0 and second / (2.0 * count * first) >= NO_VARIANCE:
        se = float(np.sqrt(second / (2.0 * count * first)))
        expected = np.sqrt(first / count) * (4.0 * first**2 - second) / (4.0 * first**2)
        z = max(value - expected, 0.0) / se
        found |= {"se": se, "exact_z": z, "exact_pvalue": norm_sf(z)}
        found |= _unbiased(square, float(values @ covariance @ values), (first, second), count, level, close)
    order = ("value", "se", "exact_z", "exact_pvalue", "unbiased", "unbiased_se", "ci_lower", "ci_upper")
    return {name: float(found[name]) for name in (*order, "close_value", "close_z", "close_pvalue")}


def _unbiased(
    square: float, along: float, traces: tuple[float, float], count: int, level: float, close: float
) -> dict[str, float]:
    """Return the unbiased estimate with its error, interval and test of close fit."""
    first, second = traces
    spread = second + 2.0 * along
    shrink = 1.0 - spread / (4.0 * square**2)
    value = float(np.sqrt(max(square - first, 0.0) / count) / shrink)
    variance = spread / (2.0 * count * square * shrink**2)
    if not variance >= NO_VARIANCE:
        return {"unbiased": value}
    se = float(np.sqrt(variance))
    half, z = float(norm_ppf(0.5 + level / 2.0)) * se, (value - close) / se
    return {
        "unbiased": value,
        "unbiased_se": se,
        "ci_lower": value - half,
        "ci_upper": value + half,
        "close_z": z,
        "close_pvalue": float(norm_sf(z)),
    }
