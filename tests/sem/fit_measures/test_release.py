"""The loosened model behind score tests."""

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.candidates import fixed_rows
from sopsem.sem.fit_measures.release import informed_inverse, release


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(9)
    return pd.DataFrame(rng.normal(size=(150, 1)) + rng.normal(size=(150, 5)), columns=list("abcde"))


@pytest.mark.parametrize("meanstructure", [False, True])
def test_at_an_optimum_the_score_of_every_free_row_is_zero(data, meanstructure):
    """And the fixed marker too, since it only sets the scale."""
    fitted = fit("f =~ a + b + c\ng =~ d + e\ng ~ f", data, meanstructure=meanstructure)
    released = release(fitted, fixed_rows(fitted.spec))
    assert np.abs(released.score).max() < 1e-6


def test_the_information_of_the_free_rows_gives_their_covariance_matrix(data):
    """unit (K'IK)^-1 unit / N is the vcov of the fit, labels included."""
    fitted = fit("f =~ a + l*b + l*c + d", data)
    released = release(fitted, fixed_rows(fitted.spec))
    k = int(fitted.free.sum())
    inside = released.directions.T @ released.information[:k, :k] @ released.directions
    full = released.directions @ informed_inverse(inside) @ released.directions.T / fitted.n
    assert full * np.outer(released.unit[:k], released.unit[:k]) == pytest.approx(fitted.vcov, rel=1e-6)


def test_a_tied_label_is_loosened(data):
    """Two rows of one label have scores of opposite sign that cancel along the label."""
    fitted = fit("f =~ a + l*b + l*c + d", data)
    released = release(fitted, fixed_rows(fitted.spec))
    along = released.directions.T @ released.score[: int(fitted.free.sum())]
    assert np.abs(released.score[:2]).min() > 1e-4
    assert np.abs(along).max() < 1e-6


def test_a_singular_information_is_inverted_on_what_it_informs():
    """A parameter on which nothing is known gets variance 0 there instead of rounding noise."""
    information = np.diag([4.0, 0.0, 2.0])
    assert informed_inverse(information) == pytest.approx(np.diag([0.25, 0.0, 0.5]))
