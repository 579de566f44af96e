"""Parameters as model matrices: what reliability and validity read, for one solution or for many draws."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.standardize import total_covariance
from sopsem.sem.resampling.bootstrap import Draws

__all__ = ["Block", "Solution", "correlations", "drawn_solution", "solution", "square"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Block:
    """One factor and its k items; leading axes, if any, are draws.

    Attributes
    ----------
    loadings : (..., k) array
        In the metric of the data.
    variance : (...) array
        Implied (total) variance of the factor.
    residual : (..., k, k) array
        Residual covariances of the items.
    sample : (..., k, k) array
        Observed covariances of the items.
    std_loadings : (..., k) array
        On the metric where factor and items have implied variance 1.

    """

    loadings: Array
    variance: Array
    residual: Array
    sample: Array
    std_loadings: Array


@dataclass(frozen=True, kw_only=True)
class Solution:
    """Model matrices of B parameter vectors, in the metric of the data.

    Attributes
    ----------
    observed, latent : tuple of str
    loadings : (B, p, m) array
    paths : (B, m, m) array
        Effects between factors, second-order loadings included; row = outcome.
    factor_covariance : (B, m, m) array
        Implied (total) covariances of the factors.
    residual : (B, p, p) array
    implied, sample : (B, p, p) array

    """

    observed: tuple[str, ...]
    latent: tuple[str, ...]
    loadings: Array
    paths: Array
    factor_covariance: Array
    residual: Array
    implied: Array
    sample: Array

    def block(self, factor: str, items: tuple[str, ...]) -> Block:
        """Return the part of one factor and its items."""
        i, f = self.positions(items), self.latent.index(factor)
        loadings, variance = self.loadings[:, i, f], self.factor_covariance[:, f, f]
        total = np.diagonal(self.implied, axis1=1, axis2=2)[:, i]
        with np.errstate(invalid="ignore", divide="ignore"):
            std_loadings = loadings * np.sqrt(variance)[:, None] / np.sqrt(total)
        return Block(
            loadings=loadings,
            variance=variance,
            residual=square(self.residual, i),
            sample=square(self.sample, i),
            std_loadings=std_loadings,
        )

    def positions(self, items: tuple[str, ...]) -> NDArray[np.intp]:
        """Return where the items stand among the observed variables."""
        return np.array([self.observed.index(v) for v in items], dtype=np.intp)

    def factor_correlations(self) -> Array:
        """Return implied correlations of the factors (B, m, m); NaN where a variance is not positive."""
        return correlations(self.factor_covariance)


def square(matrices: Array, at: NDArray[np.intp]) -> Array:
    """Return the rows and columns ``at`` of a stack of square matrices (B, p, p)."""
    return np.asarray(matrices[:, at[:, None], at])


def correlations(covariance: Array) -> Array:
    """Return correlations of covariance matrices (..., k, k); NaN where a variance is not positive."""
    with np.errstate(invalid="ignore", divide="ignore"):
        sd = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
        result: Array = covariance / (sd[..., :, None] * sd[..., None, :])
    return np.where(np.isfinite(result), result, np.nan)


def solution(fit: Fit, theta: Array | None = None, sample: Array | None = None) -> Solution:
    """Return the model matrices of a fit, or of draws made with its model.

    Parameters
    ----------
    fit : Fit
        The model and its solution.
    theta : (B, k) array, optional
        Kernel parameters of the draws; a row of NaN gives NaN.  By default the solution itself (B = 1).
    sample : (B, p, p) array, optional
        Covariance matrices of the draws, in the order of ``fit.spec.observed``; by default that of the fit.

    """
    theta = fit.kernel_theta[None] if theta is None else theta
    sample = fit.sample_cov[None] if sample is None else sample
    p, m = len(fit.spec.observed), len(fit.spec.latent)
    o, f = slice(0, p), slice(len(fit.model.variables) - m, None)
    lost = np.asarray(np.isnan(theta).any(axis=1, keepdims=True))
    paths, symmetric = fit.model.matrices(theta)
    total = total_covariance(fit.model, theta)
    unit = fit.model.units
    directed = paths * (unit[:, None] / unit)
    scale = np.outer(unit, unit)
    parts = (directed[:, o, f], directed[:, f, f], (total * scale)[:, f, f], (symmetric * scale)[:, o, o])
    loadings, effects, factor_covariance, residual, implied = (
        np.where(lost[:, :, None], np.nan, part) for part in (*parts, (total * scale)[:, o, o])
    )
    return Solution(
        observed=fit.spec.observed,
        latent=fit.spec.latent,
        loadings=loadings,
        paths=effects,
        factor_covariance=factor_covariance,
        residual=residual,
        implied=implied,
        sample=np.broadcast_to(sample, (len(theta), p, p)),
    )


def drawn_solution(draws: Draws) -> Solution:
    """Return the model matrices of bootstrap draws, each with the covariances of its own resample.

    Raises
    ------
    UsageError
        Draws of several groups, or not made of covariance matrices of complete rows.

    """
    sd, p = draws.fit.model.sd, len(draws.fit.spec.observed)
    second = draws.resampler.moments(int(b) for b in draws.indices)
    sample = second[:, :p, :p]
    if (
        draws.fit.spec.meanstructure
    ):  # then the moments are those about the origin, with the means beside them
        mean = second[:, :p, p]
        sample = sample - mean[:, :, None] * mean[:, None, :]
    return solution(draws.fit, draws.kernel_theta, sample * np.outer(sd, sd))
