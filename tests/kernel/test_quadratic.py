"""Least squares of moments: derivatives, linear problems with a known answer, and normal-theory weights."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.kernel import CovarianceStructure, Likelihood, Outcome, Quadratic, implied, minimise
from sopsem.kernel.structure import half

seeds = st.integers(0, 10**6)
flags = st.booleans()


class Linear:
    """Moments A theta, undefined where the first parameter is above a limit."""

    def __init__(self, matrix, limit=np.inf):
        self.matrix, self.limit = matrix, limit
        self.n_parameters = matrix.shape[1]

    def moments(self, theta):
        """Return A theta."""
        return np.where(theta[0] > self.limit, np.nan, self.matrix @ theta)

    def jacobian(self, theta):
        """Return A."""
        return np.where(theta[0] > self.limit, np.nan, self.matrix)

    def curvature(self, theta, weights):
        """Return 0."""
        del weights
        return np.zeros((len(theta), len(theta)))


def positive(rng, k, count=None):
    """Return random positive definite matrices of order k."""
    shape = (k, 2 * k) if count is None else (count, k, 2 * k)
    root = rng.normal(size=shape)
    return root @ np.swapaxes(root, -1, -2) / (2 * k)


def random_quadratic(random_model, seed, *, means=False, affine=False, batch=3):
    """Return least squares of a random model with a full weight of each problem, and points."""
    model, rng = random_model(seed, means=means, affine=affine, batch=batch), np.random.default_rng(seed)
    structure = CovarianceStructure(model.layout, meanstructure=means)
    at = np.array([structure.moments(t) for t in model.theta])
    statistics = at + 0.2 * rng.normal(size=at.shape)
    return Quadratic(structure, statistics, positive(rng, at.shape[1], batch)), model.theta


@given(seeds, flags, flags)
def test_derivatives_are_those_of_differences(random_model, check_derivatives, seed, means, affine):
    """Gradient to 1e-7, observed Hessian to 1e-5."""
    check_derivatives(*random_quadratic(random_model, seed, means=means, affine=affine))


@given(seeds, flags)
def test_the_value_and_the_expected_hessian_are_their_formulas(random_model, seed, means):
    """e'Ve and 2 D'VD."""
    objective, theta = random_quadratic(random_model, seed, means=means)
    point = objective.evaluate(theta, np.arange(3))
    for b, one in enumerate(theta):
        e = objective.statistics[b] - objective.structure.moments(one)
        slopes, v = objective.structure.jacobian(one), objective.weight[b]
        np.testing.assert_allclose(point.objective[b], e @ v @ e, rtol=1e-12)
        np.testing.assert_allclose(
            objective.expected_hessian(point)[b], 2.0 * slopes.T @ v @ slopes, atol=1e-11
        )


@given(seeds, flags)
def test_both_hessians_are_one_without_residuals(random_model, seed, means):
    """The curvature of the moments is weighted by residuals."""
    objective, theta = random_quadratic(random_model, seed, means=means)
    exact = Quadratic(
        objective.structure, np.array([objective.structure.moments(t) for t in theta]), objective.weight
    )
    point = exact.evaluate(theta, np.arange(3))
    np.testing.assert_array_equal(point.objective, 0.0)
    np.testing.assert_allclose(exact.observed_hessian(point), exact.expected_hessian(point), atol=1e-12)


@given(seeds)
def test_a_linear_structure_has_the_answer_of_weighted_regression(seed):
    """(A'VA)^-1 A'Vs, whatever the start; its Hessian is the same everywhere."""
    rng = np.random.default_rng(seed)
    matrix, statistics, weight = rng.normal(size=(6, 3)), rng.normal(size=(4, 6)), positive(rng, 6)
    objective = Quadratic(Linear(matrix), statistics, weight[None])
    found = minimise(objective, 10.0 * rng.normal(size=(4, 3)))
    wanted = np.linalg.solve(matrix.T @ weight @ matrix, matrix.T @ weight @ statistics.T).T
    assert (found.outcome == Outcome.CONVERGED).all()
    np.testing.assert_allclose(found.theta, wanted, atol=1e-9 * np.abs(wanted).max() + 1e-10)
    rest = statistics - found.theta @ matrix.T
    np.testing.assert_allclose(found.minimum, np.einsum("bk,kl,bl->b", rest, weight, rest), rtol=1e-9)


@given(seeds)
def test_the_normal_theory_weight_gives_the_information_of_maximum_likelihood(random_model, seed):
    """D'(W x W)D / 2 at the implied moments; both are the expected Hessian of half the discrepancy."""
    model = random_model(seed)
    sigma = implied(model.layout, model.theta)
    i, j = half(len(sigma[0]))
    duplication = np.zeros((len(sigma[0]), len(sigma[0]), len(i)))
    duplication[i, j, range(len(i))] = duplication[j, i, range(len(i))] = 1.0
    weights = []
    for one in sigma:
        w = np.linalg.inv(one)
        around = np.einsum("ab,bck,cd->adk", w, duplication, w)
        weights.append(0.5 * np.einsum("adk,adl->kl", around, duplication))
    structure = CovarianceStructure(model.layout, meanstructure=False)
    least = Quadratic(structure, sigma[:, i, j], np.array(weights))
    likely = Likelihood(model.layout, sigma)
    one, other = (o.evaluate(model.theta, np.arange(3)) for o in (least, likely))
    wanted = likely.expected_hessian(other)
    np.testing.assert_allclose(least.expected_hessian(one), wanted, atol=1e-10 * np.abs(wanted).max())


def test_a_point_where_the_moments_are_not_numbers_is_infinite_alone():
    """And the minimiser walks back from it."""
    objective = Quadratic(Linear(np.eye(2), limit=1.0), np.array([[0.5, 0.5], [5.0, 0.0]]), np.eye(2)[None])
    point = objective.evaluate(np.array([[0.0, 0.0], [2.0, 0.0]]), np.arange(2))
    assert np.isinf(point.objective).tolist() == [False, True]
    assert np.isfinite(objective.gradient(point)).all()
    found = minimise(objective, np.zeros(2))
    np.testing.assert_allclose(found.theta[0], [0.5, 0.5], atol=1e-10)
    assert found.theta[1, 0] <= 1.0
    assert found.outcome.tolist()[0] == Outcome.CONVERGED
    assert found.outcome[1] != Outcome.CONVERGED


def test_moments_and_weights_must_be_finite():
    """A problem with a hole is said to be unusable; ``which`` chooses the problems."""
    statistics, weight = np.zeros((3, 2)), np.repeat(np.eye(2)[None], 3, axis=0)
    statistics[0, 1], weight[2, 0, 0] = np.nan, np.inf
    objective = Quadratic(Linear(np.eye(2)), statistics, weight)
    assert objective.usable(np.arange(3)).tolist() == [False, True, False]
    assert objective.usable(np.array([1, 0])).tolist() == [True, False]
    found = minimise(objective, np.ones(2))
    assert found.outcome.tolist() == [Outcome.SINGULAR_DATA, Outcome.CONVERGED, Outcome.SINGULAR_DATA]


@settings(max_examples=8)
@given(seeds, flags, st.integers(1, 4))
def test_any_split_of_a_batch_gives_the_same_bits(random_model, same_bits, seed, means, cut):
    """No problem depends on another."""
    whole, theta = random_quadratic(random_model, seed, means=means, batch=5)

    def solved(at):
        part = Quadratic(whole.structure, whole.statistics[at], whole.weight[at])
        return minimise(part, theta[at], max_iterations=25)

    everything = solved(slice(None))
    same_bits(everything, solved(slice(None, cut)), slice(None, cut))
    same_bits(everything, solved(slice(cut, None)), slice(cut, None))
