"""What the tests of the kernel share: random models, and derivatives by differences."""

from typing import NamedTuple

import numpy as np
import pytest

from sopsem.kernel import Layout

STEP = 1e-3


class RandomModel(NamedTuple):
    """A layout, points (B, q) at which it is defined, and moment matrices (B, p, p) that it does not fit."""

    layout: Layout
    theta: np.ndarray
    moments: np.ndarray


def _cells(rng, items, latent, *, means):
    """Return paths and symmetric cells: each item on a factor, a chain of factors, one error covariance."""
    p = items + means
    factors = range(p, p + latent)
    paths = [[i, p + i % latent] for i in range(items)] + [[f + 1, f] for f in factors[:-1]]
    if means:
        paths += [[i, items] for i in range(items)] + [[p, items]]
    variances = [[i, i] for i in (*range(items), *factors)]
    first, second = sorted(rng.choice(items, size=2, replace=False).tolist())
    return np.array(paths), np.array([*variances, [first, second]])


def random_model(seed, *, means=False, affine=False, batch=3):
    """Return a random model of 3 to 6 items; ``affine`` lets parameters move several cells."""
    rng = np.random.default_rng(seed)
    items, latent = int(rng.integers(3, 7)), int(rng.integers(1, 3))
    paths, symmetric = _cells(rng, items, latent, means=means)
    v = items + means + latent
    fixed = np.zeros((v, v))
    fixed[items, items] = float(means)
    n, a = len(paths) + len(symmetric), len(paths)
    cells = rng.uniform(0.4, 0.9, size=(batch, n))
    cells[:, a : n - 1] = rng.uniform(0.8, 1.4, size=(batch, n - 1 - a))
    cells[:, n - 1] = rng.uniform(-0.2, 0.2, size=batch)
    basis = np.eye(n) + 0.1 * rng.normal(size=(n, n)) if affine else np.diag(rng.uniform(0.5, 2.0, n))
    offset = rng.normal(size=n) * 0.1
    layout = Layout(
        n_observed=items + means,
        paths=paths,
        symmetric=symmetric,
        fixed_paths=np.zeros((v, v)),
        fixed_symmetric=fixed if means else np.zeros((v, v)),
        offset=offset,
        basis=basis,
    )
    rows = rng.normal(size=(batch, 40, items + means)) + 0.3
    if means:
        rows[:, :, items] = 1.0
    moments = rows.transpose(0, 2, 1) @ rows / 40
    return RandomModel(layout, np.linalg.solve(basis, (cells - offset).T).T, moments)


def one_factor(seed, *, items=4, batch=3, n=120):
    """Return an identified model, a start (q,), and sample matrices (B, p, p) near it."""
    fixed, v = np.zeros((items + 1, items + 1)), items + 1
    fixed[items, items] = 1.0
    layout = Layout(
        n_observed=items,
        paths=np.array([[i, items] for i in range(items)]),
        symmetric=np.array([[i, i] for i in range(items)]),
        fixed_paths=np.zeros((v, v)),
        fixed_symmetric=fixed,
        offset=np.zeros(2 * items),
        basis=np.eye(2 * items),
    )
    rng = np.random.default_rng(seed)
    rows = 0.8 * rng.normal(size=(batch, n, 1)) + 0.6 * rng.normal(size=(batch, n, items))
    return RandomModel(layout, np.full(2 * items, 0.6), rows.transpose(0, 2, 1) @ rows / n)


def slopes_of(function, theta):
    """Differentiate a function of points (B, q) along every parameter, on a new last axis (fourth order)."""
    columns = []
    for e in STEP * np.eye(theta.shape[1]):
        near, far = (function(theta + k * e) - function(theta - k * e) for k in (1, 2))
        columns.append((8.0 * near - far) / (12.0 * STEP))
    return np.stack(columns, axis=-1)


def close(found, wanted, relative):
    """Compare on the scale of the largest number."""
    np.testing.assert_allclose(found, wanted, rtol=0.0, atol=relative * (1e-3 + np.abs(wanted).max()))


@pytest.fixture(scope="session", name="random_model")
def random_model_fixture():
    """A function from a seed to a random model."""
    return random_model


@pytest.fixture(scope="session", name="one_factor")
def one_factor_fixture():
    """A function from a seed to an identified model with a start and samples."""
    return one_factor


@pytest.fixture(scope="session", name="slopes_of")
def slopes_of_fixture():
    """Derivatives by differences."""
    return slopes_of


@pytest.fixture(scope="session", name="close")
def close_fixture():
    """A comparison of arrays on the scale of their largest number."""
    return close


@pytest.fixture(scope="session")
def check_derivatives():
    """A function that compares gradient and observed Hessian of an objective with differences."""

    def check(objective, theta):
        which = np.arange(objective.n_problems)
        point = objective.evaluate(theta, which)
        assert np.isfinite(point[0]).all()
        by_value = slopes_of(lambda t: objective.evaluate(t, which)[0], theta)
        close(objective.gradient(point), by_value, 1e-7)
        by_slope = slopes_of(lambda t: objective.gradient(objective.evaluate(t, which)), theta)
        close(objective.observed_hessian(point), by_slope, 1e-5)

    return check


@pytest.fixture(scope="session")
def same_bits():
    """A function that compares solutions bit by bit: the rows ``at`` of the first with the second."""

    def check(one, other, at=slice(None)):
        for name in ("theta", "minimum", "decrement", "outcome", "iterations"):
            np.testing.assert_array_equal(getattr(one, name)[at], getattr(other, name))

    return check
