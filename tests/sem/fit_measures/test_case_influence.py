"""Influence of rows against refits with the row removed."""

import numpy as np
import pytest

from sopsem.errors import ConvergenceError, DataError, UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.case_influence import case_influence
from sopsem.sem.fit_measures.fit_indices import fit_indices

MODEL = "f =~ a + b + c\ng =~ d + e + h"


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (MODEL, {}),
        (MODEL, {"meanstructure": True}),
        (MODEL, {"mimic": "amos"}),
        ("f =~ a + b + c\nf ~ x", {"likelihood": "wishart"}),
        (MODEL, {"group": "group", "group_equal": "loadings"}),
    ],
)
def test_measures_are_those_of_a_refit_without_the_row(lattice, model, options):
    """Change of the estimates, Cook's distance and the fall of chi2, for three rows."""
    whole = fit(model, lattice, **options)
    found = case_influence(whole)
    for row in (0, 17, 200):
        less = fit(model, lattice.drop(index=row), **options)
        change = whole.theta - less.theta
        assert found.changes.loc[row].to_numpy() == pytest.approx(change, abs=1e-7)
        assert found.cases.loc[row, "dchisq"] == pytest.approx(whole.chisq - less.chisq, abs=1e-6)
        distance = change @ np.linalg.pinv(less.vcov) @ change
        assert found.cases.loc[row, "cook"] == pytest.approx(distance, rel=1e-4)


def test_likelihoods_of_rows_add_up_to_that_of_the_fit(lattice):
    """And their displacement is twice the fall of the likelihood at the estimates without the row."""
    whole = fit(MODEL, lattice, meanstructure=True)
    cases = case_influence(whole).cases
    assert cases["loglik"].sum() == pytest.approx(fit_indices(whole)["logl"], abs=1e-6)
    assert (cases["likelihood_displacement"] > 0.0).all()
    assert cases["cook_one_step"].corr(cases["likelihood_displacement"]) > 0.95


def test_mahalanobis_distances_are_those_from_the_sample(lattice):
    """Unbiased covariances: the distances add up to p (n - 1)."""
    cases = case_influence(fit(MODEL, lattice)).cases
    assert cases["mahalanobis"].sum() == pytest.approx(6 * 239)
    items = lattice[list("abcdeh")]
    apart = (items.loc[5] - items.mean()).to_numpy()
    assert cases.loc[5, "mahalanobis"] == pytest.approx(apart @ np.linalg.inv(items.cov()) @ apart)


def test_a_spoilt_row_comes_first_and_keeps_its_number(lattice):
    """Rows left out of the fit do not shift the numbering."""
    spoilt = lattice.copy()
    spoilt.loc[3, "a"] = np.nan
    spoilt.loc[100, "a"] += 9.0
    found = case_influence(fit(MODEL, spoilt))
    assert found.largest(1).index[0] == 100
    assert found.largest(1, by="loglik").index[0] == 100
    assert 3 not in found.cases.index
    assert found.not_refitted == ()
    assert "100" in repr(found)
    with pytest.raises(UsageError, match="'cook'"):
        found.largest(by="leverage")


def test_what_has_no_rows_or_likelihood_is_refused(lattice, lattice_gaps, monkeypatch):
    """Covariances only, least squares, incomplete rows, and no solution."""
    with pytest.raises(DataError, match="needs the rows"):
        case_influence(fit(MODEL, sample_cov=lattice[list("abcdeh")].cov(), n_obs=240))
    with pytest.raises(UsageError, match="'ULS'"):
        case_influence(fit(MODEL, lattice, estimator="ULS"))
    with pytest.raises(UsageError, match="complete rows"):
        case_influence(fit(MODEL, lattice_gaps, missing="ml"))
    fitted = fit(MODEL, lattice)
    monkeypatch.setattr(type(fitted.status), "converged", property(lambda _: False))
    with pytest.raises(ConvergenceError, match="did not converge"):
        case_influence(fitted)
