"""The minimiser: known optima, and every way in which a problem can end."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.kernel import BatchFit, Likelihood, Outcome, fit_batch, minimise, newton
from sopsem.kernel.layout import Layout
from sopsem.kernel.reference import implied

ITEMS = 4


def one_factor(items=ITEMS):
    """Loadings 0..items-1, then residual variances; the factor has variance 1."""
    fixed = np.zeros((items + 1, items + 1))
    fixed[items, items] = 1.0
    return Layout(
        n_observed=items,
        paths=np.array([[i, items] for i in range(items)]),
        symmetric=np.array([[i, i] for i in range(items)]),
        fixed_paths=np.zeros((items + 1, items + 1)),
        fixed_symmetric=fixed,
        offset=np.zeros(2 * items),
        basis=np.eye(2 * items),
    )


def samples(count, seed=0, n=80):
    """Return ``count`` sample correlation matrices of four items of one factor."""
    rng = np.random.default_rng(seed)
    rows = 0.7 * rng.normal(size=(count, n, 1)) + 0.7 * rng.normal(size=(count, n, ITEMS))
    covariance = rows.transpose(0, 2, 1) @ rows / n
    sd = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    return covariance / (sd[:, :, None] * sd[:, None, :])


START = np.array([0.6] * ITEMS + [0.5] * ITEMS)


def heywood():
    """A correlation matrix whose one-factor solution has a negative variance of item 0: r01 r02 / r12 > 1."""
    return np.array([[[1.0, 0.8, 0.8], [0.8, 1.0, 0.5], [0.8, 0.5, 1.0]]])


def same(a: BatchFit, b: BatchFit, rows=slice(None)):
    for name in ("theta", "minimum", "decrement", "outcome", "iterations"):
        np.testing.assert_array_equal(getattr(a, name)[rows], getattr(b, name))


@given(st.integers(0, 10**6))
def test_exact_moments_return_the_parameters_that_made_them(seed):
    rng = np.random.default_rng(seed)
    truth = np.concatenate([rng.uniform(0.4, 0.9, ITEMS), rng.uniform(0.3, 0.8, ITEMS)])
    found = fit_batch(one_factor(), START, implied(one_factor(), truth[None]))
    assert found.outcome[0] == Outcome.CONVERGED
    np.testing.assert_allclose(found.theta[0], truth, atol=1e-7)
    assert abs(found.minimum[0]) < 1e-12
    assert found.decrement[0] < 1e-10


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.integers(1, 11))
def test_any_split_of_a_batch_gives_the_same_bits(seed, cut):
    moments = samples(12, seed)
    whole = fit_batch(one_factor(), START, moments)
    same(whole, fit_batch(one_factor(), START, moments[:cut]), slice(None, cut))
    same(whole, fit_batch(one_factor(), START, moments[cut:]), slice(cut, None))


def test_more_problems_than_a_block_give_the_same_bits_as_each_alone():
    moments = samples(Likelihood.block + 3)
    whole = fit_batch(one_factor(), START, moments)
    for b in (0, Likelihood.block - 1, Likelihood.block, Likelihood.block + 2):
        same(whole, fit_batch(one_factor(), START, moments[b : b + 1]), slice(b, b + 1))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_problems_that_take_the_places_of_others_keep_their_bits(monkeypatch, size):
    """The batch is filled up as problems leave it, whatever its size."""
    usual = fit_batch(one_factor(), START, samples(11))
    monkeypatch.setattr(Likelihood, "block", size)
    same(usual, fit_batch(one_factor(), START, samples(11)), slice(None))
    assert (usual.outcome == Outcome.CONVERGED).all()


def test_a_problem_out_of_iterations_leaves_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr(Likelihood, "block", 2)
    short = fit_batch(one_factor(), START, samples(7), max_iterations=2)
    assert (short.outcome == Outcome.ITERATION_LIMIT).all()
    assert (short.iterations == 2).all()
    assert np.isfinite(short.minimum).all()
    assert (short.theta != START).any(axis=1).all()


def test_a_saddle_point_is_not_called_a_minimum():
    """With all loadings 0 the gradient vanishes, though loadings of one sign would fit better."""
    found = fit_batch(one_factor(), np.array([0.0] * ITEMS + [1.0] * ITEMS), samples(1))
    assert found.outcome[0] == Outcome.SADDLE_POINT
    assert found.minimum[0] > fit_batch(one_factor(), START, samples(1)).minimum[0]


def _singular(kind):
    rows = np.random.default_rng(0).normal(size=(30, ITEMS))
    rows[:, 3] = {
        "duplicate": rows[:, 0],
        "constant": 0.0,
        "sum": rows[:, :3].sum(axis=1),
        "few": rows[:, 3],
    }[kind]
    rows = rows[:3] if kind == "few" else rows
    return rows.T @ rows / len(rows)


@pytest.mark.parametrize("kind", ["duplicate", "constant", "sum", "few"])
def test_singular_moments_end_alone(kind):
    """Cholesky may accept a rounding error as a pivot; the minimiser does not."""
    moments = samples(3)
    alone = fit_batch(one_factor(), START, moments)
    moments[1] = _singular(kind)
    found = fit_batch(one_factor(), START, moments)
    assert found.outcome.tolist() == [Outcome.CONVERGED, Outcome.SINGULAR_DATA, Outcome.CONVERGED]
    assert np.isnan(found.minimum[1])
    np.testing.assert_array_equal(found.theta[[0, 2]], alone.theta[[0, 2]])


def test_bounds_hold_and_cost_discrepancy():
    layout, start = one_factor(3), np.array([0.6] * 3 + [0.5] * 3)
    free = fit_batch(layout, start, heywood())
    lower = np.array([-np.inf] * 3 + [0.0] * 3)
    bounded = fit_batch(layout, start, heywood(), bounds=(lower, np.full(6, np.inf)))
    assert free.outcome[0] == bounded.outcome[0] == Outcome.CONVERGED
    assert free.theta[0, 3] < -0.1
    assert bounded.theta[0, 3] == 0.0
    assert bounded.minimum[0] > free.minimum[0] + 1e-4


def test_bounds_that_do_not_bind_change_nothing():
    far = (np.full(2 * ITEMS, -50.0), np.full(2 * ITEMS, 50.0))
    same(fit_batch(one_factor(), START, samples(3)), fit_batch(one_factor(), START, samples(3), bounds=far))


def test_a_start_without_positive_definite_moments_is_said_so():
    found = fit_batch(one_factor(), np.array([0.1] * ITEMS + [-1.0] * ITEMS), samples(2))
    assert (found.outcome == Outcome.NO_START).all()


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_iteration_limit_is_kept_and_said(limit):
    found = fit_batch(one_factor(), START, samples(2), max_iterations=limit)
    assert (found.outcome == Outcome.ITERATION_LIMIT).all()
    assert (found.iterations == limit).all()
    assert np.isfinite(found.minimum).all()


def test_no_step_that_falls_is_said(monkeypatch):
    """An objective that is infinite everywhere but at the start leaves nothing to do."""
    true, calls = Likelihood.evaluate, []

    def only_once(objective, theta, which):
        point = true(objective, theta, which)
        calls.append(1)
        return point if len(calls) == 1 else point._replace(objective=np.full(len(theta), np.inf))

    monkeypatch.setattr(Likelihood, "evaluate", only_once)
    found = fit_batch(one_factor(), START, samples(1))
    assert found.outcome[0] == Outcome.NO_PROGRESS
    np.testing.assert_array_equal(found.theta[0], START)


@settings(max_examples=10)
@given(st.integers(0, 10**6))
def test_no_warning_from_any_start(seed):
    """Wild starts end in an outcome, not in a warning or an error."""
    start = np.random.default_rng(seed).normal(size=(6, 2 * ITEMS)) * 10.0 ** np.arange(-2.0, 4.0)[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fit_batch(one_factor(), start, samples(6, seed))
    assert set(found.outcome.tolist()) <= set(Outcome)


def test_no_problem_is_no_work():
    found = fit_batch(one_factor(), START, np.empty((0, ITEMS, ITEMS)))
    assert found.theta.shape == (0, 2 * ITEMS)


def test_a_trusted_last_step_saves_a_look_and_leaves_next_to_nothing():
    """Where decrements fell to g from b, the next is about g^3 / b^2: too small for the estimates to show."""
    objective = Likelihood(one_factor(), samples(300, n=60))
    careful, trusting = minimise(objective, START), minimise(objective, START, trusting=True)
    np.testing.assert_array_equal(trusting.outcome, careful.outcome)
    good = careful.outcome == Outcome.CONVERGED
    saved = (careful.iterations - trusting.iterations)[good]
    assert set(saved.tolist()) == {0, 1}
    assert saved.mean() > 0.5
    np.testing.assert_allclose(trusting.theta[good], careful.theta[good], rtol=0, atol=1e-8)
    left = objective.gradient(objective.evaluate(trusting.theta[good], np.flatnonzero(good)))
    assert np.abs(left).max() < 1e-7
    np.testing.assert_allclose(trusting.minimum[good], careful.minimum[good], rtol=0, atol=1e-12)


def test_no_last_step_is_trusted_after_one_that_was_shortened_or_not_quadratic():
    """Without two observed Hessians in a row at full length there is nothing to go by."""
    state = newton._State(*[None] * 5, None, None, np.array([1e-4, 1e-4, 0.0, 1e-4]), *[None] * 3)
    state, curved = state._replace(tries=np.array([0, 1, 0, 0])), np.array([True, True, True, False])
    assert newton._last(state, np.full(4, 1e-9), curved, 1e-17).tolist() == [True, False, False, False]
    assert not newton._last(state, np.full(4, 1e-8), curved, 1e-17).any()


def test_the_first_step_with_the_observed_hessian_is_never_trusted():
    """Near the minimum: a step with the expected Hessian, one with the observed, and the look that ends it."""
    rng = np.random.default_rng(0)
    moments = np.repeat(implied(one_factor(), START[None]), 300, axis=0)
    starts = START + 10.0 ** rng.uniform(-4, -2, (300, 1)) * rng.normal(size=(300, 2 * ITEMS))
    careful = minimise(Likelihood(one_factor(), moments), starts)
    trusting = minimise(Likelihood(one_factor(), moments), starts, trusting=True)
    few = careful.iterations <= 3
    assert few.sum() > 20
    np.testing.assert_array_equal(trusting.iterations[few], careful.iterations[few])
