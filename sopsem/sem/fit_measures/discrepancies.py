"""Indices made of residual moments: RMR, SRMR in three definitions, CRMR."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.response_group import response_origin
from sopsem.sem.fit_measures.moment_tests import MomentTest
from sopsem.sem.sample.ordinal_moments import OrdinalMoments

__all__ = ["LISREL", "Residuals", "browne_residual_test"]

Array = NDArray[np.float64]
LISREL = "Joreskog & Sorbom (1981)"


@dataclass(frozen=True, kw_only=True)
class Residuals:
    """Sample and implied moments; means are None without a mean structure.

    Of ordered variables the matrices are those of the latent responses, and thresholds and slopes stand in the
    place of means.  ``mean_unit`` standardizes means; ``variances`` says whether residual variances count (beside
    ordered variables those of continuous ones do not, as in lavaan).
    """

    sample: Array
    implied: Array
    sample_mean: Array | None
    implied_mean: Array | None
    mean_unit: Array
    variances: bool = True

    @classmethod
    def of(cls, fit: Fit) -> "Residuals":
        """Collect the moments of a fit of one group."""
        if fit.moments.ordinal is not None:
            return cls._of_responses(fit, fit.moments.ordinal)
        return cls(
            sample=fit.sample_cov,
            implied=fit.sigma,
            sample_mean=fit.moments.mean if fit.spec.meanstructure else None,
            implied_mean=fit.mu,
            mean_unit=np.sqrt(np.diag(fit.sample_cov)),
        )

    @classmethod
    def _of_responses(cls, fit: Fit, ordinal: OrdinalMoments) -> "Residuals":
        group = fit.groups[0]
        origin = response_origin(group.model, ordinal)
        statistics = group.structure.moments(fit.kernel_theta) * group.metric + origin
        implied = np.array(ordinal.covariance)
        for value, s in zip(statistics, ordinal.index, strict=True):
            if s.kind == "variance":
                implied[s.i, s.i] = value
            elif s.kind == "covariance":
                implied[s.i, s.j] = implied[s.j, s.i] = value
        other = [k for k, s in enumerate(ordinal.index) if s.kind in ("threshold", "slope")]
        sd = np.sqrt(np.diag(ordinal.covariance))
        given = np.sqrt(np.diag(ordinal.covariate_covariance) * (fit.n / (fit.n - 1.0)))
        units = [
            (sd[s.i], given[s.j] if s.kind == "slope" else 1.0) for s in (ordinal.index[k] for k in other)
        ]
        return cls(
            sample=ordinal.covariance,
            implied=implied,
            sample_mean=ordinal.statistics[other],
            implied_mean=statistics[other],
            mean_unit=np.array([own / across for own, across in units]),
            variances=False,
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
        return self._root_mean(self._differences, shift, means=means)

    def srmr_bentler(self, *, means: bool) -> float:
        """Residuals divided by sample standard deviations."""
        sd = np.sqrt(np.diag(self.sample))
        shift = None if self.sample_mean is None else (self.sample_mean - self.implied_mean) / self.mean_unit  # type: ignore[operator]
        return self._root_mean(self._differences / np.outer(sd, sd), shift, means=means)

    @property
    def _differences(self) -> Array:
        found: Array = self.sample - self.implied
        return found if self.variances else found - np.diag(np.diag(found))

    def _correlation_residuals(self) -> Array:
        sd, sd_implied = np.sqrt(np.diag(self.sample)), np.sqrt(np.diag(self.implied))
        difference: Array = self.sample / np.outer(sd, sd) - self.implied / np.outer(sd_implied, sd_implied)
        return difference

    def crmr(self, *, means: bool) -> float:
        """Residual correlations, the diagonal not counted; means as in ``srmr_bentler``."""
        shift = None
        if self.sample_mean is not None and self.implied_mean is not None:
            shift = (self.sample_mean - self.implied_mean) / self.mean_unit
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
