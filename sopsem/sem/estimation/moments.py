"""What the estimator sees of the data: two-pass formulas, read-only arrays, checks that name the item."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import DataError, ModelError, UsageError

__all__ = ["Moments", "check_positive_definite", "moments_from_covariance", "moments_from_data"]

Array = NDArray[np.float64]

CORRELATIONS = (
    "the covariance matrix given has a diagonal of ones: if it holds correlations, chi2 and standardized "
    "estimates of a scale-free model are right, but standard errors and intervals may be wrong"
)

CONSTANT = 1e-10  # standard deviation below this share of the largest absolute value counts as constant
SINGULAR = 1e-8  # smallest eigenvalue of the correlation matrix
LARGEST = 1e150  # squares of larger numbers overflow
LISTED = 20  # problems named in one message


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
    rows_given, rows_excluded : int, tuple of int
        Rows of the input, and the positions (from 0) of rows left out because a value is missing.
    positions : (rows_given,) array or None
        Where the rows of a group stand in the data of all groups.

    """

    names: tuple[str, ...]
    covariance: Array
    mean: Array | None
    n: int
    data: Array | None = None
    rows_given: int = 0
    rows_excluded: tuple[int, ...] = ()
    positions: NDArray[np.intp] | None = None
    notes: tuple[str, ...] = ()

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


def _missing_columns(names: Sequence[str], known: Sequence[str], where: str) -> ModelError:
    parts = []
    for name in names[:LISTED]:
        by_folded = {k.casefold(): k for k in known}
        near = [by_folded[k] for k in get_close_matches(name.casefold(), by_folded, 1, cutoff=0.5)]
        odd = [f"{c!r} is U+{ord(c):04X}" for c in name if ord(c) > 127]
        parts.append(
            f"{name!r}"
            + (f" (did you mean {near[0]!r}?{' ' + '; '.join(odd) if odd else ''})" if near else "")
        )
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ModelError(
        f"the model uses {len(names)} variable(s) that {where} does not have: {', '.join(parts)}{more}. "
        "Correct the name in the model or in the data"
    )


def moments_from_data(data: pd.DataFrame, names: Sequence[str]) -> Moments:
    """Return the moments of the complete rows of ``data[names]``.

    Raises
    ------
    ModelError
        A variable of the model is not a column.
    DataError
        A column is not numeric, has infinite values or is constant; too few complete rows; a singular matrix.

    """
    if not isinstance(data, pd.DataFrame):
        raise UsageError(f"data is a {type(data).__name__}; give a DataFrame with a column per variable")
    absent = [v for v in names if v not in data.columns]
    if absent:
        raise _missing_columns(absent, [str(c) for c in data.columns], "the data frame")
    repeated = [v for v in names if list(data.columns).count(v) > 1]
    if repeated:
        raise DataError(f"column {repeated[0]!r} stands more than once in the data; rename or drop one")
    values = np.column_stack([_numeric(data[v], v) for v in names])
    infinite = np.argwhere(np.isinf(values))
    if len(infinite):
        row, column = infinite[0]
        raise DataError(
            f"{len(infinite)} infinite value(s), the first in column {names[column]!r}, row {row + 1}; "
            "code it as missing or correct it"
        )
    complete = ~np.isnan(values).any(axis=1)
    used = values[complete]
    _check_rows(used, values, names)
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


def _numeric(column: pd.Series, name: str) -> Array:
    if isinstance(column.dtype, pd.CategoricalDtype):
        raise DataError(
            f"column {name!r} is categorical; convert it to numbers (its order may be alphabetical)"
        )
    if pd.api.types.is_complex_dtype(column.dtype):
        raise DataError(f"column {name!r} holds complex numbers; give real ones")
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_numeric_dtype(column.dtype):
        return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    texts = [(row, cell) for row, cell in enumerate(column, start=1) if not _is_scalar_number(cell)]
    if texts:
        # '5' beside 'x' is text only because of 'x', so the cell that no reading makes a number is named
        row, cell = next((each for each in texts if not _reads_as_number(each[1])), texts[0])
        raise DataError(
            f"column {name!r} is not numeric: row {row} holds {str(cell)[:40]!r}; recode it to numbers"
        )
    try:
        numbers = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
        return np.asarray(numbers, dtype=np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise DataError(f"column {name!r} is not numeric; recode it to numbers") from error


def _is_scalar_number(cell: object) -> bool:
    return not isinstance(cell, str) and (np.isscalar(cell) or cell is None or cell is pd.NA)


def _reads_as_number(cell: object) -> bool:
    if not isinstance(cell, str):
        return False
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _check_rows(used: Array, values: Array, names: Sequence[str]) -> None:
    empty = [v for v, column in zip(names, values.T, strict=True) if np.isnan(column).all()]
    if len(values) == 0:
        raise DataError("the data have 0 rows; nothing can be estimated")
    if empty:
        raise DataError(
            f"column(s) {', '.join(map(repr, empty))} hold no value at all; drop the item or supply it"
        )
    n, p = used.shape
    if n <= p:
        counts = np.isnan(values).sum(axis=0)
        worst = f"; {names[int(counts.argmax())]!r} is missing in {counts.max()} rows" if counts.max() else ""
        raise DataError(
            f"{n} complete row(s) of {len(values)} for {p} variables: maximum likelihood needs more rows "
            f"than variables{worst}. Collect more data or use fewer items"
        )
    size = np.abs(used).max(axis=0)
    if (huge := size > LARGEST).any():
        raise DataError(
            f"column {names[int(huge.argmax())]!r} holds numbers beyond {LARGEST:g}; change its unit"
        )
    constant = [
        v for v, s, m in zip(names, used.std(axis=0), size, strict=True) if s <= CONSTANT * max(m, 1e-300)
    ]
    if constant:
        raise _constant(constant, used, names)


def _constant(found: Sequence[str], used: Array, names: Sequence[str]) -> DataError:
    """Say which variables do not vary, or vary too little beside their size to be computed with."""
    spread = dict(zip(names, np.ptp(used, axis=0), strict=True))
    still = [v for v in found if spread[v] == 0.0]
    if still:
        return DataError(f"variable(s) {', '.join(map(repr, still))} are constant; drop them from the model")
    return DataError(
        f"variable(s) {', '.join(map(repr, found))} vary by less than {CONSTANT:g} of their size, too little "
        "for the digits of a double; subtract a constant from them"
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
        raise _missing_columns(absent, [str(c) for c in frame.index], "the covariance matrix")
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
            raise _missing_columns(absent, [str(v) for v in sample_mean.index], "sample_mean")
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


def check_positive_definite(covariance: Array, names: Sequence[str]) -> None:
    """Raise DataError naming the items when a covariance matrix is not (numerically) positive definite."""
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    if not (sd > 0).all():
        bad = [v for v, s in zip(names, sd, strict=True) if not s > 0]
        raise DataError(f"variable(s) {', '.join(map(repr, bad))} have no positive variance")
    correlation = covariance / np.outer(sd, sd)
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2.0)
    if values[0] > SINGULAR:
        return
    off = np.abs(np.triu(correlation, 1))
    i, j = divmod(int(off.argmax()), len(names))
    if off[i, j] > 1.0 - 10.0 * SINGULAR:
        detail = (
            f"{names[i]!r} and {names[j]!r} are the same up to scale "
            f"(correlation {correlation[i, j]:.6f}); drop one"
        )
    else:
        involved = [names[int(k)] for k in np.flatnonzero(np.abs(vectors[:, 0]) > 0.05)]
        detail = f"a linear combination of {', '.join(map(repr, involved))} is constant; drop one of them"
    raise DataError(
        f"the covariance matrix is not positive definite (smallest eigenvalue {values[0]:.2e}): {detail}"
    )
