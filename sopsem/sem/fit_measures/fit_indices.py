"""Fit measures: each a short function of the same ingredients, registered with label and digits.

Adding an index is one function here; the frame, the printed label and the command line follow.  The scalar
formulas and their sources are in ``fit_formulas``.
"""

import pandas as pd

from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures import fit_formulas as ff
from sopsem.sem.fit_measures import scaled_indices
from sopsem.sem.fit_measures.discrepancies import LISREL
from sopsem.sem.fit_measures.fit_ingredients import FIT_INDICES, Ingredients
from sopsem.sem.fit_measures.fit_ingredients import index as _index

__all__ = ["FIT_INDICES", "Ingredients", "corrected_tests", "fit_indices", "scaled_indices"]

RMSEA_LEVEL, CLOSE, NOT_CLOSE = 0.90, 0.05, 0.08


def fit_indices(fit: Fit) -> pd.Series:
    """Return every fit measure by name, with lavaan's names in snake_case.

    Parameters
    ----------
    fit : Fit

    Returns
    -------
    Series
        ``npar fmin chisq df pvalue baseline_* cfi tli nnfi rfi nfi pnfi ifi rni logl ... rmsea* rmr* srmr*
        crmr* gfi* cn_* mfi ecvi``.  ``fmin`` is F/2 as in lavaan.  RMSEA limits are 90 %.  Under
        ``mimic="amos"`` aic and bic are chi2 + 2q and chi2 + q ln N, and gfi is that of Joreskog and Sorbom, which
        ``gfi_lisrel`` and ``agfi`` always are.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> cov = pd.DataFrame([[1.0, .5, .4], [.5, 1.0, .3], [.4, .3, 1.0]], *[list("abc")] * 2)
    >>> measures = fit_indices(fit("f =~ a + b + c", sample_cov=cov, n_obs=100))
    >>> float(measures["df"]), float(measures["cfi"])
    (0.0, 1.0)

    """
    ingredients = Ingredients.of(fit)
    found = {e.name: e.function(ingredients) for e in FIT_INDICES}
    return pd.Series({k: float(v) for k, v in found.items() if v is not None}, name="value", dtype=float)


def corrected_tests(fit: Fit) -> pd.DataFrame:
    """Return the raw test beside small-sample corrections of it.

    Returns
    -------
    DataFrame
        Columns test factor chisq df pvalue rmsea cfi source; the first row is the raw test (factor 1).  CFI
        and RMSEA use the corrected model chi2 with the raw baseline.

    Notes
    -----
    The raw test is too large in small samples: for this size of model (18 items) at N = 92 it rejects a true
    model about one time in five at the 5 % level.

    """
    i = Ingredients.of(fit)
    n, p, factors = i.multiplier, i.n_variables, max(len(fit.spec.latent), 1)
    rows = [
        ("raw", 1.0, "likelihood ratio"),
        ("swain", ff.swain_factor(i.df, n, p), "Swain (1975)"),
        ("yuan_2015", ff.yuan_factor(i.npar, n, p), "Yuan, Tian & Yanagihara (2015)"),
        ("bartlett", ff.bartlett_factor(n, p, factors), "Bartlett (1950)"),
    ]
    table = []
    for name, factor, source in rows:
        chisq = i.chisq * factor
        table.append(
            {
                "test": name,
                "factor": factor,
                "chisq": chisq,
                "df": i.df,
                "pvalue": ff.chisq_pvalue(chisq, i.df),
                "rmsea": ff.rmsea(chisq, i.df, n),
                "cfi": ff.cfi(chisq, i.df, i.chisq0, i.df0),
                "source": source,
            }
        )
    return pd.DataFrame(table)


_index("npar", "free parameters", 0)(lambda i: i.npar)
_index("fmin", "F/2", 4)(lambda i: i.fmin)
_index("chisq", "chi2", 2, "Joreskog (1969)")(lambda i: i.chisq)
_index("df", "df", 0)(lambda i: i.df)
_index("pvalue", "p")(lambda i: i.pvalue)
_index("baseline_chisq", "baseline chi2", 2)(lambda i: i.chisq0)
_index("baseline_df", "baseline df", 0)(lambda i: i.df0)
_index("baseline_pvalue", "baseline p")(lambda i: i.pvalue0)
_index("cfi", "CFI", 3, "Bentler (1990)")(lambda i: ff.cfi(i.chisq, i.df, i.chisq0, i.df0))
_index("tli", "TLI", 3, "Tucker & Lewis (1973)")(lambda i: ff.tli(i.chisq, i.df, i.chisq0, i.df0))
_index("nnfi", "NNFI")(lambda i: ff.nnfi(i.chisq, i.df, i.chisq0, i.df0))
_index("rfi", "RFI", 3, "Bollen (1986)")(lambda i: ff.rfi(i.chisq, i.df, i.chisq0, i.df0))
_index("nfi", "NFI", 3, "Bentler & Bonett (1980)")(lambda i: ff.nfi(i.chisq, i.df, i.chisq0, i.df0))
_index("pnfi", "PNFI", 3, "James, Mulaik & Brett (1982)")(lambda i: ff.pnfi(i.chisq, i.df, i.chisq0, i.df0))
_index("ifi", "IFI", 3, "Bollen (1989)")(lambda i: ff.ifi(i.chisq, i.df, i.chisq0))
_index("rni", "RNI", 3, "McDonald & Marsh (1990)")(lambda i: ff.rni(i.chisq, i.df, i.chisq0, i.df0))
_index("logl", "log-likelihood", 2)(lambda i: i.logl)
_index("unrestricted_logl", "saturated log-likelihood", 2)(
    lambda i: None if i.logl is None else i.unrestricted_logl
)


@_index("aic", "AIC", 2)
def _aic(i: Ingredients) -> float | None:
    if i.logl is None:
        return None
    return ff.aic_amos(i.chisq, i.npar) if i.amos else ff.aic(i.logl, i.npar)


@_index("bic", "BIC", 2)
def _bic(i: Ingredients) -> float | None:
    if i.logl is None:
        return None
    return ff.bic_amos(i.chisq, i.npar, i.n_obs) if i.amos else ff.bic(i.logl, i.npar, i.n_obs)


_index("ntotal", "N", 0)(lambda i: None if i.logl is None else i.n_obs)
_index("bic2", "sample-size adjusted BIC", 2, "Sclove (1987)")(
    lambda i: None if i.logl is None else ff.sabic(i.logl, i.npar, i.n_obs)
)
_index("rmsea", "RMSEA", 3, "Steiger & Lind (1980)")(
    lambda i: ff.rmsea(i.chisq, i.df, i.multiplier, n_groups=i.n_groups)
)
_index("rmsea_ci_lower", "RMSEA lower")(
    lambda i: ff.rmsea_interval(i.chisq, i.df, i.multiplier, n_groups=i.n_groups)[0]
)
_index("rmsea_ci_upper", "RMSEA upper")(
    lambda i: ff.rmsea_interval(i.chisq, i.df, i.multiplier, n_groups=i.n_groups)[1]
)
_index("rmsea_ci_level", "RMSEA level", 2)(lambda _: RMSEA_LEVEL)
_index("rmsea_pvalue", "p close fit")(
    lambda i: ff.rmsea_pvalue_close(i.chisq, i.df, i.multiplier, h0=CLOSE, n_groups=i.n_groups)
)
_index("rmsea_close_h0", "close fit bound", 2)(lambda _: CLOSE)
_index("rmsea_notclose_pvalue", "p not-close fit")(
    lambda i: ff.rmsea_pvalue_notclose(i.chisq, i.df, i.multiplier, h0=NOT_CLOSE, n_groups=i.n_groups)
)
_index("rmsea_notclose_h0", "not-close fit bound", 2)(lambda _: NOT_CLOSE)
_index("rmr", "RMR")(lambda i: i.residual_mean(lambda r: r.rmr(means=True)))
_index("rmr_nomean", "RMR without means")(lambda i: i.residual_mean(lambda r: r.rmr(means=False)))
_index("srmr", "SRMR", 3, "Bentler (1995)")(
    lambda i: i.residual_mean(lambda r: (r.srmr_mplus if i.mplus_srmr else r.srmr_bentler)(means=True))
)
_index("srmr_bentler", "SRMR (Bentler)")(lambda i: i.residual_mean(lambda r: r.srmr_bentler(means=True)))
_index("srmr_bentler_nomean", "SRMR without means")(
    lambda i: i.residual_mean(lambda r: r.srmr_bentler(means=False))
)
_index("crmr", "CRMR", 3, "Bollen (1989)")(lambda i: i.residual_mean(lambda r: r.crmr(means=True)))
_index("crmr_nomean", "CRMR without means")(lambda i: i.residual_mean(lambda r: r.crmr(means=False)))
_index("srmr_mplus", "SRMR (Mplus)")(lambda i: i.residual_mean(lambda r: r.srmr_mplus(means=True)))
_index("srmr_mplus_nomean", "SRMR (Mplus) without means")(
    lambda i: i.residual_mean(lambda r: r.srmr_mplus(means=False))
)
_index("gfi", "GFI", 3, "Maiti & Mukherjee (1990); AMOS: Joreskog & Sorbom (1981)")(
    lambda i: (
        i.gfi_lisrel if i.amos else ff.gfi_noncentral(i.residual_test, i.df, i.multiplier, i.n_variables)
    )
)
_index("gfi_ci_lower", "GFI lower")(
    lambda i: ff.gfi_noncentral_interval(i.residual_test, i.df, i.multiplier, i.n_variables)[0]
)
_index("gfi_ci_upper", "GFI upper")(
    lambda i: ff.gfi_noncentral_interval(i.residual_test, i.df, i.multiplier, i.n_variables)[1]
)
_index("gfi_ci_level", "GFI level", 2)(lambda _: RMSEA_LEVEL)
_index("cn_05", "Hoelter N (.05)", 1, "Hoelter (1983)")(
    lambda i: ff.hoelter_n(i.chisq, i.df, i.multiplier, alpha=0.05)
)
_index("cn_01", "Hoelter N (.01)", 1)(lambda i: ff.hoelter_n(i.chisq, i.df, i.multiplier, alpha=0.01))
_index("gfi_lisrel", "GFI", 3, LISREL)(lambda i: i.gfi_lisrel)
for _name in ("agfi_lisrel", "agfi"):
    _index(_name, "AGFI", 3, LISREL)(
        lambda i: 1.0 - i.n_moments / i.df * (1.0 - i.gfi_lisrel) if i.df else 1.0
    )
_index("pgfi", "PGFI", 3, "Mulaik et al. (1989)")(lambda i: i.df / i.n_moments * i.gfi_lisrel)
_index("mfi", "MFI", 3, "McDonald (1989)")(lambda i: ff.mfi(i.chisq, i.df, i.multiplier))
_index("ecvi", "ECVI", 3, "Browne & Cudeck (1989)")(lambda i: ff.ecvi(i.chisq, i.npar, i.multiplier))
