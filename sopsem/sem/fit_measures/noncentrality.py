"""The noncentral chi-square behind RMSEA: intervals, tests of close fit, power (scalar formulas).

``n`` is always the multiplier of the discrepancy function, chi2 = n F: N under the normal likelihood, N - 1
under the Wishart likelihood (AMOS, LISREL, EQS).

References
----------
Browne, M. W., & Cudeck, R. (1992). Alternative ways of assessing model fit. Sociological Methods & Research,
21.
MacCallum, R. C., Browne, M. W., & Sugawara, H. M. (1996). Power analysis and determination of sample size for
covariance structure modeling. Psychological Methods, 1.
Steiger, J. H. (1998). A note on multiple sample extensions of the RMSEA fit index. Structural Equation
Modeling, 5.

"""

import math

from scipy.optimize import brentq

from sopsem.errors import UsageError
from sopsem.sem.distributions import chi2_cdf, chi2_ppf, chi2_sf, ncx2_cdf, ncx2_ppf

__all__ = [
    "chisq_pvalue",
    "lr_power",
    "ncp_for_power",
    "ncp_interval",
    "ncp_with_cdf",
    "noncentral_cdf",
    "rmsea",
    "rmsea_interval",
    "rmsea_power",
    "rmsea_pvalue_close",
    "rmsea_pvalue_notclose",
    "rmsea_sample_size",
]


def chisq_pvalue(chisq: float, df: float) -> float:
    """Upper-tail probability of a chi-square; NaN when df is 0.

    >>> round(chisq_pvalue(85.30552177, 24) * 1e9, 3)
    8.503
    """
    return math.nan if df <= 0 else float(chi2_sf(chisq, df))


def noncentral_cdf(chisq: float, df: float, ncp: float) -> float:
    """P(X <= chisq) for a noncentral chi-square; ncp = 0 is the central one.

    >>> round(noncentral_cdf(3.84, 1, 7.85), 2)
    0.2
    """
    if ncp <= 0:
        return float(chi2_cdf(chisq, df))
    return float(ncx2_cdf(chisq, df, ncp))


def ncp_interval(chisq: float, df: float, *, level: float = 0.90) -> tuple[float, float]:
    """Central interval of the noncentrality parameter by inverting its distribution; (0, 0) when df is 0.

    >>> tuple(round(limit, 3) for limit in ncp_interval(85.30552177, 24))
    (36.847, 93.354)
    """
    if df <= 0:
        return 0.0, 0.0
    tail = (1 - level) / 2
    return ncp_with_cdf(chisq, df, 1 - tail), ncp_with_cdf(chisq, df, tail)


def ncp_with_cdf(chisq: float, df: float, probability: float) -> float:
    """Noncentrality at which ``chisq`` is the given quantile; 0 when none is.

    >>> round(ncp_with_cdf(85.30552177, 24, 0.95), 3)
    36.847
    """
    if noncentral_cdf(chisq, df, 0.0) <= probability:
        return 0.0
    # The quantile lies within a few standard deviations of the mean df + ncp, so this bracket always holds.
    upper = 2 * chisq + 20 * math.sqrt(chisq + df) + 20
    return float(brentq(lambda ncp: noncentral_cdf(chisq, df, ncp) - probability, 0.0, upper, xtol=1e-10))


def rmsea(chisq: float, df: float, n: float, *, n_groups: int = 1) -> float:
    """Root mean square error of approximation, sqrt(max(chi2/n/df - 1/n, 0)) sqrt(groups); 0 when df is 0.

    >>> round(rmsea(85.30552177, 24, 301), 5)
    0.09212
    """
    if df <= 0:
        return 0.0
    return math.sqrt(max(chisq / n / df - 1 / n, 0.0) * n_groups)


def rmsea_interval(
    chisq: float, df: float, n: float, *, n_groups: int = 1, level: float = 0.90
) -> tuple[float, float]:
    """Limits of RMSEA from those of the noncentrality (Browne & Cudeck, 1992); (0, 0) when df is 0.

    >>> tuple(round(limit, 4) for limit in rmsea_interval(85.30552177, 24, 301))
    (0.0714, 0.1137)
    """
    if df <= 0:
        return 0.0, 0.0
    lower, upper = ncp_interval(chisq, df, level=level)
    return math.sqrt(lower * n_groups / (n * df)), math.sqrt(upper * n_groups / (n * df))


def _ncp_of_rmsea(epsilon: float, df: float, n: float, n_groups: int) -> float:
    """Noncentrality of a model whose RMSEA is ``epsilon``."""
    return n * df * epsilon**2 / n_groups


def rmsea_pvalue_close(chisq: float, df: float, n: float, *, h0: float = 0.05, n_groups: int = 1) -> float:
    """P-value of close fit, H0: RMSEA <= h0 (AMOS: PCLOSE); NaN when df is 0.

    >>> round(rmsea_pvalue_close(85.30552177, 24, 301), 6)
    0.000661
    """
    if df <= 0:
        return math.nan
    return 1 - noncentral_cdf(chisq, df, _ncp_of_rmsea(h0, df, n, n_groups))


def rmsea_pvalue_notclose(chisq: float, df: float, n: float, *, h0: float = 0.08, n_groups: int = 1) -> float:
    """P-value of not-close fit, H0: RMSEA >= h0; NaN when df is 0.

    >>> round(rmsea_pvalue_notclose(85.30552177, 24, 301), 4)
    0.8396
    """
    if df <= 0:
        return math.nan
    return noncentral_cdf(chisq, df, _ncp_of_rmsea(h0, df, n, n_groups))


def rmsea_power(
    df: float, n: float, *, null: float = 0.05, alternative: float = 0.08, alpha: float = 0.05
) -> float:
    """Power of the RMSEA test: close fit when alternative > null, not-close fit when alternative < null.

    >>> round(rmsea_power(100, 200), 2)
    0.96
    """
    ncp0, ncp1 = _ncp_of_rmsea(null, df, n, 1), _ncp_of_rmsea(alternative, df, n, 1)
    if alternative > null:
        return 1 - noncentral_cdf(_quantile(1 - alpha, df, ncp0), df, ncp1)
    return noncentral_cdf(_quantile(alpha, df, ncp0), df, ncp1)


def _quantile(probability: float, df: float, ncp: float) -> float:
    """Quantile of the chi-square with that noncentrality."""
    return float(chi2_ppf(probability, df) if ncp <= 0 else ncx2_ppf(probability, df, ncp))


def rmsea_sample_size(
    df: float, *, power: float = 0.80, null: float = 0.05, alternative: float = 0.08, alpha: float = 0.05
) -> int:
    """Smallest multiplier n at which the RMSEA test reaches ``power`` (add 1 for N when n = N - 1).

    Raises UsageError when the two RMSEA values are equal or no n up to ten million is enough.

    >>> rmsea_sample_size(100) + 1
    132
    """
    low, high = 1, 2
    while rmsea_power(df, high, null=null, alternative=alternative, alpha=alpha) < power:
        low, high = high, high * 2
        if high > 10_000_000:
            raise UsageError(f"no sample size reaches power {power} for RMSEA {null} against {alternative}")
    while high - low > 1:
        middle = (low + high) // 2
        enough = rmsea_power(df, middle, null=null, alternative=alternative, alpha=alpha) >= power
        low, high = (low, middle) if enough else (middle, high)
    return high


def lr_power(ncp: float, df: float, *, alpha: float = 0.05) -> float:
    """Power of a likelihood-ratio (or Wald, score) test whose statistic has this noncentrality.

    >>> round(lr_power(7.849, 1), 3)
    0.8
    """
    return 1 - noncentral_cdf(float(chi2_ppf(1 - alpha, df)), df, ncp)


def ncp_for_power(df: float, *, power: float = 0.80, alpha: float = 0.05) -> float:
    """Noncentrality at which a chi-square test has ``power``; raises UsageError outside alpha < power < 1.

    >>> round(ncp_for_power(1), 3)
    7.849
    """
    if not alpha < power < 1:
        raise UsageError(f"power must lie between alpha = {alpha} and 1; found {power}")
    high = 1.0
    while lr_power(high, df, alpha=alpha) < power:
        high *= 2
    return float(brentq(lambda ncp: lr_power(ncp, df, alpha=alpha) - power, 0.0, high, xtol=1e-12))
