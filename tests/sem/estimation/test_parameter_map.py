"""Rows as functions of kernel parameters: labels, equalities solved or kept, inequalities, bounds, given values."""

import numpy as np
import pytest

from sopsem.errors import ModelError
from sopsem.sem.estimation.parameter_map import parameter_map
from sopsem.sem.model.spec import model_spec

MODEL = "f =~ x1 + a*x2 + b*x3 + c*x4"


def mapped(constraints="", model=MODEL, **options):
    """Return the map of a model with constraints."""
    return parameter_map(model_spec(f"{model}\n{constraints}"), **options)


def values(found, *names, seed=0):
    """Return the rows of some names at five random points, (5, names)."""
    y = np.random.default_rng(seed).normal(size=(5, found.n_parameters))
    at = [next(i for i, p in enumerate(found.spec) if p.name == name) for name in names]
    return found.rows(y)[:, at]


def test_every_free_row_is_a_parameter_and_every_fixed_one_a_constant():
    """The marker is 1 wherever the parameters are; the free rows are the parameters in table order."""
    found = mapped()
    y = np.arange(1.0, found.n_parameters + 1)
    free = [p.free for p in found.spec]
    assert found.n_parameters == sum(free) == 8
    np.testing.assert_array_equal(found.rows(y[None])[0, free], y)
    assert found.rows(y[None])[0, 0] == 1.0
    assert not found.constrained
    assert found.active_bounds is None


def test_rows_of_one_label_share_a_parameter():
    """Also over groups; with a fixed row of that label all are that value."""
    shared = parameter_map(model_spec("f =~ x1 + a*x2 + a*x3 + x4", groups=("u", "v")))
    at = [i for i, p in enumerate(shared.spec) if p.label == "a"]
    assert len(at) == 4
    assert (np.ptp(shared.row_basis[at], axis=0) == 0.0).all()
    pinned = mapped(model="f =~ 1*x1 + a*x2 + a*x3 + c*x4\nx1 ~~ a*x1 + 0.7*x1")
    at = [i for i, p in enumerate(pinned.spec) if p.label == "a"]
    assert (pinned.row_basis[at] == 0.0).all()
    np.testing.assert_array_equal(pinned.row_offset[at], 0.7)


@pytest.mark.parametrize(
    ("constraint", "names", "law", "lost"),
    [
        ("a == b", "ab", lambda a, b: a - b, 1),
        ("2*a + 3 == b - c", "abc", lambda a, b, c: 2 * a + 3 - b + c, 1),
        ("a == 0.5", "a", lambda a: a - 0.5, 1),
        ("a == b\nb == c", "abc", lambda a, b, c: abs(a - b) + abs(b - c), 2),
        ("a == b\nb == a", "ab", lambda a, b: a - b, 1),
    ],
)
def test_linear_equalities_are_solved_beforehand(constraint, names, law, lost):
    """They hold at every point, and each independent one takes a parameter away."""
    found = mapped(constraint)
    assert found.n_parameters == 8 - lost
    assert np.linalg.matrix_rank(found.row_basis) == 8 - lost
    assert not found.constrained
    np.testing.assert_allclose(law(*values(found, *names).T), 0.0, atol=1e-12)


def test_equalities_that_are_not_linear_are_kept_with_their_slopes():
    """Left minus right, and its derivatives by differences."""
    found = mapped("a*b == 0.3\na == c")
    assert len(found.equalities) == 1
    assert found.constrained
    assert found.n_parameters == 7
    y = np.random.default_rng(1).normal(size=(3, 7))
    at = [next(i for i, p in enumerate(found.spec) if p.name == n) for n in "ab"]
    a, b = found.rows(y)[:, at].T
    point = found.constraints(y)
    np.testing.assert_allclose(point.equality[:, 0], a * b - 0.3, rtol=1e-12)
    step = 1e-6 * np.eye(7)
    wanted = [(found.constraints(y + e).equality - found.constraints(y - e).equality) / 2e-6 for e in step]
    np.testing.assert_allclose(point.equality_slopes, np.stack(wanted, axis=-1), atol=1e-8)
    assert point.inequality.shape == (3, 0)
    assert point.inequality_slopes.shape == (3, 0, 7)


def test_inequalities_of_several_parameters_are_not_negative_where_they_hold():
    """Either direction of the sign; those of one parameter are bounds instead."""
    found = mapped("a > b\na < 2*c\nb > 0.1")
    assert len(found.inequalities) == 2
    y = np.random.default_rng(2).normal(size=(4, 8))
    a, b, c = found.rows(y)[:, [1, 2, 3]].T
    point = found.constraints(y)
    np.testing.assert_allclose(point.inequality, np.column_stack([a - b, 2 * c - a]), rtol=1e-12)
    np.testing.assert_allclose(point.inequality_slopes[:, :, :3], [[[1, -1, 0], [-1, 0, 2]]] * 4)
    assert found.bounds[0].tolist() == [-np.inf, 0.1, *[-np.inf] * 6]


def test_bounds_are_those_of_modifiers_and_signs():
    """The tightest counts; a negative factor turns the direction around."""
    found = mapped("a > 0.2\na > 0.4\n-2*b > -3\nc < 5", "f =~ x1 + lower(0.1)*x2 + a*x2 + b*x3 + c*x4")
    lower, upper = found.bounds
    assert (lower[0], upper[1], upper[2]) == pytest.approx((0.4, 1.5, 5.0))
    assert np.isinf(lower[1:]).all()
    assert found.active_bounds is found.bounds


@pytest.mark.parametrize(
    ("constraint", "message"),
    [
        ("a == 1\na == 2", "contradicts fixed values or earlier"),
        ("a == b\na == b + 1", "contradicts"),
        ("a > 2\na < 1", "contradict each other"),
        ("a == 1\na > 2", "broken by fixed values"),
    ],
)
def test_what_cannot_hold_is_refused(constraint, message):
    """Equalities and bounds that leave nothing."""
    with pytest.raises(ModelError, match=message):
        mapped(constraint)


def test_exogenous_moments_are_nuisance_parameters_or_held():
    """With ``given`` the rows are these values and no parameter is left of them."""
    spec = model_spec("y ~ x1 + x2")
    exo = np.array([p.exo for p in spec])
    free = parameter_map(spec)
    assert free.nuisance.sum() == exo.sum() == 3
    assert (free.row_basis[exo][:, free.nuisance] == np.eye(3)).all()
    given = np.where(exo, np.arange(10.0, 10.0 + len(exo)), np.nan)
    held = parameter_map(spec, given=given)
    assert held.n_parameters == free.n_parameters - 3
    assert not held.nuisance.any()
    y = np.random.default_rng(3).normal(size=(2, held.n_parameters))
    np.testing.assert_array_equal(held.rows(y)[:, exo], [given[exo]] * 2)


def test_parameters_in_another_order_and_unit_give_the_same_rows():
    """y_new = y_old[order] / stretch, bounds and nuisance with it."""
    found = mapped("a > 0.5\na*b == 0.2", "y ~ a*x1 + b*x2\nx1 ~~ x2")
    q = found.n_parameters
    order, stretch = np.roll(np.arange(q), 2), np.linspace(0.5, 3.0, q)
    other = found.reordered(order, stretch)
    y = np.random.default_rng(4).normal(size=(3, q))
    moved = y[:, order] / stretch
    np.testing.assert_allclose(other.rows(moved), found.rows(y), rtol=1e-12)
    np.testing.assert_array_equal(other.nuisance, found.nuisance[order])
    at = np.flatnonzero(np.isfinite(other.bounds[0]))
    assert other.bounds[0][at] * stretch[at] == pytest.approx([0.5])
    np.testing.assert_allclose(other.constraints(moved).equality, found.constraints(y).equality, rtol=1e-12)
