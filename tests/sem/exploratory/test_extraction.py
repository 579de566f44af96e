"""Extraction against R's factanal, against itself, and where it must say that something is wrong."""

import numpy as np
import pytest
from scipy.optimize import minimize

from sopsem.errors import UsageError
from sopsem.sem.exploratory.extraction import LEAST, extract_factors


@pytest.fixture(scope="module")
def r(answers):
    return np.corrcoef(answers.to_numpy().T)


@pytest.mark.parametrize("k", [3, 4])
def test_maximum_likelihood_is_that_of_r(r, r_numbers, k):
    golden = r_numbers[str(k)]
    found = extract_factors(r, k)
    np.testing.assert_allclose(found.uniquenesses, golden["uniquenesses"], atol=2e-6)
    assert found.minimum == pytest.approx(golden["criterion"], abs=1e-8)
    np.testing.assert_allclose((found.loadings**2).sum(1) + found.uniquenesses, 1.0, atol=1e-7)


def test_minres_is_the_least_sum_of_squared_residuals(r):
    """By another route: over loadings themselves."""
    r = r[:8, :8]
    found = extract_factors(r, 2, method="minres")
    off = np.triu_indices(8, 1)

    def loss(x):
        lam = x.reshape(8, 2)
        return ((r - lam @ lam.T)[off] ** 2).sum()

    starts = (found.loadings.ravel(), np.random.default_rng(0).normal(size=16) / 2)
    best = min(minimize(loss, s, method="BFGS", options={"gtol": 1e-9}).fun for s in starts)
    assert loss(found.loadings.ravel()) == pytest.approx(best, abs=1e-10)
    axes = extract_factors(r, 2, method="paf")
    np.testing.assert_allclose(axes.loadings, found.loadings, atol=1e-6)


@pytest.mark.parametrize("method", ["ml", "minres", "paf"])
def test_a_population_comes_back(method):
    lam = np.array([[0.8, 0], [0.7, 0], [0.6, 0.2], [0, 0.7], [0, 0.6], [0.1, 0.5]])
    r = lam @ lam.T
    np.fill_diagonal(r, 1.0)
    found = extract_factors(r, 2, method=method)
    np.testing.assert_allclose(found.loadings @ found.loadings.T, lam @ lam.T, atol=1e-5)
    assert found.minimum == pytest.approx(0.0, abs=1e-9)
    assert not len(found.heywood)


def test_a_heywood_case_is_told():
    """One factor with r12 r13 / r23 above 1."""
    r = np.array([[1.0, 0.7, 0.7, 0.3], [0.7, 1.0, 0.35, 0.2], [0.7, 0.35, 1.0, 0.2], [0.3, 0.2, 0.2, 1.0]])
    found = extract_factors(r, 1)
    assert found.heywood.tolist() == [0]
    assert found.uniquenesses[0] == pytest.approx(LEAST)


def test_order_and_signs_of_items(r):
    order = np.random.default_rng(4).permutation(18)
    sign = np.where(np.arange(18) % 3 == 0, -1.0, 1.0)
    found, plain = extract_factors((r * np.outer(sign, sign))[np.ix_(order, order)], 3), extract_factors(r, 3)
    np.testing.assert_allclose(found.uniquenesses, plain.uniquenesses[order], atol=1e-6)


def test_too_many_factors_and_unknown_methods(r):
    with pytest.raises(UsageError, match="from 1 to 4"):
        extract_factors(r[:8, :8], 5)
    with pytest.raises(UsageError, match="minres"):
        extract_factors(r, 2, method="pca")
