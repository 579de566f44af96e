"""Weighted least squares: asymptotically distribution free, the full weight matrix."""

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import DataError
from sopsem.sem.estimation.estimators.estimator import least_squares
from sopsem.sem.estimation.group import Group

__all__ = ["wls"]

SINGULAR = 1e-12  # least eigenvalue of the correlation matrix of the moments


@least_squares("WLS", label="weighted least squares (ADF)", source="Browne (1984)")
def wls(group: Group) -> NDArray[np.float64]:
    """Return the inverse of the asymptotic covariance matrix of the moments, 0 for what is given.

    Raises
    ------
    DataError
        Fewer rows than moments, or moments that depend on each other: the matrix has no inverse.

    """
    free = np.flatnonzero(~group.given)
    gamma = group.gamma("adf")[np.ix_(free, free)]
    sd = np.sqrt(np.diag(gamma))
    least = np.linalg.eigvalsh(gamma / np.outer(sd, sd))[0] if (sd > 0.0).all() else 0.0
    if least < SINGULAR:
        raise DataError(
            f"estimator='WLS' needs the inverse of the covariance matrix of {len(gamma)} moments, which is "
            f"singular with {group.moments.n} rows; use more rows, 'DWLS' or 'ULS'"
        )
    weight = np.zeros((len(group.given), len(group.given)))
    weight[np.ix_(free, free)] = np.linalg.inv(gamma)
    return weight
