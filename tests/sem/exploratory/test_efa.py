"""EFA in one call: fit against R and against a confirmatory model with the same df, words, refusals."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.estimates import standardized
from sopsem.sem.estimation.fit import fit
from sopsem.sem.exploratory.efa import efa


def test_the_statistic_of_r(answers, r_numbers):
    found = efa(answers, 3, rotation="none", draws=0)
    assert found.fit["chisq_bartlett"] == pytest.approx(r_numbers["3"]["statistic"], abs=1e-6)
    assert found.fit["df"] == r_numbers["3"]["df"]


def test_one_factor_is_the_confirmatory_model(answers):
    """No rotation is left: chi2 (N - 1) F, standardized loadings, CFI, TLI and RMSEA are those of the CFA."""
    items = answers.iloc[:, :6]
    cfa = fit("f =~ " + " + ".join(items.columns), items, likelihood="wishart")
    found = efa(items, 1, draws=0)
    assert found.fit["chisq"] == pytest.approx(cfa.chisq, rel=1e-8)
    assert found.fit["df"] == cfa.df
    from_cfa = standardized(cfa).query("op == '=~'").est_std
    np.testing.assert_allclose(np.abs(found.loadings["F1"]), np.abs(from_cfa), atol=1e-6)


def test_tables_fit_together(answers):
    found = efa(answers, 4, rotation="geomin", draws=0)
    phi = found.factor_correlations.to_numpy()
    lam = found.loadings.to_numpy()
    np.testing.assert_allclose(found.structure, lam @ phi, atol=1e-12)
    np.testing.assert_allclose(np.diag(lam @ phi @ lam.T), found.items.communality, atol=1e-9)
    np.testing.assert_allclose(found.items.communality + found.items.uniqueness, 1.0, atol=1e-6)
    assert found.variance.ss_loadings.sum() == pytest.approx(found.items.communality.sum())
    assert found.variance.cumulative.iloc[-1] == pytest.approx(found.items.communality.mean())
    assert (found.items.complexity >= 1.0 - 1e-9).all()


def test_sorted_loadings_group_items_by_factor(answers):
    found = efa(answers, 4, draws=0)
    shown = found.sorted_loadings(0.3)
    home = found.items.set_index("item").factor.loc[shown.index]
    assert home.tolist() == sorted(home)
    assert set(shown.index) == set(answers.columns)
    assert (shown.abs().fillna(1.0) >= 0.3).all().all()


def test_rescaled_reordered_and_turned_items(answers):
    first = efa(answers, 3, draws=0)
    sign = pd.Series(np.where(np.arange(18) % 4 == 0, -2.0, 3.0), index=answers.columns)
    second = efa((answers * sign + 7)[list(answers.columns[::-1])], 3, draws=0)
    lam = second.loadings.loc[answers.columns].mul(np.sign(sign), axis=0)
    product = lam @ second.factor_correlations @ lam.T
    np.testing.assert_allclose(
        product, first.loadings @ first.factor_correlations @ first.loadings.T, atol=1e-6
    )
    assert second.fit["chisq"] == pytest.approx(first.fit["chisq"], rel=1e-8)


def test_words(answers):
    gaps = answers.copy()
    gaps.loc[gaps.index[0], "col1"] = np.nan
    found = efa(gaps, draws=30)
    assert found.rows_excluded == 1
    assert found.n == 91
    said = " ".join(found.sentences)
    assert "Suggested: parallel analysis, components, normal" in said
    assert "EFA: " in repr(found)
    minres = efa(answers, 3, method="minres", draws=0)
    assert np.isnan(minres.fit["chisq"])
    assert "root mean square" in " ".join(minres.sentences)


def test_a_heywood_case_is_in_the_words():
    rng = np.random.default_rng(2)
    f = rng.normal(size=(80, 1))
    data = pd.DataFrame(f + 0.9 * rng.normal(size=(80, 4)), columns=list("abcd"))
    data["a"] = f[:, 0] + 1e-3 * rng.normal(size=80)
    found = efa(data, 1, draws=0)
    assert found.heywood == ("a",)
    assert any("Heywood" in s for s in found.sentences)


def test_refusals(answers):
    for wrong in ({"method": "pca"}, {"rotation": "equamax"}, {"draws": 0}):
        with pytest.raises(UsageError):
            efa(answers, **wrong)
