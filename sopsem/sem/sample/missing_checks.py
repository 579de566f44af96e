"""What incomplete data must allow before their saturated model can be estimated; each refusal names variables."""

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import DataError
from sopsem.sem.sample.data_values import CONSTANT, LARGEST, SINGULAR, check_positive_definite
from sopsem.sem.sample.patterns import MissingPatterns

__all__ = ["check_bounded", "check_identified", "check_spread", "correlation_matrix"]

Array = NDArray[np.float64]


def check_identified(patterns: MissingPatterns) -> None:
    """Raise DataError naming the variables that no row observes together.

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> found = patterns_from_values(np.array([[1.0, np.nan], [np.nan, 2.0]]), ["a", "b"])
    >>> check_identified(found)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    sopsem.errors.DataError: no row has values of both 'a' and 'b', so ...

    """
    never = np.argwhere(np.triu(patterns.coverage == 0.0))
    if len(never):
        pairs = [f"{patterns.names[i]!r} and {patterns.names[j]!r}" for i, j in never[:10]]
        more = f" ({len(never) - 10} more pairs)" if len(never) > 10 else ""
        raise DataError(
            f"no row has values of both {', nor of both '.join(pairs)}{more}, so their covariance cannot be "
            "estimated; drop one of them, or use a method that does not need the saturated model"
        )


def check_spread(patterns: MissingPatterns, centre: Array, variance: Array) -> None:
    """Raise DataError naming variables that are constant where observed, or whose squares overflow.

    ``centre`` and ``variance`` are of the observed values, (p,).

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> found = patterns_from_values(np.array([[3.0], [3.0]]), ["a"])
    >>> check_spread(found, np.array([3.0]), np.array([0.0]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    sopsem.errors.DataError: variable(s) 'a' are constant where observed, ...

    """
    size = np.maximum(np.abs(centre), np.sqrt(variance))
    if (huge := ~(size < LARGEST)).any():
        raise DataError(
            f"column {patterns.names[int(huge.argmax())]!r} holds numbers beyond {LARGEST:g}; change its unit"
        )
    constant = np.sqrt(variance) <= CONSTANT * np.maximum(size, 1e-300)
    if constant.any():
        found = [repr(v) for v, c in zip(patterns.names, constant, strict=True) if c]
        raise DataError(
            f"variable(s) {', '.join(found)} are constant where observed, or vary by less than {CONSTANT:g} of "
            "their size; drop them from the model, or subtract a constant from them"
        )


def correlation_matrix(covariance: Array) -> Array:
    """Return the correlation matrix of a covariance matrix.

    Examples
    --------
    >>> correlation_matrix(np.array([[4.0, 1.0], [1.0, 1.0]])).tolist()
    [[1.0, 0.5], [0.5, 1.0]]

    """
    sd = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(sd, sd))


def check_bounded(patterns: MissingPatterns, covariance: Array) -> None:
    """Raise DataError when a matrix is singular in what some row observes: the likelihood rises there for ever.

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> found = patterns_from_values(np.array([[1.0, 2.0], [2.0, 4.0]]), ["a", "b"])
    >>> check_bounded(found, np.array([[1.0, 2.0], [2.0, 4.0]]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    sopsem.errors.DataError: the likelihood of the saturated model has no maximum: 2 row(s) observe ...

    """
    both = patterns.observed[:, :, None] & patterns.observed[:, None, :]
    padded = np.where(both, correlation_matrix(covariance), np.eye(len(covariance)))
    smallest = np.linalg.eigvalsh(padded)[:, 0]
    if smallest.min() > SINGULAR:
        return
    seen = np.flatnonzero(patterns.observed[smallest.argmin()])
    names = [patterns.names[k] for k in seen]
    rows = patterns.count[patterns.observed[:, seen].all(axis=1)].sum()
    if rows > len(seen):
        check_positive_definite(covariance[np.ix_(seen, seen)], names)
    raise DataError(
        f"the likelihood of the saturated model has no maximum: {rows:g} row(s) observe all of "
        f"{', '.join(map(repr, names))}, too few to keep their covariance matrix positive definite. "
        "Collect more data or use fewer variables"
    )
