"""Composites: weighted sums of observed components whose covariance matrix T is given.

A composite c = w'x has the variance v = w'Tw.  Whatever else is related to the components is so through their
composite alone, hence with L = Tw / v

    x = L c + e,   Cov(e) = T - L v L',

so that Cov(x) = T and w'e = 0 (Dijkstra, 2017).  With means m of the components E(c) = w'm, and
x = m + L (c - w'm) + e.  The weights are parameters; the cells of L and of Cov(e), and the variance and mean
that c has beside its causes, follow from them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Composites", "Means", "composite_intercepts", "composite_residuals"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Composites:
    """Which cells of a layout follow from the weights of its composites.

    Attributes
    ----------
    offset, basis : (m,) and (m, q) arrays
        Weights of all components of all C composites, offset + basis @ theta.
    member : (m,) int array
        Which composite (from 0) a component belongs to.
    covariance : (m, m) array
        T, 0 between composites.
    first, second : (P,) int arrays
        Pairs of components of one composite, each pair once.
    variables : (C,) int array
        Positions of the composites in the layout.
    loadings_at, pairs_at, variances_at : (m,), (P,) and (C,) int arrays
        Cells of L, of Cov(e) and of the variances of the composites among the cells of the layout.
    caused : bool
        Whether anything sends a path to a composite, so that its variance and mean are not all its own.
    means : Means, optional
        With a constant in the layout.

    """

    offset: Array
    basis: Array
    member: Index
    covariance: Array
    first: Index
    second: Index
    variables: Index
    loadings_at: Index
    pairs_at: Index
    variances_at: Index
    caused: bool
    means: "Means | None" = None

    @property
    def moves(self) -> Index:
        """Which parameters the cells are not affine in."""
        bases = [self.basis] if self.means is None else [self.basis, self.means.basis]
        return np.flatnonzero((np.vstack(bases) != 0.0).any(axis=0))

    def _summed(self, in_components: Array) -> Array:
        """Return sums (B, C) over the components of every composite of values (B, m)."""
        inside = (self.member[:, None] == np.arange(len(self.variables))).astype(float)
        return np.asarray((in_components[:, None, :] @ inside)[:, 0, :])

    def fill(self, values: Array, theta: Array) -> None:
        """Put the cells that follow from the weights in their places among ``values`` (B, n).

        The variances and means of composites are whole, as if nothing sent a path to them.
        """
        weights = self.offset + (theta[:, None, :] @ self.basis.T)[:, 0, :]
        carried = (weights[:, None, :] @ self.covariance)[:, 0, :]
        variances = self._summed(weights * carried)
        loadings = carried / variances[:, self.member]
        i, j = self.first, self.second
        values[:, self.loadings_at] = loadings
        values[:, self.pairs_at] = self.covariance[i, j] - loadings[:, i] * carried[:, j]
        values[:, self.variances_at] = variances
        if self.means is not None:
            levels = self.means.offset + (theta[:, None, :] @ self.means.basis.T)[:, 0, :]
            whole = self._summed(weights * levels)
            values[:, self.means.components_at] = levels - self.means.shift - loadings * whole[:, self.member]
            values[:, self.means.composites_at] = whole


@dataclass(frozen=True, kw_only=True)
class Means:
    """Means of the components, offset + basis @ theta, and the paths from the constant that follow.

    Attributes
    ----------
    offset, basis : (m,) and (m, q) arrays
    shift : (m,) array
        What the layout takes off every component.
    constant : int
        Position of the constant in the layout.
    components_at, composites_at : (m,) and (C,) int arrays
        Cells of the paths from the constant.

    """

    offset: Array
    basis: Array
    shift: Array
    constant: int
    components_at: Index
    composites_at: Index


def composite_residuals(paths: Array, symmetric: Array, at: Index, variances: Array) -> Array:
    """Return the residual variances (B, C) that give the variables ``at`` these variances (B, C) in E S E'.

    Linear, since variance i is sum_j E_ij^2 s_j plus what the other entries of S add; NaN where that cannot
    be solved.
    """
    rest = symmetric.copy()
    rest[:, at, at] = 0.0
    own = _solved(np.eye(paths.shape[1]) - paths, np.broadcast_to(np.eye(paths.shape[1]), paths.shape))[:, at]
    others = np.einsum("bij,bjk,bik->bi", own, rest, own)
    return _solved(own[:, :, at] ** 2, (variances - others)[:, :, None])[:, :, 0]


def composite_intercepts(paths: Array, constant: int, at: Index, means: Array) -> Array:
    """Return the paths (B, C) from the constant that give the variables ``at`` these means (B, C)."""
    rest = paths.copy()
    rest[:, at, constant] = 0.0
    spread = _solved(np.eye(paths.shape[1]) - rest, np.broadcast_to(np.eye(paths.shape[1]), paths.shape))
    within = spread[:, at[:, None], at]
    return _solved(within, (means - spread[:, at, constant])[:, :, None])[:, :, 0]


def _solved(left: Array, right: Array) -> Array:
    """Solve batched linear systems, NaN where one is singular."""
    try:
        return np.asarray(np.linalg.solve(left, right))
    except np.linalg.LinAlgError:
        found = np.full(np.broadcast_shapes(left.shape[:-1] + right.shape[-1:]), np.nan, dtype=left.dtype)
        for b, one in enumerate(left):
            try:
                found[b] = np.linalg.solve(one, right[b])
            except np.linalg.LinAlgError:
                continue  # stays NaN: that is the answer for this matrix
        return found
