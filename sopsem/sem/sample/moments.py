"""What the estimator sees of the data: two-pass formulas, read-only arrays, checks that name the item."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import DataError
from sopsem.sem.sample.data_values import (
    check_positive_definite,
    check_rows,
    missing_columns,
    numeric_values,
)
from sopsem.sem.sample.em import EMMoments
from sopsem.sem.sample.ordinal_moments import OrdinalMoments
from sopsem.sem.sample.patterns import MissingPatterns

__all__ = [
    "Moments",
    "check_positive_definite",
    "moments_from_covariance",
    "moments_from_data",
    "numeric_values",
]

Array = NDArray[np.float64]

CORRELATIONS = (
    "the covariance matrix given has a diagonal of ones: if it holds correlations, chi2 and standardized "
    "estimates of a scale-free model are right, but standard errors and intervals may be wrong"
)


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Sample moments of one group.

    Attributes
    ----------
    names : tuple of str
        Variables, in the order of the arrays.
    covariance : (p, p) array
        With divisor ``n``.
    mean : (p,) array or None
        None when only a covariance matrix was given.
    n : int
        Observations used.
    notes : tuple of str
        What a reader of the results should know about these moments.
    data : (n, p) array or None
        The rows used, when raw data were given.
    clusters : (n,) int array or None
        Which rows belong together, when the sample is one of clusters.
    rows_given, rows_excluded : int, tuple of int
        Rows of the input, and the positions (from 0) of rows left out because a value is missing.
    positions : (rows_given,) array or None
        Where the rows of a group stand in the data of all groups.
    patterns, saturated : MissingPatterns and EMMoments or None
        Of incomplete rows that are analysed: ``covariance`` and ``mean`` are then the maximum likelihood
        estimates without a model.
    gamma : (k, k) array or None
        N times the covariance matrix of means and vech(covariance), where it is not that of complete rows.
    ordinal : OrdinalMoments or None
        Of data with ordered variables: ``covariance`` is then that of the latent responses.
    sample : (n, c) array or None
        The rows used where ``data`` does not hold all of them: with ordered answers, or with auxiliary
        variables in the columns after those of the model.

    """

    names: tuple[str, ...]
    covariance: Array
    mean: Array | None
    n: int
    data: Array | None = None
    clusters: NDArray[np.intp] | None = None
    rows_given: int = 0
    rows_excluded: tuple[int, ...] = ()
    positions: NDArray[np.intp] | None = None
    notes: tuple[str, ...] = ()
    patterns: MissingPatterns | None = None
    saturated: EMMoments | None = None
    gamma: Array | None = None
    ordinal: OrdinalMoments | None = None
    sample: Array | None = None

    @property
    def full_information(self) -> bool:
        """Whether the patterns themselves are analysed, not the saturated moments made of them."""
        return self.patterns is not None and self.gamma is None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of names and numbers: two fits with the same one saw the same data."""
        digest = sha256("\x1f".join(self.names).encode())
        digest.update(np.ascontiguousarray(self.covariance if self.data is None else self.data).tobytes())
        digest.update(str(self.n).encode())
        return digest.hexdigest()


def _frozen(array: Array) -> Array:
    copy = np.array(array, dtype=np.float64)
    copy.setflags(write=False)
    return copy


def moments_from_data(data: pd.DataFrame, names: Sequence[str]) -> Moments:
    """Return the moments of the complete rows of ``data[names]``.

    Raises
    ------
    ModelError
        A variable of the model is not a column.
    DataError
        A column is not numeric, has infinite values or is constant; too few complete rows; a singular matrix.

    """
    values = numeric_values(data, names)
    complete = ~np.isnan(values).any(axis=1)
    used = values[complete]
    check_rows(used, values, names)
    mean = used.mean(axis=0)
    centred = used - mean
    mean = mean + centred.mean(axis=0)  # second pass: exact to the last bit for large means
    centred = used - mean
    covariance = centred.T @ centred / len(used)
    check_positive_definite(covariance, names)
    return Moments(
        names=tuple(names),
        covariance=_frozen((covariance + covariance.T) / 2.0),
        mean=_frozen(mean),
        n=len(used),
        data=_frozen(used),
        rows_given=len(values),
        rows_excluded=tuple(int(i) for i in np.flatnonzero(~complete)),
    )


def moments_from_covariance(
    sample_cov: pd.DataFrame | Array,
    n_obs: int | None,
    names: Sequence[str],
    *,
    sample_mean: pd.Series | Sequence[float] | None = None,
    divisor_n: bool = False,
) -> Moments:
    """Return moments from a covariance matrix with divisor N - 1 (or N, with ``divisor_n``) and its N.

    Raises
    ------
    DataError
        N is missing or too small, the matrix is not square, symmetric, finite or positive definite.
    ModelError
        A variable of the model has no row in the matrix.

    """
    n = _whole_number(n_obs)
    frame = _square_frame(sample_cov, names)
    absent = [v for v in names if v not in frame.index]
    if absent:
        raise missing_columns(absent, [str(c) for c in frame.index], "the covariance matrix")
    repeated = [v for v in names if list(frame.index).count(v) > 1]
    if repeated:
        raise DataError(f"variable {repeated[0]!r} stands more than once in the covariance matrix; drop one")
    matrix = _as_floats(frame.loc[list(names), list(names)], "the covariance matrix")
    if not np.isfinite(matrix).all():
        raise DataError("the covariance matrix has missing or infinite entries; fill it in completely")
    asymmetric = np.argwhere(
        np.abs(matrix - matrix.T) > 1e-8 * np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)).clip(0))
    )
    if len(asymmetric):
        i, j = asymmetric[0]
        raise DataError(
            f"the covariance matrix is not symmetric at {names[i]!r}, {names[j]!r}; give the full matrix"
        )
    if n <= len(names):
        raise DataError(f"n_obs is {n} for {len(names)} variables; maximum likelihood needs more")
    matrix = (matrix + matrix.T) / 2.0
    check_positive_definite(matrix, names)
    mean = None if sample_mean is None else _checked_mean(sample_mean, names)
    scale = 1.0 if divisor_n else (n - 1) / n
    return Moments(
        names=tuple(names),
        covariance=_frozen(matrix * scale),
        mean=None if mean is None else _frozen(mean),
        n=n,
        notes=(CORRELATIONS,) if (np.diag(matrix) == 1.0).all() else (),
    )


def _whole_number(n_obs: object) -> int:
    if n_obs is None:
        raise DataError("a covariance matrix needs n_obs, the number of observations behind it")
    whole = isinstance(n_obs, (int, float, np.integer, np.floating)) and not isinstance(n_obs, bool)
    if not whole or not np.isfinite(n_obs) or n_obs != int(n_obs):  # type: ignore[call-overload]
        raise DataError(f"n_obs is {n_obs!r}; give the number of observations, a whole number")
    return int(n_obs)  # type: ignore[call-overload, no-any-return]


def _as_floats(values: object, what: str) -> Array:
    try:
        return np.asarray(values, dtype=np.float64)
    except (ValueError, TypeError) as error:
        raise DataError(f"{what} has an entry that is not a number; correct it") from error


def _checked_mean(sample_mean: pd.Series | Sequence[float], names: Sequence[str]) -> Array:
    if isinstance(sample_mean, pd.Series):
        absent = [v for v in names if v not in sample_mean.index]
        if absent:
            raise missing_columns(absent, [str(v) for v in sample_mean.index], "sample_mean")
        sample_mean = sample_mean[list(names)]
    mean = _as_floats(sample_mean, "sample_mean")
    if mean.shape != (len(names),) or not np.isfinite(mean).all():
        raise DataError(
            f"sample_mean must hold {len(names)} finite numbers, one for each of {', '.join(names)}; "
            f"it has the shape {mean.shape}"
        )
    return mean


def _square_frame(sample_cov: pd.DataFrame | Array, names: Sequence[str]) -> pd.DataFrame:
    if isinstance(sample_cov, pd.DataFrame):
        if [str(c) for c in sample_cov.columns] != [str(c) for c in sample_cov.index]:
            raise DataError("the rows and columns of the covariance matrix have different names or orders")
        return sample_cov
    matrix = _as_floats(sample_cov, "the covariance matrix")
    if matrix.shape != (len(names), len(names)):
        raise DataError(
            f"the covariance matrix has shape {matrix.shape} for {len(names)} variables; "
            f"give a DataFrame with names, or an array in the order {', '.join(names)}"
        )
    return pd.DataFrame(matrix, index=list(names), columns=list(names))
