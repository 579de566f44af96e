"""Objectives of several problems: one group, several groups, and what the minimiser does with their points."""

from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.kernel import Likelihood, Outcome, Selection, WeightedSum, implied, minimise
from sopsem.kernel.objective import overwrite, select
from sopsem.sem.estimation.scaling import scale_model
from sopsem.sem.model.spec import model_spec
from sopsem.sem.sample.moments import moments_from_covariance

seeds = st.integers(0, 10**6)
flags = st.booleans()


class Inner(NamedTuple):
    """A point in a point."""

    objective: np.ndarray
    square: np.ndarray


class Outer(NamedTuple):
    """A point that holds another."""

    objective: np.ndarray
    inner: Inner


def points(values):
    """Return a nested point whose arrays all count the same problems."""
    values = np.asarray(values, dtype=float)
    return Outer(values, Inner(values + 100.0, np.repeat(values[:, None], 2, axis=1)))


@given(seeds, flags, flags)
def test_derivatives_of_a_likelihood(random_model, check_derivatives, seed, means, affine):
    """Gradient to 1e-7 and observed Hessian to 1e-5 of differences."""
    model = random_model(seed, means=means, affine=affine)
    check_derivatives(Likelihood(model.layout, model.moments), model.theta)


@given(seeds, flags)
def test_derivatives_of_a_weighted_sum(random_model, check_derivatives, seed, means):
    """Weights may differ between the problems."""
    model = random_model(seed, means=means)
    weights = np.random.default_rng(seed).dirichlet([2.0, 3.0], size=3)
    parts = (Likelihood(model.layout, model.moments), Likelihood(model.layout, model.moments[::-1]))
    check_derivatives(WeightedSum(parts, weights), model.theta)


@given(seeds, flags)
def test_both_hessians_are_one_where_the_model_holds(random_model, close, seed, means):
    """For one group and for a sum of groups."""
    model = random_model(seed, means=means)
    exact = Likelihood(model.layout, implied(model.layout, model.theta))
    for objective in (exact, WeightedSum((exact, exact), np.array([0.3, 0.7]))):
        point = objective.evaluate(model.theta, np.arange(3))
        np.testing.assert_allclose(point[0], 0.0, atol=1e-10)
        close(objective.expected_hessian(point), objective.observed_hessian(point), 1e-9)
        assert np.linalg.eigvalsh(objective.expected_hessian(point)).min() > -1e-9


@given(seeds)
def test_identical_groups_are_one_group(random_model, seed):
    """Value, derivatives and solution, whatever the weights, as long as they sum to 1."""
    model = random_model(seed)
    alone = Likelihood(model.layout, model.moments)
    together = WeightedSum((alone,) * 3, np.array([0.2, 0.3, 0.5]))
    one, other = (o.evaluate(model.theta, np.arange(3)) for o in (alone, together))
    np.testing.assert_allclose(other[0], one[0], rtol=1e-13)
    for name in ("gradient", "expected_hessian", "observed_hessian"):
        np.testing.assert_allclose(
            getattr(together, name)(other), getattr(alone, name)(one), rtol=1e-12, atol=1e-12
        )


@given(seeds)
def test_identical_groups_have_the_solution_of_one(one_factor, seed):
    """The minimiser takes the same way."""
    layout, start, moments = one_factor(seed)
    alone = Likelihood(layout, moments)
    one = minimise(alone, start)
    other = minimise(WeightedSum((alone, alone), np.array([0.25, 0.75])), start)
    assert (one.outcome == Outcome.CONVERGED).all()
    np.testing.assert_array_equal(other.outcome, one.outcome)
    np.testing.assert_allclose(other.theta, one.theta, atol=1e-9)
    np.testing.assert_allclose(other.minimum, one.minimum, atol=1e-12)


@settings(max_examples=10)
@given(seeds, st.integers(1, 5))
def test_any_split_of_a_sum_gives_the_same_bits(random_model, same_bits, seed, cut):
    """Groups do not change that no problem depends on another."""
    model = random_model(seed, batch=6)
    weights = np.random.default_rng(seed).dirichlet([5.0, 5.0], size=6)

    def solved(at):
        parts = (
            Likelihood(model.layout, model.moments[at]),
            Likelihood(model.layout, model.moments[::-1][at]),
        )
        return minimise(WeightedSum(parts, weights[at]), model.theta[at], max_iterations=30)

    whole = solved(slice(None))
    same_bits(whole, solved(slice(None, cut)), slice(None, cut))
    same_bits(whole, solved(slice(cut, None)), slice(cut, None))


def test_a_sum_is_usable_where_every_group_is(random_model):
    """A singular matrix in one group ends the problem, and no other."""
    model = random_model(1)
    broken = model.moments.copy()
    broken[1] = 1.0
    objective = WeightedSum(
        (Likelihood(model.layout, model.moments), Likelihood(model.layout, broken)), np.array([0.5, 0.5])
    )
    assert objective.usable(np.arange(3)).tolist() == [True, False, True]
    assert objective.usable(np.array([2, 1])).tolist() == [True, False]
    found = minimise(objective, model.theta, max_iterations=3)
    assert found.outcome[1] == Outcome.SINGULAR_DATA
    assert np.isnan(found.minimum[1])


def test_a_sum_is_infinite_where_one_group_is_not_defined(random_model):
    """The objective of a group without positive definite moments is inf, and so is the sum."""
    model = random_model(2)
    objective = WeightedSum((Likelihood(model.layout, model.moments),) * 2, np.array([0.5, 0.5]))
    theta = model.theta.copy()
    variances = slice(len(model.layout.paths), len(model.layout.paths) + model.layout.n_observed)
    theta[1, variances] = -5.0
    assert np.isinf(objective.evaluate(theta, np.arange(3))[0]).tolist() == [False, True, False]


def test_select_goes_down_to_the_points_of_parts():
    """By mask and by position; all of them by position are no copy."""
    whole = points([0, 1, 2, 3])
    for where in (np.array([False, True, False, True]), np.array([1, 3])):
        found = select(whole, where)
        np.testing.assert_array_equal(found.objective, [1.0, 3.0])
        np.testing.assert_array_equal(found.inner.objective, [101.0, 103.0])
        np.testing.assert_array_equal(found.inner.square, [[1.0, 1.0], [3.0, 3.0]])
    assert select(whole, np.arange(4)) is whole


def test_overwrite_fills_its_places_and_no_others():
    """In a point of NaN, what is written is what was given, and the rest stays NaN."""
    target = points([np.nan] * 5)
    overwrite(target, np.array([3, 0]), points([7, 8]))
    np.testing.assert_array_equal(target.objective, [8.0, np.nan, np.nan, 7.0, np.nan])
    np.testing.assert_array_equal(target.inner.objective, [108.0, np.nan, np.nan, 107.0, np.nan])
    np.testing.assert_array_equal(target.inner.square[:, 1], [8.0, np.nan, np.nan, 7.0, np.nan])


def test_points_of_a_sum_are_selected_and_overwritten(random_model):
    """They are plain tuples with the weights inside."""
    model = random_model(3)
    parts = (Likelihood(model.layout, model.moments), Likelihood(model.layout, model.moments[::-1]))
    objective = WeightedSum(parts, np.random.default_rng(0).dirichlet([1.0, 1.0], size=3))
    whole = objective.evaluate(model.theta, np.arange(3))
    some = select(whole, np.array([2]))
    np.testing.assert_array_equal(
        objective.gradient(some), objective.gradient(objective.evaluate(model.theta[2:], np.array([2])))
    )
    blank = objective.evaluate(model.theta, np.arange(3))
    for array in (blank[0], *blank[2], *blank[3]):
        array[:] = np.nan
    overwrite(blank, np.arange(3), whole)
    np.testing.assert_array_equal(objective.gradient(blank), objective.gradient(whole))


def test_a_selection_is_its_problems_in_its_order():
    """Solutions of selected problems, repeated or not, have the bits of the whole batch."""
    covariance = np.array([[1.0, 0.5, 0.4], [0.5, 1.2, 0.6], [0.4, 0.6, 1.1]])
    names = ("a", "b", "c")
    layout = scale_model(model_spec("f =~ a + b + c"), moments_from_covariance(covariance, 50, names)).layout
    moments = np.stack([covariance * s + 0.1 * s * np.eye(3) for s in (1.0, 1.3, 0.8, -1.0)])
    whole = Likelihood(layout, moments)
    at = np.array([2, 0, 3, 2])
    part = Selection(whole, at)
    start = np.full(layout.n_parameters, 0.5)
    every, some = minimise(whole, start), minimise(part, start)
    assert (part.n_problems, part.n_parameters, part.block) == (4, layout.n_parameters, whole.block)
    np.testing.assert_array_equal(some.theta, every.theta[at])
    np.testing.assert_array_equal(some.minimum, every.minimum[at])
    np.testing.assert_array_equal(some.outcome, every.outcome[at])
