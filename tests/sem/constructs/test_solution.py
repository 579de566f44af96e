"""Model matrices of one solution and of many draws."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.sem.constructs.solution import correlations, drawn_solution, solution
from sopsem.sem.estimation.estimates import estimates, standardized
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import bootstrap

TEXT = "f =~ a1 + a2 + a3; g =~ b1 + b2 + b3; a3 ~~ b3; g ~ f"


@pytest.fixture(scope="module")
def data():
    """Two factors on items of very different units."""
    rng = np.random.default_rng(6)
    factors = rng.normal(size=(150, 2)) @ np.array([[1.0, 0.5], [0.0, 0.9]])
    items = np.repeat(factors, 3, axis=1) + 0.8 * rng.normal(size=(150, 6))
    return pd.DataFrame(items * [1, 100, 0.01, 5, 1, 1], columns=["a1", "a2", "a3", "b1", "b2", "b3"])


@pytest.fixture(scope="module")
def fitted(data):
    """The structural model."""
    return fit(TEXT, data)


def test_matrices_are_the_estimates_in_the_metric_of_the_data(fitted):
    found = solution(fitted)
    table = estimates(fitted).set_index(["lhs", "op", "rhs"])["est"]
    f, g = (found.latent.index(v) for v in "fg")
    a2, a3, b3 = (found.observed.index(v) for v in ("a2", "a3", "b3"))
    assert found.loadings[0, a2, f] == pytest.approx(table["f", "=~", "a2"])
    assert found.loadings[0, a2, g] == 0.0
    assert found.residual[0, a3, b3] == pytest.approx(table["a3", "~~", "b3"])
    assert found.residual[0, a2, a2] == pytest.approx(table["a2", "~~", "a2"])
    assert found.paths[0, g, f] == pytest.approx(table["g", "~", "f"])
    np.testing.assert_allclose(found.implied[0], fitted.sigma)


def test_the_variance_of_an_endogenous_factor_is_the_total_one(fitted):
    table = estimates(fitted).set_index(["lhs", "op", "rhs"])["est"]
    block = solution(fitted).block("g", ("b1", "b2", "b3"))
    total = table["g", "~~", "g"] + table["g", "~", "f"] ** 2 * table["f", "~~", "f"]
    assert block.variance[0] == pytest.approx(total)


def test_standardized_loadings_are_those_of_the_standardized_solution(fitted):
    table = standardized(fitted).set_index(["lhs", "op", "rhs"])["est_std"]
    block = solution(fitted).block("g", ("b1", "b3"))
    assert block.std_loadings[0].tolist() == pytest.approx([table["g", "=~", "b1"], table["g", "=~", "b3"]])
    assert block.residual.shape == (1, 2, 2)


def test_every_draw_has_the_covariances_of_its_own_resample(fitted, data):
    draws = bootstrap(fitted, data, draws=5, seed=3)
    found = drawn_solution(draws)
    rows = data.to_numpy()[:, [list(data.columns).index(v) for v in fitted.spec.observed]]
    for b in range(5):
        counts = draws.resampler.moments([b])[0] * np.outer(fitted.model.sd, fitted.model.sd)
        np.testing.assert_allclose(found.sample[b], counts)
    alike = np.cov(rows.T, bias=True)
    ratio = np.diagonal(found.sample, axis1=1, axis2=2) / np.diag(alike)
    assert ((ratio > 0.5) & (ratio < 2.0)).all()


def test_a_draw_without_solution_gives_nan_and_leaves_the_others(fitted):
    theta = np.stack([fitted.kernel_theta, np.full(len(fitted.kernel_theta), np.nan)])
    found = solution(fitted, theta)
    assert np.isnan(found.loadings[1]).all()
    assert np.isnan(found.factor_correlations()[1]).all()
    np.testing.assert_allclose(found.loadings[0], solution(fitted).loadings[0])


def test_a_variance_that_is_not_positive_has_no_correlation():
    found = correlations(np.array([[4.0, 1.0, 1.0], [1.0, 1.0, 0.5], [1.0, 0.5, -1.0]]))
    assert found[0, 1] == pytest.approx(0.5)
    assert np.isnan(found[2]).all()


def test_draws_of_models_with_intercepts_have_covariances(two_factors, two_factor_model):
    """Sample covariances of draws are the same with and without intercepts."""
    data = two_factors()
    pair = [
        drawn_solution(bootstrap(fit(two_factor_model, data, meanstructure=m), draws=3, seed=1))
        for m in (True, False)
    ]
    np.testing.assert_allclose(pair[0].sample, pair[1].sample, atol=1e-12)
    np.testing.assert_allclose(pair[0].loadings, pair[1].loadings, atol=1e-6)


def test_draws_without_covariance_matrices_are_refused(two_factors, two_factor_model):
    """Draws of another estimator are not made of moment matrices alone."""
    draws = bootstrap(fit(two_factor_model, two_factors(), estimator="GLS"), draws=2)
    with pytest.raises(UsageError, match="covariance matrices of complete rows"):
        drawn_solution(draws)
