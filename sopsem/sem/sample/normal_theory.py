"""Normal theory of means and vech(S): weights, asymptotic covariances, and those without a distribution."""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.structure import half

__all__ = [
    "adf_gamma",
    "case_deviations",
    "casewise_moments",
    "cluster_sums",
    "normal_gamma",
    "normal_weight",
]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def _parts(covariance_block: Array, mean_block: Array, *, means: bool) -> Array:
    if not means:
        return covariance_block
    p, k = len(mean_block), len(mean_block) + len(covariance_block)
    full = np.zeros((k, k))
    full[:p, :p], full[p:, p:] = mean_block, covariance_block
    return full


def normal_gamma(covariance: Array, *, means: bool, given: Mask | None = None) -> Array:
    """Return N times the covariance matrix of (mean, vech S) of normal data, (k, k).

    Cov(s_ij, s_kl) = s_ik s_jl + s_il s_jk, Cov(means) = S; vech goes column by column (Browne, 1974).  Given
    the variables ``given`` (p,), what these explain has no sampling variance: with R the part of S that they
    explain, the matrix is that of S minus that of R.

    Examples
    --------
    >>> normal_gamma(np.array([[2.0]]), means=True).tolist()
    [[2.0, 0.0], [0.0, 8.0]]

    """
    block, own = _products(covariance), covariance
    if given is not None and given.any():
        across = covariance[:, given]
        explained = across @ np.linalg.solve(covariance[np.ix_(given, given)], across.T)
        block, own = block - _products(explained), covariance - explained
    return _parts(block, own, means=means)


def _products(s: Array) -> Array:
    """Return s_ik s_jl + s_il s_jk for the elements ij and kl of the lower triangle."""
    i, j = half(len(s))
    return np.asarray(s[np.ix_(i, i)] * s[np.ix_(j, j)] + s[np.ix_(i, j)] * s[np.ix_(j, i)])


def normal_weight(covariance: Array, *, means: bool) -> Array:
    """Return the inverse of ``normal_gamma``: D'(S^-1 x S^-1)D / 2 for vech S, S^-1 for the means, (k, k)."""
    i, j = half(len(covariance))
    w = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
    block = w[np.ix_(i, i)] * w[np.ix_(j, j)] + w[np.ix_(i, j)] * w[np.ix_(j, i)]
    doubled = np.where(i == j, 0.5, 1.0)  # an element off the diagonal stands for two of the matrix
    return _parts(block * np.outer(doubled, doubled), w, means=means)


def casewise_moments(rows: Array, mean: Array, *, means: bool) -> Array:
    """Return what every row (n, p) contributes to means and vech S, (n, k)."""
    i, j = half(rows.shape[1])
    centred = rows - mean
    products = centred[:, i] * centred[:, j]
    return np.column_stack([rows, products]) if means else products


def case_deviations(rows: Array, *, means: bool, given: Mask | None = None) -> Array:
    """Return how far every row's contribution to (mean, vech S) is from the average, (n, k).

    Given the variables ``given`` (p,), the contribution of the values that these predict is taken away.
    """
    z = casewise_moments(rows, rows.mean(axis=0), means=means)
    if given is not None and given.any():
        design = np.column_stack([np.ones(len(rows)), rows[:, given]])
        fitted = rows.copy()
        fitted[:, ~given] = design @ np.linalg.lstsq(design, rows[:, ~given])[0]
        z = z - casewise_moments(fitted, fitted.mean(axis=0), means=means)
    return np.asarray(z - z.mean(axis=0))


def cluster_sums(values: Array, clusters: NDArray[np.intp]) -> Array:
    """Return the sums of rows (n, k) by cluster, (c, k), times sqrt(c / (c - 1)) for the number of clusters."""
    _, place = np.unique(clusters, return_inverse=True)
    sums = np.zeros((int(place.max()) + 1, values.shape[1]))
    np.add.at(sums, place, values)
    return np.asarray(sums * np.sqrt(len(sums) / (len(sums) - 1.0)))


def adf_gamma(
    rows: Array, *, means: bool, given: Mask | None = None, clusters: NDArray[np.intp] | None = None
) -> Array:
    """Return N times the asymptotic covariance matrix of (mean, vech S) without assuming a distribution.

    Cov(s_ij, s_kl) = m_ijkl - s_ij s_kl with fourth central moments m, divisor N (Browne, 1984); rows of one
    cluster are summed first.
    """
    z = case_deviations(rows, means=means, given=given)
    if clusters is not None:
        z = cluster_sums(z, clusters)
    return np.asarray(z.T @ z / len(rows))
