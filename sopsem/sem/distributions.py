"""Tails, densities and quantiles of the normal, chi-square and t distributions, straight from ``scipy.special``.

They are what ``scipy.stats`` gives, to the last digits and into the far tails, without its half second of import.
Arguments are numbers or arrays; outside its domain a value is NaN.
"""

import math
from typing import Any

import numpy as np
from scipy import special

__all__ = [
    "chi2_cdf",
    "chi2_ppf",
    "chi2_sf",
    "ncx2_cdf",
    "ncx2_ppf",
    "norm_cdf",
    "norm_logpdf",
    "norm_pdf",
    "norm_ppf",
    "norm_sf",
    "t_sf",
]

norm_cdf = special.ndtr
norm_ppf = special.ndtri


def norm_sf(z: Any) -> Any:
    """Return P(Z > z) of a standard normal.

    >>> round(float(norm_sf(1.959963984540054)), 6), float(norm_sf(30.0)) > 0.0
    (0.025, True)
    """
    return special.ndtr(np.negative(z))


def norm_pdf(z: Any) -> Any:
    """Return the density of a standard normal.

    >>> round(float(norm_pdf(0.0)), 6)
    0.398942
    """
    return np.exp(-np.square(z) / 2.0) / math.sqrt(2.0 * math.pi)


def norm_logpdf(z: Any) -> Any:
    """Return the logarithm of the density of a standard normal.

    >>> round(float(norm_logpdf(100.0)), 3)
    -5000.919
    """
    return -np.square(z) / 2.0 - math.log(math.sqrt(2.0 * math.pi))


def chi2_sf(x: Any, df: Any) -> Any:
    """Return P(X > x) of a chi-square; NaN without degrees of freedom.

    >>> round(float(chi2_sf(3.841458820694124, 1)), 6)
    0.05
    """
    return special.chdtrc(_positive(df), np.maximum(x, 0.0))


def chi2_cdf(x: Any, df: Any) -> Any:
    """Return P(X <= x) of a chi-square; NaN without degrees of freedom.

    >>> round(float(chi2_cdf(3.841458820694124, 1)), 6)
    0.95
    """
    return special.chdtr(_positive(df), np.maximum(x, 0.0))


def chi2_ppf(p: Any, df: Any) -> Any:
    """Return the quantile of a chi-square.

    >>> round(float(chi2_ppf(0.95, 1)), 4)
    3.8415
    """
    return 2.0 * special.gammaincinv(_positive(df) / 2.0, p)


def ncx2_cdf(x: Any, df: Any, ncp: Any) -> Any:
    """Return P(X <= x) of a noncentral chi-square.

    >>> round(float(ncx2_cdf(3.84, 1, 7.85)), 2)
    0.2
    """
    return special.chndtr(np.maximum(x, 0.0), _positive(df), ncp)


def ncx2_ppf(p: Any, df: Any, ncp: Any) -> Any:
    """Return the quantile of a noncentral chi-square.

    >>> round(float(ncx2_ppf(0.2, 1, 7.85)), 2)
    3.84
    """
    return special.chndtrix(p, _positive(df), ncp)


def t_sf(t: Any, df: Any) -> Any:
    """Return P(T > t) of Student's t.

    >>> round(float(t_sf(2.228138851964939, 10)), 6)
    0.025
    """
    return special.stdtr(df, np.negative(t))


def _positive(df: Any) -> Any:
    return np.where(np.greater(df, 0.0), df, np.nan)
