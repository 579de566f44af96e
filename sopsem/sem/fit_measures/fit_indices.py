"""Fit measures: each a short function of the same ingredients, registered with label and digits.

Adding an index is one function here; the frame, the printed label and the command line follow.  The scalar
formulas and their sources are in ``fit_formulas``.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.registry import Registry
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures import fit_formulas as ff
from sopsem.sem.fit_measures.discrepancies import LISREL, Residuals, browne_residual_test, gfi_lisrel

__all__ = ["FIT_INDICES", "Ingredients", "corrected_tests", "fit_indices"]

Array = NDArray[np.float64]
FIT_INDICES = Registry("fit index")
RMSEA_LEVEL, CLOSE, NOT_CLOSE = 0.90, 0.05, 0.08


@dataclass(frozen=True, kw_only=True)
class Ingredients:
    """What the indices are made of."""

    chisq: float
    df: int
    npar: int
    fmin: float
    multiplier: int
    n_obs: int
    n_variables: int
    n_moments: int
    chisq0: float
    df0: int
    logl: float
    unrestricted_logl: float
    residuals: Residuals
    residual_test: float
    amos: bool

    @classmethod
    def of(cls, fit: Fit) -> "Ingredients":
        """Collect the ingredients of a fit."""
        chisq0, df0 = _baseline(fit)
        saturated = _unrestricted_logl(fit)
        p = len(fit.spec.observed)
        return cls(
            chisq=fit.chisq,
            df=fit.df,
            npar=fit.npar,
            fmin=fit.minimum / 2.0,
            multiplier=fit.multiplier,
            n_obs=fit.n,
            n_variables=p,
            n_moments=p * (p + 1) // 2 + (p if fit.spec.meanstructure else 0),
            chisq0=chisq0,
            df0=df0,
            logl=saturated - fit.n / 2.0 * fit.minimum,
            unrestricted_logl=saturated,
            residuals=Residuals.of(fit),
            residual_test=browne_residual_test(fit) if fit.df else 0.0,
            amos=fit.mimic == "amos",
        )


def _exogenous(fit: Fit) -> list[int]:
    given = {q.lhs for q in fit.spec if q.exo}
    return [i for i, v in enumerate(fit.spec.observed) if v in given]


def _only_predicting(fit: Fit) -> list[int]:
    """Observed variables that only predict, fixed or random: the baseline leaves their covariances free."""
    return [i for i, v in enumerate(fit.spec.observed) if v in fit.spec.exogenous]


def _baseline(fit: Fit) -> tuple[float, int]:
    """Independence model: free variances, covariances 0 but for those of fixed exogenous variables.

    F = sum log s_ii + log|S_xx| - log|S| has a closed form, so nothing is fitted.
    """
    covariance, x = fit.sample_cov, _only_predicting(fit)
    y = [i for i in range(len(covariance)) if i not in x]
    sd = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(sd, sd)
    given = np.linalg.slogdet(correlation[np.ix_(x, x)])[1] if x else 0.0
    f0 = given - np.linalg.slogdet(correlation)[1]
    p = len(covariance)
    return float(fit.multiplier * f0), p * (p - 1) // 2 - len(x) * (len(x) - 1) // 2 if y else 0


def _normal_logl(covariance: Array, n: int) -> float:
    """Log-likelihood of the saturated normal model, -N/2 (p log 2 pi + log|S| + p)."""
    p = len(covariance)
    return float(-n / 2.0 * (p * np.log(2.0 * np.pi) + np.linalg.slogdet(covariance)[1] + p)) if p else 0.0


def _unrestricted_logl(fit: Fit) -> float:
    """Saturated log-likelihood, of the endogenous variables given fixed exogenous ones."""
    x = _exogenous(fit)
    return _normal_logl(fit.sample_cov, fit.n) - _normal_logl(fit.sample_cov[np.ix_(x, x)], fit.n)


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
    return pd.Series({e.name: float(e.function(ingredients)) for e in FIT_INDICES}, name="value", dtype=float)


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


def _index(name: str, label: str, digits: int = 3, source: str = ""):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return FIT_INDICES.register(name, label=label, digits=digits, source=source)


_index("npar", "free parameters", 0)(lambda i: i.npar)
_index("fmin", "F/2", 4)(lambda i: i.fmin)
_index("chisq", "chi2", 2, "Joreskog (1969)")(lambda i: i.chisq)
_index("df", "df", 0)(lambda i: i.df)
_index("pvalue", "p")(lambda i: ff.chisq_pvalue(i.chisq, i.df))
_index("baseline_chisq", "baseline chi2", 2)(lambda i: i.chisq0)
_index("baseline_df", "baseline df", 0)(lambda i: i.df0)
_index("baseline_pvalue", "baseline p")(lambda i: ff.chisq_pvalue(i.chisq0, i.df0))
_index("cfi", "CFI", 3, "Bentler (1990)")(lambda i: ff.cfi(i.chisq, i.df, i.chisq0, i.df0))
_index("tli", "TLI", 3, "Tucker & Lewis (1973)")(lambda i: ff.tli(i.chisq, i.df, i.chisq0, i.df0))
_index("nnfi", "NNFI")(lambda i: ff.nnfi(i.chisq, i.df, i.chisq0, i.df0))
_index("rfi", "RFI", 3, "Bollen (1986)")(lambda i: ff.rfi(i.chisq, i.df, i.chisq0, i.df0))
_index("nfi", "NFI", 3, "Bentler & Bonett (1980)")(lambda i: ff.nfi(i.chisq, i.df, i.chisq0, i.df0))
_index("pnfi", "PNFI", 3, "James, Mulaik & Brett (1982)")(lambda i: ff.pnfi(i.chisq, i.df, i.chisq0, i.df0))
_index("ifi", "IFI", 3, "Bollen (1989)")(lambda i: ff.ifi(i.chisq, i.df, i.chisq0))
_index("rni", "RNI", 3, "McDonald & Marsh (1990)")(lambda i: ff.rni(i.chisq, i.df, i.chisq0, i.df0))
_index("logl", "log-likelihood", 2)(lambda i: i.logl)
_index("unrestricted_logl", "saturated log-likelihood", 2)(lambda i: i.unrestricted_logl)
_index("aic", "AIC", 2)(lambda i: ff.aic_amos(i.chisq, i.npar) if i.amos else ff.aic(i.logl, i.npar))
_index("bic", "BIC", 2)(
    lambda i: ff.bic_amos(i.chisq, i.npar, i.n_obs) if i.amos else ff.bic(i.logl, i.npar, i.n_obs)
)
_index("ntotal", "N", 0)(lambda i: i.n_obs)
_index("bic2", "sample-size adjusted BIC", 2, "Sclove (1987)")(lambda i: ff.sabic(i.logl, i.npar, i.n_obs))
_index("rmsea", "RMSEA", 3, "Steiger & Lind (1980)")(lambda i: ff.rmsea(i.chisq, i.df, i.multiplier))
_index("rmsea_ci_lower", "RMSEA lower")(
    lambda i: ff.rmsea_interval(i.chisq, i.df, i.multiplier, level=RMSEA_LEVEL)[0]
)
_index("rmsea_ci_upper", "RMSEA upper")(
    lambda i: ff.rmsea_interval(i.chisq, i.df, i.multiplier, level=RMSEA_LEVEL)[1]
)
_index("rmsea_ci_level", "RMSEA level", 2)(lambda _: RMSEA_LEVEL)
_index("rmsea_pvalue", "p close fit")(lambda i: ff.rmsea_pvalue_close(i.chisq, i.df, i.multiplier, h0=CLOSE))
_index("rmsea_close_h0", "close fit bound", 2)(lambda _: CLOSE)
_index("rmsea_notclose_pvalue", "p not-close fit")(
    lambda i: ff.rmsea_pvalue_notclose(i.chisq, i.df, i.multiplier, h0=NOT_CLOSE)
)
_index("rmsea_notclose_h0", "not-close fit bound", 2)(lambda _: NOT_CLOSE)
_index("rmr", "RMR")(lambda i: i.residuals.rmr(means=True))
_index("rmr_nomean", "RMR without means")(lambda i: i.residuals.rmr(means=False))
_index("srmr", "SRMR", 3, "Bentler (1995)")(lambda i: i.residuals.srmr_bentler(means=True))
_index("srmr_bentler", "SRMR (Bentler)")(lambda i: i.residuals.srmr_bentler(means=True))
_index("srmr_bentler_nomean", "SRMR without means")(lambda i: i.residuals.srmr_bentler(means=False))
_index("crmr", "CRMR", 3, "Bollen (1989)")(lambda i: i.residuals.crmr(means=True))
_index("crmr_nomean", "CRMR without means")(lambda i: i.residuals.crmr(means=False))
_index("srmr_mplus", "SRMR (Mplus)")(lambda i: i.residuals.srmr_mplus(means=True))
_index("srmr_mplus_nomean", "SRMR (Mplus) without means")(lambda i: i.residuals.srmr_mplus(means=False))
_index("gfi", "GFI", 3, "Maiti & Mukherjee (1990); AMOS: Joreskog & Sorbom (1981)")(
    lambda i: (
        gfi_lisrel(i.residuals)
        if i.amos
        else ff.gfi_noncentral(i.residual_test, i.df, i.multiplier, i.n_variables)
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
_index("gfi_lisrel", "GFI", 3, LISREL)(lambda i: gfi_lisrel(i.residuals))
for _name in ("agfi_lisrel", "agfi"):
    _index(_name, "AGFI", 3, LISREL)(
        lambda i: 1.0 - i.n_moments / i.df * (1.0 - gfi_lisrel(i.residuals)) if i.df else 1.0
    )
_index("pgfi", "PGFI", 3, "Mulaik et al. (1989)")(lambda i: i.df / i.n_moments * gfi_lisrel(i.residuals))
_index("mfi", "MFI", 3, "McDonald (1989)")(lambda i: ff.mfi(i.chisq, i.df, i.multiplier))
_index("ecvi", "ECVI", 3, "Browne & Cudeck (1989)")(lambda i: ff.ecvi(i.chisq, i.npar, i.multiplier))
