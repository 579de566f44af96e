"""Fit indices and differences of ordered variables: stored numbers of lavaan, and what does not exist."""

import numpy as np
import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.compare import compare
from sopsem.sem.fit_measures.fit_indices import fit_indices

ITEMS = ["x1", "x2", "x3", "y1", "y2", "y3"]
# lavaan 0.6-14: cfa(model, items cut at -0.5, 0.2 and 1, ordered = TRUE), fitMeasures
LAVAAN = {
    "chisq": 5.5246826006,
    "chisq_scaled": 10.4100135821,
    "baseline_chisq_scaled": 320.3525881554,
    "cfi_scaled": 0.9921074401,
    "cfi_robust": 0.9874028192,
    "rmsea_scaled": 0.0503142810,
    "srmr": 0.0455011079,
    "rmr": 0.0333886850,
    "crmr": 0.0362973274,
    "wrmr": 0.4091633222,
}


@pytest.fixture(scope="module")
def answers(skewed_items):
    """The items as answers 1 to 4."""
    return skewed_items.assign(**{v: np.digitize(skewed_items[v], [-0.5, 0.2, 1.0]) + 1 for v in ITEMS})


def test_measures_are_those_of_lavaan(answers, two_factor_model):
    """Plain, scaled and robust measures of WLSMV."""
    measures = fit_indices(fit(two_factor_model, answers, ordered=ITEMS))
    assert measures[list(LAVAAN)].tolist() == pytest.approx(list(LAVAAN.values()), rel=2e-3)


def test_there_is_wrmr_and_no_likelihood(answers, two_factor_model):
    """WRMR is the root of F N over the number of statistics; AIC, ECVI and Mplus's SRMR do not exist."""
    result = fit(two_factor_model, answers, ordered=ITEMS)
    measures = fit_indices(result)
    assert measures["wrmr"] == pytest.approx(np.sqrt(result.chisq / 33))
    assert not {"aic", "bic", "logl", "ecvi"} & set(measures.index)
    assert np.isnan(measures["srmr_mplus"])


def test_mixed_data_have_no_robust_index(answers, skewed_items, two_factor_model):
    """The likelihood of correlations is that of ordered variables alone."""
    mixed = answers.assign(y3=skewed_items.y3)
    measures = fit_indices(fit(two_factor_model, mixed, ordered=ITEMS[:5]))
    assert np.isnan(measures["cfi_robust"])
    assert 0.0 <= measures["cfi_scaled"] <= 1.0


def test_the_order_of_the_items_does_not_matter(answers, two_factor_model):
    """Differences are the same whichever item a model names first."""
    full = fit(two_factor_model, answers, ordered=ITEMS)
    one, other = (
        compare(fit(m, answers, ordered=ITEMS), full)
        for m in ("f =~ x1 + a*x2 + a*x3\ng =~ y1 + y2 + y3", "g =~ y1 + y3 + y2\nf =~ x1 + a*x3 + a*x2")
    )
    assert one.method == "satorra_2000"
    assert one.dchisq == pytest.approx(1.41205407, rel=1e-3)  # lavaan 0.6-14: lavTestLRT
    assert (other.dchisq, other.scaling_factor) == pytest.approx((one.dchisq, one.scaling_factor), rel=1e-6)
