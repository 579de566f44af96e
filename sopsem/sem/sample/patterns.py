"""Missing-data patterns: all that maximum likelihood needs of incomplete data, and a table to read.

Rows with the same variables observed share one pattern; the normal likelihood of a pattern depends on the data
only through its count, its means and its covariances (Little & Rubin, 2019, chapter 11).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import DataError, ModelError, UsageError
from sopsem.sem.sample.data_values import numeric_values

__all__ = [
    "MissingPatterns",
    "PatternStatistics",
    "coverage",
    "marginal_patterns",
    "missing_patterns",
    "patterns_from_data",
    "patterns_from_values",
    "resampled_patterns",
]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, kw_only=True)
class PatternStatistics:
    """All that the normal likelihood reads of incomplete data.

    Attributes
    ----------
    observed : (P, p) bool array
        Whether a pattern observes a variable.
    count : (P,) array
        Rows of each pattern (the sum of their weights, in a resample).
    mean : (P, p) array
        Means of the observed variables, 0 elsewhere.
    covariance : (P, p, p) array
        Covariances of the observed variables with divisor ``count``, 0 elsewhere.

    """

    observed: NDArray[np.bool_]
    count: Array
    mean: Array
    covariance: Array


@dataclass(frozen=True, kw_only=True)
class MissingPatterns(PatternStatistics):
    """Incomplete data with the sufficient statistics of each pattern.

    Patterns stand in the order of their number of rows, largest first; among equals, the one that observes the
    earlier variables comes first.  A resample keeps the order of the patterns it was drawn from.

    Attributes
    ----------
    observed, count, mean, covariance
        As in ``PatternStatistics``.
    names : tuple of str
        The p variables.
    data : (n, p) array
        All rows given, NaN where missing.
    pattern : (n,) int array
        The pattern of each row; -1 for a row left out, because nothing is observed or its weight is 0.
    weights : (n,) array
        How often each row counts: 1, but in a resample the number of times it was drawn.

    """

    names: tuple[str, ...]
    data: Array
    pattern: Index
    weights: Array

    @property
    def n(self) -> float:
        """Rows with at least one value, each counted by its weight."""
        return float(self.count.sum())

    @cached_property
    def coverage(self) -> Array:
        """Proportion of rows that observe both variables, (p, p)."""
        seen = self.observed.astype(np.float64)
        return _frozen(seen.T @ (self.count[:, None] * seen) / self.count.sum())

    @cached_property
    def rows_empty(self) -> tuple[int, ...]:
        """Positions (from 0) of the rows without any value, which are left out."""
        return tuple(int(i) for i in np.flatnonzero(np.isnan(self.data).all(axis=1)))

    def rows(self, pattern: int) -> Index:
        """Return the positions (from 0) of the rows of one pattern, ascending."""
        return np.flatnonzero(self.pattern == pattern)


def _frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    array.setflags(write=False)
    return array


def patterns_from_data(data: pd.DataFrame, names: Sequence[str]) -> MissingPatterns:
    """Return the missing-data patterns of ``data[names]``.

    Raises
    ------
    UsageError, ModelError, DataError
        As ``numeric_values`` and ``patterns_from_values``.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, None, 4.0, None], "b": [1.0, None, 3.0, 5.0, None]})
    >>> found = patterns_from_data(frame, ["a", "b"])
    >>> found.observed.tolist(), found.count.tolist(), found.rows_empty
    ([[True, True], [True, False], [False, True]], [2.0, 1.0, 1.0], (4,))

    """
    return patterns_from_values(numeric_values(data, names), names)


def patterns_from_values(values: Array, names: Sequence[str]) -> MissingPatterns:
    """Return the missing-data patterns of an (n, p) array with NaN where a value is missing.

    Raises
    ------
    UsageError
        The array has not one column per name.
    DataError
        There is an infinite value, a variable without any value, or no row at all.

    Examples
    --------
    >>> found = patterns_from_values(np.array([[1.0, 2.0], [3.0, np.nan], [5.0, 4.0]]), ["a", "b"])
    >>> found.mean.tolist(), found.coverage.round(2).tolist()
    ([[3.0, 3.0], [3.0, 0.0]], [[1.0, 0.67], [0.67, 0.67]])

    """
    data = np.array(values, dtype=np.float64)
    if data.ndim != 2 or data.shape[1] != len(names) or not names:
        raise UsageError(f"values have shape {data.shape} for {len(names)} name(s); give one column for each")
    if len(data) == 0:
        raise DataError("the data have 0 rows; nothing can be estimated")
    if (infinite := np.isinf(data)).any():
        row, column = np.argwhere(infinite)[0]
        raise DataError(
            f"{infinite.sum()} infinite value(s), the first in column {names[column]!r}, row {row + 1}; "
            "code it as missing or correct it"
        )
    seen = ~np.isnan(data)
    empty = [v for v, column in zip(names, seen.T, strict=True) if not column.any()]
    if empty:
        raise DataError(
            f"column(s) {', '.join(map(repr, empty))} hold no value at all; drop the item or supply it"
        )
    return _assemble(tuple(names), _frozen(data), *_group(seen), np.ones(len(data)))


def _group(seen: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Index]:
    """Return the distinct non-empty rows of ``seen`` in the documented order, and the place of each row."""
    kinds, inverse, count = np.unique(seen, axis=0, return_inverse=True, return_counts=True)
    ascending = np.arange(len(kinds))  # np.unique sorts False before True, first column first
    order = np.lexsort((-ascending, -count))
    order = order[kinds[order].any(axis=1)]
    place = np.full(len(kinds), -1)
    place[order] = np.arange(len(order))
    return kinds[order], place[inverse.reshape(-1)]


def _assemble(
    names: tuple[str, ...], data: Array, observed: NDArray[np.bool_], pattern: Index, weights: Array
) -> MissingPatterns:
    """Compute counts, means and covariances of each pattern, in two passes about a common centre."""
    centre = np.nanmean(data, axis=0)
    order = np.argsort(pattern, kind="stable")
    edges = np.searchsorted(pattern[order], np.arange(len(observed) + 1))
    deviations, shares = np.nan_to_num(data - centre)[order], weights[order]
    total, p = len(observed), len(names)
    count, mean, covariance = np.zeros(total), np.zeros((total, p)), np.zeros((total, p, p))
    for k in range(total):
        rows, w = deviations[edges[k] : edges[k + 1]], shares[edges[k] : edges[k + 1]]
        count[k] = w.sum()
        mean[k] = w @ rows / count[k]
        if len(rows) > 1:
            rows = rows - mean[k]
            covariance[k] = rows.T @ (w[:, None] * rows) / count[k]
    return MissingPatterns(
        names=names,
        observed=_frozen(observed),
        count=_frozen(count),
        mean=_frozen(np.where(observed, mean + centre, 0.0)),
        covariance=_frozen(covariance),
        data=data,
        pattern=_frozen(pattern),
        weights=_frozen(weights),
    )


def resampled_patterns(patterns: MissingPatterns, counts: NDArray[np.generic]) -> MissingPatterns:
    """Return the patterns of a resample in which row i of the data stands ``counts[i]`` times.

    No row is copied, so a bootstrap draw costs a weighted mean and a weighted covariance for each pattern.

    Parameters
    ----------
    patterns : MissingPatterns
    counts : (n,) array
        Not negative; one for each row of the data given, rows without any value included.

    Raises
    ------
    UsageError
        There is not one count for each row, or one is negative or not finite.
    DataError
        The resample holds no value at all, or none of some variable.

    Examples
    --------
    >>> whole = patterns_from_values(np.array([[1.0, 2.0], [3.0, np.nan], [5.0, 4.0]]), ["a", "b"])
    >>> drawn = resampled_patterns(whole, np.array([2, 1, 0]))
    >>> drawn.count.tolist(), drawn.mean.tolist()
    ([2.0, 1.0], [[1.0, 2.0], [3.0, 0.0]])

    """
    weights = np.array(counts, dtype=np.float64)
    if weights.shape != patterns.pattern.shape:
        raise UsageError(f"counts have shape {weights.shape}; give one for each of {len(patterns.data)} rows")
    if not (np.isfinite(weights).all() and (weights >= 0.0).all()):
        raise UsageError("a count is negative or not finite; give how often each row was drawn")
    used = (weights > 0.0) & (patterns.pattern >= 0)
    kept = np.flatnonzero(np.bincount(patterns.pattern[used], minlength=len(patterns.observed)))
    observed = patterns.observed[kept]
    empty = [v for v, column in zip(patterns.names, observed.T, strict=True) if not column.any()]
    if empty:
        raise DataError(f"the resample holds no value of {', '.join(map(repr, empty))}; draw again")
    place = np.full(len(patterns.observed), -1)
    place[kept] = np.arange(len(kept))
    pattern = np.where(used, place[patterns.pattern], -1)
    return _assemble(patterns.names, patterns.data, observed, pattern, weights)


def marginal_patterns(patterns: MissingPatterns, names: Sequence[str]) -> MissingPatterns:
    """Return the patterns of some of the variables, in the order of ``names``; weights are kept.

    Raises
    ------
    ModelError
        A name is not among the variables.

    Examples
    --------
    >>> whole = patterns_from_values(np.array([[1.0, 2.0], [3.0, np.nan], [5.0, 4.0]]), ["a", "b"])
    >>> marginal_patterns(whole, ["b"]).count.tolist()
    [2.0]

    """
    absent = [v for v in names if v not in patterns.names]
    if absent:
        raise ModelError(f"{absent[0]!r} is not one of the variables {', '.join(patterns.names)}")
    part = patterns_from_values(patterns.data[:, [patterns.names.index(v) for v in names]], names)
    return part if (patterns.weights == 1.0).all() else resampled_patterns(part, patterns.weights)


def missing_patterns(data: pd.DataFrame, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return one row for each missing-data pattern: who answered what together, and how many did.

    Parameters
    ----------
    data : DataFrame
    names : sequence of str, optional
        Variables to look at; all columns by default.

    Returns
    -------
    DataFrame
        A column for each variable, ``x`` where it is observed and ``.`` where it is missing.  The index has the
        number of the pattern (from 1, most frequent first), its ``count`` and its ``share`` of all rows.  Rows
        without any value, which no estimator can use, come last as pattern 0.

    Raises
    ------
    UsageError, ModelError, DataError
        As ``patterns_from_data``.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, None, 4.0, None], "b": [1.0, None, None, 5.0, 2.0]})
    >>> print(missing_patterns(frame).to_string())
                         a  b
    pattern count share
    1       2     0.4    x  x
    2       1     0.2    x  .
    3       1     0.2    .  x
    0       1     0.2    .  .

    """
    found = patterns_from_data(data, _columns(data) if names is None else list(names))
    observed, count = found.observed, found.count.astype(int)
    number = np.arange(1, len(count) + 1)
    if found.rows_empty:
        observed = np.vstack([observed, np.zeros((1, len(found.names)), dtype=bool)])
        count, number = np.append(count, len(found.rows_empty)), np.append(number, 0)
    index = pd.MultiIndex.from_arrays(
        [number, count, count / len(found.data)], names=["pattern", "count", "share"]
    )
    return pd.DataFrame(np.where(observed, "x", "."), index=index, columns=list(found.names))


def coverage(data: pd.DataFrame, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the proportion of rows that observe each pair of variables (on the diagonal, each variable).

    Rows without any value are not counted, as in the estimators.

    Raises
    ------
    UsageError, ModelError, DataError
        As ``patterns_from_data``.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [1.0, None, 3.0, None]})
    >>> coverage(frame).to_numpy().tolist()
    [[1.0, 0.5], [0.5, 0.5]]

    """
    found = patterns_from_data(data, _columns(data) if names is None else list(names))
    labels = list(found.names)
    return pd.DataFrame(np.array(found.coverage), index=labels, columns=labels)


def _columns(data: pd.DataFrame) -> list[str]:
    if not isinstance(data, pd.DataFrame):
        raise UsageError(f"data is a {type(data).__name__}; give a DataFrame with a column per variable")
    return list(data.columns)
