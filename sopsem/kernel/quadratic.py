"""Least squares of moments: F = (s - sigma(theta))' V (s - sigma(theta)), V the same at every theta.

With e = s - sigma and D = d sigma/d theta:

    gradient   -2 D'Ve
    expected    2 D'VD
    observed    2 D'VD - 2 sum_k (Ve)_k d2 sigma_k
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.structure import Structure

__all__ = ["Quadratic"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]


class QuadraticPoint(NamedTuple):
    """Parameters, weighted residuals and slopes of b problems."""

    objective: Array  # (b,)
    theta: Array  # (b, q)
    pull: Array  # Ve, (b, k)
    slopes: Array  # (b, k, q)
    which: Index


class Quadratic:
    """B problems of one moment structure.

    Parameters
    ----------
    statistics : (B, k) array
        The sample moments.
    weight : (B, k, k) or (1, k, k) array
        V of each problem, or one for all.

    """

    block = 16

    def __init__(self, structure: Structure, statistics: Array, weight: Array) -> None:
        """Take statistics and weights; see the class."""
        self.structure, self.statistics = structure, statistics
        self.weight = np.broadcast_to(weight, (len(statistics), *weight.shape[1:]))

    @property
    def n_problems(self) -> int:
        """Return B."""
        return len(self.statistics)

    @property
    def n_parameters(self) -> int:
        """Return q."""
        return self.structure.n_parameters

    def usable(self, which: Index) -> Mask:
        """Say which problems have finite moments and weights."""
        fine = np.isfinite(self.statistics[which]).all(axis=1)
        return np.asarray(fine & np.isfinite(self.weight[which]).all(axis=(1, 2)))

    def evaluate(self, theta: Array, which: Index) -> QuadraticPoint:
        """Return the point at theta (b, q)."""
        with np.errstate(all="ignore"):
            moments = np.array([self.structure.moments(t) for t in theta])
            slopes = np.array([self.structure.jacobian(t) for t in theta])
            residual = self.statistics[which] - moments
            fine = np.isfinite(moments).all(axis=1) & np.isfinite(slopes).all(axis=(1, 2))
            residual[~fine], slopes[~fine] = 0.0, 0.0
            pull = (self.weight[which] @ residual[:, :, None])[:, :, 0]
            objective = np.where(fine, (pull * residual).sum(axis=1), np.inf)
        return QuadraticPoint(objective, theta, pull, slopes, which)

    def gradient(self, point: QuadraticPoint) -> Array:
        """Return dF/dtheta (b, q)."""
        return np.asarray(-2.0 * (point.pull[:, None, :] @ point.slopes)[:, 0, :])

    def expected_hessian(self, point: QuadraticPoint) -> Array:
        """Return 2 D'VD (b, q, q)."""
        slopes = point.slopes
        return np.asarray(2.0 * slopes.transpose(0, 2, 1) @ self.weight[point.which] @ slopes)

    def observed_hessian(self, point: QuadraticPoint) -> Array:
        """Return the second derivatives (b, q, q)."""
        bent = [self.structure.curvature(t, w) for t, w in zip(point.theta, point.pull, strict=True)]
        return np.asarray(self.expected_hessian(point) - 2.0 * np.array(bent))
