"""Scaled and residual tests: stored numbers of lavaan, normal data as the limit, limits at df = 0."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.scaled_tests import TESTS, fit_tests

# lavaan 0.6-14: cfa(model, data, estimator = ...), statistic and scaling factor of the second test; lavaan's
# factor of scaled.shifted is 1/a as here
LAVAAN = {
    "MLM": ("satorra_bentler", 4.46400322, 1.1522263),
    "MLR": ("yuan_bentler_mplus", 4.79086779, 1.0736138),
    "MLMV": ("scaled_shifted", 4.99634168, 1.3564354),
    "ULSMV": ("scaled_shifted", 6.58927284, 0.74388613),
    "WLSM": ("satorra_bentler", 5.82138416, 0.32411883),
}


@pytest.mark.parametrize("estimator", LAVAAN)
def test_statistics_are_those_of_lavaan(estimator, skewed_items, two_factor_model):
    """The test that goes with an estimator has lavaan's statistic and scaling factor."""
    name, stat, factor = LAVAAN[estimator]
    table = fit_tests(fit(two_factor_model, skewed_items, estimator=estimator)).set_index("test")
    assert table.index.tolist() == ["standard", name]
    assert (table.stat[name], table.scaling_factor[name]) == pytest.approx((stat, factor), rel=1e-4)


def test_several_groups_add_up(skewed_items, two_factor_model):
    """Literals of lavaan 0.6-14 with group = "school"; what the groups add is the statistic."""
    result = fit(two_factor_model, skewed_items, estimator="MLR", group="school")
    row = fit_tests(result).iloc[1]
    assert (row.stat, row.scaling_factor) == pytest.approx((8.79801159, 1.0162802), rel=1e-4)
    assert sum(row.stat_group) == pytest.approx(row.stat)


def test_normal_data_scale_by_one(two_factors, two_factor_model):
    """With many rows of normal data every factor is near 1, every shift near 0, and the tests agree."""
    result = fit(two_factor_model, two_factors(3, 20000))
    table = fit_tests(result, [e.name for e in TESTS])
    factors = table.scaling_factor.dropna()
    np.testing.assert_allclose(factors, 1.0, atol=0.03)
    np.testing.assert_allclose(table.stat, table.stat[0], rtol=0.05, atol=0.3)


def test_mean_and_variance_adjusted_tests_tell_the_same_moments(skewed_items, two_factor_model):
    """Scaled and shifted, the statistic has mean df and variance 2 df; adjusted, the same in its own df."""
    table = fit_tests(
        fit(two_factor_model, skewed_items, estimator="MLM"),
        ["standard", "satorra_bentler", "mean_var_adjusted", "scaled_shifted"],
    ).set_index("test")
    factor, shift = table.scaling_factor, table.shift_parameter
    trace = factor["satorra_bentler"] * 8
    assert factor["mean_var_adjusted"] * table.df["mean_var_adjusted"] == pytest.approx(trace)
    assert trace / factor["scaled_shifted"] + shift["scaled_shifted"] == pytest.approx(8)
    assert table.df["mean_var_adjusted"] < 8
    second = trace**2 / table.df["mean_var_adjusted"]
    assert 2 * second / factor["scaled_shifted"] ** 2 == pytest.approx(16)


def test_residual_tests_of_an_asymptotic_estimator_are_its_minimum(skewed_items, two_factor_model):
    """The residual test with the weights of the estimator is its standard test."""
    wls = fit_tests(fit(two_factor_model, skewed_items, estimator="WLS"), ["standard", "browne_residual_adf"])
    gls = fit_tests(fit(two_factor_model, skewed_items, estimator="GLS"), ["standard", "browne_residual_nt"])
    assert wls.stat[1] == pytest.approx(wls.stat[0], rel=1e-8)
    assert gls.stat[1] == pytest.approx(gls.stat[0], rel=1e-8)


def test_least_squares_without_a_distribution_have_no_p(skewed_items, two_factor_model):
    """F of ULS is not distributed as chi2; Browne's test is."""
    table = fit_tests(fit(two_factor_model, skewed_items, estimator="ULS")).set_index("test")
    assert np.isnan(table.pvalue["standard"])
    assert 0.0 < table.pvalue["browne_residual_nt"] < 1.0


def test_a_saturated_model_is_not_scaled(skewed_items):
    """Without degrees of freedom there is no factor and the statistic is 0."""
    row = fit_tests(fit("f =~ x1 + x2 + x3", skewed_items, estimator="MLM")).iloc[1]
    assert (row.stat, row.df) == pytest.approx((0, 0), abs=1e-8)
    assert np.isnan(row.scaling_factor)


def test_units_of_the_data_do_not_matter(skewed_items, two_factor_model):
    """Statistics stay what they are when items are measured in other units."""
    other = skewed_items.assign(x1=skewed_items.x1 * 1000, y2=skewed_items.y2 / 50 + 3)
    names = ["satorra_bentler", "scaled_shifted", "yuan_bentler", "yuan_bentler_mplus", "browne_residual_adf"]
    wanted = fit_tests(fit(two_factor_model, skewed_items, estimator="MLR"), names)
    found = fit_tests(fit(two_factor_model, other, estimator="MLR"), names)
    np.testing.assert_allclose(found.stat, wanted.stat, rtol=1e-6)


def test_an_unknown_test_is_refused(two_factors, two_factor_model):
    """The names that exist are in the message."""
    with pytest.raises(UsageError, match="scaled_shifted"):
        fit_tests(fit(two_factor_model, two_factors()), "likelihood")
