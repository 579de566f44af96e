"""Maximum of the likelihood of incomplete data over a factor F of Sigma = F F'.

When no row observes all variables, the maximum may be at a singular matrix, along whose edge steps on Sigma itself
creep.  In F the edge is an ordinary place, so a quasi-Newton method passes it (Pourahmadi, 1999, on factors).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from sopsem.sem.sample.missing_likelihood import point_or_error
from sopsem.sem.sample.patterns import PatternStatistics

__all__ = ["climb_factor"]

Array = NDArray[np.float64]

FLOOR = 1e-9  # added to the diagonal of Sigma, in units of the variables, so that it keeps a factor


def climb_factor(
    patterns: PatternStatistics, mean: Array, covariance: Array, most: int
) -> tuple[Array, Array, int]:
    """Return the mean and covariance matrix of the highest likelihood found, and the steps taken.

    Parameters
    ----------
    patterns : PatternStatistics
        Of variables with standard deviations about 1.
    mean, covariance : (p,), (p, p) arrays
        Where to start; positive definite.
    most : int
        Steps at most.

    Notes
    -----
    With G = d log L / d Sigma the slope of the factor is 2 G F.  Sigma keeps ``1e-9`` on its diagonal.

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> found = patterns_from_values(np.array([[-1.0, 1.0], [0.5, 0.5], [0.5, -1.5]]), ["a", "b"])
    >>> mean, covariance, _ = climb_factor(found, np.ones(2), np.eye(2), 100)
    >>> covariance.round(4).tolist()
    [[0.5, -0.5], [-0.5, 1.1667]]

    """
    p, n = len(mean), float(patterns.count.sum())
    lower, floor = np.tril_indices(p), FLOOR * np.eye(p)

    def moments(z: Array) -> tuple[Array, Array]:
        factor = np.zeros((p, p))
        factor[lower] = z[p:]
        return factor, factor @ factor.T + floor

    def objective(z: Array) -> tuple[float, Array]:
        factor, sigma = moments(z)
        try:
            point = point_or_error(patterns, z[:p], sigma)
        except np.linalg.LinAlgError:  # beyond the digits of a double: the line search turns back
            return np.inf, np.zeros_like(z)
        slope = np.concatenate([point.mean_slope, (2.0 * point.covariance_slope @ factor)[lower]])
        return -point.log_likelihood / n, -slope / n

    start = np.concatenate([mean, np.linalg.cholesky(covariance)[lower]])
    options = {"maxiter": most, "maxfun": 2 * most, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 30}
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options=options)
    return found.x[:p], moments(found.x)[1], int(found.nit)
