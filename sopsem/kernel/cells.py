"""From parameters to the cells of a layout, and derivatives from cells back to parameters.

Cells are affine in the parameters but for those that follow from composites; there slopes are taken by a
complex step, exact to rounding (Squire & Trapp, 1998), and their bends by central differences of the slopes.
"""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.composites import Composites, composite_intercepts, composite_residuals
from sopsem.kernel.layout import Layout

__all__ = [
    "carry_curvature",
    "carry_gradient",
    "carry_jacobian",
    "cells",
    "matrices",
    "placed",
]

Array = NDArray[np.float64]
COMPLEX_STEP = 1e-20
STEP = 1e-5


def cells(layout: Layout, theta: Array) -> Array:
    """Return the free cells at theta (B, q), shape (B, nA + nS): offset + basis @ theta, and what composites add."""
    if layout.scale is not None:
        return layout.offset + theta * layout.scale
    values: Array = layout.offset + _row_by_row(theta, layout.basis.T)
    if (composites := layout.composites) is not None:
        composites.fill(values, theta)
        if composites.caused:
            _without_causes(layout, composites, values)
    return values


def _without_causes(layout: Layout, composites: Composites, values: Array) -> None:
    """Turn whole variances and means of composites into what they have beside their causes."""
    paths, symmetric = placed(layout, values)
    at, variances, means = composites.variables, values[:, composites.variances_at], composites.means
    if means is not None:
        whole = values[:, means.composites_at]
        values[:, means.composites_at] = composite_intercepts(paths, means.constant, at, whole)
        # moments about zero count the constant's own 1, which is no spread
        symmetric[:, means.constant, means.constant] = 0.0
    values[:, composites.variances_at] = composite_residuals(paths, symmetric, at, variances)


def matrices(layout: Layout, theta: Array) -> tuple[Array, Array]:
    """Return A and S at theta (B, q), each (B, v, v)."""
    return placed(layout, cells(layout, theta))


def placed(layout: Layout, values: Array) -> tuple[Array, Array]:
    """Return A and S, each (B, v, v), for free cells (B, nA + nS)."""
    batch = (values.shape[0], *layout.fixed_paths.shape)
    paths = np.broadcast_to(layout.fixed_paths, batch).astype(values.dtype)
    symmetric = np.broadcast_to(layout.fixed_symmetric, batch).astype(values.dtype)
    n_paths = len(layout.paths)
    paths[:, layout.paths[:, 0], layout.paths[:, 1]] = values[:, :n_paths]
    symmetric[:, layout.symmetric[:, 0], layout.symmetric[:, 1]] = values[:, n_paths:]
    symmetric[:, layout.symmetric[:, 1], layout.symmetric[:, 0]] = values[:, n_paths:]
    return paths, symmetric


def _row_by_row(rows: Array, matrix: Array) -> Array:
    """Multiply each row on its own, so that no row's last bits depend on how many stand beside it."""
    product: Array = (rows[:, None, :] @ matrix)[:, 0, :]
    return product


def _slopes(layout: Layout, theta: Array) -> Array:
    """Return d cells / d theta, (B, n, q), of a layout with composites."""
    count, q = theta.shape
    shifted = theta[:, None, :] + COMPLEX_STEP * 1j * np.eye(q)
    values = cells(layout, shifted.reshape(-1, q)).imag / COMPLEX_STEP
    return np.asarray(values.reshape(count, q, -1).transpose(0, 2, 1))


def _bend(layout: Layout, theta: Array, in_cells: Array) -> Array:
    """Return sum_c g_c d2 cell_c / d theta2, (B, q, q), for weights g (B, n) of the cells."""
    composites, q = layout.composites, theta.shape[1]
    bent = np.zeros((len(theta), q, q))
    if composites is None:
        return bent
    moves = np.arange(q) if composites.caused else composites.moves
    for k in moves:
        step = np.zeros(q)
        step[k] = STEP
        change = _slopes(layout, theta + step) - _slopes(layout, theta - step)
        bent[:, k] = (in_cells[:, None, :] @ change)[:, 0] / (2.0 * STEP)
    return np.asarray(0.5 * (bent + bent.transpose(0, 2, 1)))


def carry_gradient(layout: Layout, theta: Array, in_cells: Array) -> Array:
    """Carry a gradient in cells (B, n) to parameters (B, q)."""
    if layout.composites is not None:
        return np.asarray((in_cells[:, None, :] @ _slopes(layout, theta))[:, 0])
    return in_cells * layout.scale if layout.scale is not None else _row_by_row(in_cells, layout.basis)


def carry_curvature(layout: Layout, theta: Array, full: Array, in_cells: Array | None = None) -> Array:
    """Carry second derivatives in cells (B, n, n) to parameters (B, q, q).

    ``in_cells`` (B, n), the gradient, takes part where cells are not affine; left out for expectations.
    """
    if layout.composites is not None:
        slopes = _slopes(layout, theta)
        carried = slopes.transpose(0, 2, 1) @ full @ slopes
        return carried if in_cells is None else carried + _bend(layout, theta, in_cells)
    if layout.scale is not None:
        return full if layout.unscaled else full * np.outer(layout.scale, layout.scale)
    return np.asarray(layout.basis.T @ full @ layout.basis)


def carry_jacobian(layout: Layout, theta: Array, in_cells: Array) -> Array:
    """Carry slopes in cells (..., n) at one theta (q,) to parameters (..., q)."""
    slopes = layout.basis if layout.composites is None else _slopes(layout, theta[None])[0]
    return np.asarray(in_cells @ slopes)
