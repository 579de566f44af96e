"""The response of a fit to its covariance matrix, against refits and finite differences."""

import numpy as np
import pytest

from sopsem.errors import ModelError
from sopsem.sem.estimation.covariance_response import CovarianceResponse
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.population import population_correlations
from sopsem.sem.model.spec import model_spec

SPEC = model_spec("f =~ a + b + c\ng =~ d + e + h\ng ~ f")
MEASURED = {"f": "abc", "g": "deh"}
ARROWS = {(v, f): 0.8 - 0.1 * i for f, items in MEASURED.items() for i, v in enumerate(items)}
POPULATION = population_correlations(SPEC, ARROWS | {("g", "f"): 0.5})


@pytest.fixture(scope="module")
def response():
    return CovarianceResponse.of(SPEC, POPULATION)


@pytest.fixture(scope="module")
def sample():
    draws = np.random.default_rng(1).multivariate_normal(np.zeros(6), POPULATION, size=150)
    return np.cov(draws.T, bias=True)


@pytest.fixture(scope="module")
def direction():
    half = np.random.default_rng(2).normal(size=(6, 6))
    return half + half.T


def test_population_is_reproduced(response):
    """At the population itself nothing is left of the discrepancy and Sigma is the population."""
    at = response.at(POPULATION)
    assert abs(at.minimum) < 1e-14
    assert np.allclose(at.sigma, POPULATION, atol=1e-12)


def test_refit_is_the_fit(response, sample):
    """The batched refit finds the optimum that the full fit finds."""
    full = fit(SPEC, sample_cov=sample, n_obs=150)
    assert response.refit(np.array([sample, POPULATION])).minimum[0] == pytest.approx(full.minimum, abs=1e-11)
    assert response.implied(response.refit(sample[None]).theta)[0] == pytest.approx(
        full.sigma * 150 / 149, abs=1e-5
    )


def test_gradient_of_the_minimum(response, sample, direction):
    """dF*/dS is W - S^-1."""
    step = 1e-5
    ends = response.refit(np.array([sample + step * direction, sample - step * direction])).minimum
    assert (response.at(sample).gradient * direction).sum() == pytest.approx(
        (ends[0] - ends[1]) / (2 * step), rel=1e-7
    )


def test_gradient_of_the_estimates(response, sample, direction):
    """d theta/dS follows from the Hessian and the pressures."""
    step = 1e-4
    at = response.at(sample)
    ends = [response.at(sample + s * direction, at.theta).theta for s in (step, -step)]
    slopes = at.estimates_gradient(np.eye(len(at.theta)))
    found = (slopes * direction).sum(axis=(1, 2))
    assert found == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-4, abs=1e-6)


def test_intercepts_are_refused():
    """A covariance matrix says nothing about means."""
    with pytest.raises(ModelError, match="intercepts"):
        CovarianceResponse.of(model_spec("f =~ a + b + c\na ~ 1"), np.eye(3))
