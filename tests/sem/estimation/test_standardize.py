"""Total covariances of all variables, and the sets of variables that matter for some of them."""

import numpy as np
import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.standardize import (
    standardized_jacobian,
    standardized_rows,
    total_covariance,
    with_ancestors,
)


@pytest.mark.parametrize("options", [{}, {"meanstructure": True}, {"std_lv": True}])
def test_total_covariances_contain_the_implied_ones(mediation, mediation_model, options):
    result = fit(mediation_model, mediation(1), **options)
    total = total_covariance(result.model, result.kernel_theta[None])[0] * np.outer(*[result.model.units] * 2)
    np.testing.assert_allclose(total[:9, :9], result.sigma, atol=1e-10)


def test_ancestors_are_enough_for_the_covariances_among_them(mediation, mediation_model):
    result = fit(mediation_model, mediation(1), meanstructure=True)
    place = result.model.variables.index
    among = with_ancestors(result.model, np.array([place("Y")]))
    assert {"A", "M", "Y"} <= {result.model.variables[i] for i in among}
    assert "a1" not in {result.model.variables[i] for i in among}
    whole = total_covariance(result.model, result.kernel_theta[None])[0]
    part = total_covariance(result.model, result.kernel_theta[None], among)[0]
    latent = [i for i, at in enumerate(among) if result.model.variables[at] in "AMY"]
    np.testing.assert_allclose(
        part[np.ix_(latent, latent)], whole[np.ix_(among[latent], among[latent])], atol=1e-12
    )


def test_slopes_are_differences_of_another_size(two_factors, two_factor_model):
    result = fit(two_factor_model, two_factors())
    found = standardized_jacobian(result.spec, result.model, result.kernel_theta)
    k, h = len(result.kernel_theta), 1e-4
    steps = np.concatenate([h * np.eye(k), -h * np.eye(k)]) + result.kernel_theta
    values = standardized_rows(result.spec, result.model, steps)
    np.testing.assert_allclose(found, (values[:k] - values[k:]).T / (2 * h), atol=1e-6)
