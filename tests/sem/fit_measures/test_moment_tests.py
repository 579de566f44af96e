"""Traces behind scaled tests: the projection they are made of, and the observed saturated information."""

import numpy as np

from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.moment_analysis import analyse_moments
from sopsem.sem.fit_measures.moment_tests import MomentTest, observed_weight
from sopsem.sem.sample.normal_theory import normal_weight


def test_traces_are_those_of_the_stacked_matrices(skewed_items, two_factor_model):
    """Group by group or as one block-diagonal matrix, tr(U Gamma) and tr((U Gamma)^2) are the same."""
    result = fit(two_factor_model, skewed_items, estimator="MLM", group="school", group_equal="loadings")
    test = MomentTest.of(result.problem, result.kernel_theta)
    k = len(test.parts[0].residual)
    v, gamma, slopes = np.zeros((2 * k, 2 * k)), np.zeros((2 * k, 2 * k)), []
    for g, (share, part) in enumerate(zip(test.shares, test.parts, strict=True)):
        at = slice(g * k, (g + 1) * k)
        v[at, at], gamma[at, at] = share * test.weight(part), part.group.gamma("adf") / share
        slopes.append(part.slopes)
    d = np.vstack(slopes)
    u = v - v @ d @ np.linalg.inv(d.T @ v @ d) @ d.T @ v
    wanted = np.trace(u @ gamma), np.trace(u @ gamma @ u @ gamma)
    np.testing.assert_allclose(test.traces(), wanted, rtol=1e-8)


def test_the_observed_weight_is_the_curvature_of_the_likelihood(skewed_items, two_factor_model):
    """Finite differences of the mean log-likelihood about means and covariances give the matrix."""
    result = fit(two_factor_model, skewed_items, meanstructure=True)
    (part,) = analyse_moments(result.problem, result.kernel_theta + 0.03)
    rows, p = part.group.scaled_rows, 6
    j, i = np.triu_indices(p)

    def gradient(moments):
        sigma = np.zeros((p, p))
        sigma[i, j] = sigma[j, i] = moments[p:]
        away = rows - moments[:p]
        w = np.linalg.inv(sigma)
        inner = w @ (away.T @ away / len(rows)) @ w - w
        return np.concatenate([w @ away.mean(axis=0), np.where(i == j, 0.5, 1.0) * inner[i, j]])

    step = 1e-5 * np.eye(len(part.implied))
    slopes = [(gradient(part.implied - h) - gradient(part.implied + h)) / 2e-5 for h in step]
    np.testing.assert_allclose(observed_weight(part), np.array(slopes), atol=1e-6)


def test_at_the_sample_moments_observed_and_expected_agree(skewed_items):
    """A saturated model has no residuals, so its observed weight is the normal-theory one."""
    result = fit("f =~ x1 + x2 + x3", skewed_items, meanstructure=True)
    (part,) = analyse_moments(result.problem, result.kernel_theta)
    np.testing.assert_allclose(observed_weight(part), normal_weight(part.covariance, means=True), atol=1e-6)


def test_an_inequality_that_holds_still_is_no_misfit(skewed_items):
    """The residual test follows the directions of the model, also those that a bound closes."""
    free = fit("x2 ~ a*x1\nx3 ~ b*x1 + x2", skewed_items)
    held = fit("x2 ~ a*x1\nx3 ~ b*x1 + x2\na < 0.3", skewed_items)
    for result in (free, held):
        assert MomentTest.of(result.problem, result.kernel_theta).residual_statistic("normal_model") < 1e-8
