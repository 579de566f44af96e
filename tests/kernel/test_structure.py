"""Moments of a layout as one vector: order, slopes and curvature."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.kernel import CovarianceStructure, implied
from sopsem.kernel.structure import half

seeds = st.integers(0, 10**6)
flags = st.booleans()


def structure_of(random_model, seed, *, means, affine=False):
    """Return the structure of a random model and a point (q,)."""
    model = random_model(seed, means=means, affine=affine)
    return CovarianceStructure(model.layout, meanstructure=means), model.theta[0]


@pytest.mark.parametrize("p", [1, 2, 5])
def test_half_is_the_lower_triangle_column_by_column(p):
    """The order of vech in textbooks."""
    i, j = half(p)
    wanted = [(row, column) for column in range(p) for row in range(column, p)]
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == wanted


@given(seeds, flags)
def test_moments_are_means_and_then_covariances(random_model, seed, means):
    """From second moments about zero, whose last row is the means."""
    structure, theta = structure_of(random_model, seed, means=means)
    second = implied(structure.layout, theta[None])[0]
    p = structure.n_variables
    mean = second[:p, p] if means else np.zeros(p)
    covariance = second[:p, :p] - np.outer(mean, mean)
    i, j = half(p)
    wanted = np.concatenate([mean if means else mean[:0], covariance[i, j]])
    np.testing.assert_allclose(structure.moments(theta), wanted, atol=1e-14)
    assert structure.n_parameters == len(theta)


@given(seeds, flags, flags)
def test_the_jacobian_is_the_difference_of_the_moments(random_model, slopes_of, close, seed, means, affine):
    """To 1e-7."""
    structure, theta = structure_of(random_model, seed, means=means, affine=affine)
    wanted = slopes_of(lambda t: np.array([structure.moments(one) for one in t]), theta[None])[0]
    close(structure.jacobian(theta), wanted, 1e-7)


@given(seeds, flags, flags)
def test_the_curvature_is_the_difference_of_the_weighted_slopes(
    random_model, slopes_of, close, seed, means, affine
):
    """To 1e-7, for random weights."""
    structure, theta = structure_of(random_model, seed, means=means, affine=affine)
    weights = np.random.default_rng(seed).normal(size=len(structure.moments(theta)))
    wanted = slopes_of(lambda t: np.array([weights @ structure.jacobian(one) for one in t]), theta[None])[0]
    found = structure.curvature(theta, weights)
    close(found, wanted, 1e-7)
    np.testing.assert_allclose(found, found.T, atol=1e-12 * np.abs(found).max())


def test_moments_are_not_numbers_where_the_model_is_not_defined(random_model):
    """Two variables that cause each other with paths 1 and 1 have no moments."""
    model = random_model(1)
    fixed = model.layout.fixed_paths.copy()
    fixed[0, 1] = fixed[1, 0] = 1.0
    layout = type(model.layout)(
        **{
            name: getattr(model.layout, name)
            for name in ("n_observed", "paths", "symmetric", "fixed_symmetric", "offset", "basis")
        },
        fixed_paths=fixed,
    )
    structure = CovarianceStructure(layout, meanstructure=False)
    assert not np.isfinite(structure.moments(model.theta[0])).all()
