"""Textbook fit indices as scalar functions of chi2, df, sample size and log-likelihood.

Every function takes numbers and returns a number: no model, no data.  Arguments have one meaning throughout:
``chisq, df`` the model; ``chisq0, df0`` the baseline (independence) model; ``n`` the multiplier of the
discrepancy function (N, or N - 1 under the Wishart likelihood); ``n_obs`` the number of cases N; ``npar``
free parameters.  What is undefined is NaN.  Limits at df = 0 and truncation follow lavaan 0.7.

The noncentral chi-square (RMSEA, power) is in ``noncentrality``, corrections for small N in ``small_sample``;
both are offered here too, so that one import serves.

References
----------
Bentler, P. M., & Bonett, D. G. (1980). Significance tests and goodness of fit in the analysis of covariance
structures. Psychological Bulletin, 88.  (NFI)
Tucker, L. R., & Lewis, C. (1973). A reliability coefficient for maximum likelihood factor analysis.
Psychometrika, 38.  (TLI)
Bollen, K. A. (1986, 1989).  (RFI: Psychometrika, 51; IFI: Sociological Methods & Research, 17)
Bentler, P. M. (1990). Comparative fit indexes in structural models. Psychological Bulletin, 107.  (CFI)
McDonald, R. P., & Marsh, H. W. (1990). Choosing a multivariate model. Psychological Bulletin, 107.  (RNI)
James, L. R., Mulaik, S. A., & Brett, J. M. (1982). Causal analysis. Sage.  (PNFI)
McDonald, R. P. (1989). An index of goodness-of-fit based on noncentrality. J. of Classification, 6.  (MFI)
Browne, M. W., & Cudeck, R. (1989). Single sample cross-validation indices. Multivariate Behavioral Research,
24.  (ECVI)
Hoelter, J. W. (1983). The analysis of covariance structures. Sociological Methods & Research, 11.
Sclove, S. L. (1987). Application of model-selection criteria. Psychometrika, 52.  (SABIC)
Maiti, S. S., & Mukherjee, B. N. (1990). A note on distributional properties of the Joreskog-Sorbom fit
indices. Psychometrika, 55; Steiger, J. H. (1989). EzPATH. SYSTAT.  (GFI from the noncentrality)

"""

import math

from sopsem.sem.distributions import chi2_ppf
from sopsem.sem.fit_measures.noncentrality import (
    chisq_pvalue,
    lr_power,
    ncp_for_power,
    ncp_interval,
    noncentral_cdf,
    rmsea,
    rmsea_interval,
    rmsea_power,
    rmsea_pvalue_close,
    rmsea_pvalue_notclose,
    rmsea_sample_size,
)
from sopsem.sem.fit_measures.small_sample import bartlett_factor, swain_factor, yuan_2005_factor, yuan_factor

__all__ = [
    "aic",
    "aic_amos",
    "bartlett_factor",
    "baseline_df",
    "baseline_from_cfi",
    "baseline_from_tli",
    "bayes_factor_from_bic",
    "bic",
    "bic_amos",
    "cfi",
    "chisq_pvalue",
    "ecvi",
    "gfi_noncentral",
    "gfi_noncentral_interval",
    "hoelter_n",
    "ifi",
    "lr_power",
    "mfi",
    "ncp_for_power",
    "ncp_interval",
    "nfi",
    "nnfi",
    "noncentral_cdf",
    "pnfi",
    "rfi",
    "rmsea",
    "rmsea_interval",
    "rmsea_power",
    "rmsea_pvalue_close",
    "rmsea_pvalue_notclose",
    "rmsea_sample_size",
    "rni",
    "sabic",
    "swain_factor",
    "tli",
    "yuan_2005_factor",
    "yuan_factor",
]

# Below this a noncentrality is rounding noise of a saturated model, not evidence about fit.
_NOISE = 1.5e-8


def baseline_df(n_variables: int) -> int:
    """Degrees of freedom of the independence model, p(p - 1)/2.

    >>> baseline_df(18)
    153
    """
    return n_variables * (n_variables - 1) // 2


def cfi(chisq: float, df: float, chisq0: float, df0: float) -> float:
    """CFI, 1 - max(chi2 - df, 0) / max(chi2 - df, chi2_0 - df_0, 0); 1 when both are 0.

    >>> round(cfi(85.30552177, 24, 918.8515893, 36), 6)
    0.93056
    """
    misfit = max(chisq - df, 0.0)
    worst = max(misfit, chisq0 - df0)
    return 1.0 if worst <= _NOISE else 1 - misfit / worst


def tli(chisq: float, df: float, chisq0: float, df0: float) -> float:
    """Tucker-Lewis index, (chi2_0/df_0 - chi2/df) / (chi2_0/df_0 - 1); not truncated, 1 when df is 0.

    >>> round(tli(85.30552177, 24, 918.8515893, 36), 6)
    0.895839
    """
    if df <= 0 or df0 <= 0:
        return 1.0
    gain, room = chisq0 / df0 - chisq / df, chisq0 / df0 - 1
    if gain < 0 and room < 0:
        return 1.0
    return math.nan if room == 0 else gain / room


def nnfi(chisq: float, df: float, chisq0: float, df0: float) -> float:
    """Non-normed fit index, another name of TLI.

    >>> nnfi(10, 5, 100, 10) == tli(10, 5, 100, 10)
    True
    """
    return tli(chisq, df, chisq0, df0)


def nfi(chisq: float, df: float, chisq0: float, df0: float) -> float:
    """Normed fit index, (chi2_0 - chi2) / chi2_0; 1 when df is 0, NaN when the baseline has no room.

    >>> round(nfi(85.30552177, 24, 918.8515893, 36), 6)
    0.907161
    """
    if df0 <= 0 or df > df0:
        return math.nan
    return 1.0 if df <= 0 else (chisq0 - chisq) / chisq0


def rfi(chisq: float, df: float, chisq0: float, df0: float) -> float:
    """Relative fit index, (chi2_0/df_0 - chi2/df) / (chi2_0/df_0); 1 when df or the numerator is 0.

    >>> round(rfi(85.30552177, 24, 918.8515893, 36), 6)
    0.860741
    """
    if df0 <= 0 or df > df0:
        return math.nan
    if df <= 0:
        return 1.0
    index = 1 - chisq / df / (chisq0 / df0)
    # lavaan's convention: without any gain over the baseline the index is 1, odd as that is.
    return 1.0 if index <= _NOISE else index


def ifi(chisq: float, df: float, chisq0: float) -> float:
    """Incremental fit index, (chi2_0 - chi2) / (chi2_0 - df); NaN when the baseline fits as well as chance.

    >>> round(ifi(85.30552177, 24, 918.8515893), 6)
    0.931491
    """
    room = chisq0 - df
    if room < 0:
        return 1.0
    return math.nan if room <= _NOISE else (chisq0 - chisq) / room


def rni(chisq: float, df: float, chisq0: float, df0: float) -> float:
    """Relative noncentrality index, 1 - (chi2 - df)/(chi2_0 - df_0): CFI without truncation.

    >>> round(rni(36.0, 40, 918.85, 36), 4)
    1.0045
    """
    room = chisq0 - df0
    if df0 <= 0 or abs(room) <= _NOISE:
        return math.nan
    return 1.0 if room < 0 else 1 - (chisq - df) / room


def pnfi(chisq: float, df: float, chisq0: float, df0: float) -> float:
    """Parsimony-adjusted NFI, NFI x df/df_0.

    >>> round(pnfi(85.30552177, 24, 918.8515893, 36), 6)
    0.604774
    """
    return math.nan if df0 <= 0 else (chisq0 - chisq) / chisq0 * df / df0


def mfi(chisq: float, df: float, n: float) -> float:
    """McDonald's centrality index, exp(-(chi2 - df) / (2 n)).

    >>> round(mfi(85.30552177, 24, 301), 6)
    0.903177
    """
    return math.exp(-0.5 * (chisq - df) / n)


def ecvi(chisq: float, npar: int, n: float) -> float:
    """ECVI, the cross-validation index to expect, chi2/n + 2 npar/n.

    >>> round(ecvi(85.30552177, 21, 301), 6)
    0.422942
    """
    return (chisq + 2 * npar) / n


def hoelter_n(chisq: float, df: float, n: float, *, alpha: float = 0.05) -> float:
    """Hoelter's critical N: quantile/(chi2/n) + 1; NaN when chi2 is 0.

    >>> round(hoelter_n(85.30552177, 24, 301), 3)
    129.49
    """
    if chisq <= _NOISE:
        return math.nan
    critical = float(chi2_ppf(1 - alpha, df)) if df > 0 else 0.0
    return critical / (chisq / n) + 1


def gfi_noncentral(chisq: float, df: float, n: float, n_variables: int) -> float:
    """GFI of the population from the noncentrality, p / (p + 2 max(chi2 - df, 0)/n), p observed variables.

    >>> round(gfi_noncentral(85.30552177, 24, 301, 9), 4)
    0.9567
    """
    return n_variables / (n_variables + 2 * max(chisq - df, 0.0) / n)


def gfi_noncentral_interval(
    chisq: float, df: float, n: float, n_variables: int, *, level: float = 0.90
) -> tuple[float, float]:
    """Limits of ``gfi_noncentral`` from those of the noncentrality.

    >>> tuple(round(limit, 4) for limit in gfi_noncentral_interval(85.30552177, 24, 301, 9))
    (0.9355, 0.9735)
    """
    low, high = ncp_interval(chisq, df, level=level)
    return n_variables / (n_variables + 2 * high / n), n_variables / (n_variables + 2 * low / n)


def aic(logl: float, npar: int) -> float:
    """Akaike's criterion from the log-likelihood, -2 logL + 2 npar.

    >>> round(aic(-3737.744927, 21), 3)
    7517.49
    """
    return -2 * logl + 2 * npar


def bic(logl: float, npar: int, n_obs: float) -> float:
    """Schwarz's criterion from the log-likelihood, -2 logL + npar ln N.

    >>> round(bic(-3737.744927, 21, 301), 3)
    7595.339
    """
    return -2 * logl + npar * math.log(n_obs)


def sabic(logl: float, npar: int, n_obs: float) -> float:
    """Sample-size adjusted BIC, -2 logL + npar ln((N + 2)/24); lavaan calls it bic2.

    >>> round(sabic(-3737.744927, 21, 301), 3)
    7528.739
    """
    return -2 * logl + npar * math.log((n_obs + 2) / 24)


def aic_amos(chisq: float, npar: int) -> float:
    """AIC as AMOS prints it, chi2 + 2 npar.

    >>> round(aic_amos(169.04, 42), 2)
    253.04
    """
    return chisq + 2 * npar


def bic_amos(chisq: float, npar: int, n_obs: float) -> float:
    """BIC as AMOS prints it, chi2 + npar ln N.

    >>> round(bic_amos(169.04, 42, 92), 2)
    358.96
    """
    return chisq + npar * math.log(n_obs)


def bayes_factor_from_bic(bic_other: float, bic_this: float) -> float:
    """Bayes factor for this model against the other, exp((BIC_other - BIC_this)/2) (Raftery, 1995).

    >>> round(bayes_factor_from_bic(360.29, 358.96), 2)
    1.94
    """
    return math.exp((bic_other - bic_this) / 2)


def baseline_from_cfi(cfi_value: float, chisq: float, df: float, df0: float) -> float:
    """Baseline chi2 that a CFI implies, df_0 + (chi2 - df)/(1 - CFI); NaN when CFI is 1 or chi2 <= df.

    >>> round(baseline_from_cfi(0.9305596518, 85.30552177, 24, 36), 3)
    918.852
    """
    if cfi_value >= 1 or chisq <= df:
        return math.nan
    return df0 + (chisq - df) / (1 - cfi_value)


def baseline_from_tli(tli_value: float, chisq: float, df: float, df0: float) -> float:
    """Baseline chi2 that a TLI implies, df_0 [1 + (chi2/df - 1)/(1 - TLI)]; NaN when TLI is 1 or df is 0.

    >>> round(baseline_from_tli(0.8958394777, 85.30552177, 24, 36), 3)
    918.852
    """
    if tli_value == 1 or df <= 0:
        return math.nan
    return df0 * (1 + (chisq / df - 1) / (1 - tli_value))
