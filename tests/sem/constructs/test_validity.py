"""Factor correlations, chi2(cut) and Fornell-Larcker on the CFA."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.constructs import validity
from sopsem.sem.constructs.solution import drawn_solution
from sopsem.sem.constructs.validity import (
    correlation_class,
    cutoff_tests,
    factor_correlations,
    fornell_larcker,
    fornell_larcker_pairs,
)
from sopsem.sem.estimation.estimates import standardized
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap

ITEMS = [f"{v}{i}" for v in "fgh" for i in (1, 2, 3)]
CFA = "f =~ f1 + f2 + f3; g =~ g1 + g2 + g3; h =~ h1 + h2 + h3"

STORED = ("holzinger", "wenchuan", "customers", "personality")


def population(f_g, f_h, g_h, loading=0.8):
    """Return the item correlations of three factors with these correlations and equal loadings."""
    latent = np.array([[1, f_g, f_h], [f_g, 1, g_h], [f_h, g_h, 1]])
    matrix = loading**2 * np.repeat(np.repeat(latent, 3, axis=0), 3, axis=1)
    np.fill_diagonal(matrix, 1.0)
    return pd.DataFrame(matrix, index=ITEMS, columns=ITEMS)


def known(f_g=0.5, f_h=-0.85, g_h=-0.3, loading=0.8, n=300):
    """Return the CFA at known population values."""
    sample = population(f_g, f_h, g_h, loading)
    return fit(CFA, sample_cov=sample, n_obs=n, sample_cov_rescale=False)


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (0.7999, "no problem"),
        (0.80, "marginal"),
        (-0.8999, "marginal"),
        (0.90, "moderate"),
        (-1.0, "severe"),
        (1.2, "severe"),
        (float("nan"), "undefined"),
    ],
)
def test_classes_begin_at_their_cutoffs(limit, expected):
    assert correlation_class(limit) == expected


@pytest.mark.parametrize("name", STORED)
def test_estimates_equal_lavaan(name, construct_cases):
    table = factor_correlations(construct_cases.fitted(name)).set_index(["factor1", "factor2"])
    for pair, value in construct_cases.pairs(name, "factor_correlations").items():
        assert table.loc[pair, "est"] == pytest.approx(value, abs=1e-5)


def test_without_draws_the_limits_are_those_of_the_standardized_covariances():
    found = known()
    table = factor_correlations(found, level=0.9).iloc[0]
    wald = standardized(found, level=0.9).set_index(["lhs", "op", "rhs"]).loc[("f", "~~", "g")]
    assert table["ci_lower"] == pytest.approx(wald["ci_lower"])
    assert table["ci_upper"] == pytest.approx(wald["ci_upper"])


def test_a_negative_correlation_is_judged_by_its_size():
    table = factor_correlations(known()).set_index(["factor1", "factor2"])
    assert table.loc[("f", "h"), "est"] == pytest.approx(-0.85, abs=1e-6)
    assert table.loc[("f", "h"), "limit"] == pytest.approx(-table.loc[("f", "h"), "ci_lower"])
    assert table.loc[("f", "h"), "judgement"] in ("moderate", "marginal")
    assert table.loc[("f", "g"), "judgement"] == "no problem"


@pytest.mark.parametrize("model", [CFA + "; g ~ f", CFA + "; top =~ f + g + h"])
@pytest.mark.parametrize(
    "function", [factor_correlations, cutoff_tests, fornell_larcker, fornell_larcker_pairs]
)
def test_structural_models_are_refused(model, function):
    found = fit(model, sample_cov=population(0.5, 0.4, 0.3), n_obs=300)
    with pytest.raises(UsageError, match="fit the CFA instead"):
        function(found)


def test_chi2_cut_is_the_cost_of_the_fixed_correlation():
    """At population values the CFA costs nothing, so the cost is the chi2 of the same restriction by hand."""
    found = known(f_h=0.4, g_h=0.3)
    table = cutoff_tests(found).set_index(["factor1", "factor2", "cutoff"])
    by_hand = fit(
        "f =~ NA*f1 + f2 + f3; g =~ NA*g1 + g2 + g3; h =~ h1 + h2 + h3; f ~~ 1*f; g ~~ 1*g; f ~~ 0.9*g",
        sample_cov=population(0.5, 0.4, 0.3),
        n_obs=300,
        sample_cov_rescale=False,
    )
    assert table.loc[("f", "g", 0.9), "chisq_diff"] == pytest.approx(by_hand.chisq, abs=1e-6)
    assert by_hand.df == found.df + 1
    assert table["below"].all()
    assert table.loc[("f", "g")]["chisq_diff"].is_monotonic_increasing


def test_a_correlation_at_or_above_the_cutoff_is_not_below_it():
    table = cutoff_tests(known()).set_index(["factor1", "factor2", "cutoff"])
    over = table.loc[("f", "h", 0.8)]
    assert over["chisq_diff"] == 0.0
    assert over["pvalue"] == 1.0
    assert not over["below"]
    assert over["note"] == "the estimate is not below 0.80"


def test_a_negative_correlation_is_tested_against_minus_the_cutoff():
    minus = cutoff_tests(known(f_g=-0.5, f_h=-0.4, g_h=0.3))
    plus = cutoff_tests(known(f_g=0.5, f_h=0.4, g_h=0.3))
    np.testing.assert_allclose(minus["chisq_diff"], plus["chisq_diff"], atol=1e-6)


def test_a_scale_that_cannot_be_exchanged_is_not_tested_and_says_so():
    text = CFA.replace("f1 + f2", "1*f1 + 1*f2")
    table = cutoff_tests(fit(text, sample_cov=population(0.5, 0.4, 0.3), n_obs=300))
    assert table["chisq_diff"].isna().all()
    assert table["note"].str.contains("the scale of f").all()
    assert not table["below"].any()


def test_cutoffs_outside_the_range_are_refused():
    with pytest.raises(UsageError, match="cutoffs"):
        cutoff_tests(known(), cutoffs=(1.1,))


def test_fornell_larcker_by_hand():
    """Loadings .8 give a root of AVE of .8: the correlation of -.85 breaks the criterion for f and h."""
    table = fornell_larcker(known())
    assert np.diag(table[["f", "g", "h"]]) == pytest.approx([0.8, 0.8, 0.8], abs=1e-6)
    assert table.loc["g", "f"] == pytest.approx(0.5, abs=1e-6)
    assert table.loc["h", "f"] == pytest.approx(0.85, abs=1e-6)
    assert np.isnan(table.loc["f", "g"])
    assert table["holds"].tolist() == [False, True, False]


def test_the_gap_of_a_pair_by_hand():
    table = fornell_larcker_pairs(known()).set_index(["factor1", "factor2"])
    assert table["est"].tolist() == pytest.approx([0.3, -0.05, 0.5], abs=1e-6)
    assert table["holds"].tolist() == [True, False, True]
    assert "certain" not in table


def one_item(f_g=0.5):
    """Return a CFA whose factor g has one item."""
    names = ["f1", "f2", "f3", "g1"]
    sample = population(f_g, 0.4, 0.3).loc[names, names]
    return fit("f =~ f1 + f2 + f3; g =~ g1", sample_cov=sample, n_obs=200)


def test_one_item_has_no_ave_so_the_criterion_is_undefined_and_not_failed():
    table = fornell_larcker(one_item())
    assert np.isnan(table.loc["g", "g"])
    assert table["holds"].tolist() == [True, None]
    pairs = fornell_larcker_pairs(one_item())
    assert np.isnan(pairs["est"].item())
    assert pairs["holds"].tolist() == [None]


def test_an_undefined_gap_has_no_certain_side():
    found = one_item()
    data = np.random.default_rng(2).multivariate_normal(np.zeros(4), found.sample_cov, 80)
    own = fit("f =~ f1 + f2 + f3; g =~ g1", pd.DataFrame(data, columns=["f1", "f2", "f3", "g1"]))
    drawn = drawn_solution(bootstrap(own, draws=20, seed=1))
    assert fornell_larcker_pairs(own, drawn=drawn)["certain"].tolist() == [None]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [((0.9, np.nan), False), ((0.3, np.nan), None), ((0.3, 0.4), True), ((0.8, 0.1), False)],
)
def test_one_known_failure_settles_the_criterion_and_an_unknown_leaves_it_open(monkeypatch, sizes, expected):
    size = np.eye(3)
    size[0, 1:] = size[1:, 0] = sizes
    monkeypatch.setattr(validity, "_roots_and_sizes", lambda *_: (np.full((1, 3), 0.8), size[None]))
    assert fornell_larcker(known()).loc["f", "holds"] is expected


def test_draws_give_percentile_limits_and_a_certain_gap():
    rng = np.random.default_rng(4)
    data = pd.DataFrame(
        rng.normal(size=(250, 9)) @ np.linalg.cholesky(population(0.1, 0.72, 0.1)).T, columns=ITEMS
    )
    found = fit(CFA, data)
    drawn = drawn_solution(bootstrap(found, data, draws=199, seed=2))
    table = factor_correlations(found, drawn=drawn)
    ordered = np.sort(drawn.factor_correlations()[:, 0, 1])
    assert table.loc[0, "ci_lower"] == pytest.approx(ordered[4])
    assert table.loc[0, "ci_upper"] == pytest.approx(ordered[194])
    assert (table["draws_used"] + table["draws_failed"] == 199).all()
    gaps = fornell_larcker_pairs(found, drawn=drawn)
    assert gaps["certain"].tolist() == [True, False, True]


def test_one_factor_gives_empty_tables_of_pairs():
    found = fit("f =~ f1 + f2 + f3", sample_cov=population(0.5, 0.4, 0.3), n_obs=100)
    assert factor_correlations(found).empty
    assert fornell_larcker_pairs(found).empty
    assert cutoff_tests(found).empty
    assert fornell_larcker(found).shape == (1, 2)
