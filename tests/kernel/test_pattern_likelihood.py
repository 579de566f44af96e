"""The likelihood of incomplete rows: its definition, its derivatives, and complete rows as the special case."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from sopsem.kernel import Likelihood, Outcome, PatternLikelihood, implied, minimise

seeds = st.integers(0, 10**6)
flags = st.booleans()


def patterns_of(rows):
    """Return moments (P, p, p), shares (P,) and masks (P, p) of rows (n, p) with NaN."""
    seen = ~np.isnan(rows)
    masks, which = np.unique(seen, axis=0, return_inverse=True)
    filled = np.where(seen, rows, 0.0)
    own = [filled[which.ravel() == g] for g in range(len(masks))]
    moments = np.array([x.T @ x / len(x) for x in own])
    return moments, np.array([len(x) for x in own]) / len(rows), masks


def incomplete(model, seed, *, n=30, batch=3):
    """Return the likelihood of random rows with holes, the same patterns in every problem, and the rows."""
    rng = np.random.default_rng(seed)
    p = model.layout.n_observed
    rows = rng.normal(size=(batch, n, p)) + 0.2
    holes = rng.random((n, p)) < 0.25
    holes[:, 0] = False
    rows[:, holes] = np.nan
    found = [patterns_of(x) for x in rows]
    moments, shares = np.array([f[0] for f in found]), np.array([f[1] for f in found])
    return PatternLikelihood(model.layout, moments, shares, found[0][2], np.zeros(batch)), rows


@settings(max_examples=10)
@given(seeds, flags)
def test_the_objective_is_minus_two_log_likelihoods_per_row(random_model, seed, affine):
    """But for p log 2 pi; row by row with SciPy."""
    model = random_model(seed, affine=affine)
    objective, rows = incomplete(model, seed)
    sigma = implied(model.layout, model.theta)
    for b, value in enumerate(objective.evaluate(model.theta, np.arange(3)).objective):
        wanted = 0.0
        for row in rows[b]:
            at = np.flatnonzero(~np.isnan(row))
            law = multivariate_normal(np.zeros(len(at)), sigma[b][np.ix_(at, at)])
            wanted -= 2.0 * law.logpdf(row[at]) + len(at) * np.log(2.0 * np.pi)
        assert value == pytest.approx(wanted / len(rows[b]), rel=1e-10)


@settings(max_examples=12)
@given(seeds, flags)
def test_derivatives_are_those_of_differences(random_model, check_derivatives, seed, affine):
    """Gradient to 1e-7, observed Hessian to 1e-5."""
    model = random_model(seed, affine=affine)
    check_derivatives(incomplete(model, seed)[0], model.theta)


@settings(max_examples=12)
@given(seeds)
def test_both_hessians_are_one_where_every_pattern_fits(random_model, close, seed):
    """With the implied moments in every pattern."""
    model = random_model(seed)
    objective, _ = incomplete(model, seed)
    both = objective.masks[:, :, None] & objective.masks[:, None, :]
    exact = PatternLikelihood(
        model.layout,
        implied(model.layout, model.theta)[:, None] * both,
        objective.shares,
        objective.masks,
        np.zeros(3),
    )
    point = exact.evaluate(model.theta, np.arange(3))
    close(exact.expected_hessian(point), exact.observed_hessian(point), 1e-9)
    np.testing.assert_allclose(exact.gradient(point), 0.0, atol=1e-9)


@given(seeds, flags)
def test_one_complete_pattern_is_the_likelihood_of_complete_rows(random_model, seed, means):
    """Value but for the constant, gradient and both Hessians, to rounding."""
    model = random_model(seed, means=means)
    complete = Likelihood(model.layout, model.moments)
    p = model.layout.n_observed
    objective = PatternLikelihood(
        model.layout,
        model.moments[:, None],
        np.ones((3, 1)),
        np.ones((1, p), dtype=bool),
        -complete.log_moments - p,
    )
    which = np.arange(3)
    one, other = objective.evaluate(model.theta, which), complete.evaluate(model.theta, which)
    np.testing.assert_allclose(one[0], other[0], rtol=1e-12, atol=1e-12)
    for name in ("gradient", "expected_hessian", "observed_hessian"):
        found, wanted = getattr(objective, name)(one), getattr(complete, name)(other)
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-11 * np.abs(wanted).max())


@given(seeds)
def test_a_pattern_counted_in_two_parts_is_one_pattern(random_model, seed):
    """Shares add up."""
    model = random_model(seed)
    objective, _ = incomplete(model, seed)
    halves = PatternLikelihood(
        model.layout,
        np.concatenate([objective.moments, objective.moments], axis=1),
        np.concatenate([0.25 * objective.shares, 0.75 * objective.shares], axis=1),
        np.concatenate([objective.masks, objective.masks]),
        objective.constants,
    )
    one, other = (o.evaluate(model.theta, np.arange(3)) for o in (objective, halves))
    np.testing.assert_allclose(other[0], one[0], rtol=1e-12)
    np.testing.assert_allclose(halves.gradient(other), objective.gradient(one), atol=1e-10)


@settings(max_examples=6)
@given(seeds, st.integers(1, 4))
def test_any_split_of_a_batch_gives_the_same_bits(random_model, same_bits, seed, cut):
    """Patterns do not change that no problem depends on another."""
    model = random_model(seed, batch=5)
    whole, _ = incomplete(model, seed, batch=5)

    def solved(at):
        part = PatternLikelihood(
            model.layout, whole.moments[at], whole.shares[at], whole.masks, whole.constants[at]
        )
        return minimise(part, model.theta[at], max_iterations=25)

    everything = solved(slice(None))
    same_bits(everything, solved(slice(None, cut)), slice(None, cut))
    same_bits(everything, solved(slice(cut, None)), slice(cut, None))


def test_no_cell_of_a_work_array_is_left_unwritten(random_model, monkeypatch):
    """Uninitialised memory filled with NaN must not reach a result."""
    model = random_model(4)
    objective, _ = incomplete(model, 4)
    monkeypatch.setattr(np, "empty", lambda shape, **_: np.full(shape, np.nan))
    point = objective.evaluate(model.theta, np.arange(3))
    for part in (point[0], objective.gradient(point), objective.observed_hessian(point)):
        assert np.isfinite(part).all()


def test_moments_that_are_not_finite_end_alone(random_model):
    """A problem without numbers is said to be unusable; the others are solved as before."""
    model = random_model(6)
    objective, _ = incomplete(model, 6, n=60)
    before = minimise(objective, model.theta)
    objective.moments[1, 0, 0, 0] = np.nan
    found = minimise(objective, model.theta)
    assert found.outcome[1] == Outcome.SINGULAR_DATA
    np.testing.assert_array_equal(found.theta[[0, 2]], before.theta[[0, 2]])


def test_the_constant_moves_the_value_only(random_model):
    """It is added to the objective of its own problem."""
    model = random_model(7)
    objective, _ = incomplete(model, 7)
    shifted = PatternLikelihood(
        model.layout, objective.moments, objective.shares, objective.masks, np.array([1.0, 2.0, 3.0])
    )
    one, other = (o.evaluate(model.theta, np.arange(3)) for o in (objective, shifted))
    np.testing.assert_allclose(other[0] - one[0], [1.0, 2.0, 3.0], atol=1e-12)
    np.testing.assert_array_equal(shifted.gradient(other), objective.gradient(one))
