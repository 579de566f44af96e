"""The normal log-likelihood of incomplete data at any mean and covariance matrix, with its slopes.

For a row with observed variables o: -2 log L = p_o log(2 pi) + log det Sigma_oo + (y - mu)' Sigma_oo^-1 (y - mu)
(Little & Rubin, 2019).  Sigma_oo^-1 of every pattern is kept as one (P, p, p) array, 0 at missing variables, so
sums over patterns are matrix products.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import DataError, UsageError
from sopsem.sem.sample.data_values import check_positive_definite
from sopsem.sem.sample.patterns import MissingPatterns, PatternStatistics

__all__ = [
    "LikelihoodPoint",
    "casewise_scores",
    "likelihood_point",
    "log_likelihood",
    "point_or_error",
    "vech",
]

Array = NDArray[np.float64]

LOG_2PI = float(np.log(2.0 * np.pi))
BLOCK = 2**22  # numbers held at once in casewise work


@dataclass(frozen=True, kw_only=True)
class LikelihoodPoint:
    """The log-likelihood of incomplete data at one mean and covariance matrix, and what its slopes need.

    Attributes
    ----------
    log_likelihood : float
        With all constants.
    mean_slope : (p,) array
        d log L / d mu.
    covariance_slope : (p, p) array
        Symmetric G with d log L = tr(G dSigma).
    count : (P,) array
        Rows of each pattern.
    inverse : (P, p, p) array
        Sigma_oo^-1 of each pattern, 0 at missing variables.
    standardized : (P, p) array
        Sigma_oo^-1 (mean - mu) of each pattern.
    weighted : (P, p, p) array
        Sigma_oo^-1 (covariance + (mean - mu)(mean - mu)') Sigma_oo^-1 of each pattern.

    """

    log_likelihood: float
    mean_slope: Array
    covariance_slope: Array
    count: Array
    inverse: Array
    standardized: Array
    weighted: Array

    def hessian_product(self, mean: Array, covariance: Array) -> tuple[Array, Array]:
        """Return how ``mean_slope`` and ``covariance_slope`` change along (mean, covariance): H times a vector.

        The Hessian itself, (p + p(p + 1)/2) squared, is never formed, so that many variables cost no memory.
        """
        p = len(mean)
        scaled = self.count[:, None, None] * self.inverse
        left = (scaled.reshape(-1, p) @ covariance).reshape(-1, p, p)
        right = self.weighted - 0.5 * self.inverse
        inner = left.transpose(1, 0, 2).reshape(p, -1) @ right.reshape(-1, p)
        outer = (scaled @ mean).T @ self.standardized
        both = inner + outer
        along = self.standardized @ covariance + mean
        return -np.einsum("kij,kj->i", scaled, along), -0.5 * (both + both.T)


def _inverses(patterns: PatternStatistics, covariance: Array) -> tuple[Array, Array]:
    """Return Sigma_oo^-1 of each pattern, 0 at missing variables, and the log determinants.

    Raises ``numpy.linalg.LinAlgError`` when Sigma is not positive definite.
    """
    np.linalg.cholesky(covariance)  # Sigma_oo alone may be definite when Sigma is not
    both = patterns.observed[:, :, None] & patterns.observed[:, None, :]
    padded = np.where(both, covariance, np.eye(len(covariance)))
    factor = np.linalg.cholesky(padded)
    logdet = 2.0 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
    inverse = np.linalg.inv(padded)
    return np.where(both, 0.5 * (inverse + inverse.transpose(0, 2, 1)), 0.0), logdet


def point_or_error(patterns: PatternStatistics, mean: Array, covariance: Array) -> LikelihoodPoint:
    """Return ``likelihood_point`` without its checks, for iterations that try matrices.

    Raises
    ------
    numpy.linalg.LinAlgError
        The covariance matrix is not positive definite: take a shorter step.

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> found = patterns_from_values(np.array([[1.0, 2.0], [3.0, np.nan]]), ["a", "b"])
    >>> round(point_or_error(found, np.array([1.0, 2.0]), np.eye(2)).log_likelihood, 6)
    -4.756816

    """
    inverse, logdet = _inverses(patterns, covariance)
    away = np.where(patterns.observed, patterns.mean - mean, 0.0)
    standardized = np.matmul(inverse, away[:, :, None])[:, :, 0]
    weighted = np.matmul(np.matmul(inverse, patterns.covariance), inverse)
    weighted += standardized[:, :, None] * standardized[:, None, :]
    distance = np.einsum("kij,kij->k", inverse, patterns.covariance)
    distance += np.einsum("ki,ki->k", standardized, away)
    each = patterns.observed.sum(axis=1) * LOG_2PI + logdet + distance
    count = patterns.count
    slope = np.einsum("k,kij->ij", count, weighted - inverse, optimize=True)
    return LikelihoodPoint(
        log_likelihood=-0.5 * float(count @ each),
        mean_slope=count @ standardized,
        covariance_slope=0.25 * (slope + slope.T),  # symmetric to the last bit: conjugate gradients need it
        count=count,
        inverse=inverse,
        standardized=standardized,
        weighted=weighted,
    )


def _checked(patterns: MissingPatterns, mean: Array, covariance: Array) -> tuple[Array, Array]:
    p = len(patterns.names)
    mean, covariance = np.asarray(mean, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    if mean.shape != (p,) or covariance.shape != (p, p):
        raise UsageError(
            f"mean and covariance have shapes {mean.shape} and {covariance.shape}; the patterns have "
            f"{p} variable(s)"
        )
    if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
        raise UsageError("mean or covariance has a missing or infinite entry; give finite numbers")
    return mean, covariance


def _not_definite(patterns: MissingPatterns, covariance: Array) -> DataError:
    """Return the error of a matrix without Cholesky factor; ``check_positive_definite`` names variables."""
    check_positive_definite(covariance, patterns.names)
    return DataError(
        f"the covariance matrix of {', '.join(map(repr, patterns.names))} is not positive definite, so the "
        "data have no density under it"
    )


def likelihood_point(patterns: MissingPatterns, mean: Array, covariance: Array) -> LikelihoodPoint:
    """Return the log-likelihood of incomplete data at (mean, covariance), with its slopes.

    Parameters
    ----------
    patterns : MissingPatterns
    mean, covariance : (p,), (p, p) arrays

    Raises
    ------
    UsageError
        A shape does not fit, or an entry is not finite.
    DataError
        The covariance matrix is not positive definite.

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> found = patterns_from_values(np.array([[1.0, 2.0], [3.0, np.nan]]), ["a", "b"])
    >>> likelihood_point(found, np.array([1.0, 2.0]), np.eye(2)).mean_slope.tolist()
    [2.0, 0.0]

    """
    mean, covariance = _checked(patterns, mean, covariance)
    try:
        return point_or_error(patterns, mean, covariance)
    except np.linalg.LinAlgError as error:
        raise _not_definite(patterns, covariance) from error


def log_likelihood(patterns: MissingPatterns, mean: Array, covariance: Array) -> float:
    """Return the normal log-likelihood of incomplete data at (mean, covariance), with all constants.

    Raises
    ------
    UsageError, DataError
        As ``likelihood_point``.

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> found = patterns_from_values(np.array([[1.0, 2.0], [3.0, np.nan]]), ["a", "b"])
    >>> round(log_likelihood(found, np.array([1.0, 2.0]), np.eye(2)), 6)
    -4.756816

    """
    return likelihood_point(patterns, mean, covariance).log_likelihood


def _blocks(
    patterns: MissingPatterns, inverse: Array, mean: Array
) -> Iterator[tuple[NDArray[np.intp], Array]]:
    """Yield rows of the data and their Sigma_oo^-1 (y - mu), (rows, p), a block at a time."""
    used = np.flatnonzero(patterns.pattern >= 0)
    size = max(1, BLOCK // len(mean) ** 2)
    for start in range(0, len(used), size):
        rows = used[start : start + size]
        away = np.nan_to_num(patterns.data[rows] - mean)
        yield rows, np.matmul(inverse[patterns.pattern[rows]], away[:, :, None])[:, :, 0]


def casewise_scores(patterns: MissingPatterns, mean: Array, covariance: Array) -> Array:
    """Return the slopes of each row's log-likelihood with respect to (mu, vech Sigma), (n, p + p(p + 1)/2).

    Means come first, then the lower triangle of Sigma column by column, as in lavaan.  A row left out of the
    patterns has zeros: it tells nothing.  Weights do not multiply.

    Raises
    ------
    UsageError, DataError
        As ``likelihood_point``.

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> found = patterns_from_values(np.array([[1.0, 2.0], [3.0, np.nan]]), ["a", "b"])
    >>> casewise_scores(found, np.array([1.0, 2.0]), np.eye(2))[1].tolist()
    [2.0, 0.0, 1.5, 0.0, 0.0]

    """
    mean, covariance = _checked(patterns, mean, covariance)
    try:
        inverse, _ = _inverses(patterns, covariance)
    except np.linalg.LinAlgError as error:
        raise _not_definite(patterns, covariance) from error
    p = len(mean)
    i, j = np.triu_indices(p)
    once = np.where(i == j, 0.5, 1.0)
    expected = inverse[:, i, j]
    found = np.zeros((len(patterns.data), p + len(i)))
    for rows, standardized in _blocks(patterns, inverse, mean):
        found[rows, :p] = standardized
        product = standardized[:, i] * standardized[:, j]
        found[rows, p:] = once * (product - expected[patterns.pattern[rows]])
    return found


def vech(matrix: Array) -> Array:
    """Return the lower triangle of symmetric matrices (..., p, p), column by column.

    Examples
    --------
    >>> vech(np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 5.0], [3.0, 5.0, 6.0]])).tolist()
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]

    """
    i, j = np.triu_indices(matrix.shape[-1])
    return np.asarray(matrix[..., i, j])
