"""Sensitivity models: what is freed, what is replaced, and the table that lays them side by side."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import ModelError
from sopsem.sem.effects.effects import effects
from sopsem.sem.effects.sensitivity import parallel_mediators, sensitivity_models, with_mediator_covariances
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.compare import compare
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.model.spec import model_spec

SECOND = """
x =~ x1 + x2 + x3
m =~ m1 + m2 + m3
n =~ n1 + n2 + n3
d =~ d1 + d2 + d3
e =~ e1 + e2 + e3
f =~ d + e
m ~ x
n ~ x
f ~ m + n
"""
PATHS = "m ~ x; n ~ x; y ~ m + n"


@pytest.fixture(scope="module")
def given():
    """A fit of the second-order model to 200 rows in which mediators covary and d, e react differently."""
    rng = np.random.default_rng(8)

    def e():
        return rng.normal(size=200)

    x, shared = e(), e()
    m, n = 0.5 * x + 0.5 * shared + 0.6 * e(), -0.4 * x + 0.5 * shared + 0.6 * e()
    f = 0.7 * m + 0.5 * n + 0.6 * e()
    values = {"x": x, "m": m, "n": n, "d": f + 0.6 * m + 0.6 * e(), "e": f + 0.6 * e()}
    rows = pd.DataFrame({f"{k}{i}": v + 0.6 * e() for k, v in values.items() for i in (1, 2, 3)})
    return fit(SECOND, rows)


def test_both_models_are_one_parameter_richer_and_fit_better(given):
    result = sensitivity_models(given, predictor="x", outcome="f")
    assert list(result.fits) == ["as_given", "mediators_covary", "first_order_outcomes"]
    assert result.table.loc["df"].tolist() == [given.df, given.df - 1, given.df - 1]
    for name in ("mediators_covary", "first_order_outcomes"):
        by_hand = compare(given, result.fits[name])
        assert result.table.loc["dchisq", name] == pytest.approx(by_hand.dchisq)
        assert result.table.loc["dpvalue", name] == pytest.approx(by_hand.pvalue)
        assert by_hand.pvalue < 0.02
    assert np.isnan(result.table.loc["dchisq", "as_given"])
    assert result.notes == ()


def test_the_table_holds_measures_and_standardized_effects_of_every_model(given):
    result = sensitivity_models(given, predictor="x", outcome="f")
    for name, fitted in result.fits.items():
        assert result.table.loc["cfi", name] == pytest.approx(fit_indices(fitted)["cfi"])
        own = effects(fitted).set_index("effect")["est_std"]
        pd.testing.assert_series_equal(result.table.loc[own.index, name], own, check_names=False)
    assert np.isnan(result.table.loc["total:f~x", "first_order_outcomes"])
    assert np.isnan(result.table.loc["total:d~x", "as_given"])


def test_the_freed_covariance_is_the_same_as_one_written_by_hand(given):
    spec = with_mediator_covariances(given.spec, "x", "f")
    by_hand = fit(SECOND + "m ~~ n\n", pd.DataFrame(given.moments.data, columns=list(given.moments.names)))
    result = sensitivity_models(given, predictor="x", outcome="f")
    assert spec.find("m", "~~", "n").free
    assert result.fits["mediators_covary"].chisq == pytest.approx(by_hand.chisq, abs=1e-7)


def test_the_first_order_model_is_the_same_as_one_written_by_hand(given):
    text = SECOND.replace("f =~ d + e\n", "").replace("f ~ m + n", "d ~ m + n\ne ~ m + n\nd ~~ e")
    by_hand = fit(text, pd.DataFrame(given.moments.data, columns=list(given.moments.names)))
    result = sensitivity_models(given, predictor="x", outcome="f")
    assert result.fits["first_order_outcomes"].df == by_hand.df
    assert result.fits["first_order_outcomes"].chisq == pytest.approx(by_hand.chisq, abs=1e-7)


def test_settings_of_the_fit_are_kept(given):
    rows = pd.DataFrame(given.moments.data, columns=list(given.moments.names))
    amos = sensitivity_models(fit(SECOND, rows, mimic="amos"), predictor="x", outcome="f")
    plain = sensitivity_models(given, predictor="x", outcome="f")
    ratio = amos.table.loc["chisq"] / plain.table.loc["chisq"]
    assert ratio.tolist() == pytest.approx([199 / 200] * 3)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (PATHS, [("m", "n")]),
        (PATHS + "; m ~~ n", []),
        (PATHS + "; m ~~ 0*n", [("m", "n")]),
        ("m ~ x; n ~ m; y ~ n", []),
        ("m ~ x; n ~ x; k ~ x; y ~ m + n + k", [("m", "n"), ("m", "k"), ("n", "k")]),
        ("m ~ x; n ~ x + m; k ~ x; y ~ n + k", [("n", "k"), ("m", "k")]),
    ],
)
def test_parallel_mediators_do_not_lead_to_each_other(text, pairs):
    found = parallel_mediators(model_spec(text), "x", "y")
    assert {frozenset(p) for p in found} == {frozenset(p) for p in pairs}


def test_models_that_do_not_apply_are_left_out_with_the_reason():
    s = np.array([[1, 0.5, 0.4, 0.4], [0.5, 1, 0.3, 0.5], [0.4, 0.3, 1, 0.4], [0.4, 0.5, 0.4, 1]])
    cov = pd.DataFrame(s, index=list("xmny"), columns=list("xmny"))
    chain = sensitivity_models(
        fit("m ~ x; n ~ m; y ~ n", sample_cov=cov, n_obs=99), predictor="x", outcome="y"
    )
    assert list(chain.fits) == ["as_given"]
    assert len(chain.notes) == 2
    assert "y is not a second-order factor" in chain.notes[1]
    with pytest.raises(ModelError, match="no two parallel mediators"):
        with_mediator_covariances(chain.fits["as_given"].spec, "x", "y")
    with pytest.raises(ModelError, match="no mediation to vary"):
        sensitivity_models(fit(PATHS, sample_cov=cov, n_obs=99), predictor="m", outcome="y")
