"""Squared Mahalanobis distances of the complete rows of a matrix."""

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

__all__ = ["squared_distances"]

FloatArray = npt.NDArray[np.float64]
DEPENDENT = 1e-10  # smallest eigenvalue of a correlation matrix that is still taken for more than rounding


def squared_distances(values: FloatArray) -> tuple[FloatArray, FloatArray, str]:
    """Return the distances, their p values, and why there are none (or nothing).

    Parameters
    ----------
    values : array (n, k)
        NaN where missing; only complete rows have a distance and enter mean and covariance.

    Returns
    -------
    distances, p : arrays (n,)
        D2 = (x - m)' S^-1 (x - m), covariance with divisor n - 1, and P(chi2_k > D2); NaN in incomplete rows.
    reason : str
        Empty, or why no distance can be computed.

    Examples
    --------
    >>> corners = np.array([[0.0, 0.0], [0.0, 2.0], [2.0, 0.0], [2.0, 2.0], [1.0, np.nan]])
    >>> squared_distances(corners)[0].round(6)
    array([1.5, 1.5, 1.5, 1.5, nan])

    """
    n, k = values.shape
    complete = ~np.isnan(values).any(axis=1)
    empty = np.full(n, np.nan)
    if complete.sum() <= k:
        return empty, empty, f"{complete.sum()} complete rows are too few for a covariance of {k} items"
    rows = values[complete] - values[complete].mean(axis=0)
    spread = rows.std(axis=0, ddof=1)
    if not (spread > 0).all():
        return empty, empty, "an item does not vary among the complete rows"
    rows /= spread
    lengths, axes = np.linalg.eigh(rows.T @ rows / (len(rows) - 1))
    if lengths[0] < DEPENDENT * k:
        return empty, empty, "an item is a sum of others, so distances are not defined"
    distances = empty.copy()
    distances[complete] = np.square(rows @ axes / np.sqrt(lengths)).sum(axis=1)
    return distances, chdtrc(k, distances), ""
