"""Starts predicted from one solution: a Newton step with its Hessian, and nothing for what is no likelihood."""

import numpy as np
import pytest

from sopsem.kernel import (
    Likelihood,
    PatternLikelihood,
    Quadratic,
    Selection,
    WeightedSum,
    minimise,
    predicted_starts,
)
from sopsem.kernel.structure import CovarianceStructure


def objectives(layout, moments):
    p = layout.n_observed
    masks = np.ones((2, p), dtype=bool)
    masks[1, 0] = False
    both = np.stack([moments, moments * np.outer(masks[1], masks[1])], axis=1)
    shares = np.tile([0.7, 0.3], (len(moments), 1))
    alone = Likelihood(layout, moments)
    return {
        "complete": alone,
        "patterns": PatternLikelihood(layout, both, shares, masks, np.zeros(len(moments))),
        "groups": WeightedSum((alone, Likelihood(layout, moments[::-1])), np.array([0.3, 0.7])),
        "selection": Selection(alone, np.array([1, 1, 0])),
    }


@pytest.mark.parametrize("kind", ["complete", "patterns", "groups", "selection"])
@pytest.mark.parametrize("affine", [False, True])
def test_the_step_is_minus_inverse_hessian_times_gradient(random_model, kind, affine):
    """With the gradient that the objective itself gives at that point."""
    model = random_model(5, affine=affine)
    theta, objective = model.theta[0], objectives(model.layout, model.moments)[kind]
    q, which = len(theta), np.arange(objective.n_problems)
    inverse = np.linalg.inv(np.eye(q) + 0.1)
    point = objective.evaluate(np.tile(theta, (len(which), 1)), which)
    wanted = theta - objective.gradient(point) @ inverse
    np.testing.assert_allclose(predicted_starts(objective, theta, inverse), wanted, rtol=1e-9, atol=1e-11)


def test_no_start_depends_on_the_company_to_the_last_bit(random_model):
    """One problem alone has the start it has among others."""
    model = random_model(6, batch=7)
    theta, inverse = model.theta[0], np.eye(len(model.theta[0])) / 3.0
    whole = predicted_starts(Likelihood(model.layout, model.moments), theta, inverse)
    for b in range(7):
        one = predicted_starts(Likelihood(model.layout, model.moments[b : b + 1]), theta, inverse)
        np.testing.assert_array_equal(one[0], whole[b])


def test_least_squares_starts_at_the_solution_given(one_factor):
    """Its gradient is not linear in what is kept of the sample."""
    layout, start, moments = one_factor(2)
    structure = CovarianceStructure(layout, meanstructure=False)
    objective = Quadratic(structure, moments[:, *structure.pairs], np.eye(10)[None])
    np.testing.assert_array_equal(predicted_starts(objective, start, np.eye(8)), np.tile(start, (3, 1)))


def test_the_solution_itself_stays_to_the_last_bit(one_factor):
    """A step that rounding alone gives is no step."""
    layout, start, moments = one_factor(3)
    found = minimise(Likelihood(layout, moments), start)
    for b in range(3):
        kept = predicted_starts(Likelihood(layout, moments[b : b + 1]), found.theta[b], np.eye(8))
        np.testing.assert_array_equal(kept[0], found.theta[b])
