"""Maximum likelihood: complete rows, or every pattern of observed values by itself."""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel import Likelihood, Objective
from sopsem.sem.estimation.estimators.estimator import ESTIMATORS
from sopsem.sem.estimation.group import Group
from sopsem.sem.estimation.normal_theory import normal_weight

__all__ = ["MaximumLikelihood"]

Array = NDArray[np.float64]


class MaximumLikelihood:
    """F = log|Sigma| + tr(S Sigma^-1) - log|S| - p, with the mean part (Joreskog, 1969)."""

    def objective(self, group: Group) -> Objective:
        """Return the discrepancy as one problem for the minimiser."""
        moments = group.moments
        mean = None if moments.mean is None else moments.mean[None]
        return Likelihood(group.model.layout, group.model.scaled_moments(moments.covariance[None], mean))

    def weight(self, group: Group, covariance: Array) -> Array:
        """Return the normal-theory weight at a covariance matrix on the kernel's metric."""
        return normal_weight(covariance, means=group.model.meanstructure)

    __call__ = weight


ESTIMATORS.register("ML", label="maximum likelihood", source="Joreskog (1969)")(MaximumLikelihood())
