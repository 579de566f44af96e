"""The likelihood of rows with missing values: every pattern of observed variables is a small model of its own.

F = sum over patterns g of (n_g / n) {log|Sigma_g| + tr(S_g Sigma_g^-1)} + constant, with Sigma_g the rows and
columns of Sigma that the pattern observes (Arbuckle, 1996).  Both Hessians are sums of those of the patterns.
"""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.layout import Layout
from sopsem.kernel.reference import (
    PatternPoint,
    Point,
    evaluate_patterns,
    expected_hessian,
    gradient,
    observed_hessian,
)

__all__ = ["PatternLikelihood"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]
NUMBERS = 4_000_000  # numbers that the weights of the patterns of one block may take


class PatternLikelihood:
    """B problems of one layout, each with the second moments and counts of P patterns.

    Parameters
    ----------
    moments : (B, P, p, p) array
        Second moments of every pattern (divisor its count), 0 where a variable is not observed.
    shares : (B, P) array
        Share of the rows with the pattern; the shares of a problem sum to 1.
    masks : (P, p) bool array
    constants : (B,) array
        Added to the objective: minus the value of the saturated model makes F a discrepancy.

    """

    def __init__(self, layout: Layout, moments: Array, shares: Array, masks: Mask, constants: Array) -> None:
        """Take the statistics of the patterns; see the class."""
        self.layout, self.moments, self.shares, self.masks = layout, moments, shares, masks
        self.constants = constants
        self.block = max(1, NUMBERS // (masks.size * masks.shape[1]))

    @property
    def n_problems(self) -> int:
        """Return B."""
        return len(self.moments)

    @property
    def n_parameters(self) -> int:
        """Return q."""
        return self.layout.n_parameters

    def usable(self, which: Index) -> Mask:
        """Say which problems have finite moments."""
        return np.asarray(np.isfinite(self.moments[which]).all(axis=(1, 2, 3)))

    def evaluate(self, theta: Array, which: Index) -> PatternPoint:
        """Return the point at theta (b, q)."""
        point = evaluate_patterns(self.layout, theta, self.moments[which], self.shares[which], self.masks)
        return point._replace(objective=point.objective + self.constants[which])

    def gradient(self, point: PatternPoint) -> Array:
        """Return dF/dtheta (b, q): linear in the misfit, so the patterns are summed first."""
        misfit = np.einsum("bg,bgij->bij", point.shares, point.misfit)
        return gradient(self.layout, _one(point, misfit, misfit))

    def expected_hessian(self, point: PatternPoint) -> Array:
        """Return the expected second derivatives given the pattern of every row (b, q, q)."""
        return np.asarray(
            sum(
                point.shares[:, g, None, None]
                * expected_hessian(self.layout, _one(point, point.weight[:, g], point.misfit[:, g]))
                for g in range(point.shares.shape[1])
            )
        )

    def observed_hessian(self, point: PatternPoint) -> Array:
        """Return the second derivatives (b, q, q)."""
        return np.asarray(
            sum(
                point.shares[:, g, None, None]
                * observed_hessian(self.layout, _one(point, point.weight[:, g], point.misfit[:, g]))
                for g in range(point.shares.shape[1])
            )
        )


def _one(point: PatternPoint, weight: Array, misfit: Array) -> Point:
    """Return the point of one pattern as the complete-data formulas read it."""
    parts = (point.inverse_sources, point.total_sources, point.columns)
    return Point(point.objective, *parts, weight, misfit, point.theta)
