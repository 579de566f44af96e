"""One group ready to be fitted: its table, its layout, its sample, and its moments as one vector."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import DataError, UsageError
from sopsem.kernel import CovarianceStructure, Structure, implied
from sopsem.kernel.structure import half
from sopsem.sem.estimation.composites import component_blocks
from sopsem.sem.estimation.response_group import response_metric, response_origin, response_structure
from sopsem.sem.estimation.scaling import ScaledModel
from sopsem.sem.model.ordinal_rows import threshold_rank
from sopsem.sem.model.spec import ModelSpec, Parameter
from sopsem.sem.sample.moments import Moments
from sopsem.sem.sample.normal_theory import adf_gamma, normal_gamma

__all__ = ["Group"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Group:
    """One group of a model.

    Attributes
    ----------
    spec : ModelSpec
        The rows of the group.
    model : ScaledModel
        Its layout on the kernel's metric.
    moments : Moments
        The sample moments that are analysed.
    sampling : {"adf", "normal"}
        Whether the weights of the moments assume normal data.
    mplus : bool
        Whether the asymptotic covariances follow Mplus.

    """

    spec: ModelSpec
    model: ScaledModel
    moments: Moments
    sampling: str = "adf"
    mplus: bool = False

    @cached_property
    def structure(self) -> Structure:
        """The moments as functions of the kernel parameters, on the kernel's metric."""
        if self.moments.ordinal is not None:
            return response_structure(self.spec, self.model, self.moments.ordinal)
        return CovarianceStructure(self.model.layout, meanstructure=self.model.meanstructure)

    @property
    def statistics(self) -> Array:
        """The sample moments in the order of ``structure`` and on its metric (k,)."""
        if self.moments.ordinal is not None:
            origin = response_origin(self.model, self.moments.ordinal)
            return np.asarray((self.moments.ordinal.statistics - origin) / self.metric)
        i, j = half(len(self.model.sd))
        covariances = self.scaled_covariance[i, j]
        if not self.model.meanstructure or self.moments.mean is None:
            return covariances
        return np.concatenate([(self.moments.mean - self.model.center) / self.model.sd, covariances])

    @property
    def scaled_covariance(self) -> Array:
        """The sample covariance matrix on the kernel's metric (p, p)."""
        return np.asarray(self.moments.covariance / np.outer(self.model.sd, self.model.sd))

    @property
    def metric(self) -> Array:
        """What turns a moment on the kernel's metric into one of the data (k,)."""
        if self.moments.ordinal is not None:
            return response_metric(self.model, self.moments.ordinal)
        i, j = half(len(self.model.sd))
        sd = self.model.sd
        return np.concatenate([sd if self.model.meanstructure else sd[:0], sd[i] * sd[j]])

    @property
    def fixed_variables(self) -> NDArray[np.bool_]:
        """Which variables are fixed exogenous ones (p,)."""
        exo = {p.lhs for p in self.spec if p.exo}
        return np.array([v in exo for v in self.spec.observed], dtype=bool)

    @property
    def exogenous_moments(self) -> NDArray[np.bool_]:
        """Which moments are those of fixed exogenous variables alone (k,)."""
        if self.moments.ordinal is not None:
            return np.zeros(len(self.moments.ordinal.index), dtype=bool)
        fixed = self.fixed_variables
        i, j = half(len(fixed))
        return np.concatenate([fixed if self.model.meanstructure else fixed[:0], fixed[i] & fixed[j]])

    @property
    def given(self) -> NDArray[np.bool_]:
        """Which moments the model takes as they are: ``exogenous_moments``, those inside composites (k,)."""
        given, block = self.exogenous_moments, component_blocks(self.spec)
        if (block >= 0).any():
            i, j = half(len(block))
            given[-len(i) :] |= (block[i] >= 0) & (block[i] == block[j])
        return given

    def implied_covariance(self, theta: Array) -> Array:
        """Return the implied covariance matrix on the kernel's metric (p, p)."""
        second = implied(self.model.layout, theta[None])[0]
        if not self.model.meanstructure:
            return np.asarray(second)
        mean = second[:-1, -1]
        return np.asarray(second[:-1, :-1] - np.outer(mean, mean))

    def sample_threshold(self, row: Parameter) -> float:
        """Return the sample value of a threshold."""
        ordinal = self.moments.ordinal
        if ordinal is None:
            raise UsageError(f"{row.name} is a threshold, but {row.lhs} has no ordered answers in these data")
        at = ordinal.names.index(row.lhs)
        return float(ordinal.thresholds[sum(ordinal.n_thresholds[:at]) + threshold_rank(row) - 1])

    def gamma(self, kind: str) -> Array:
        """Return N times the asymptotic covariance matrix of ``statistics`` (k, k), 0 for what is given.

        Parameters
        ----------
        kind : {"normal", "adf"}
            By normal theory at the sample moments, or without assuming a distribution.

        Raises
        ------
        DataError
            "adf" without rows.

        """
        means = self.model.meanstructure
        if self.moments.ordinal is not None:
            return np.asarray(self.moments.ordinal.gamma / np.outer(self.metric, self.metric))
        if self.moments.gamma is not None:
            return np.asarray(self.moments.gamma / np.outer(self.metric, self.metric))
        if kind == "normal":
            return normal_gamma(self.scaled_covariance, means=means, given=self.fixed_variables)
        gamma = adf_gamma(
            self.scaled_rows, means=means, given=self.fixed_variables, clusters=self.moments.clusters
        )
        return self._as_mplus(gamma) if self.mplus else gamma

    @property
    def scaled_rows(self) -> Array:
        """The rows on the kernel's metric (n, p)."""
        if self.moments.data is None:
            raise DataError(
                "weights, standard errors and tests that do not assume normal data need the rows, not only their "
                "covariances; give data, or use estimator='ML' with se='standard'"
            )
        return np.asarray((self.moments.data - self.model.center) / self.model.sd)

    def _as_mplus(self, gamma: Array) -> Array:
        """Return the asymptotic covariances with unbiased covariances in their place, as Mplus has them."""
        if self.fixed_variables.any():
            return gamma
        i, j = half(len(self.model.sd))
        rows = self.scaled_rows
        biased = np.cov(rows.T, bias=True).reshape(len(self.model.sd), -1)[i, j]
        shrink = (len(rows) - 1.0) / len(rows)
        gamma, first = gamma.copy(), len(gamma) - len(biased)
        gamma[first:, first:] -= np.outer(biased, biased) * (1.0 / shrink**2 - 1.0)
        gamma[:first, first:] *= shrink
        gamma[first:, :first] *= shrink
        return gamma
