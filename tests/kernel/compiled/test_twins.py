"""The compiled kernel comes to what the reference comes to: any recursive model, groups, means, patterns, bounds."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sopsem.kernel import (
    Layout,
    Likelihood,
    Outcome,
    PatternLikelihood,
    Quadratic,
    Selection,
    WeightedSum,
    implied,
    newton,
    newton_step,
)
from sopsem.kernel.compiled import minimise
from sopsem.kernel.structure import CovarianceStructure

seeds = st.integers(0, 10**6)
SAME = {"rtol": 1e-10, "atol": 1e-10}


def random_graph(seed, *, batch=4):
    """Return a layout with arrows and covariances anywhere, points (B, q) at which it is defined, and moments."""
    rng = np.random.default_rng(seed)
    p, latent = int(rng.integers(2, 6)), int(rng.integers(0, 3))
    v = p + latent
    order = rng.permutation(v)
    arrows = [(order[i], order[j]) for i in range(v) for j in range(i) if rng.random() < 0.5]
    pairs = [(i, j) for i in range(v) for j in range(i) if rng.random() < 0.2]
    places = [(True, a, rng.uniform(-0.5, 0.5)) for a in arrows]
    places += [(False, (i, i), rng.uniform(1.0, 2.0)) for i in range(v)]
    places += [(False, s, rng.uniform(-0.2, 0.2)) for s in pairs]
    kept = rng.permutation(len(places))[: max(1, p * (p + 1) // 2 - 2)]
    fixed_paths, fixed_symmetric = np.zeros((v, v)), np.zeros((v, v))
    for k, (path, (i, j), value) in enumerate(places):
        if k not in kept:
            (fixed_paths if path else fixed_symmetric)[i, j] = value
            if not path:
                fixed_symmetric[j, i] = value
    free = [places[k] for k in sorted(kept)]
    n = len(free)
    values = np.array([value for _, _, value in free]) + rng.uniform(-0.05, 0.05, (batch, n))
    basis = np.eye(n) + 0.2 * np.triu(rng.normal(size=(n, n)), 1) * (rng.random((n, n)) < 0.2)
    offset = 0.1 * rng.normal(size=n)
    layout = Layout(
        n_observed=p,
        paths=np.array([at for path, at, _ in free if path], dtype=np.intp).reshape(-1, 2),
        symmetric=np.array([at for path, at, _ in free if not path], dtype=np.intp).reshape(-1, 2),
        fixed_paths=fixed_paths,
        fixed_symmetric=fixed_symmetric,
        offset=offset,
        basis=basis,
    )
    rows = rng.normal(size=(batch, 30, p)) + 0.2
    return layout, np.linalg.solve(basis, (values - offset).T).T, rows.transpose(0, 2, 1) @ rows / 30


def identified(objective, theta):
    """Say whether a step is determined at every point: no null space of the expected Hessian."""
    hessian = objective.expected_hessian(objective.evaluate(theta, np.arange(len(theta))))
    values = np.linalg.eigvalsh(hessian)
    return values[:, 0].min() > 1e-4 * values.max()


def positive(layout, theta):
    return np.linalg.eigvalsh(implied(layout, theta)).min() > 0.05


def with_patterns(layout, moments, rng):
    """Return the likelihood of two patterns: all observed, and all but the last."""
    p = layout.n_observed
    masks = np.ones((2, p), dtype=bool)
    masks[1, -1] = False
    both = np.stack([moments, moments[::-1] * np.outer(masks[1], masks[1])], axis=1)
    return PatternLikelihood(
        layout, both, rng.dirichlet([5.0, 3.0], len(moments)), masks, rng.normal(size=len(moments))
    )


def kinds_of(layout, moments, seed):
    """Return one objective of every kind that the compiled kernel knows."""
    rng = np.random.default_rng(seed)
    alone, other = Likelihood(layout, moments), Likelihood(layout, moments[::-1])
    patterns = with_patterns(layout, moments, rng)
    return {
        "complete": alone,
        "groups": WeightedSum((alone, other), rng.dirichlet([5.0, 5.0], len(moments))),
        "patterns": patterns,
        "groups of patterns": WeightedSum((patterns, alone), np.array([0.4, 0.6])),
        "selection": Selection(alone, np.array([2, 0, 0, 1])),
    }


@pytest.mark.parametrize("steps", [1, 2, 4])
@settings(max_examples=25)
@given(seeds)
def test_every_step_is_the_step_of_the_reference(steps, seed):
    """One step takes gradient and expected Hessian, further steps the observed one, of any recursive model."""
    layout, theta, moments = random_graph(seed)
    assume(positive(layout, theta))
    assume(identified(Likelihood(layout, moments), theta))
    for objective in kinds_of(layout, moments, seed).values():
        one = newton.minimise(objective, theta, max_iterations=steps)
        other = minimise(objective, theta, max_iterations=steps)
        np.testing.assert_array_equal(other.iterations, one.iterations)
        scale = 1.0 + np.abs(one.theta).max()
        np.testing.assert_allclose(other.theta, one.theta, rtol=1e-6, atol=1e-7 * scale)
        np.testing.assert_allclose(other.minimum, one.minimum, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("trusting", [False, True])
@settings(max_examples=30)
@given(seeds)
def test_minima_are_those_of_the_reference_to_1e_10(one_factor, trusting, seed):
    """Estimates, minimum and outcome of identified models, of every kind of objective."""
    layout, start, moments = one_factor(seed, batch=4)
    for objective in kinds_of(layout, moments, seed).values():
        one = newton.minimise(objective, start, trusting=trusting)
        other = minimise(objective, start, trusting=trusting)
        np.testing.assert_array_equal(other.outcome, one.outcome)
        np.testing.assert_array_equal(other.iterations, one.iterations)
        good = one.outcome == Outcome.CONVERGED
        np.testing.assert_allclose(other.theta[good], one.theta[good], **SAME)
        np.testing.assert_allclose(other.minimum, one.minimum, **SAME)


def with_means(one):
    """Return the model with intercepts: a constant as fifth observed variable, and moments about zero."""
    layout, start, moments = one
    fixed_symmetric = np.zeros((6, 6))
    fixed_symmetric[4, 4] = fixed_symmetric[5, 5] = 1.0
    paths = [[i, 5] for i in range(4)] + [[i, 4] for i in range(4)]
    extended = Layout(
        n_observed=5,
        paths=np.array(paths),
        symmetric=layout.symmetric,
        fixed_paths=np.zeros((6, 6)),
        fixed_symmetric=fixed_symmetric,
        offset=np.zeros(12),
        basis=np.eye(10)[[0, 1, 2, 3, 4, 4, 5, 5, 6, 7, 8, 9]],
    )
    mean = np.linspace(-0.4, 0.5, 4)
    second = np.ones((len(moments), 5, 5))
    second[:, :4, :4] = moments + np.outer(mean, mean)
    second[:, :4, 4] = second[:, 4, :4] = mean
    return extended, np.concatenate([start[:4], np.zeros(2), start[4:]]), second


@settings(max_examples=25)
@given(seeds)
def test_means_and_equal_parameters_go_the_same_way(one_factor, seed):
    """Intercepts, two and two of them equal."""
    layout, start, moments = with_means(one_factor(seed))
    one, other = (m(Likelihood(layout, moments), start) for m in (newton.minimise, minimise))
    assert (one.outcome == Outcome.CONVERGED).all()
    np.testing.assert_array_equal(other.outcome, one.outcome)
    np.testing.assert_allclose(other.theta, one.theta, **SAME)
    np.testing.assert_allclose(other.minimum, one.minimum, **SAME)


@settings(max_examples=25)
@given(seeds)
def test_bounds_are_held_alike(one_factor, seed):
    """Variances below, loadings above: both bind."""
    layout, start, moments = one_factor(seed)
    bounds = np.full(8, -np.inf), np.full(8, np.inf)
    bounds[0][4:] = 0.45
    bounds[1][:4] = 0.7
    objective = Likelihood(layout, moments)
    one, other = (m(objective, start, bounds=bounds) for m in (newton.minimise, minimise))
    np.testing.assert_array_equal(other.outcome, one.outcome)
    np.testing.assert_allclose(other.theta, one.theta, **SAME)
    assert (other.theta[:, 4:] >= 0.45).all()
    assert (other.theta[:, :4] <= 0.7).all()


@given(seeds, st.integers(1, 20))
def test_a_problem_has_the_same_bits_in_any_company(one_factor, same_bits, seed, cut):
    """More problems than lanes, in any order and split."""
    layout, start, moments = one_factor(seed, batch=21)

    def solved(at):
        return minimise(Likelihood(layout, moments[at]), start)

    whole = solved(slice(None))
    same_bits(whole, solved(slice(None, cut)), slice(None, cut))
    same_bits(whole, solved(slice(None, None, -1)), slice(None, None, -1))


def test_problems_that_end_early_end_alike(one_factor):
    """Singular moments, a start without positive definite moments, an iteration limit."""
    layout, start, moments = one_factor(3, batch=4)
    moments[1] = 1.0
    starts = np.tile(start, (4, 1))
    starts[2] = -1.0
    objective = Likelihood(layout, moments)
    for limit in (2, 200):
        one = newton.minimise(objective, starts, max_iterations=limit)
        other = minimise(objective, starts, max_iterations=limit)
        np.testing.assert_array_equal(other.outcome, one.outcome)
        np.testing.assert_array_equal(other.iterations, one.iterations)
        np.testing.assert_array_equal(np.isnan(other.minimum), np.isnan(one.minimum))
    assert one.outcome.tolist() == [
        Outcome.CONVERGED,
        Outcome.SINGULAR_DATA,
        Outcome.NO_START,
        Outcome.CONVERGED,
    ]


def test_a_saddle_point_is_told_by_both():
    """The gradient is 0 at a factor without loadings, but the Hessian is not positive definite."""
    v = 4
    fixed = np.zeros((v, v))
    fixed[3, 3] = 1.0
    layout = Layout(
        n_observed=3,
        paths=np.array([[i, 3] for i in range(3)]),
        symmetric=np.array([[i, i] for i in range(3)]),
        fixed_paths=np.zeros((v, v)),
        fixed_symmetric=fixed,
        offset=np.zeros(6),
        basis=np.eye(6),
    )
    moments = np.full((1, 3, 3), 0.5) + 0.5 * np.eye(3)
    start = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    for one in (newton.minimise, minimise):
        assert one(Likelihood(layout, moments), start).outcome.tolist() == [Outcome.SADDLE_POINT]


def test_nothing_to_do_is_nothing_done(one_factor):
    """No problem, and problems none of which can be fitted."""
    layout, start, moments = one_factor(1)
    assert minimise(Likelihood(layout, moments[:0]), start).theta.shape == (0, 8)
    broken = minimise(Likelihood(layout, np.ones((2, 4, 4))), start)
    assert broken.outcome.tolist() == [Outcome.SINGULAR_DATA] * 2


def test_what_has_no_compiled_form_is_left_to_the_reference(one_factor):
    """Feedback and least squares."""
    layout, start, moments = one_factor(1)
    loop = Layout(
        n_observed=2,
        paths=np.array([[0, 1], [1, 0]]),
        symmetric=np.array([[0, 0], [1, 1]]),
        fixed_paths=np.zeros((2, 2)),
        fixed_symmetric=np.zeros((2, 2)),
        offset=np.zeros(4),
        basis=np.eye(4),
    )
    assert minimise(Likelihood(loop, np.eye(2)[None]), np.array([0.1, 0.1, 1.0, 1.0])) is None
    structure = CovarianceStructure(layout, meanstructure=False)
    statistics = moments[:, *structure.pairs]
    assert minimise(Quadratic(structure, statistics, np.eye(10)[None]), start) is None


def test_both_kernels_have_the_same_numbers():
    """Constants stand in both files, because compiled code reads its own module."""
    search = import_module("sopsem.kernel.compiled.search")
    homes = {newton: ("POLISHED", "NEAR", "MAX_HALVINGS", "LEAST_DAMPING"), newton_step: ("FLAT", "TINY")}
    for home, names in homes.items():
        for name in names:
            assert getattr(search, name) == getattr(home, name)
    for outcome in Outcome:
        if outcome != Outcome.SINGULAR_DATA:
            assert getattr(search, outcome.name) == outcome
