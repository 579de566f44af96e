"""Normal theory of means and vech(S): weights, asymptotic covariances, and those without a distribution."""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.structure import half

__all__ = ["adf_gamma", "casewise_moments", "normal_gamma", "normal_weight"]

Array = NDArray[np.float64]


def _parts(covariance_block: Array, mean_block: Array, *, means: bool) -> Array:
    if not means:
        return covariance_block
    p, k = len(mean_block), len(mean_block) + len(covariance_block)
    full = np.zeros((k, k))
    full[:p, :p], full[p:, p:] = mean_block, covariance_block
    return full


def normal_gamma(covariance: Array, *, means: bool) -> Array:
    """Return N times the covariance matrix of (mean, vech S) of normal data, (k, k).

    Cov(s_ij, s_kl) = s_ik s_jl + s_il s_jk, Cov(means) = S; vech goes column by column (Browne, 1974).

    Examples
    --------
    >>> normal_gamma(np.array([[2.0]]), means=True).tolist()
    [[2.0, 0.0], [0.0, 8.0]]

    """
    i, j = half(len(covariance))
    s = covariance
    block = s[np.ix_(i, i)] * s[np.ix_(j, j)] + s[np.ix_(i, j)] * s[np.ix_(j, i)]
    return _parts(block, s, means=means)


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


def adf_gamma(rows: Array, *, means: bool) -> Array:
    """Return N times the asymptotic covariance matrix of (mean, vech S) without assuming a distribution.

    Cov(s_ij, s_kl) = m_ijkl - s_ij s_kl with fourth central moments m, divisor N (Browne, 1984).
    """
    z = casewise_moments(rows, rows.mean(axis=0), means=means)
    z = z - z.mean(axis=0)
    return np.asarray(z.T @ z / len(z))
