"""Moments of latent responses against their definition, with slopes and curvature against differences."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.kernel import Layout, matrices
from sopsem.kernel.response_structure import ResponseStructure, residual_variances
from sopsem.sem.estimation.fit import fit

seeds = st.integers(0, 10**6)
both = pytest.mark.parametrize("theta_scaled", [False, True], ids=["delta", "theta"])
CUTS = (2, 1, 3)  # thresholds of the three ordered variables; the fourth is continuous
P, X, ONE, F, G = 4, 4, 5, 6, 7  # y1..y4, a covariate, the constant, two factors
PATHS = [[0, F], [1, F], [2, G], [3, G], [G, F], [F, X], [3, X], [3, ONE], [F, ONE], [1, ONE]]


def moment_index():
    """Return kind, first and second of all moments: thresholds, mean, slopes, variance, covariances."""
    rows = [(0, i, sum(CUTS[:i]) + t) for i in range(3) for t in range(CUTS[i])]
    rows += [(1, 3, 0), *((2, i, 1) for i in range(P)), (3, 3, 3)]
    rows += [(4, i, j) for j in range(P) for i in range(j + 1, P)]
    return np.array(rows).T


def random_structure(seed, *, theta_scaled):
    """Return a structure with a random basis and a point (q,) at which it is defined."""
    rng = np.random.default_rng(seed)
    symmetric = [*([i, i] for i in (3, X, F, G)), [0, 1]]
    symmetric += [[i, i] for i in range(3)] if theta_scaled else []
    n, cuts, scales = len(PATHS) + len(symmetric), sum(CUTS), 0 if theta_scaled else 3
    q = n + cuts + scales
    fixed = np.zeros((8, 8))
    fixed[ONE, ONE] = 1.0
    basis = np.diag(rng.uniform(0.5, 1.5, q))
    basis[0, 1] = 0.3  # a parameter that moves two cells
    kind, first, second = moment_index()
    layout = Layout(
        n_observed=6,
        paths=np.array(PATHS),
        symmetric=np.array(symmetric),
        fixed_paths=np.zeros((8, 8)),
        fixed_symmetric=fixed,
        offset=np.zeros(n),
        basis=basis[:n],
    )
    structure = ResponseStructure(
        layout=layout,
        variables=np.arange(P),
        given=np.array([ONE, X]),
        kind=kind,
        first=first,
        second=second,
        threshold_offset=np.full(cuts, 0.1),
        threshold_basis=basis[n : n + cuts],
        scale_of=np.array([0, 1, 2, -1]),
        scale_offset=np.zeros(3),
        scale_basis=basis[n + cuts :] if scales else np.zeros((3, q)),
        theta=theta_scaled,
    )
    cells = rng.uniform(0.3, 0.8, q)
    cells[n : n + cuts] = rng.normal(size=cuts)
    cells[n + cuts :] = rng.uniform(0.6, 1.1, scales)
    return structure, np.linalg.solve(basis, cells)


def wanted_moments(structure, theta):
    """Return the moments as the module's docstring writes them, one by one."""
    paths, symmetric = (m[0] for m in matrices(structure.layout, theta[None]))
    paths[X] = 0.0
    spread = np.linalg.inv(np.eye(8) - paths)
    symmetric[[ONE, X]] = symmetric[:, [ONE, X]] = 0.0
    sigma = (spread @ symmetric @ spread.T)[:P, :P]
    thresholds = structure.threshold_offset + structure.threshold_basis @ theta
    if structure.theta:
        scale = np.append(1.0 / np.sqrt(np.diag(sigma)[:3]), 1.0)
    else:
        scale = np.append(structure.scale_offset + structure.scale_basis @ theta, 1.0)
        # residual variances follow from Sigma_ii = 1 / d^2, and no response sends a path here
        sigma[range(3), range(3)] = scale[:3] ** -2
    mu, pi = spread[:P, ONE], spread[:P, X]
    found = []
    for kind, i, j in zip(structure.kind, structure.first, structure.second, strict=True):
        value = {
            0: lambda i=i, j=j: scale[i] * (thresholds[j] - mu[i]),
            1: lambda i=i: -mu[i],
            2: lambda i=i: scale[i] * pi[i],
            3: lambda i=i: sigma[i, i],
            4: lambda i=i, j=j: scale[i] * scale[j] * sigma[i, j],
        }[int(kind)]
        found.append(value())
    return np.array(found)


@both
@given(seed=seeds)
def test_moments_are_those_of_their_definition(theta_scaled, seed):
    """Thresholds, means, slopes, variances and correlations."""
    structure, theta = random_structure(seed, theta_scaled=theta_scaled)
    np.testing.assert_allclose(structure.moments(theta), wanted_moments(structure, theta), atol=1e-12)


@both
@settings(max_examples=10)
@given(seed=seeds)
def test_the_jacobian_is_the_difference_of_the_moments(slopes_of, close, theta_scaled, seed):
    """To 1e-7."""
    structure, theta = random_structure(seed, theta_scaled=theta_scaled)
    wanted = slopes_of(lambda t: np.array([structure.moments(one) for one in t]), theta[None])[0]
    close(structure.jacobian(theta), wanted, 1e-7)


@both
@settings(max_examples=6)
@given(seed=seeds)
def test_the_curvature_is_the_difference_of_the_weighted_slopes(slopes_of, close, theta_scaled, seed):
    """To 1e-5: it is made of differences itself."""
    structure, theta = random_structure(seed, theta_scaled=theta_scaled)
    weights = np.random.default_rng(seed).normal(size=len(structure.kind))
    wanted = slopes_of(lambda t: np.array([weights @ structure.jacobian(one) for one in t]), theta[None])[0]
    found = structure.curvature(theta, weights)
    close(found, wanted, 1e-5)
    np.testing.assert_array_equal(found, found.T)


@both
def test_no_cell_of_a_result_is_left_unwritten(monkeypatch, theta_scaled):
    """Uninitialised memory filled with NaN must not reach a result."""
    structure, theta = random_structure(3, theta_scaled=theta_scaled)
    before = (
        structure.moments(theta),
        structure.jacobian(theta),
        structure.curvature(theta, structure.kind + 1.0),
    )
    monkeypatch.setattr(np, "empty", lambda shape, **_: np.full(shape, np.nan))
    after = (
        structure.moments(theta),
        structure.jacobian(theta),
        structure.curvature(theta, structure.kind + 1.0),
    )
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)
        assert np.isfinite(other).all()


@both
@given(seed=seeds)
def test_scales_make_the_responses_unit_variances(theta_scaled, seed):
    """d_i sqrt(Sigma_ii) = 1 with theta; the parameters themselves with delta; 1 for a continuous variable."""
    structure, theta = random_structure(seed, theta_scaled=theta_scaled)
    found = structure.scales(theta)
    assert found[3] == 1.0
    if not theta_scaled:
        np.testing.assert_allclose(found[:3], structure.scale_basis @ theta, rtol=1e-14)
        return
    paths, symmetric = (m[0] for m in matrices(structure.layout, theta[None]))
    symmetric[[ONE, X]] = symmetric[:, [ONE, X]] = 0.0
    spread = np.linalg.inv(np.eye(8) - paths)
    variances = np.diag(spread @ symmetric @ spread.T)[:3]
    np.testing.assert_allclose(found[:3] ** 2 * variances, 1.0, rtol=1e-12)


@given(seeds)
def test_residual_variances_give_the_variances_wanted(seed):
    """Also when responses send paths to each other."""
    rng = np.random.default_rng(seed)
    paths = np.tril(rng.uniform(-0.4, 0.4, (5, 5)), -1)
    spread = np.linalg.inv(np.eye(5) - paths)
    root = rng.normal(size=(5, 5))
    symmetric = root @ root.T
    responses, wanted = np.array([1, 3, 4]), rng.uniform(0.5, 3.0, 3)
    symmetric[responses, responses] = residual_variances(spread, symmetric, responses, wanted)
    found = np.diag(spread @ symmetric @ spread.T)
    np.testing.assert_allclose(found[responses], wanted, rtol=1e-10)


def test_what_the_responses_variances_were_does_not_matter():
    """Only the other entries of S count."""
    spread = np.linalg.inv(np.eye(3) - np.tril(np.full((3, 3), 0.3), -1))
    at, wanted = np.array([0, 2]), np.array([1.0, 1.0])
    one, other = (residual_variances(spread, np.diag([a, 1.0, a]), at, wanted) for a in (0.0, 7.0))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("parameterization", ["delta", "theta"])
def test_curvature_is_the_difference_of_slopes_of_every_parameter(parameterization):
    """Thresholds, whose rows follow from the others, included; scales that are free in a second group too."""
    rng = np.random.default_rng(3)
    f = rng.normal(size=400)
    items = {f"y{i}": np.digitize(f + rng.normal(size=400), [-1.0, 0.2 * i]) for i in range(1, 5)}
    data = pd.DataFrame(items).assign(group=np.arange(400) % 2)
    result = fit(
        "f =~ y1 + y2 + y3 + y4",
        data,
        ordered=[*items],
        group="group",
        group_equal=["thresholds", "loadings"],
        parameterization=parameterization,
    )
    structure, theta, step = result.groups[1].structure, result.kernel_theta, 1e-5
    weights = rng.normal(size=len(structure.moments(theta)))
    found = structure.curvature(theta, weights)
    shifts = step * np.eye(len(theta))
    rows = [
        weights @ (structure.jacobian(theta + s) - structure.jacobian(theta - s)) / (2 * step) for s in shifts
    ]
    wanted = np.array(rows)
    np.testing.assert_allclose(found, (wanted + wanted.T) / 2.0, atol=1e-7)
    np.testing.assert_array_equal(found, found.T)
    slopes = [(structure.moments(theta + s) - structure.moments(theta - s)) / (2 * step) for s in shifts]
    np.testing.assert_allclose(structure.jacobian(theta), np.array(slopes).T, atol=1e-7)
