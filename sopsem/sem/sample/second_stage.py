"""Second stage of the three-stage estimator: the correlations of all pairs, and their scores.

Pairs of ordered variables without covariates are fitted together from tables, all others case by case.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import DataError
from sopsem.sem.sample.bivariate_normal import FAR
from sopsem.sem.sample.casewise_pairs import (
    Crossed,
    PairScores,
    casewise_correlation,
    casewise_scores,
    common_cases,
)
from sopsem.sem.sample.correlation_search import END
from sopsem.sem.sample.ordinal_data import OrdinalData
from sopsem.sem.sample.polychoric import (
    contingency_tables,
    filled_tables,
    polychoric_correlations,
    table_scores,
)
from sopsem.sem.sample.thresholds import Univariate

__all__ = ["SecondStage", "second_stage"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]

LARGEST_BLOCK = 200_000  # cells of tables worked on at a time
PERFECT = 1e-10  # distance to 1 within which two continuous variables are the same
NOTHING = np.empty(0)


@dataclass(frozen=True, kw_only=True)
class SecondStage:
    """Correlations of all pairs, and what the third stage needs of them.

    Attributes
    ----------
    pairs : (b, 2) array
        Variables of each pair, the lower number first, in the order of the lower triangle by column.
    rho : (b,) array
    scores : (n, b) array
        Derivative of each case's log-likelihood by the correlation; 0.0 where one of the two is missing.
    crossed : tuple of pairs of Crossed
        Scores of each correlation times those of the two variables, summed over cases.
    notes : tuple of str

    """

    pairs: Index
    rho: Array
    scores: Array
    crossed: tuple[tuple[Crossed, Crossed], ...]
    notes: tuple[str, ...]


def _pairs(p: int) -> Index:
    """Return the pairs (j, i), j < i, of the lower triangle by column."""
    return np.column_stack(np.triu_indices(p, 1)).astype(np.intp)


def second_stage(data: OrdinalData, ones: Sequence[Univariate]) -> SecondStage:
    """Return the correlations of all pairs with everything of the first stage held fixed.

    Parameters
    ----------
    data : OrdinalData
    ones : sequence of Univariate
        The first stage of each variable.

    Returns
    -------
    SecondStage

    Raises
    ------
    DataError
        A pair shares less than two cases, or has its maximum at a correlation of 1 or -1.

    Examples
    --------
    >>> from sopsem.sem.sample.ordinal_data import ordinal_data
    >>> from sopsem.sem.sample.thresholds import normal_regression
    >>> table = np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, -1.0]])
    >>> data = ordinal_data(table, ["x", "y"], [False, False], None)
    >>> none = np.empty((6, 0))
    >>> ones = [normal_regression(v, data.values[:, j], np.arange(6), none) for j, v in enumerate("xy")]
    >>> second_stage(data, ones).rho.round(6).tolist()
    [0.333333]

    """
    pairs = np.column_stack(np.triu_indices(len(ones), 1)).astype(np.intp)
    ordered = np.asarray(data.ordered)
    by_table = ordered[pairs].all(axis=1) & (data.covariates.shape[1] == 0)
    rho, scores = np.zeros(len(pairs)), np.zeros((len(data.codes), len(pairs)))
    crossed: dict[int, tuple[Crossed, Crossed]] = {}
    notes: list[str] = []
    for place in np.flatnonzero(~by_table).tolist():
        rho[place], rows, found = _from_cases(ones[pairs[place, 0]], ones[pairs[place, 1]])
        scores[rows, place] = found.correlation
        crossed[place] = (found.first, found.second)
    places = np.flatnonzero(by_table)
    tables = _tables(data, pairs[places])
    for block in _blocks(tables):
        part = places[block]
        rho[part], scores[:, part], sums, filled = _from_tables(data, ones, pairs[part], tables[block])
        crossed.update(zip(part.tolist(), sums, strict=True))
        notes += filled
    return SecondStage(
        pairs=pairs,
        rho=rho,
        scores=scores,
        crossed=tuple(crossed[place] for place in range(len(pairs))),
        notes=tuple(notes),
    )


def _from_cases(first: Univariate, second: Univariate) -> tuple[float, Index, PairScores]:
    rows = first.rows[common_cases(first, second)[0]]
    _check_common(len(rows), first.name, second.name)
    rho = _inside(casewise_correlation(first, second), first, second)
    return rho, rows, casewise_scores(first, second, rho)


def _blocks(tables: Array) -> list[Index]:
    """Cut the pairs into blocks whose work arrays stay small."""
    number = min(len(tables), -(-tables.size // LARGEST_BLOCK))
    return np.array_split(np.arange(len(tables)), number) if number else []


def _check_common(n: int, first: str, second: str) -> None:
    if n < 2:
        raise DataError(
            f"{first!r} and {second!r} have {n} case(s) in common, so their correlation cannot be estimated; "
            "leave one of them out of the model"
        )


def _inside(rho: float, first: Univariate, second: Univariate) -> float:
    """Return the correlation, or say that a pair has none inside (-1, 1)."""
    end = END - 1e-12 if first.ordered or second.ordered else 1.0 - PERFECT
    if abs(rho) < end:
        return rho
    raise DataError(
        f"the correlation of {first.name!r} and {second.name!r} has its maximum likelihood at "
        f"{'1' if rho > 0 else '-1'}: one predicts the other perfectly. Drop one of them or merge categories"
    )


def _from_tables(
    data: OrdinalData, ones: Sequence[Univariate], pairs: Index, tables: Array
) -> tuple[Array, Array, list[tuple[Crossed, Crossed]], list[str]]:
    """Fit pairs of ordered variables from their tables: correlations, scores, crossed scores, notes."""
    n_categories = np.array([len(each) for each in data.categories])
    first, second = (_padded(ones, pairs[:, side], tables.shape[1] - 1) for side in (0, 1))
    fitted, filled = filled_tables(tables, n_categories[pairs])
    rho = polychoric_correlations(first, second, fitted)
    for value, (j, i) in zip(rho, pairs, strict=True):
        _inside(float(value), ones[j], ones[i])
    found = table_scores(first, second, tables, rho)
    by_cell = np.pad(found.correlation, ((0, 0), (0, 1), (0, 1)))  # the code -1 reads the last one, 0.0
    scores = by_cell[np.arange(len(pairs)), data.codes[:, pairs[:, 0]], data.codes[:, pairs[:, 1]]]
    sums = [
        (_thresholds_only(a, n_categories[j]), _thresholds_only(b, n_categories[i]))
        for a, b, (j, i) in zip(found.first, found.second, pairs, strict=True)
    ]
    return rho, scores, sums, [_filled_note(data.names[j], data.names[i]) for j, i in pairs[filled]]


def _tables(data: OrdinalData, pairs: Index) -> Array:
    """Return the tables of pairs of ordered variables, each with at least two cases."""
    used = np.unique(pairs)
    sizes = [len(data.categories[j]) for j in used.tolist()]
    if not sizes:
        return np.empty((0, 0, 0))
    tables = contingency_tables(data.codes[:, used], sizes, np.searchsorted(used, pairs))
    for n, (j, i) in zip(tables.sum(axis=(1, 2)), pairs, strict=True):
        _check_common(int(n), data.names[j], data.names[i])
    return tables


def _padded(ones: Sequence[Univariate], variables: Index, size: int) -> Array:
    """Return the thresholds of variables as rows of one length."""
    rows = {j: np.full(size, FAR) for j in set(variables.tolist())}
    for j, row in rows.items():
        row[: len(ones[j].location)] = ones[j].location
    return np.array([rows[j] for j in variables.tolist()])


def _thresholds_only(sums: Array, n_categories: int) -> Crossed:
    return Crossed(location=sums[: n_categories - 1], slopes=NOTHING, variance=NOTHING)


def _filled_note(first: str, second: str) -> str:
    return (
        f"the 2 x 2 table of {first!r} and {second!r} has an empty cell; for their correlation it was filled "
        "by one half with the margins kept"
    )
