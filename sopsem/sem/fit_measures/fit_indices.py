"""Fit measures of a model: all that are registered, in one series.

The indices themselves are in ``plain_indices`` and ``scaled_indices``; the scalar formulas and their sources are
in ``fit_formulas``.
"""

import pandas as pd

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures import fit_formulas as ff
from sopsem.sem.fit_measures import plain_indices, scaled_indices
from sopsem.sem.fit_measures.fit_ingredients import FIT_INDICES, Ingredients

__all__ = ["FIT_INDICES", "Ingredients", "corrected_tests", "fit_indices", "plain_indices", "scaled_indices"]


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

    Raises
    ------
    UsageError
        Several groups, or another estimator than maximum likelihood: the corrections are not made for them.

    Notes
    -----
    The raw test is too large in small samples: for this size of model (18 items) at N = 92 it rejects a true
    model about one time in five at the 5 % level.

    """
    if fit.spec.n_groups > 1 or fit.settings.estimator != "ML":
        found = "several groups" if fit.spec.n_groups > 1 else f"estimator {fit.settings.asked!r}"
        raise UsageError(
            f"the fit has {found}, and the small-sample corrections are made for the likelihood ratio of one "
            "group; read the tests of fit_indices() instead"
        )
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
