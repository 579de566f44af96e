"""Tidy estimates: columns, Wald statistics, standardized values, R2."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from sopsem.errors import UsageError
from sopsem.sem.estimation.estimates import estimates, r_squared, standardized
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.standardize import standardized_rows
from sopsem.sem.resampling.bootstrap import bootstrap

TEXT = "A =~ a1 + a2 + a3\nM =~ m1 + m2 + m3\nY =~ y1 + y2 + y3\nM ~ a*A\nY ~ b*M + A\nab := a*b"
COLUMNS = ["lhs", "op", "rhs", "group", "label", "est", "se", "z", "pvalue", "ci_lower", "ci_upper"]


@pytest.fixture(scope="module")
def result(mediation):
    """With a reversed item, so that one loading is negative."""
    data = mediation(1)
    return fit(TEXT, data.assign(y3=-data.y3))


def test_one_row_for_each_parameter_and_definition(result):
    table = estimates(result)
    assert table.columns.tolist() == [*COLUMNS, "std_lv", "std_all"]
    assert len(table) == len(result.spec.parameters) + 1
    assert table.iloc[-1][["lhs", "op", "rhs", "label"]].tolist() == ["ab", ":=", "a*b", "ab"]


def test_wald_statistics_follow_from_estimate_and_error(result):
    for table, value in ((estimates(result, level=0.9), "est"), (standardized(result, level=0.9), "est_std")):
        free = table[table.se > 0]
        np.testing.assert_allclose(free.z, free[value] / free.se, rtol=1e-12)
        np.testing.assert_allclose(free.pvalue, 2 * norm.sf(free.z.abs()), rtol=1e-12)
        np.testing.assert_allclose(free.ci_upper - free.ci_lower, 2 * norm.ppf(0.95) * free.se, rtol=1e-9)


def test_a_fixed_parameter_has_no_error_and_no_test(result):
    fixed = estimates(result).iloc[0]
    assert (fixed.est, fixed.se) == (1.0, 0.0)
    assert np.isnan([fixed.z, fixed.pvalue]).all()


def test_a_product_has_the_error_of_the_delta_method(result):
    table = estimates(result).set_index("label")
    a, b, ab = (table.loc[name] for name in ("a", "b", "ab"))
    where = [result.names.index("a"), result.names.index("b")]
    v = result.vcov[np.ix_(where, where)]
    slope = np.array([b.est, a.est])
    assert ab.se == pytest.approx(np.sqrt(slope @ v @ slope), rel=1e-10)


def test_a_standardized_value_that_is_constant_has_no_error(result):
    """The variance of an exogenous factor is 1 whatever the data."""
    table = standardized(result)
    row = table[(table.lhs == "A") & (table.op == "~~")].iloc[0]
    assert (row.est_std, row.se) == (1.0, 0.0)
    assert np.isnan(row.z)
    marker = table.iloc[0]
    assert marker.se > 0.01


def test_standardized_loadings_are_correlations_of_item_and_factor(result):
    """In a factor model std_all of a loading is the model-implied correlation; its square is R2."""
    table = standardized(result)
    loading = table[(table.op == "=~")].set_index("rhs").est_std
    r2 = r_squared(result)
    np.testing.assert_allclose(r2[loading.index], loading**2, rtol=1e-10)
    assert set(r2.index) == {*loading.index, "M", "Y"}
    assert r2.between(0, 1).all()


def test_std_lv_leaves_items_in_their_metric(result):
    lv, full = standardized(result, kind="std_lv"), standardized(result)
    sd = dict(zip(result.spec.observed, np.sqrt(np.diag(result.sigma)), strict=True))
    loadings = full.op == "=~"
    ratio = lv.est_std[loadings] / full.est_std[loadings]
    np.testing.assert_allclose(ratio, full.rhs[loadings].map(sd), rtol=1e-10)
    np.testing.assert_allclose(estimates(result).std_all, full.est_std, rtol=1e-12)
    np.testing.assert_allclose(estimates(result).std_lv, lv.est_std, rtol=1e-12)


def test_standardized_errors_agree_with_the_bootstrap_of_a_large_sample(two_factors, two_factor_model):
    """A parametric check of the delta method: SD of standardized loadings over simulated samples."""
    data = two_factors(1, 400)
    fitted = fit(two_factor_model, data)
    draws = bootstrap(fitted, draws=400, seed=3, kind="parametric")
    spread = standardized_rows(fitted.spec, fitted.model, draws.kernel_theta[draws.used]).std(axis=0)
    stated = standardized(fitted).se
    free = stated > 1e-6
    np.testing.assert_allclose(stated[free] / spread[free], 1.0, atol=0.15)


@pytest.mark.parametrize("level", [0.0, 1.0, 95, -0.5])
def test_a_level_is_between_zero_and_one(result, level):
    with pytest.raises(UsageError, match="level is"):
        estimates(result, level=level)


def test_an_unknown_kind_is_refused(result):
    with pytest.raises(UsageError, match="choose 'std_all' or 'std_lv'"):
        standardized(result, kind="std.all")


def test_r2_of_an_improper_solution_is_shown_above_one():
    cov = pd.DataFrame([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]], index=list("abc"), columns=list("abc"))
    assert r_squared(fit("f =~ a + b + c", sample_cov=cov, n_obs=100))["a"] == pytest.approx(1.28)
