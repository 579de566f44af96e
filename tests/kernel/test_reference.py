"""The reference kernel against finite differences and textbook matrices, on random layouts."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.kernel import layout as layout_module
from sopsem.kernel import reference
from sopsem.kernel.layout import Layout
from sopsem.kernel.reference import (
    cholesky_or_nan,
    evaluate,
    expected_hessian,
    gradient,
    implied,
    jacobian,
    log_determinant,
    matrices,
    observed_hessian,
)

H = 1e-6
seeds = st.integers(0, 10**6)
flags = st.booleans()


def random_problem(seed, *, means, affine, batch=3):
    """Return a layout with a feedback loop and, if asked, intercepts; a point; moments."""
    rng = np.random.default_rng(seed)
    items, latent = 5, 3
    p = items + means
    v = p + latent
    f, g, h = range(p, v)
    paths = [[0, f], [1, f], [2, g], [3, g], [4, h], [g, f], [f, h], [h, g], [3, 1], [4, f]]
    if means:
        paths += [[i, items] for i in range(items)] + [[g, items]]
    variances = [[i, i] for i in range(v) if not (means and i == items)]
    symmetric = [*variances, [0, 1], [f, g], [2, h]]
    n = len(paths) + len(symmetric)
    fixed_paths, fixed_symmetric = np.zeros((v, v)), np.zeros((v, v))
    fixed_paths[1, g] = 0.3
    if means:
        fixed_symmetric[items, items] = 1.0
    basis = (
        rng.normal(size=(n, n - 3)) * 0.3 + np.eye(n)[:, : n - 3]
        if affine
        else np.diag(rng.uniform(0.5, 2, n))
    )
    cells = rng.normal(size=(batch, n)) * 0.2
    cells[:, len(paths) : len(paths) + len(variances)] += 1.5
    theta = np.linalg.lstsq(basis, cells.T, rcond=None)[0].T
    layout = Layout(
        n_observed=p,
        paths=np.array(paths),
        symmetric=np.array(symmetric),
        fixed_paths=fixed_paths,
        fixed_symmetric=fixed_symmetric,
        offset=(cells - theta @ basis.T)[0],
        basis=basis,
    )
    data = rng.normal(size=(batch, 60, p))
    if means:
        data[:, :, items] = 1.0
    moments = data.transpose(0, 2, 1) @ data / 60
    return layout, theta, moments, np.linalg.slogdet(moments)[1]


def differences(function, theta):
    """Central differences along every parameter, on a new last axis."""
    eye = np.eye(theta.shape[1])
    return np.stack([(function(theta + H * e) - function(theta - H * e)) / (2 * H) for e in eye], axis=-1)


@given(seeds, flags, flags)
def test_gradient_is_the_difference_of_the_objective(seed, means, affine):
    layout, theta, s, log_s = random_problem(seed, means=means, affine=affine)
    found = gradient(layout, evaluate(layout, theta, s, log_s))
    wanted = differences(lambda t: evaluate(layout, t, s, log_s).objective, theta)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6 * np.abs(wanted).max())


@given(seeds, flags, flags)
def test_observed_hessian_is_the_difference_of_the_gradient(seed, means, affine):
    layout, theta, s, log_s = random_problem(seed, means=means, affine=affine)
    found = observed_hessian(layout, evaluate(layout, theta, s, log_s))
    wanted = differences(lambda t: gradient(layout, evaluate(layout, t, s, log_s)), theta)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6 * np.abs(wanted).max())


@given(seeds, flags, flags)
def test_both_hessians_are_one_where_the_model_holds_exactly(seed, means, affine):
    layout, theta, s, log_s = random_problem(seed, means=means, affine=affine)
    sigma = implied(layout, theta)
    exact = evaluate(layout, theta, sigma, np.linalg.slogdet(sigma)[1])
    scale = np.abs(expected_hessian(layout, exact)).max()
    np.testing.assert_allclose(
        expected_hessian(layout, exact), observed_hessian(layout, exact), atol=1e-10 * scale
    )
    np.testing.assert_allclose(exact.objective, 0.0, atol=1e-10)
    other = expected_hessian(layout, evaluate(layout, theta, s, log_s))
    np.testing.assert_allclose(other, expected_hessian(layout, exact), atol=1e-10 * scale)


@given(seeds, flags, flags)
def test_jacobian_is_the_difference_of_the_implied_moments(seed, means, affine):
    layout, theta, _, _ = random_problem(seed, means=means, affine=affine)
    wanted = differences(lambda t: implied(layout, t), theta[:1])[0]
    np.testing.assert_allclose(
        jacobian(layout, theta[0]), wanted, rtol=1e-5, atol=1e-6 * np.abs(wanted).max()
    )


@given(seeds, flags, flags)
def test_implied_moments_and_objective_are_those_of_the_textbook(seed, means, affine):
    layout, theta, s, log_s = random_problem(seed, means=means, affine=affine)
    a, sym = matrices(layout, theta)
    spread = np.linalg.inv(np.eye(layout.n_variables) - a)
    p = layout.n_observed
    sigma = (spread @ sym @ spread.transpose(0, 2, 1))[:, :p, :p]
    np.testing.assert_allclose(implied(layout, theta), sigma, atol=1e-10 * np.abs(sigma).max())
    trace = np.trace(s @ np.linalg.inv(sigma), axis1=1, axis2=2)
    wanted = np.linalg.slogdet(sigma)[1] + trace - log_s - p
    np.testing.assert_allclose(evaluate(layout, theta, s, log_s).objective, wanted, rtol=1e-9)


@given(seeds, flags, flags, st.integers(1, 6))
def test_any_split_of_a_batch_gives_the_same_bits(seed, means, affine, cut):
    layout, theta, s, log_s = random_problem(seed, means=means, affine=affine, batch=7)

    def everything(rows):
        point = evaluate(layout, theta[rows], s[rows], log_s[rows])
        return [
            *point,
            gradient(layout, point),
            observed_hessian(layout, point),
            expected_hessian(layout, point),
        ]

    whole = everything(slice(None))
    for together, *parts in zip(
        whole, everything(slice(None, cut)), everything(slice(cut, None)), strict=True
    ):
        np.testing.assert_array_equal(together, np.concatenate(parts))


def test_no_cell_of_a_work_array_is_left_unwritten(monkeypatch):
    """Uninitialised memory filled with NaN must not reach a result."""
    monkeypatch.setattr(np, "empty", lambda shape, **_: np.full(shape, np.nan))
    for affine in (False, True):
        layout, theta, s, log_s = random_problem(1, means=True, affine=affine)
        point = evaluate(layout, theta, s, log_s)
        for part in (*point, observed_hessian(layout, point), expected_hessian(layout, point)):
            assert np.isfinite(part).all()


def test_a_point_without_positive_definite_moments_has_an_infinite_objective_alone():
    layout, theta, s, log_s = random_problem(2, means=False, affine=False)
    fine = evaluate(layout, theta, s, log_s).objective
    theta = theta.copy()
    theta[1, len(layout.paths) : len(layout.paths) + layout.n_variables] = -1.0
    objective = evaluate(layout, theta, s, log_s).objective
    assert np.isinf(objective[1])
    np.testing.assert_array_equal(objective[[0, 2]], fine[[0, 2]])


@pytest.mark.parametrize("huge", [1e160, 1e300])
def test_a_wild_step_overflows_to_infinity_without_a_warning(huge):
    layout, theta, s, log_s = random_problem(3, means=True, affine=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        point = evaluate(layout, theta * np.array([[1.0], [huge], [1.0]]), s, log_s)
    assert np.isinf(point.objective).tolist() == [False, True, False]
    assert np.isfinite(gradient(layout, point)[[0, 2]]).all()


def loop():
    """Two variables that cause each other, with paths 0 and 1 free and everything else fixed."""
    return Layout(
        n_observed=2,
        paths=np.array([[0, 1], [1, 0]]),
        symmetric=np.empty((0, 2), dtype=int),
        fixed_paths=np.zeros((2, 2)),
        fixed_symmetric=np.eye(2),
        offset=np.zeros(2),
        basis=np.eye(2),
    )


def test_a_singular_loop_is_the_answer_of_one_problem_only():
    """I - A has no inverse at paths 1 and 1."""
    moments = np.repeat(np.eye(2)[None], 2, axis=0)
    point = evaluate(loop(), np.array([[1.0, 1.0], [0.0, 0.0]]), moments, np.zeros(2))
    assert np.isinf(point.objective[0])
    assert point.objective[1] == pytest.approx(0.0, abs=1e-15)


def test_cholesky_marks_the_matrices_that_have_none():
    stack = np.array([np.eye(2), [[1.0, 2.0], [2.0, 1.0]], [[2.0, 1.0], [1.0, 2.0]]])
    factor = cholesky_or_nan(stack)
    assert np.isnan(factor[1]).all()
    np.testing.assert_array_equal(factor[2], np.linalg.cholesky(stack[2]))
    assert log_determinant(factor[[2]])[0] == pytest.approx(np.log(3.0))


def test_a_layout_knows_its_shape():
    layout, theta, _, _ = random_problem(4, means=True, affine=True)
    assert (layout.n_observed, layout.n_variables, layout.n_parameters) == (6, 9, theta.shape[1])
    assert layout.scale is None
    assert loop().scale.tolist() == [1.0, 1.0]
    assert layout_module.Pairs.of(loop()).square.tolist() == [0, 1, 1, 2]
    assert loop().sources.tolist() == [0, 1]
    assert reference.cells(loop(), np.array([[0.5, 0.25]])).tolist() == [[0.5, 0.25]]
