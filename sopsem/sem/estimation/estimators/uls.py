"""Unweighted least squares: all moments count alike, in the metric of the data."""

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.estimators.estimator import least_squares
from sopsem.sem.estimation.group import Group

__all__ = ["uls"]


@least_squares("ULS", label="unweighted least squares", source="Bollen (1989)")
def uls(group: Group) -> NDArray[np.float64]:
    """Return the identity in the metric of the data."""
    return np.diag(group.metric**2)
