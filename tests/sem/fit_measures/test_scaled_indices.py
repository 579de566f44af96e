"""Scaled and robust fit indices: stored numbers of lavaan, which fits have them, normal data as the limit."""

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.fit_indices import fit_indices

# lavaan 0.6-14: fitMeasures(cfa(model, data, estimator = "MLR"))
LAVAAN = {
    "cfi_robust": 1.0,
    "cfi_scaled": 1.0,
    "rmsea_robust": 0.0,
    "rmsea_ci_upper_robust": 0.074622883,
    "scaling_factor_h0": 1.555030810,
    "scaling_factor_h1": 1.371633863,
}


def test_robust_indices_are_those_of_lavaan(skewed_items, two_factor_model):
    """MLR's scaled and robust measures, and the scaling factors of the log-likelihoods."""
    measures = fit_indices(fit(two_factor_model, skewed_items, estimator="MLR"))
    assert measures[list(LAVAAN)].tolist() == pytest.approx(list(LAVAAN.values()), rel=1e-3)


def test_normal_data_make_them_the_plain_ones(two_factors, two_factor_model):
    """With many rows of normal data scaled and robust indices are the usual ones."""
    measures = fit_indices(fit(two_factor_model, two_factors(3, 20000), estimator="MLM"))
    for name in ("cfi", "tli", "rmsea", "rmsea_ci_upper", "gfi"):
        for kind in ("scaled", "robust"):
            if f"{name}_{kind}" in measures:
                assert measures[f"{name}_{kind}"] == pytest.approx(measures[name], abs=2e-3)


def test_a_fit_without_a_scaled_test_has_none(two_factors, two_factor_model):
    """Indices that do not exist for a fit are not in the series."""
    names = fit_indices(fit(two_factor_model, two_factors())).index
    assert not [n for n in names if n.endswith(("_scaled", "_robust")) or n.startswith("scaling_factor")]


def test_least_squares_have_no_likelihood(skewed_items, two_factor_model):
    """Without a likelihood there is neither AIC nor BIC; fmin is chi2 / 2N."""
    result = fit(two_factor_model, skewed_items, estimator="ULSMV")
    measures = fit_indices(result)
    assert not {"logl", "aic", "bic", "bic2"} & set(measures.index)
    assert measures["fmin"] == pytest.approx(result.chisq / 240)


def test_mean_and_variance_adjusted_fits_have_no_robust_index(skewed_items, two_factor_model):
    """Their degrees of freedom are estimated; the scaled RMSEA takes tr(U Gamma) for df."""
    measures = fit_indices(fit(two_factor_model, skewed_items, estimator="MLMVS"))
    assert "cfi_robust" not in measures
    assert measures["df_scaled"] < measures["df"]


def test_groups_enter_by_their_number(two_factors, two_factor_model):
    """Two copies of one sample: chi2 and df double, RMSEA and SRMR stay."""
    data = two_factors(5)
    twice = pd.concat([data, data], ignore_index=True).assign(sample=np.repeat(["a", "b"], len(data)))
    one = fit_indices(fit(two_factor_model, data, meanstructure=True))
    two = fit_indices(fit(two_factor_model, twice, group="sample"))
    assert (two["chisq"], two["df"]) == pytest.approx((2 * one["chisq"], 2 * one["df"]))
    for name in ("rmsea", "srmr", "crmr", "gfi_lisrel", "mfi"):
        assert two[name] == pytest.approx(one[name], rel=1e-6, abs=1e-9)
