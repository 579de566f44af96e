"""Diagonally weighted least squares: every moment by its own sampling variance."""

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.estimators.estimator import least_squares
from sopsem.sem.estimation.group import Group

__all__ = ["dwls"]


@least_squares("DWLS", label="diagonally weighted least squares", source="Muthen (1984)")
def dwls(group: Group) -> NDArray[np.float64]:
    """Return the reciprocals of the asymptotic variances of the moments on the diagonal, 0 for what is given."""
    own = np.diag(group.gamma(group.sampling))
    return np.diag(np.where(group.given, 0.0, 1.0 / np.where(group.given, 1.0, own)))
