"""Minimisation under constraints: problems whose answers are known, and how an impossible one ends."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.kernel import (
    Likelihood,
    Outcome,
    Quadratic,
    active_slopes,
    constraint_curvature,
    minimise,
    minimise_constrained,
)

seeds = st.integers(0, 10**6)


class Values(NamedTuple):
    """What constraints return."""

    equality: np.ndarray
    inequality: np.ndarray
    equality_slopes: np.ndarray
    inequality_slopes: np.ndarray


class Itself:
    """Moments that are the parameters, so that F is a distance to a point."""

    def __init__(self, q):
        self.n_parameters = q

    def moments(self, theta):
        """Return theta."""
        return theta

    def jacobian(self, theta):
        """Return the identity."""
        return np.eye(len(theta))

    def curvature(self, theta, weights):
        """Return 0."""
        del weights
        return np.zeros((len(theta), len(theta)))


def distance(points, weight=None):
    """Return the objective (theta - point)' V (theta - point) of each point."""
    points = np.atleast_2d(np.asarray(points, dtype=float))
    q = points.shape[1]
    return Quadratic(Itself(q), points, (np.eye(q) if weight is None else weight)[None])


def constraints(*, equal=(), positive=()):
    """Return constraints made of pairs (value, slope) of functions of theta (q,)."""

    def parts(pairs, theta):
        b, q = theta.shape
        values = np.array([[value(t) for value, _ in pairs] for t in theta]).reshape(b, len(pairs))
        slopes = np.array([[slope(t) for _, slope in pairs] for t in theta], dtype=float)
        return values, slopes.reshape(b, len(pairs), q)

    def at(theta):
        (h, dh), (g, dg) = parts(equal, theta), parts(positive, theta)
        return Values(h, g, dh, dg)

    return at


def linear(normal, level):
    """Return normal'theta - level and its slope."""
    normal = np.asarray(normal, dtype=float)
    return lambda t: normal @ t - level, lambda _: normal


def sphere(radius, sign=1.0):
    """Return sign (theta'theta - radius^2) and its slope."""
    return lambda t: sign * (t @ t - radius**2), lambda t: 2.0 * sign * t


def multipliers(objective, rule, theta):
    """Return the multipliers of the active inequalities: gradient = sum of n_k times their slopes."""
    point = objective.evaluate(theta[None], np.zeros(1, dtype=int))
    slope = objective.gradient(point)[0]
    active = active_slopes(rule, theta)
    found, *_ = np.linalg.lstsq(active.T, slope, rcond=None)
    np.testing.assert_allclose(active.T @ found, slope, atol=1e-8)
    return found


@given(seeds)
def test_a_linear_equality_is_a_projection(seed):
    """In the metric of V; the gradient is a multiple of the slope."""
    rng = np.random.default_rng(seed)
    root, point, normal = rng.normal(size=(4, 8)), rng.normal(size=4), rng.normal(size=4)
    weight = root @ root.T / 8 + 0.2 * np.eye(4)
    rule = constraints(equal=[linear(normal, 0.7)])
    found = minimise_constrained(distance(point, weight), rng.normal(size=4), rule)
    along = np.linalg.solve(weight, normal)
    wanted = point - along * (normal @ point - 0.7) / (normal @ along)
    assert found.outcome[0] == Outcome.CONVERGED
    np.testing.assert_allclose(found.theta[0], wanted, atol=1e-8)
    assert normal @ found.theta[0] == pytest.approx(0.7, abs=1e-9)
    assert found.minimum[0] == pytest.approx((wanted - point) @ weight @ (wanted - point), abs=1e-9)


@given(seeds)
def test_the_nearest_point_of_a_sphere(seed):
    """An equality that is not linear: the point divided by its length."""
    rng = np.random.default_rng(seed)
    point = rng.normal(size=3) + np.array([2.0, 0.0, 0.0])
    found = minimise_constrained(distance(point), point, constraints(equal=[sphere(1.0)]))
    assert found.outcome[0] == Outcome.CONVERGED
    np.testing.assert_allclose(found.theta[0], point / np.linalg.norm(point), atol=1e-9)


@given(seeds)
def test_an_inequality_that_holds_anyway_changes_nothing(seed):
    """The minimum without constraints, and nothing is active there."""
    point = np.random.default_rng(seed).uniform(-0.5, 0.5, 3)
    rule = constraints(positive=[sphere(1.0, sign=-1.0), linear([1.0, 1.0, 1.0], -5.0)])
    found = minimise_constrained(distance(point), np.zeros(3), rule)
    assert found.outcome[0] == Outcome.CONVERGED
    np.testing.assert_allclose(found.theta[0], point, atol=1e-9)
    assert active_slopes(rule, found.theta[0]).shape == (0, 3)


@given(seeds)
def test_an_inequality_that_binds_holds_with_equality_and_pushes_inwards(seed):
    """The nearest point of a ball; its multiplier is positive and 2 (|s| - 1) on a slope of length 1."""
    rng = np.random.default_rng(seed)
    point = rng.normal(size=3)
    point *= rng.uniform(1.2, 4.0) / np.linalg.norm(point)
    objective, rule = distance(point), constraints(positive=[sphere(1.0, sign=-1.0)])
    found = minimise_constrained(objective, np.zeros(3), rule)
    assert found.outcome[0] == Outcome.CONVERGED
    np.testing.assert_allclose(found.theta[0], point / np.linalg.norm(point), atol=1e-9)
    assert multipliers(objective, rule, found.theta[0])[0] == pytest.approx(
        2.0 * (np.linalg.norm(point) - 1.0), rel=1e-7
    )


@given(seeds)
def test_several_inequalities_are_the_box_they_make(seed):
    """Sides as constraints give what bounds give, with multipliers of one sign."""
    rng = np.random.default_rng(seed)
    point = rng.uniform(-2.0, 2.0, 2)
    sides = [linear(s * e, -1.0) for e in np.eye(2) for s in (1.0, -1.0)]
    objective, rule = distance(point), constraints(positive=sides)
    found = minimise_constrained(objective, np.zeros(2), rule)
    bounded = minimise(objective, np.zeros(2), bounds=(np.full(2, -1.0), np.full(2, 1.0)))
    assert found.outcome[0] == Outcome.CONVERGED
    np.testing.assert_allclose(found.theta[0], np.clip(point, -1.0, 1.0), atol=1e-8)
    np.testing.assert_allclose(found.theta, bounded.theta, atol=1e-8)
    assert (multipliers(objective, rule, found.theta[0]) > -1e-8).all()


def test_bounds_and_constraints_hold_together():
    """theta_1 + theta_2 = 1 with theta_1 at most .2: (.2, .8)."""
    bounds = (np.full(2, -np.inf), np.array([0.2, np.inf]))
    found = minimise_constrained(
        distance([1.0, 0.0]), np.zeros(2), constraints(equal=[linear([1, 1], 1.0)]), bounds=bounds
    )
    assert found.outcome[0] == Outcome.CONVERGED
    np.testing.assert_allclose(found.theta[0], [0.2, 0.8], atol=1e-9)


@pytest.mark.parametrize(
    "rule",
    [
        constraints(equal=[linear([1, 0], 0.0), linear([1, 0], 1.0)]),
        constraints(equal=[(lambda t: t @ t + 1.0, lambda t: 2.0 * t)]),
        constraints(positive=[linear([1, 0], 1.0), linear([-1, 0], 0.0)]),
        constraints(equal=[linear([1, 0], 3.0)], positive=[sphere(1.0, sign=-1.0)]),
    ],
    ids=["two equalities", "no real root", "two inequalities", "outside the ball"],
)
def test_constraints_that_nothing_meets_are_no_convergence(rule):
    """The outcome says so; there is still a point."""
    found = minimise_constrained(distance([0.3, 0.4]), np.array([0.1, 0.2]), rule)
    assert found.outcome[0] == Outcome.NO_PROGRESS
    assert np.isfinite(found.theta).all()


def test_one_impossible_problem_leaves_the_others_alone():
    """A start at which an objective is not defined ends alone, too."""
    points = np.array([[2.0, 0.0], [np.nan, 0.0], [0.0, 3.0]])
    found = minimise_constrained(distance(points), np.ones(2), constraints(equal=[sphere(1.0)]))
    assert found.outcome.tolist() == [Outcome.CONVERGED, Outcome.SINGULAR_DATA, Outcome.CONVERGED]
    np.testing.assert_allclose(found.theta[[0, 2]], [[1.0, 0.0], [0.0, 1.0]], atol=1e-9)


@given(seeds)
def test_equal_loadings_are_those_of_the_smaller_model(one_factor, seed):
    """For a likelihood: a constraint gives the minimum of the model with one parameter for both."""
    layout, start, moments = one_factor(seed)
    tie = np.zeros(8)
    tie[0], tie[1] = 1.0, -1.0
    found = minimise_constrained(Likelihood(layout, moments), start, constraints(equal=[linear(tie, 0.0)]))
    merged = np.delete(np.eye(8), 1, axis=1)
    merged[1, 0] = 1.0
    smaller = type(layout)(
        **{
            name: getattr(layout, name)
            for name in ("n_observed", "paths", "symmetric", "fixed_paths", "fixed_symmetric", "offset")
        },
        basis=merged,
    )
    wanted = minimise(Likelihood(smaller, moments), start[:7])
    np.testing.assert_array_equal(found.outcome, wanted.outcome)
    np.testing.assert_allclose(found.minimum, wanted.minimum, atol=1e-10)
    np.testing.assert_allclose(found.theta, wanted.theta @ merged.T, atol=1e-6)


@settings(max_examples=8)
@given(seeds, st.integers(1, 4))
def test_any_split_of_a_batch_gives_the_same_bits(one_factor, seed, cut):
    """Whether other problems need more rounds does not reach a solution."""
    layout, start, moments = one_factor(seed, batch=5)
    product = (lambda t: t[0] * t[1] - 0.5, lambda t: np.array([t[1], t[0], *np.zeros(6)]))
    rule = constraints(equal=[product], positive=[linear(np.eye(8)[2], 0.75)])

    starts = start * np.random.default_rng(seed).uniform(0.8, 1.2, size=(5, 8))

    def solved(at):
        return minimise_constrained(Likelihood(layout, moments[at]), starts[at], rule)

    whole = solved(slice(None))
    assert (whole.outcome == Outcome.CONVERGED).all()
    for part in (slice(None, cut), slice(cut, None)):
        np.testing.assert_array_equal(whole.theta[part], solved(part).theta)
        np.testing.assert_array_equal(whole.minimum[part], solved(part).minimum)


def test_the_curvature_of_constraints_is_their_weighted_second_derivative():
    """Of a sphere 2 times the identity, of a plane 0, of a product its cross."""
    product = (lambda t: t[0] * t[1], lambda t: np.array([t[1], t[0]]))
    rule = constraints(equal=[sphere(1.0), linear([1, 2], 0.0)], positive=[product])
    found = constraint_curvature(rule, np.array([0.3, -0.8]), np.array([0.5, 9.0, 3.0]))
    np.testing.assert_allclose(found, [[1.0, 3.0], [3.0, 1.0]], atol=1e-8)


def test_active_slopes_are_those_that_hold_with_equality_at_length_one():
    """All equalities, and inequalities at their limit; an inequality with room is left out."""
    rule = constraints(equal=[linear([3, 4], 0.0)], positive=[linear([0, 2], 0.0), linear([1, 0], -1.0)])
    np.testing.assert_allclose(active_slopes(rule, np.zeros(2)), [[0.6, 0.8], [0.0, 1.0]], atol=1e-15)
