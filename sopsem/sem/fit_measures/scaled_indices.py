"""Fit indices of scaled tests: ``*_scaled`` put the scaled statistics in, ``*_robust`` estimate the index.

A robust index estimates what the index would be in the population, whatever the distribution: chi2 - c df
stands for the noncentrality, c the scaling factor.

References
----------
Brosseau-Liard, P. E., Savalei, V., & Li, L. (2012). An investigation of the sample performance of two nonnormality
corrections for RMSEA. Multivariate Behavioral Research, 47.
Brosseau-Liard, P. E., & Savalei, V. (2014). Adjusting incremental fit indices for nonnormality. Multivariate
Behavioral Research, 49.

"""

import math
from collections.abc import Callable

from sopsem.sem.fit_measures import fit_formulas as ff
from sopsem.sem.fit_measures.fit_ingredients import Index, Ingredients, Robust, Scaled, index
from sopsem.sem.fit_measures.plain_indices import CLOSE, NOT_CLOSE

__all__ = ["rmsea_statistic"]

Incremental = Callable[[float, float, float, float], float]


def _of_scaled(formula: Callable[[Scaled], float]) -> Index:
    return lambda i: None if i.scaled is None else formula(i.scaled)


def _of_robust(formula: Callable[[Ingredients, Robust], float]) -> Index:
    """Return an index of the corrected statistics: NaN where these do not exist for the variables at hand."""

    def value(i: Ingredients) -> float | None:
        if i.robust is None:
            return None
        return math.nan if math.isnan(i.robust.chisq) else formula(i, i.robust)

    return value


def _incremental_scaled(formula: Incremental) -> Index:
    """Return an index of the scaled statistics of model and baseline."""
    return _of_scaled(lambda s: formula(s.model.stat, s.model.df, s.baseline.stat, s.baseline.df))


def _incremental_robust(formula: Incremental) -> Index:
    return _of_robust(lambda i, r: formula(r.incremental, i.df, r.incremental0, i.df0))


def _ifi(chisq: float, df: float, chisq0: float, df0: float) -> float:  # noqa: ARG001 - as the others
    return ff.ifi(chisq, df, chisq0)


def rmsea_statistic(i: Ingredients, s: Scaled) -> tuple[float, float]:
    """Return statistic and df of the scaled RMSEA: chi2 with tr(U Gamma) for df, or the shifted one with df."""
    return (s.model.stat, s.model.df) if s.plain_df else (i.chisq, s.model.trace if i.df else 0.0)


def _rmsea_scaled(formula: Callable[[float, float, float, int], float]) -> Index:
    def value(i: Ingredients) -> float | None:
        if i.scaled is None:
            return None
        chisq, df = rmsea_statistic(i, i.scaled)
        return formula(chisq, df, i.multiplier, i.n_groups)

    return value


def _rmsea_robust(formula: Callable[[float, float, float, int], float]) -> Index:
    """Return an index of the scaled statistic in the units of chi2: N over the factor stands for N."""
    return _of_robust(lambda i, r: formula(r.scaled, r.df, r.n / r.unit, i.n_groups))


index("chisq_scaled", "scaled chi2", 2)(_of_scaled(lambda s: s.model.stat))
index("df_scaled", "scaled df", 0)(_of_scaled(lambda s: s.model.df))
index("pvalue_scaled", "scaled p")(_of_scaled(lambda s: s.model.pvalue))
index("chisq_scaling_factor", "scaling factor")(_of_scaled(lambda s: s.model.scaling_factor))
index("baseline_chisq_scaled", "scaled baseline chi2", 2)(_of_scaled(lambda s: s.baseline.stat))
index("baseline_df_scaled", "scaled baseline df", 0)(_of_scaled(lambda s: s.baseline.df))
index("baseline_pvalue_scaled", "scaled baseline p")(_of_scaled(lambda s: s.baseline.pvalue))
index("baseline_chisq_scaling_factor", "baseline scaling factor")(
    _of_scaled(lambda s: s.baseline.scaling_factor)
)
for _name, _formula in (
    ("cfi", ff.cfi),
    ("tli", ff.tli),
    ("nnfi", ff.nnfi),
    ("rfi", ff.rfi),
    ("nfi", ff.nfi),
    ("pnfi", ff.pnfi),
    ("ifi", _ifi),
    ("rni", ff.rni),
):
    index(f"{_name}_scaled", f"scaled {_name.upper()}")(_incremental_scaled(_formula))
for _name, _formula in (("cfi", ff.cfi), ("tli", ff.tli), ("nnfi", ff.nnfi), ("rni", ff.rni)):
    index(f"{_name}_robust", f"robust {_name.upper()}")(_incremental_robust(_formula))
for _suffix, _kind in (("_scaled", _rmsea_scaled), ("_robust", _rmsea_robust)):
    _label = f"{_suffix[1:]} RMSEA"
    index(f"rmsea_ci_lower{_suffix}", f"{_label} lower")(
        _kind(lambda x, df, n, g: ff.rmsea_interval(x, df, n, n_groups=g)[0])
    )
    index(f"rmsea_ci_upper{_suffix}", f"{_label} upper")(
        _kind(lambda x, df, n, g: ff.rmsea_interval(x, df, n, n_groups=g)[1])
    )
    index(f"rmsea_pvalue{_suffix}", f"{_label} p close fit")(
        _kind(lambda x, df, n, g: ff.rmsea_pvalue_close(x, df, n, h0=CLOSE, n_groups=g))
    )
    index(f"rmsea_notclose_pvalue{_suffix}", f"{_label} p not-close fit")(
        _kind(lambda x, df, n, g: ff.rmsea_pvalue_notclose(x, df, n, h0=NOT_CLOSE, n_groups=g))
    )
index("rmsea_scaled", "scaled RMSEA")(_rmsea_scaled(lambda x, df, n, g: ff.rmsea(x, df, n, n_groups=g)))
index("rmsea_robust", "robust RMSEA")(
    _of_robust(lambda i, r: ff.rmsea(r.chisq, r.df, r.n, n_groups=i.n_groups))
)


def _gfi(i: Ingredients, r: Robust) -> float:
    """Return GFI of the corrected statistic; of incomplete rows none of a saturated model."""
    if i.incomplete and not i.df:
        return math.nan
    return ff.gfi_noncentral(r.residual, r.factor * r.df, r.n, i.n_variables)


def _scaled_residual(i: Ingredients, r: Robust) -> float:
    """Return the residual statistic scaled as chi2 is."""
    return r.scaled if i.ordered or i.incomplete else (r.residual - i.chisq) / r.unit + r.scaled


def _gfi_limits(i: Ingredients, r: Robust) -> tuple[float, float]:
    return ff.gfi_noncentral_interval(_scaled_residual(i, r), r.df, r.n / r.unit, i.n_variables)


index("gfi_robust", "robust GFI")(_of_robust(_gfi))
index("gfi_ci_lower_robust", "robust GFI lower")(_of_robust(lambda i, r: _gfi_limits(i, r)[0]))
index("gfi_ci_upper_robust", "robust GFI upper")(_of_robust(lambda i, r: _gfi_limits(i, r)[1]))


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


index("scaling_factor_h1", "scaling factor of the saturated log-likelihood")(
    lambda i: None if i.scaled is None else _number(i.scaled.model.factor_h1)
)
index("scaling_factor_h0", "scaling factor of the log-likelihood")(
    lambda i: None if i.scaled is None else _number(i.scaled.model.factor_h0)
)
