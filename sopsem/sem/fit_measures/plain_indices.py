"""Fit indices of the standard test, likelihood and residuals, registered with label and digits.

Adding an index is one function here; the frame, the printed label and the command line follow.  None says that
a fit has no such index.
"""

import math

from sopsem.sem.fit_measures import fit_formulas as ff
from sopsem.sem.fit_measures.discrepancies import LISREL
from sopsem.sem.fit_measures.fit_ingredients import Ingredients, index

__all__ = ["CLOSE", "NOT_CLOSE", "RMSEA_LEVEL"]

RMSEA_LEVEL, CLOSE, NOT_CLOSE = 0.90, 0.05, 0.08


index("npar", "free parameters", 0, "Bollen (1989)")(lambda i: i.npar)
index("fmin", "F/2", 4, "Joreskog (1969)")(lambda i: i.fmin)
index("chisq", "chi2", 2, "Joreskog (1969)")(lambda i: i.chisq)
index("df", "df", 0, "Joreskog (1969)")(lambda i: i.df)
index("pvalue", "p", 3, "Joreskog (1969)")(lambda i: i.pvalue)
index("baseline_chisq", "baseline chi2", 2, "Bentler & Bonett (1980)")(lambda i: i.chisq0)
index("baseline_df", "baseline df", 0, "Bentler & Bonett (1980)")(lambda i: i.df0)
index("baseline_pvalue", "baseline p", 3, "Bentler & Bonett (1980)")(lambda i: i.pvalue0)
index("cfi", "CFI", 3, "Bentler (1990)")(lambda i: ff.cfi(i.chisq, i.df, i.chisq0, i.df0))
index("tli", "TLI", 3, "Tucker & Lewis (1973)")(lambda i: ff.tli(i.chisq, i.df, i.chisq0, i.df0))
index("nnfi", "NNFI", 3, "Tucker & Lewis (1973)")(lambda i: ff.nnfi(i.chisq, i.df, i.chisq0, i.df0))
index("rfi", "RFI", 3, "Bollen (1986)")(lambda i: ff.rfi(i.chisq, i.df, i.chisq0, i.df0))
index("nfi", "NFI", 3, "Bentler & Bonett (1980)")(lambda i: ff.nfi(i.chisq, i.df, i.chisq0, i.df0))
index("pnfi", "PNFI", 3, "James, Mulaik & Brett (1982)")(lambda i: ff.pnfi(i.chisq, i.df, i.chisq0, i.df0))
index("ifi", "IFI", 3, "Bollen (1989)")(lambda i: ff.ifi(i.chisq, i.df, i.chisq0))
index("rni", "RNI", 3, "McDonald & Marsh (1990)")(lambda i: ff.rni(i.chisq, i.df, i.chisq0, i.df0))
index("logl", "log-likelihood", 2, "Joreskog (1969)")(lambda i: i.logl)
index("unrestricted_logl", "saturated log-likelihood", 2, "Joreskog (1969)")(
    lambda i: None if i.logl is None else i.unrestricted_logl
)


@index("aic", "AIC", 2, "Akaike (1974)")
def _aic(i: Ingredients) -> float | None:
    if i.logl is None:
        return None
    return ff.aic_amos(i.chisq, i.npar) if i.amos else ff.aic(i.logl, i.npar)


@index("bic", "BIC", 2, "Schwarz (1978)")
def _bic(i: Ingredients) -> float | None:
    if i.logl is None:
        return None
    return ff.bic_amos(i.chisq, i.npar, i.n_obs) if i.amos else ff.bic(i.logl, i.npar, i.n_obs)


index("ntotal", "N", 0, "count of rows used")(lambda i: None if i.logl is None else i.n_obs)
index("bic2", "sample-size adjusted BIC", 2, "Sclove (1987)")(
    lambda i: None if i.logl is None else ff.sabic(i.logl, i.npar, i.n_obs)
)
index("rmsea", "RMSEA", 3, "Steiger & Lind (1980)")(
    lambda i: ff.rmsea(i.chisq, i.df, i.multiplier, n_groups=i.n_groups)
)
index("rmsea_ci_lower", "RMSEA lower", 3, "Browne & Cudeck (1992)")(
    lambda i: ff.rmsea_interval(i.chisq, i.df, i.multiplier, n_groups=i.n_groups)[0]
)
index("rmsea_ci_upper", "RMSEA upper", 3, "Browne & Cudeck (1992)")(
    lambda i: ff.rmsea_interval(i.chisq, i.df, i.multiplier, n_groups=i.n_groups)[1]
)
index("rmsea_ci_level", "RMSEA level", 2, "Browne & Cudeck (1992)")(lambda _: RMSEA_LEVEL)
index("rmsea_pvalue", "p close fit", 3, "Browne & Cudeck (1992)")(
    lambda i: ff.rmsea_pvalue_close(i.chisq, i.df, i.multiplier, h0=CLOSE, n_groups=i.n_groups)
)
index("rmsea_close_h0", "close fit bound", 2, "Browne & Cudeck (1992)")(lambda _: CLOSE)
index("rmsea_notclose_pvalue", "p not-close fit", 3, "MacCallum, Browne & Sugawara (1996)")(
    lambda i: ff.rmsea_pvalue_notclose(i.chisq, i.df, i.multiplier, h0=NOT_CLOSE, n_groups=i.n_groups)
)
index("rmsea_notclose_h0", "not-close fit bound", 2, "MacCallum, Browne & Sugawara (1996)")(
    lambda _: NOT_CLOSE
)
index("rmr", "RMR", 3, "Joreskog & Sorbom (1981)")(lambda i: i.residual_mean(lambda r: r.rmr(means=True)))
index("rmr_nomean", "RMR without means", 3, "Joreskog & Sorbom (1981)")(
    lambda i: i.residual_mean(lambda r: r.rmr(means=False))
)


@index("srmr", "SRMR", 3, "Bentler (1995)")
def _srmr(i: Ingredients) -> float:
    """Return SRMR as the program that is followed has it; of ordered variables without thresholds."""
    if i.ordered:
        return i.residual_mean(lambda r: r.srmr_bentler(means=False))
    return i.residual_mean(lambda r: (r.srmr_mplus if i.mplus_srmr else r.srmr_bentler)(means=True))


index("srmr_bentler", "SRMR (Bentler)", 3, "Bentler (1995)")(
    lambda i: i.residual_mean(lambda r: r.srmr_bentler(means=True))
)
index("srmr_bentler_nomean", "SRMR without means", 3, "Bentler (1995)")(
    lambda i: i.residual_mean(lambda r: r.srmr_bentler(means=False))
)
index("crmr", "CRMR", 3, "Bollen (1989)")(lambda i: i.residual_mean(lambda r: r.crmr(means=True)))
index("crmr_nomean", "CRMR without means", 3, "Bollen (1989)")(
    lambda i: i.residual_mean(lambda r: r.crmr(means=False))
)
index("srmr_mplus", "SRMR (Mplus)", 3, "Muthen & Muthen (1998)")(
    lambda i: math.nan if i.ordered else i.residual_mean(lambda r: r.srmr_mplus(means=True))
)
index("srmr_mplus_nomean", "SRMR (Mplus) without means", 3, "Muthen & Muthen (1998)")(
    lambda i: math.nan if i.ordered else i.residual_mean(lambda r: r.srmr_mplus(means=False))
)
index("gfi", "GFI", 3, "Maiti & Mukherjee (1990); AMOS: Joreskog & Sorbom (1981)")(
    lambda i: (
        i.gfi_lisrel if i.amos else ff.gfi_noncentral(i.residual_test, i.df, i.multiplier, i.n_variables)
    )
)
index("gfi_ci_lower", "GFI lower", 3, "Maiti & Mukherjee (1990)")(
    lambda i: ff.gfi_noncentral_interval(i.residual_test, i.df, i.multiplier, i.n_variables)[0]
)
index("gfi_ci_upper", "GFI upper", 3, "Maiti & Mukherjee (1990)")(
    lambda i: ff.gfi_noncentral_interval(i.residual_test, i.df, i.multiplier, i.n_variables)[1]
)
index("gfi_ci_level", "GFI level", 2, "Maiti & Mukherjee (1990)")(lambda _: RMSEA_LEVEL)
index("cn_05", "Hoelter N (.05)", 1, "Hoelter (1983)")(
    lambda i: ff.hoelter_n(i.chisq, i.df, i.multiplier, alpha=0.05)
)
index("cn_01", "Hoelter N (.01)", 1, "Hoelter (1983)")(
    lambda i: ff.hoelter_n(i.chisq, i.df, i.multiplier, alpha=0.01)
)
index("gfi_lisrel", "GFI", 3, LISREL)(lambda i: i.gfi_lisrel)
for _name in ("agfi_lisrel", "agfi"):
    index(_name, "AGFI", 3, LISREL)(
        lambda i: 1.0 - i.n_moments / i.df * (1.0 - i.gfi_lisrel) if i.df else 1.0
    )
index("pgfi", "PGFI", 3, "Mulaik et al. (1989)")(lambda i: i.df / i.n_moments * i.gfi_lisrel)
index("mfi", "MFI", 3, "McDonald (1989)")(lambda i: ff.mfi(i.chisq, i.df, i.multiplier))
index("ecvi", "ECVI", 3, "Browne & Cudeck (1989)")(
    lambda i: None if i.ordered else ff.ecvi(i.chisq, i.npar, i.multiplier)
)
index("wrmr", "WRMR", 3, "Muthen & Muthen (1998)")(
    lambda i: math.sqrt(i.chisq * i.n_groups / i.n_moments) if i.ordered else None
)
