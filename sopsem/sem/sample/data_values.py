"""Columns of a data frame as numbers, with checks that name the item, the row and what to do."""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import DataError, ModelError, UsageError

__all__ = [
    "CONSTANT",
    "LARGEST",
    "SINGULAR",
    "check_positive_definite",
    "check_rows",
    "missing_columns",
    "numeric_values",
]

Array = NDArray[np.float64]

CONSTANT = 1e-10  # standard deviation below this share of the largest absolute value counts as constant
SINGULAR = 1e-8  # smallest eigenvalue of the correlation matrix
LARGEST = 1e150  # squares of larger numbers overflow
LISTED = 20  # problems named in one message


def missing_columns(names: Sequence[str], known: Sequence[str], where: str) -> ModelError:
    """Build the error that names variables which the data do not have, with the nearest names."""
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


def numeric_values(data: pd.DataFrame, names: Sequence[str]) -> Array:
    """Return ``data[names]`` as numbers, (n, p), with NaN where a value is missing.

    Raises
    ------
    UsageError
        ``data`` is not a data frame.
    ModelError
        A variable of the model is not a column.
    DataError
        A column is not numeric, stands twice or has infinite values.

    Examples
    --------
    >>> numeric_values(pd.DataFrame({"a": [1, None], "b": [2.0, 3.0]}), ["b", "a"]).tolist()
    [[2.0, 1.0], [3.0, nan]]

    """
    if not isinstance(data, pd.DataFrame):
        raise UsageError(f"data is a {type(data).__name__}; give a DataFrame with a column per variable")
    absent = [v for v in names if v not in data.columns]
    if absent:
        raise missing_columns(absent, [str(c) for c in data.columns], "the data frame")
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
    return values


def _numeric(column: pd.Series, name: str) -> Array:
    if isinstance(column.dtype, pd.CategoricalDtype):
        how = f"data[{name!r}].cat.codes gives the place in its order, -1 where missing"
        hint = how if column.dtype.ordered else "its order may be alphabetical"
        raise DataError(f"column {name!r} is categorical; convert it to numbers ({hint})")
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


def check_rows(used: Array, values: Array, names: Sequence[str]) -> None:
    """Raise DataError when the rows used (n, p) of all rows cannot carry a covariance matrix."""
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
    if off[i, j] > 1.0 + 10.0 * SINGULAR:
        detail = (
            f"the correlation of {names[i]!r} and {names[j]!r} would be {correlation[i, j]:.6f}, and no data have "
            "one beyond 1; check the numbers and their divisor"
        )
    elif off[i, j] > 1.0 - 10.0 * SINGULAR:
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
