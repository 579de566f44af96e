"""Generalized least squares: the normal-theory weight at the sample moments."""

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.estimators.estimator import least_squares
from sopsem.sem.estimation.group import Group
from sopsem.sem.sample.normal_theory import normal_weight

__all__ = ["gls"]


@least_squares("GLS", label="generalized least squares", source="Browne (1974)")
def gls(group: Group) -> NDArray[np.float64]:
    """Return the inverse of the normal-theory covariance matrix of the moments."""
    means = group.model.meanstructure
    weight = normal_weight(group.scaled_covariance, means=means)
    if means and group.mplus:
        p = len(group.model.sd)
        weight[:p, :p] *= group.moments.n / (group.moments.n - 1.0)
    return weight
