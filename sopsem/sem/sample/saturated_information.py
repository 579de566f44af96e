"""Information about means and covariances in incomplete data: expected, observed, first-order; two-stage moments.

Every matrix is per row and in the order (mu, vech Sigma), the lower triangle column by column.  At the moments of
``em_moments`` they are lavaan's ``h1.information = "unstructured"``, at model-implied ones its ``"structured"``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ConvergenceError, DataError, ModelError, UsageError
from sopsem.sem.sample.data_values import check_positive_definite
from sopsem.sem.sample.em import EMMoments, em_moments
from sopsem.sem.sample.missing_likelihood import casewise_scores, likelihood_point, vech
from sopsem.sem.sample.patterns import MissingPatterns

__all__ = [
    "TwoStageMoments",
    "expected_information",
    "first_order_information",
    "observed_information",
    "two_stage_moments",
]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class TwoStageMoments:
    """First-stage moments of two-stage maximum likelihood, and how precisely they are known.

    Attributes
    ----------
    names : tuple of str
        The p variables.
    mean, covariance : (p,), (p, p) arrays
        Maximum likelihood moments of the unrestricted model.
    gamma : (q, q) array, q = p + p(p + 1)/2
        Asymptotic covariance matrix of sqrt(n) (mean, vech covariance).
    n : float
        Rows with at least one value.

    """

    names: tuple[str, ...]
    mean: Array
    covariance: Array
    gamma: Array
    n: float

    def marginal(self, names: Sequence[str]) -> "TwoStageMoments":
        """Return the moments of some of the variables, in the order of ``names``.

        With auxiliary variables in the first stage, this leaves the variables of the model (Savalei & Bentler,
        2009); what the auxiliary ones tell about missing values stays in the numbers.

        Raises
        ------
        ModelError
            A name is not among the variables, or stands twice.

        """
        absent = [v for v in names if v not in self.names]
        if absent or len(set(names)) < len(names):
            raise ModelError(
                f"{', '.join(map(repr, absent or names))}: give each name once, out of {', '.join(self.names)}"
            )
        at = np.array([self.names.index(v) for v in names], dtype=np.intp)
        p = len(self.names)
        i, j = np.triu_indices(len(at))
        rows = np.concatenate([at, p + _pair_numbers(p)[at[i], at[j]]])
        return TwoStageMoments(
            names=tuple(names),
            mean=_frozen(self.mean[at]),
            covariance=_frozen(self.covariance[np.ix_(at, at)]),
            gamma=_frozen(self.gamma[np.ix_(rows, rows)]),
            n=self.n,
        )


def _frozen(array: Array) -> Array:
    array.setflags(write=False)
    return array


def _pair_numbers(p: int) -> NDArray[np.intp]:
    """Return the place of each pair of variables in vech, (p, p)."""
    number = np.zeros((p, p), dtype=np.intp)
    i, j = np.triu_indices(p)
    number[i, j] = number[j, i] = np.arange(len(i))
    return number


def _quadratic(count: Array, first: Array, second: Array) -> Array:
    """Return D'(sum count first (x) second)D / 2 for symmetric (P, p, p) arrays, D the duplication matrix."""
    p = first.shape[1]
    i, j = np.triu_indices(p)
    number = _pair_numbers(p)
    cross = (count[:, None] * vech(first)).T @ vech(second)
    cross = cross + cross.T
    total = cross[number[i[:, None], i], number[j[:, None], j]]
    total += cross[number[j[:, None], i], number[i[:, None], j]]
    once = np.where(i == j, 0.5, 1.0)
    return np.asarray(0.5 * once[:, None] * once * total)


def _mixed(count: Array, inverse: Array, standardized: Array) -> Array:
    """Return D'(sum count standardized (x) inverse), (p(p + 1)/2, p)."""
    p = standardized.shape[1]
    i, j = np.triu_indices(p)
    sums = (count[:, None] * standardized).T @ inverse.reshape(len(count), -1)
    sums = sums.reshape(p, p, p)
    once = np.where(i == j, 0.5, 1.0)
    return np.asarray(once[:, None] * (sums[i, j] + sums[j, i]))


def observed_information(patterns: MissingPatterns, mean: Array, covariance: Array) -> Array:
    """Return minus the Hessian of the log-likelihood about (mu, vech Sigma), divided by the number of rows.

    Parameters
    ----------
    patterns : MissingPatterns
    mean, covariance : (p,), (p, p) arrays

    Returns
    -------
    (q, q) array, q = p + p(p + 1)/2

    Raises
    ------
    UsageError, DataError
        As ``likelihood_point``.

    Notes
    -----
    Right under data missing at random, where the expected information is not (Kenward & Molenberghs, 1998).

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> found = patterns_from_values(np.array([[1.0], [3.0]]), ["a"])
    >>> observed_information(found, np.array([2.0]), np.eye(1)).tolist()
    [[1.0, 0.0], [0.0, 0.5]]

    """
    point = likelihood_point(patterns, mean, covariance)
    curved = 2.0 * point.weighted - point.inverse
    mixed = _mixed(point.count, point.inverse, point.standardized)
    means = np.einsum("k,kij->ij", point.count, point.inverse, optimize=True)
    whole = np.block([[means, mixed.T], [mixed, _quadratic(point.count, curved, point.inverse)]])
    return np.asarray(whole / patterns.n)


def expected_information(patterns: MissingPatterns, mean: Array, covariance: Array) -> Array:
    """Return the expected information about (mu, vech Sigma) of one row, given the patterns.

    Means and covariances are uncorrelated in it, which is right when data are missing completely at random.

    Raises
    ------
    UsageError, DataError
        As ``likelihood_point``.

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> found = patterns_from_values(np.array([[1.0], [3.0]]), ["a"])
    >>> expected_information(found, np.array([0.0]), 2.0 * np.eye(1)).tolist()
    [[0.5, 0.0], [0.0, 0.125]]

    """
    point = likelihood_point(patterns, mean, covariance)
    p = len(patterns.names)
    whole = np.zeros((p + p * (p + 1) // 2,) * 2)
    whole[:p, :p] = np.einsum("k,kij->ij", point.count, point.inverse, optimize=True)
    whole[p:, p:] = _quadratic(point.count, point.inverse, point.inverse)
    return whole / patterns.n


def first_order_information(patterns: MissingPatterns, mean: Array, covariance: Array) -> Array:
    """Return the mean cross-product of the casewise scores about (mu, vech Sigma).

    In a resample each row counts as often as it was drawn.

    Raises
    ------
    UsageError, DataError
        As ``likelihood_point``.

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> found = patterns_from_values(np.array([[1.0], [3.0]]), ["a"])
    >>> first_order_information(found, np.array([2.0]), np.eye(1)).tolist()
    [[1.0, 0.0], [0.0, 0.0]]

    """
    scores = casewise_scores(patterns, mean, covariance)
    return np.asarray(scores.T @ (patterns.weights[:, None] * scores) / patterns.n)


def two_stage_moments(
    patterns: MissingPatterns,
    *,
    robust: bool = False,
    information: Literal["observed", "expected"] = "observed",
    moments: EMMoments | None = None,
) -> TwoStageMoments:
    """Return the first stage of two-stage maximum likelihood: moments, and their covariance matrix Gamma.

    Parameters
    ----------
    patterns : MissingPatterns
        Of the variables of the model and of any auxiliary variables.
    robust : bool
        False: Gamma = A^-1 (``missing = "two.stage"``).  True: A^-1 B A^-1 with B the first-order information,
        right without normality (``"robust.two.stage"``).
    information : {"observed", "expected"}
        What A is; both are taken at the first-stage moments.
    moments : EMMoments, optional
        Of the same patterns, when they are known already.

    Raises
    ------
    UsageError
        ``information`` is neither, or ``moments`` are of other variables.
    ConvergenceError
        The first stage did not converge.
    DataError
        As ``em_moments``; or the first-stage covariance or information matrix is not positive definite.

    Notes
    -----
    Savalei & Bentler (2009) for normal data, Savalei & Falk (2014) for the robust form.

    Examples
    --------
    >>> from sopsem.sem.sample.patterns import patterns_from_values
    >>> rows = [[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, 4.0], [5.0, np.nan]]
    >>> found = two_stage_moments(patterns_from_values(np.array(rows), ["a", "b"]))
    >>> found.gamma.shape, found.marginal(["b"]).gamma.shape
    ((5, 5), (2, 2))

    """
    if information not in {"observed", "expected"}:
        raise UsageError(f"information is {information!r}; give 'observed' or 'expected'")
    found = em_moments(patterns) if moments is None else moments
    if found.names != patterns.names:
        raise UsageError(f"moments are of {', '.join(found.names)}, patterns of {', '.join(patterns.names)}")
    check_positive_definite(found.covariance, found.names)
    if not found.converged:
        raise ConvergenceError(
            f"the moments of the saturated model did not converge in {found.iterations} steps (the next would "
            f"move by {found.change:.1e} standard deviations); drop variables with few values"
        )
    about = observed_information if information == "observed" else expected_information
    return TwoStageMoments(
        names=found.names,
        mean=found.mean,
        covariance=found.covariance,
        gamma=_frozen(_gamma(patterns, found, about(patterns, found.mean, found.covariance), robust=robust)),
        n=found.n,
    )


def _gamma(patterns: MissingPatterns, found: EMMoments, bread: Array, *, robust: bool) -> Array:
    """Invert the information in units of standard deviations, so that scales do not decide its condition."""
    sd = np.sqrt(np.diag(found.covariance))
    unit = np.concatenate([sd, vech(np.outer(sd, sd))])
    scale = np.outer(unit, unit)
    try:
        factor = np.linalg.cholesky(bread * scale)
    except np.linalg.LinAlgError as error:
        raise DataError(
            f"the data carry too little information about the covariances of {', '.join(found.names)}: the "
            "information matrix of the saturated model is not positive definite. Drop variables with few values"
        ) from error
    half = np.linalg.inv(factor)
    inverse = half.T @ half
    if robust:
        meat = first_order_information(patterns, found.mean, found.covariance) * scale
        inverse = inverse @ meat @ inverse
    return np.asarray(0.5 * (inverse + inverse.T) * scale)
