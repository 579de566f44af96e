"""Residuals and slopes of every group at a solution."""

import numpy as np
import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.moment_analysis import analyse_moments

MODEL = "f =~ a + b + c\ng =~ d + e + h\ng ~ f"


@pytest.mark.parametrize("means", [False, True])
def test_residuals_are_sample_less_implied_moments(lattice, means):
    """On the kernel's metric: standard deviations of 1."""
    found = fit(MODEL, lattice, meanstructure=means)
    (part,) = analyse_moments(found.problem, found.kernel_theta)
    group = part.group
    np.testing.assert_allclose(part.residual, group.statistics - part.implied, rtol=1e-12, atol=1e-15)
    j, i = np.triu_indices(6)
    wanted = (found.sample_cov - found.sigma)[i, j]
    np.testing.assert_allclose((part.residual * group.metric)[-21:], wanted, atol=1e-10)
    sd = group.model.sd
    np.testing.assert_allclose(part.covariance * np.outer(sd, sd), found.sigma, rtol=1e-10)
    assert part.share == 1.0


def test_slopes_are_derivatives_of_the_implied_moments(lattice):
    """Differences, in each of two groups that share parameters."""
    found = fit(MODEL, lattice, group="group", group_equal="loadings")
    theta = found.kernel_theta
    parts = analyse_moments(found.problem, theta)
    for number, part in enumerate(parts):
        columns = []
        for e in 1e-6 * np.eye(len(theta)):
            up, down = (analyse_moments(found.problem, theta + s * e)[number].implied for s in (1, -1))
            columns.append((up - down) / 2e-6)
        np.testing.assert_allclose(part.slopes, np.stack(columns, axis=1), atol=1e-8)
    np.testing.assert_allclose([p.share for p in parts], found.problem.weights)
    assert [p.group for p in parts] == list(found.groups)


def test_moments_of_fixed_exogenous_variables_have_neither_residual_nor_slope(lattice):
    """They are given, even away from the solution; the other moments do depend on the parameters."""
    found = fit("a ~ x\nb ~ a", lattice, meanstructure=True)
    (part,) = analyse_moments(found.problem, found.kernel_theta + 0.1)
    given = part.group.given
    assert given.sum() == 2
    assert not part.residual[given].any()
    assert not part.slopes[given].any()
    assert np.abs(part.slopes[~given]).max(axis=1).min() > 0.0
    assert np.abs(part.residual[~given]).min() > 0.0


def test_the_gradient_is_the_weighted_residual_times_slopes(lattice):
    """-2 D'V(s - sigma) of least squares, away from the solution."""
    found = fit(MODEL, lattice, estimator="GLS")
    theta = found.kernel_theta + 0.05
    (part,) = analyse_moments(found.problem, theta)
    weight = found.problem.estimator.weight(part.group, part.covariance)
    objective = found.problem.objective()
    gradient = objective.gradient(objective.evaluate(theta[None], np.zeros(1, dtype=np.intp)))[0]
    np.testing.assert_allclose(-2.0 * part.slopes.T @ weight @ part.residual, gradient, rtol=1e-9, atol=1e-12)
