"""Populations that a model misses by a stated RMSEA."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import fit
from sopsem.sem.model.spec import model_spec
from sopsem.sem.power.misfit import population_with_misfit

LOADINGS = np.array([0.8, 0.7, 0.6, 0.7, 0.5])
S = np.outer(LOADINGS, LOADINGS) + np.diag(1.0 - LOADINGS**2)
TEXT = "f =~ a + b + c + d + e"


def fitted(matrix):
    cov = pd.DataFrame(matrix, *[list("abcde")] * 2)
    return fit(TEXT, sample_cov=cov, n_obs=1000, sample_cov_rescale=False)


@pytest.mark.parametrize("rmsea", [0.01, 0.05, 0.12])
def test_the_model_misses_it_by_that_rmsea_at_the_same_estimates(rmsea):
    moved = population_with_misfit(model_spec(TEXT), S, rmsea, 5, np.random.default_rng(3))
    there = fitted(moved)
    assert np.sqrt(there.minimum / there.df) == pytest.approx(rmsea, rel=1e-6)
    np.testing.assert_allclose(estimates(there)["est"], estimates(fitted(S))["est"], atol=1e-7)


def test_without_misfit_the_population_stays():
    assert population_with_misfit(model_spec(TEXT), S, 0.0, 5, np.random.default_rng(3)) is S


@pytest.mark.parametrize(
    ("rmsea", "df", "why"),
    [(-0.1, 5, "misfit is"), (0.05, 0, "no degrees of freedom"), (0.99, 50, "ask for less")],
)
def test_what_cannot_be_is_refused(rmsea, df, why):
    with pytest.raises(UsageError, match=why):
        population_with_misfit(model_spec(TEXT), S, rmsea, df, np.random.default_rng(3))
