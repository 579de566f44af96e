"""Generalized least squares: the normal-theory weight at the sample moments."""

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.estimators.estimator import least_squares
from sopsem.sem.estimation.group import Group

__all__ = ["gls"]


@least_squares("GLS", label="generalized least squares", source="Browne (1974)")
def gls(group: Group) -> NDArray[np.float64]:
    """Return the inverse of the normal-theory covariance matrix of the moments."""
    return np.asarray(np.linalg.inv(group.gamma("normal")))
