"""Composites: weighted sums of observed components whose covariance matrix T is given.

A composite c = w'x has the variance v = w'Tw.  Whatever else is related to the components is so through their
composite alone, hence with L = Tw / v

    x = L c + e,   Cov(e) = T - L v L',

so that Cov(x) = T and w'e = 0 (Dijkstra, 2017; Schamberger, Schuberth, Henseler & Rosseel, 2025).  The weights
are the parameters; the cells of L, of Cov(e) and the variance that c has beside its causes follow from them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Composites", "composite_residuals"]

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
        Whether anything sends a path to a composite, so that its variance is not all its own.

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

    def variances(self, theta: Array) -> Array:
        """Return w'Tw of every composite, (B, C), at theta (B, q)."""
        return self._parts(theta)[1]

    def _parts(self, theta: Array) -> tuple[Array, Array]:
        """Return Tw (B, m) and w'Tw (B, C)."""
        weights = self.offset + (theta[:, None, :] @ self.basis.T)[:, 0, :]
        carried = (weights[:, None, :] @ self.covariance)[:, 0, :]
        inside = (self.member[:, None] == np.arange(len(self.variables))).astype(float)
        return carried, ((weights * carried)[:, None, :] @ inside)[:, 0, :]

    def fill(self, values: Array, theta: Array) -> None:
        """Put the cells that follow from the weights in their places among ``values`` (B, n)."""
        carried, variances = self._parts(theta)
        loadings = carried / variances[:, self.member]
        i, j = self.first, self.second
        values[:, self.loadings_at] = loadings
        values[:, self.pairs_at] = self.covariance[i, j] - loadings[:, i] * carried[:, j]
        values[:, self.variances_at] = variances


def composite_residuals(paths: Array, symmetric: Array, at: Index, variances: Array) -> Array:
    """Return the residual variances (B, C) that give the variables ``at`` these variances (B, C) in E S E'.

    Linear, since variance i is sum_j E_ij^2 s_j plus what the other entries of S add; NaN where that cannot
    be solved.
    """
    rest = symmetric.copy()
    rest[:, at, at] = 0.0
    try:
        own = np.linalg.inv(np.eye(paths.shape[1]) - paths)[:, at]
        others = np.einsum("bij,bjk,bik->bi", own, rest, own)
        return np.asarray(np.linalg.solve(own[:, :, at] ** 2, (variances - others)[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        if len(paths) == 1:
            return np.full(variances.shape, np.nan)
        each = [
            composite_residuals(p, s, at, v)
            for p, s, v in zip(paths[:, None], symmetric[:, None], variances[:, None], strict=True)
        ]
        return np.concatenate(each)
