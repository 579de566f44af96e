"""Saturated correlates: the model with them is the model, and they help where values are missing."""

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.model.correlates import with_correlates
from sopsem.sem.model.spec import model_spec
from sopsem.sem.simulation.simulate import simulate

MODEL = "f =~ x1 + x2 + x3 + x4"
POPULATION = (
    "f =~ 0.8*x1 + 0.7*x2 + 0.6*x3 + 0.5*x4\nx1 ~~ 0.3*z\nx4 ~~ 0.5*z\nf ~~ 0.4*z\nf ~~ 0.2*w\nz ~~ 0.3*w"
)


@pytest.fixture(scope="module")
def rows():
    """Five hundred rows of the model and two variables outside it, in two groups."""
    return simulate(POPULATION, 500, seed=3).assign(half=["a", "b"] * 250)


@pytest.fixture(scope="module")
def gaps(rows):
    """x4 is missing where z is large: at random given z, and not without it."""
    gone = rows.copy()
    gone.loc[rows.z > 0.3, "x4"] = np.nan
    return gone


def own(result):
    """The rows of the table without the auxiliary variables."""
    table = estimates(result)
    return table[~table.lhs.isin(["z", "w"])].reset_index(drop=True)


@pytest.mark.parametrize(
    "options",
    [{}, {"group": "half", "group_equal": ["loadings", "intercepts", "residual_covariances"]}],
    ids=["one group", "groups"],
)
def test_with_complete_rows_nothing_changes(rows, options):
    """Estimates, standard errors, chi2, df and the indices against the baseline are the model's own."""
    alone = fit(MODEL, rows, missing="ml", **options)
    helped = fit(MODEL, rows, missing="ml", auxiliary=["z", "w"], **options)
    pd.testing.assert_frame_equal(own(helped)[["est", "se"]], own(alone)[["est", "se"]], rtol=1e-6, atol=1e-8)
    names = ["chisq", "df", "baseline_chisq", "baseline_df", "cfi", "tli", "rmsea"]
    np.testing.assert_allclose(fit_indices(helped)[names], fit_indices(alone)[names], rtol=1e-7, atol=1e-8)
    assert helped.npar == alone.npar + helped.n_groups * (2 * 4 + 3 + 2)
    assert any("saturated correlates" in n for n in helped.notes)


def test_the_text_with_all_covariances_is_the_same_model(gaps):
    """As it would be written by hand."""
    helped = fit(MODEL, gaps, missing="ml", auxiliary=["z", "w"])
    by_hand = fit(f"{MODEL}\nz ~~ w + x1 + x2 + x3 + x4\nw ~~ x1 + x2 + x3 + x4", gaps, missing="ml")
    assert helped.chisq == pytest.approx(by_hand.chisq, abs=1e-8)
    assert helped.df == by_hand.df == 2
    np.testing.assert_allclose(own(helped).est, own(by_hand).est, rtol=1e-6, atol=1e-8)


def test_what_depends_on_the_auxiliary_variable_is_recovered(rows, gaps):
    """The mean of x4 comes back; without z it is off by several standard errors."""

    def mean_of_x4(result):
        table = estimates(result)
        row = table[(table.lhs == "x4") & (table.op == "~1")].iloc[0]
        return row.est, row.se

    whole, error = mean_of_x4(fit(MODEL, rows, missing="ml"))
    alone, _ = mean_of_x4(fit(MODEL, gaps, missing="ml"))
    helped, _ = mean_of_x4(fit(MODEL, gaps, missing="ml", auxiliary="z"))
    assert abs(alone - whole) > 2.5 * error
    assert abs(helped - whole) < 1.5 * error


def test_an_indicator_without_error_hands_its_covariance_to_the_factor():
    """A rest that is 0 covaries with nothing."""
    spec = model_spec("f =~ 1*x\nx ~~ 0*x\ny ~ f", meanstructure=True, fixed_x=False)
    names = {p.name for p in with_correlates(spec, ["a", "a"]) if p.lhs == "a"}
    assert names == {"a~~a", "a~~f", "a~~y", "a~1"}


def test_a_strong_auxiliary_variable_is_no_improper_solution(rows):
    """Its covariances with the rest of the indicators may exceed what these rests can share."""
    close = rows.assign(close=rows[["x1", "x2", "x3", "x4"]].sum(axis=1) + np.arange(len(rows)) % 7)
    helped = fit(MODEL, close, missing="ml", auxiliary="close")
    assert np.linalg.eigvalsh(_residual(helped))[0] < -1e-3
    assert helped.status.converged
    assert not helped.improper


def _residual(result):
    """The residual covariance matrix with the auxiliary variable in it."""
    names = result.spec.observed
    found = np.zeros((len(names), len(names)))
    for p, value in zip(result.spec, result.rows, strict=True):
        if p.op == "~~" and p.lhs in names and p.rhs in names:
            i, j = names.index(p.lhs), names.index(p.rhs)
            found[i, j] = found[j, i] = value
    return found
