"""Moments of latent responses: thresholds, means, slopes on covariates, variances and correlations.

An ordered variable is a latent response y* cut at thresholds t.  With the model's conditional moments

    mu = E[., 1],   Pi = E[., x],   Sigma = E S0 E'      (E = (I - A)^-1, S0 without constant and covariates)

and scales d_i (1 for continuous variables) the moments are d_i (t - mu_i), d_i Pi_ix, d_i d_j Sigma_ij for
i != j, and for continuous variables -mu_i and Sigma_ii (Muthen, 1984).  A scale is a parameter ("delta"), or
1 / sqrt(Sigma_ii) ("theta").  With "delta" the residual variances of latent responses follow from the scales,
Sigma_ii = 1 / d_i^2.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.layout import Layout
from sopsem.kernel.reference import matrices

__all__ = ["ResponseStructure", "residual_variances"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
STEP = 1e-5


class _Reduced(NamedTuple):
    """Moments given the covariates, and their slopes in kernel parameters (last axis)."""

    columns: Array  # E[o, (constant, covariates)], (p, 1 + x)
    sigma: Array  # (p, p)
    column_slopes: Array  # (p, 1 + x, q)
    sigma_slopes: Array  # (p, p, q)


def residual_variances(spread: Array, symmetric: Array, responses: Index, variances: Array) -> Array:
    """Return the residual variances (r,) that give the ``responses`` these variances (r,) in E S E'.

    Linear, since variance i is sum_j E_ij^2 s_j plus what the other entries of S add.
    """
    rest = symmetric.copy()
    rest[responses, responses] = 0.0
    own = spread[responses]
    target = variances - np.einsum("ij,jk,ik->i", own, rest, own)
    return np.asarray(np.linalg.solve(own[:, responses] ** 2, target))


@dataclass(frozen=True, kw_only=True)
class ResponseStructure:
    """The moments of p variables of a layout, some of them ordered.

    Attributes
    ----------
    variables : (p,) int array
        Positions of the variables in the layout.
    given : (1 + x,) int array
        Positions of the constant and of the covariates.
    kind, first, second : (k,) arrays
        What every moment is: 0 a threshold, 1 minus a mean, 2 a slope, 3 a variance, 4 a covariance; of which
        variable (from 0); and which threshold among all, covariate (from 1) or second variable.
    threshold_offset, threshold_basis : (t,) and (t, q) arrays
    scale_of : (p,) int array
        Which scale a variable has, -1 for continuous variables.
    scale_offset, scale_basis : (s,) and (s, q) arrays
    theta : bool
        Whether scales follow from the variances instead of being parameters.

    """

    layout: Layout
    variables: Index
    given: Index
    kind: Index
    first: Index
    second: Index
    threshold_offset: Array
    threshold_basis: Array
    scale_of: Index
    scale_offset: Array
    scale_basis: Array
    theta: bool

    @property
    def n_parameters(self) -> int:
        """Return q."""
        return self.layout.n_parameters

    def moments(self, theta: Array) -> Array:
        """Return the moments (k,) at theta (q,)."""
        return self._both(theta)[0]

    def jacobian(self, theta: Array) -> Array:
        """Return their slopes (k, q)."""
        return self._both(theta)[1]

    def curvature(self, theta: Array, weights: Array) -> Array:
        """Return sum_k weights_k d2 sigma_k (q, q), by central differences of the exact slopes.

        Moments are linear in parameters that only move thresholds: their rows follow from the other rows.
        """
        q = len(theta)
        bent, within = np.zeros((q, q)), self._bends
        for i in within:
            step = np.zeros(q)
            step[i] = STEP
            bent[i] = weights @ (self.jacobian(theta + step) - self.jacobian(theta - step)) / (2.0 * STEP)
        square = np.ix_(within, within)
        half = bent[square].copy()
        bent = bent + bent.T
        bent[square] = (half + half.T) / 2.0
        return bent

    @property
    def _bends(self) -> Index:
        """Which parameters move more than thresholds."""
        moves = (self.layout.basis != 0.0).any(axis=0) | (self.scale_basis != 0.0).any(axis=0)
        return np.flatnonzero(moves)

    def locations(self, theta: Array) -> Array:
        """Return the mean of every variable (p,) where the covariates are 0, thresholds apart."""
        return self._reduced(theta).columns[:, 0]

    def scales(self, theta: Array) -> Array:
        """Return the scale of every variable (p,)."""
        return self._scales(self._reduced(theta), theta)[0]

    def _reduced(self, theta: Array) -> _Reduced:
        paths, symmetric = (part[0] for part in matrices(self.layout, theta[None]))
        random = symmetric.copy()
        random[self.given], random[:, self.given] = 0.0, 0.0
        paths[self.given] = 0.0  # the moments are those at 0 of the covariates, whatever their means
        try:
            spread = np.linalg.inv(np.eye(len(paths)) - paths)
        except np.linalg.LinAlgError:
            spread = np.full_like(paths, np.nan)
        responses, variances, wanted = self._wanted(theta)
        if len(responses):
            random[responses, responses] = residual_variances(spread, random, responses, variances)
        total = spread @ random @ spread.T
        o, g, cells = self.variables, self.given, self.layout
        (i, j), (k, l) = cells.paths.T, cells.symmetric.T  # noqa: E741
        by_path = spread[o][:, None, i] * ~np.isin(i, g) * spread[j][:, g].T[None]
        half = spread[o][:, None, i] * total[j][:, o].T[None]
        paired = half + half.transpose(1, 0, 2)
        drawn = ~(np.isin(k, g) | np.isin(l, g))
        weight = np.where(k == l, 0.5, 1.0) * drawn
        own = spread[o][:, None, k] * spread[o][None, :, l] * weight
        in_cells = np.concatenate([paired, own + own.transpose(1, 0, 2)], axis=2)
        nothing = np.zeros((len(o), len(g), len(k)))
        slopes = in_cells @ self.layout.basis
        if len(responses):
            at = np.flatnonzero(self.scale_of >= 0)
            moved = np.linalg.solve(spread[np.ix_(responses, responses)] ** 2, wanted - slopes[at, at])
            own = spread[np.ix_(o, responses)]
            slopes = slopes + np.einsum("ir,jr,rq->ijq", own, own, moved)
        return _Reduced(
            columns=spread[np.ix_(o, g)],
            sigma=total[np.ix_(o, o)],
            column_slopes=np.concatenate([by_path, nothing], axis=2) @ self.layout.basis,
            sigma_slopes=slopes,
        )

    def _wanted(self, theta: Array) -> tuple[Index, Array, Array]:
        """Return the variables whose variances the scales set, these variances, and their slopes."""
        if self.theta:
            return self.variables[:0], np.zeros(0), np.zeros((0, self.n_parameters))
        at = np.flatnonzero(self.scale_of >= 0)
        basis = self.scale_basis[self.scale_of[at]]
        scale = self.scale_offset[self.scale_of[at]] + basis @ theta
        return self.variables[at], scale**-2, -2.0 * scale[:, None] ** -3 * basis

    def _scales(self, reduced: _Reduced, theta: Array) -> tuple[Array, Array]:
        """Return scales (p,) and their slopes (p, q)."""
        p = len(self.variables)
        scale, slopes = np.ones(p), np.zeros((p, self.n_parameters))
        at = np.flatnonzero(self.scale_of >= 0)
        if self.theta:
            variance = reduced.sigma[at, at]
            with np.errstate(invalid="ignore", divide="ignore"):
                scale[at] = 1.0 / np.sqrt(variance)
                slopes[at] = -0.5 * (scale[at] / variance)[:, None] * reduced.sigma_slopes[at, at]
        else:
            own = self.scale_of[at]
            scale[at] = self.scale_offset[own] + self.scale_basis[own] @ theta
            slopes[at] = self.scale_basis[own]
        return scale, slopes

    def _both(self, theta: Array) -> tuple[Array, Array]:
        """Return moments and slopes."""
        reduced = self._reduced(theta)
        scale, bent = self._scales(reduced, theta)
        k, q = len(self.kind), self.n_parameters
        values, slopes = np.empty(k), np.empty((k, q))
        location, level = reduced.columns[:, 0], reduced.column_slopes[:, 0]
        for kind in range(5):
            at = np.flatnonzero(self.kind == kind)
            i, j = self.first[at], self.second[at]
            if kind == 0:
                above = self.threshold_offset[j] + self.threshold_basis[j] @ theta - location[i]
                values[at] = scale[i] * above
                slopes[at] = bent[i] * above[:, None] + scale[i, None] * (self.threshold_basis[j] - level[i])
            elif kind == 1:
                values[at], slopes[at] = -location[i], -level[i]
            elif kind == 2:
                path, along = reduced.columns[i, j], reduced.column_slopes[i, j]
                values[at] = scale[i] * path
                slopes[at] = bent[i] * path[:, None] + scale[i, None] * along
            elif kind == 3:
                values[at], slopes[at] = reduced.sigma[i, i], reduced.sigma_slopes[i, i]
            else:
                inner, along = reduced.sigma[i, j], reduced.sigma_slopes[i, j]
                values[at] = scale[i] * scale[j] * inner
                crossed = bent[i] * scale[j, None] + scale[i, None] * bent[j]
                slopes[at] = crossed * inner[:, None] + (scale[i] * scale[j])[:, None] * along
        return values, slopes
