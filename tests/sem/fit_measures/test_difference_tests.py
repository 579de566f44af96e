"""Scaled differences of nested models: stored numbers of lavaan, agreement of the methods, refusals."""

import numpy as np
import pytest

from sopsem.errors import ModelError, UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.compare import compare, compare_models

EQUAL = "f =~ x1 + a*x2 + a*x3\ng =~ y1 + y2 + y3"
# lavaan 0.6-14: lavTestLRT(cfa(model, estimator = "MLM"), cfa(EQUAL, estimator = "MLM"), method = ...)
LAVAAN = {
    "satorra_bentler_2001": 0.287671317,
    "satorra_bentler_2010": 0.282701192,
    "satorra_2000": 0.286248371,
}


@pytest.mark.parametrize("method", LAVAAN)
def test_differences_are_those_of_lavaan(method, skewed_items, two_factor_model):
    """Every method has lavaan's statistic."""
    restricted, full = (fit(m, skewed_items, estimator="MLM") for m in (EQUAL, two_factor_model))
    assert compare(restricted, full, method).dchisq == pytest.approx(LAVAAN[method], rel=1e-3)


def test_a_difference_of_mlr_fits_takes_the_scores_as_they_are(skewed_items, two_factor_model):
    """lavaan 0.6-14: lavTestLRT(cfa(model, estimator = "MLR"), cfa(EQUAL, ...), method = "satorra.2000")."""
    restricted, full = (fit(m, skewed_items, estimator="MLR") for m in (EQUAL, two_factor_model))
    assert compare(restricted, full, "satorra_2000").dchisq == pytest.approx(0.2904587205, rel=1e-4)


def test_the_method_follows_the_test(skewed_items, two_factor_model):
    """One factor: Satorra and Bentler (2001); mean and variance adjusted: Satorra (2000)."""
    for estimator, method in (("MLM", "satorra_bentler_2001"), ("MLMV", "satorra_2000"), ("ML", "standard")):
        pair = [fit(m, skewed_items, estimator=estimator) for m in (EQUAL, two_factor_model)]
        assert compare(*pair).method == method


def test_normal_data_scale_by_one(two_factors, two_factor_model):
    """With many rows of normal data all methods give the plain difference."""
    data = two_factors(3, 20000)
    restricted, full = (fit(m, data, estimator="MLM") for m in (EQUAL, two_factor_model))
    plain = restricted.chisq - full.chisq
    for method in LAVAAN:
        assert compare(restricted, full, method).dchisq == pytest.approx(plain, rel=0.05, abs=0.05)


def test_the_order_of_the_variables_does_not_matter(skewed_items, two_factor_model):
    """A restricted model that names its items in another order gives the same differences."""
    turned = "g =~ y1 + y2 + y3\nf =~ x1 + a*x3 + a*x2"
    full = fit(two_factor_model, skewed_items, estimator="MLMV")
    one, other = (compare(fit(m, skewed_items, estimator="MLMV"), full) for m in (EQUAL, turned))
    assert other.dchisq == pytest.approx(one.dchisq, rel=1e-7)


def test_least_squares_are_compared_by_scaled_tests_only(skewed_items, two_factor_model):
    """N F of ULS is no chi2; with ULSMV the difference is scaled and shifted."""
    pair = [fit(m, skewed_items, estimator="ULS") for m in (EQUAL, two_factor_model)]
    with pytest.raises(ModelError, match="ULSMV"):
        compare(*pair)
    pair = [fit(m, skewed_items, estimator="ULSMV") for m in (EQUAL, two_factor_model)]
    result = compare(*pair)
    assert result.method == "satorra_2000"
    assert np.isnan(result.daic)


def test_what_does_not_go_together_is_refused(skewed_items, two_factor_model):
    """Different tests, unknown methods, scaling of plain tests."""
    plain, full = (fit(m, skewed_items) for m in (EQUAL, two_factor_model))
    robust = fit(two_factor_model, skewed_items, estimator="MLM")
    with pytest.raises(ModelError, match="differ in their test"):
        compare(plain, robust)
    with pytest.raises(UsageError, match="choose one of"):
        compare(plain, full, "wald")
    with pytest.raises(UsageError, match="scales the difference of scaled tests"):
        compare(plain, full, "satorra.bentler.2001")


def test_several_models_are_sorted_and_tested_in_turn(skewed_items, two_factor_model):
    """Each row of the table is the comparison with the row before it."""
    one = "f =~ x1 + x2 + x3 + y1 + y2 + y3"
    fits = [fit(m, skewed_items) for m in (one, two_factor_model, EQUAL)]
    table = compare_models(fits[0], fits[1], method=None, names=["one", "two"])
    assert table.model.tolist() == ["two", "one"]
    assert table.chisq_diff[1] == pytest.approx(fits[0].chisq - fits[1].chisq)
    with pytest.raises(UsageError, match="two fits or more"):
        compare_models(fits[0])
