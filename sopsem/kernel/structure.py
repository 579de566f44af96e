"""Moment structures: a vector of moments sigma(theta) with its derivatives, for discrepancies of moments."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.layout import Layout
from sopsem.kernel.reference import curvature, evaluate, implied, jacobian

__all__ = ["CovarianceStructure", "Structure", "half"]

Array = NDArray[np.float64]


class Structure(Protocol):
    """k moments that depend on q parameters."""

    @property
    def n_parameters(self) -> int:
        """Return q."""

    def moments(self, theta: Array) -> Array:
        """Return sigma (k,) at theta (q,); NaN where the model is not defined."""

    def jacobian(self, theta: Array) -> Array:
        """Return d sigma / d theta (k, q)."""

    def curvature(self, theta: Array, weights: Array) -> Array:
        """Return sum_k weights_k d2 sigma_k (q, q)."""


def half(p: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows and columns of the lower triangle, column by column (vech)."""
    j, i = np.triu_indices(p)
    return i, j


class CovarianceStructure:
    """Means, when the layout has a constant, and then vech(Sigma), column by column."""

    def __init__(self, layout: Layout, *, meanstructure: bool) -> None:
        """Take a layout; with ``meanstructure`` its last observed variable is the constant."""
        self.layout, self.meanstructure = layout, meanstructure
        self.n_variables = layout.n_observed - meanstructure
        self.pairs = half(self.n_variables)

    @property
    def n_parameters(self) -> int:
        """Return q."""
        return self.layout.n_parameters

    def _split(self, second: Array) -> tuple[Array, Array]:
        """Return means (p,) and covariances (p, p) from second moments about zero."""
        p = self.n_variables
        mean = second[:p, p] if self.meanstructure else np.zeros(p)
        return mean, second[:p, :p] - np.outer(mean, mean)

    def moments(self, theta: Array) -> Array:
        """Return the means and vech(Sigma) (k,)."""
        mean, covariance = self._split(implied(self.layout, theta[None])[0])
        return np.concatenate([mean[: self.n_variables * self.meanstructure], covariance[self.pairs]])

    def jacobian(self, theta: Array) -> Array:
        """Return the slopes of the means and of vech(Sigma) (k, q)."""
        slopes = jacobian(self.layout, theta)
        p, (i, j) = self.n_variables, self.pairs
        if not self.meanstructure:
            return slopes[i, j]
        mean = implied(self.layout, theta[None])[0][:p, p]
        own = slopes[:p, p]
        covariance = slopes[i, j] - own[i] * mean[j, None] - mean[i, None] * own[j]
        return np.concatenate([own, covariance])

    def curvature(self, theta: Array, weights: Array) -> Array:
        """Return sum_k weights_k d2 sigma_k (q, q).

        The covariances are second moments minus mu mu', so the means take part through the constant's row.
        """
        p, (i, j) = self.n_variables, self.pairs
        means = weights[: p * self.meanstructure]
        middle = np.zeros((self.layout.n_observed, self.layout.n_observed))
        np.add.at(middle, (i, j), 0.5 * weights[len(means) :])
        np.add.at(middle, (j, i), 0.5 * weights[len(means) :])
        rest = np.zeros((self.n_parameters, self.n_parameters))
        if self.meanstructure:
            inner, mean = middle[:p, :p].copy(), implied(self.layout, theta[None])[0][:p, p]
            middle[:p, p] = middle[p, :p] = 0.5 * means - inner @ mean
            own = jacobian(self.layout, theta)[:p, p]
            rest = 2.0 * own.T @ inner @ own
        data = np.eye(self.layout.n_observed)[None]
        point = evaluate(self.layout, theta[None], data, np.zeros(1))
        return np.asarray(curvature(self.layout, point, middle[None])[0] - rest)
