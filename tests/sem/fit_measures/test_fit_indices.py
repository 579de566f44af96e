"""Fit measures from the matrices themselves; corrections; degenerate cases."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures import fit_ingredients
from sopsem.sem.fit_measures.fit_indices import FIT_INDICES, corrected_tests, fit_indices


def test_likelihoods_are_those_of_the_normal_density(two_factors, two_factor_model):
    data = two_factors(1)
    result = fit(two_factor_model, data)
    centred = data.to_numpy() - data.to_numpy().mean(axis=0)

    def density(sigma):
        quadratic = np.einsum("ij,jk,ik->", centred, np.linalg.inv(sigma), centred)
        return -0.5 * (len(data) * (6 * np.log(2 * np.pi) + np.linalg.slogdet(sigma)[1]) + quadratic)

    m = fit_indices(result)
    assert m["logl"] == pytest.approx(density(result.sigma), rel=1e-12)
    assert m["unrestricted_logl"] == pytest.approx(density(result.sample_cov), rel=1e-12)
    assert 2 * (m["unrestricted_logl"] - m["logl"]) == pytest.approx(m["chisq"], rel=1e-9)
    assert m["aic"] == pytest.approx(-2 * m["logl"] + 2 * 13)
    assert m["bic"] == pytest.approx(-2 * m["logl"] + 13 * np.log(150))


def test_residual_indices_are_means_of_squares(two_factors, two_factor_model):
    result = fit(two_factor_model, two_factors(1))
    m, s, sigma = fit_indices(result), result.sample_cov, result.sigma
    low, strict = np.tril_indices(6), np.tril_indices(6, -1)
    assert m["rmr"] == pytest.approx(np.sqrt(((s - sigma)[low] ** 2).mean()))
    sd, own = np.sqrt(np.diag(s)), np.sqrt(np.diag(sigma))
    residual = s / np.outer(sd, sd) - sigma / np.outer(own, own)
    assert m["crmr"] == pytest.approx(np.sqrt((residual[strict] ** 2).mean()))
    ratio = np.linalg.solve(sigma, s)
    inner = np.linalg.solve(sigma, s - sigma)
    wanted = 1 - np.trace(inner @ inner) / np.trace(ratio @ ratio)
    assert m["gfi_lisrel"] == pytest.approx(wanted, rel=1e-12)


def test_the_baseline_is_the_fit_of_the_independence_model(two_factors, two_factor_model):
    data = two_factors(2)
    alone = fit("\n".join(f"{v} ~~ {v}" for v in data.columns), data)
    m = fit_indices(fit(two_factor_model, data))
    assert (m["baseline_chisq"], m["baseline_df"]) == pytest.approx((alone.chisq, alone.df))


def test_the_corrected_tests_stand_beside_the_raw_one(two_factors, two_factor_model):
    result = fit(two_factor_model, two_factors(1, 60))
    table = corrected_tests(result).set_index("test")
    assert table.index.tolist() == ["raw", "swain", "yuan_2015", "bartlett"]
    assert table.factor["raw"] == 1.0
    assert table.factor.iloc[1:].between(0.8, 1.0).all()
    np.testing.assert_allclose(table.chisq, table.factor * result.chisq, rtol=1e-12)
    assert (table.pvalue >= table.pvalue["raw"] - 1e-12).all()
    assert table.source.str.len().gt(0).all()


def test_a_saturated_model_has_indices_without_warnings(two_factors):
    m = fit_indices(fit("f =~ x1 + x2 + x3", two_factors()))
    assert (m["df"], m["cfi"], m["rmsea"], m["srmr"]) == pytest.approx((0, 1, 0, 0), abs=1e-7)


def test_every_index_is_labelled_and_computed(two_factors, two_factor_model):
    m = fit_indices(fit(two_factor_model, two_factors(), estimator="MLR"))
    assert isinstance(m, pd.Series)
    ordered_only = {"wrmr"}
    assert m.index.tolist() == [e.name for e in FIT_INDICES if e.name not in ordered_only]
    assert all(e.label for e in FIT_INDICES)
    assert m.notna().all()


def test_gfi_under_mimic_amos_is_that_of_joreskog_and_sorbom():
    """AMOS prints the classic GFI; lavaan 0.7's gfi is the population one."""
    cov = pd.DataFrame(
        [[1.0, 0.5, 0.4, 0.1], [0.5, 1.0, 0.3, 0.2], [0.4, 0.3, 1.0, 0.3], [0.1, 0.2, 0.3, 1.0]],
        columns=list("abcd"),
        index=list("abcd"),
    )
    amos = fit_indices(fit("f =~ a + b + c + d", sample_cov=cov, n_obs=100, mimic="amos"))
    other = fit_indices(fit("f =~ a + b + c + d", sample_cov=cov, n_obs=100))
    assert amos["gfi"] == amos["gfi_lisrel"] != other["gfi"]
    assert amos["agfi"] == amos["agfi_lisrel"] == pytest.approx(1 - 10 / 2 * (1 - amos["gfi"]))


@pytest.mark.parametrize(
    ("options", "words"), [({"group": "group"}, "groups"), ({"estimator": "GLS"}, "GLS")]
)
def test_small_sample_corrections_are_for_one_group_and_maximum_likelihood(lattice, options, words):
    """Their formulas count the moments of one covariance matrix."""
    with pytest.raises(UsageError, match=words):
        corrected_tests(fit("f =~ a + b + c + d", lattice, **options))


def test_the_corrected_tests_do_without_the_residual_statistics(two_factors, two_factor_model, monkeypatch):
    """They are the dear part of the ingredients, and are worked out when an index asks for them, once."""
    asked = []
    for name in ("_gfi_lisrel", "_residual_test"):
        made = getattr(fit_ingredients, name)
        monkeypatch.setattr(
            fit_ingredients, name, lambda tested, m=made, n=name: asked.append(n) or m(tested)
        )
    result = fit(two_factor_model, two_factors(1, 60))
    corrected_tests(result)
    assert asked == []
    fit_indices(result)
    assert sorted(asked) == ["_gfi_lisrel", "_residual_test"]
