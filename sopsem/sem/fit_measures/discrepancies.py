"""Indices made of residual moments: RMR, SRMR in three definitions, CRMR."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.moment_tests import MomentTest

__all__ = ["LISREL", "Residuals", "browne_residual_test"]

Array = NDArray[np.float64]
LISREL = "Joreskog & Sorbom (1981)"


@dataclass(frozen=True, kw_only=True)
class Residuals:
    """Sample and implied moments; means are None without a mean structure."""

    sample: Array
    implied: Array
    sample_mean: Array | None
    implied_mean: Array | None

    given: NDArray[np.bool_]

    @classmethod
    def of(cls, fit: Fit) -> "Residuals":
        """Collect the moments of a fit; ``given`` marks fixed exogenous variables."""
        exogenous = {p.lhs for p in fit.spec if p.exo}
        return cls(
            sample=fit.sample_cov,
            implied=fit.sigma,
            sample_mean=fit.moments.mean if fit.spec.meanstructure else None,
            implied_mean=fit.mu,
            given=np.array([v in exogenous for v in fit.spec.observed], dtype=bool),
        )

    def _root_mean(
        self, covariance: Array, mean: Array | None, *, means: bool, diagonal: bool = True
    ) -> float:
        """Root of the mean square over the lower triangle, and over the means when wanted."""
        squares = covariance[np.tril_indices(len(covariance), 0 if diagonal else -1)] ** 2
        total, count = float(squares.sum()), len(squares)
        if means and mean is not None:
            total, count = total + float((mean**2).sum()), count + len(mean)
        return float(np.sqrt(total / count)) if count else 0.0

    def rmr(self, *, means: bool) -> float:
        """Root mean square residual in the metric of the data."""
        shift = None if self.sample_mean is None else self.sample_mean - self.implied_mean  # type: ignore[operator]
        return self._root_mean(self.sample - self.implied, shift, means=means)

    def srmr_bentler(self, *, means: bool) -> float:
        """Residuals divided by sample standard deviations."""
        sd = np.sqrt(np.diag(self.sample))
        shift = None if self.sample_mean is None else (self.sample_mean - self.implied_mean) / sd  # type: ignore[operator]
        return self._root_mean((self.sample - self.implied) / np.outer(sd, sd), shift, means=means)

    def _correlation_residuals(self) -> Array:
        sd, sd_implied = np.sqrt(np.diag(self.sample)), np.sqrt(np.diag(self.implied))
        difference: Array = self.sample / np.outer(sd, sd) - self.implied / np.outer(sd_implied, sd_implied)
        return difference

    def crmr(self, *, means: bool) -> float:
        """Residual correlations, the diagonal not counted; means as in ``srmr_bentler``."""
        shift = None
        if self.sample_mean is not None and self.implied_mean is not None:
            shift = (self.sample_mean - self.implied_mean) / np.sqrt(np.diag(self.sample))
        return self._root_mean(self._correlation_residuals(), shift, means=means, diagonal=False)

    def srmr_mplus(self, *, means: bool) -> float:
        """Residual correlations off the diagonal, relative residual variances on it, standardized means."""
        difference = self._correlation_residuals()
        np.fill_diagonal(difference, 1.0 - np.diag(self.implied) / np.diag(self.sample))
        shift = None
        if self.sample_mean is not None and self.implied_mean is not None:
            shift = self.sample_mean / np.sqrt(np.diag(self.sample))
            shift = shift - self.implied_mean / np.sqrt(np.diag(self.implied))
        return self._root_mean(difference, shift, means=means)


def browne_residual_test(fit: Fit, kind: str = "normal_model") -> float:
    """Return Browne's (1984) residual statistic, multiplier * e'[V - V D (D'VD)^-1 D'V] e.

    Parameters
    ----------
    kind : {"normal_model", "normal", "adf"}
        V is the inverse of the covariance matrix of the moments: by normal theory at the implied or at the
        sample moments, or without assuming a distribution.

    Notes
    -----
    e are the residual moments and D the slopes of the implied ones; of several groups, stacked with their
    shares.

    """
    return fit.multiplier * MomentTest.of(fit.problem, fit.kernel_theta).residual_statistic(kind)
