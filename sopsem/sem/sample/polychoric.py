"""Second stage of the three-stage estimator for two ordered variables without covariates.

All pairs are fitted together from their contingency tables, so the cost does not grow with the cases.  Tables
are padded to the largest number of categories: padded thresholds are ``FAR`` and padded counts 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from sopsem.sem.sample.bivariate_normal import (
    FAR,
    Rectangle,
    bivariate_normal_cdf,
    bivariate_normal_density,
    density_slope,
    normal_density,
    normal_interval,
    tail_probability,
)
from sopsem.sem.sample.correlation_search import maximise_correlations

__all__ = ["TableScores", "contingency_tables", "filled_tables", "polychoric_correlations", "table_scores"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]

CANCELLED = 1e-9  # cells below this are integrated, as in rectangle_probability
IMPOSSIBLE = 1e-290  # an observed cell below this makes the likelihood zero in double precision


def contingency_tables(codes: NDArray[np.intp], n_categories: Sequence[int], pairs: Index) -> Array:
    """Return the two-way tables of pairs of ordered variables over the cases that have both.

    Parameters
    ----------
    codes : (n, p) array of int
        Categories from 0; -1 where missing.
    n_categories : sequence of int
        Per variable.
    pairs : (b, 2) array of int
        Columns of ``codes``: the first gives the rows of a table.

    Returns
    -------
    (b, K, K) array
        K is the largest number of categories.

    Examples
    --------
    >>> contingency_tables(np.array([[0, 1], [1, 1]]), (2, 2), np.array([[0, 1]])).tolist()
    [[[0.0, 1.0], [0.0, 1.0]]]

    """
    largest = max(n_categories)
    member = (codes[:, :, None] == np.arange(largest)).astype(np.float64)
    n, p, _ = member.shape
    flat = member.reshape(n, p * largest)
    every = (flat.T @ flat).reshape(p, largest, p, largest)
    return np.ascontiguousarray(every[pairs[:, 0], :, pairs[:, 1], :])


def filled_tables(tables: Array, n_categories: Index) -> tuple[Array, NDArray[np.bool_]]:
    """Return the tables with one empty cell of a 2 x 2 table filled by one half, and which were filled.

    Parameters
    ----------
    tables : (b, K, K) array
    n_categories : (b, 2) array of int

    Returns
    -------
    tables : (b, K, K) array
    filled : (b,) array of bool

    Notes
    -----
    The margins are kept: one half is added on the diagonal of the empty cell and taken from the other (Savalei,
    2011, Struct. Equ. Modeling 18; lavaan's ``zero.add = c(0.5, 0.0)``, ``zero.keep.margins = TRUE``).

    Examples
    --------
    >>> filled_tables(np.array([[[0.0, 5.0], [4.0, 9.0]]]), np.array([[2, 2]]))[0].tolist()
    [[[0.5, 4.5], [3.5, 9.5]]]

    """
    corner = tables[:, :2, :2]
    filled = (n_categories == 2).all(axis=1) & ((corner == 0.0).sum(axis=(1, 2)) == 1)
    on_diagonal = (corner[:, 0, 0] == 0.0) | (corner[:, 1, 1] == 0.0)
    amount = np.where(filled, np.where(on_diagonal, 0.5, -0.5), 0.0)
    out = tables.copy()
    out[:, :2, :2] += amount[:, None, None] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return out, filled


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """Thresholds of b pairs, (b, K - 1) each, padded by ``FAR``, and their (b, K, K) counts."""

    first: Array
    second: Array
    counts: Array

    def only(self, problems: Index) -> "_Grid":
        return _Grid(first=self.first[problems], second=self.second[problems], counts=self.counts[problems])


def polychoric_correlations(first: Array, second: Array, tables: Array) -> Array:
    """Return the two-step polychoric correlations of pairs of ordered variables.

    Parameters
    ----------
    first, second : (b, K - 1) arrays
        Thresholds of the two variables of each pair, padded by ``FAR``.
    tables : (b, K, K) array
        Counts, from `contingency_tables`.

    Returns
    -------
    (b,) array
        A magnitude of `correlation_search.END` or more means that no maximum exists inside (-1, 1).

    Notes
    -----
    The thresholds stay at their univariate estimates (Olsson, 1979, Psychometrika 44, two-step estimator).

    Examples
    --------
    >>> zero = np.array([[0.0]])
    >>> rho = polychoric_correlations(zero, zero, np.array([[[2.0, 1.0], [1.0, 2.0]]]))[0]
    >>> bool(np.isclose(rho, np.sin(np.pi / 6)))  # Sheppard's formula at the medians
    True

    """
    grid = _Grid(first=first, second=second, counts=tables)

    def slopes(rho: Array, problems: Index) -> tuple[Array, Array]:
        part = grid if len(problems) == len(tables) else grid.only(problems)
        return _slopes(part, rho)

    return maximise_correlations(slopes, _start(tables))


def _start(tables: Array) -> Array:
    """Return the product-moment correlations of the category numbers, 0 where there is none."""
    number = np.arange(tables.shape[1], dtype=np.float64)
    total = tables.sum(axis=(1, 2))
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    mean_1, mean_2 = rows @ number / total, columns @ number / total
    spread = (rows @ number**2 / total - mean_1**2) * (columns @ number**2 / total - mean_2**2)
    cross = np.einsum("i,bij,j->b", number, tables, number) / total - mean_1 * mean_2
    return np.where(spread > 0.0, cross / np.sqrt(np.where(spread > 0.0, spread, 1.0)), 0.0)


def _cells(grid: _Grid, rho: Array) -> tuple[Array, Array, Array]:
    """Return the cell probabilities and the densities and their slopes at the crossings of thresholds."""
    h, k, r = grid.first[:, :, None], grid.second[:, None, :], rho[:, None, None]
    b, size = grid.first.shape
    cdf = np.zeros((b, size + 2, size + 2))
    cdf[:, 1:-1, 1:-1] = bivariate_normal_cdf(h, k, r)
    cdf[:, 1:-1, -1], cdf[:, -1, 1:-1], cdf[:, -1, -1] = ndtr(grid.first), ndtr(grid.second), 1.0
    cells = np.diff(np.diff(cdf, axis=1), axis=2)
    small = np.nonzero((cells < CANCELLED) & (grid.counts > 0.0))
    if len(small[0]):
        cells[small] = tail_probability(_limits(grid, small), rho[small[0]])
    density = bivariate_normal_density(h, k, r)
    return cells, density, density_slope(h, k, r)


def _limits(grid: _Grid, cells: tuple[Index, ...]) -> Rectangle:
    """Return the limits of single cells, given by pair, row and column."""
    pair, row, column = cells
    first, second = _ends(grid.first), _ends(grid.second)
    return Rectangle(first[pair, row], first[pair, row + 1], second[pair, column], second[pair, column + 1])


def _ends(thresholds: Array) -> Array:
    return np.pad(np.clip(thresholds, -FAR, FAR), ((0, 0), (1, 1)), constant_values=(-FAR, FAR))


def _corner_sums(values: Array) -> Array:
    """Return upper-upper minus lower-upper minus upper-lower plus lower-lower for each cell."""
    return np.diff(np.diff(np.pad(values, ((0, 0), (1, 1), (1, 1))), axis=1), axis=2)


def _slopes(grid: _Grid, rho: Array) -> tuple[Array, Array]:
    """Return the first two derivatives of the mean log-likelihoods."""
    cells, density, log_slope = _cells(grid, rho)
    seen = grid.counts > 0.0
    impossible = (seen & (cells < IMPOSSIBLE)).any(axis=(1, 2))
    safe = np.where(seen & (cells >= IMPOSSIBLE), cells, 1.0)
    weight = grid.counts / grid.counts.sum(axis=(1, 2), keepdims=True)
    ratio = _corner_sums(density) / safe
    first = (weight * ratio).sum(axis=(1, 2))
    second = (weight * (_corner_sums(density * log_slope) / safe - ratio**2)).sum(axis=(1, 2))
    return np.where(impossible, np.copysign(np.inf, -rho), first), second


@dataclass(frozen=True, kw_only=True)
class TableScores:
    """Derivatives of each cell's log-probability, and what the third stage needs of them.

    Attributes
    ----------
    correlation : (b, K, K) array
        By the correlation; 0.0 in cells without cases.
    first, second : (b, K - 1) arrays
        Sums over cases of the score of the correlation times that of each threshold of the variable.

    """

    correlation: Array
    first: Array
    second: Array


def table_scores(first: Array, second: Array, tables: Array, rho: Array) -> TableScores:
    """Return the scores of pairs of ordered variables, by cell.

    Parameters
    ----------
    first, second, tables
        As for `polychoric_correlations`; ``tables`` are the observed counts.
    rho : (b,) array
        Correlations inside (-1, 1).

    Returns
    -------
    TableScores

    Examples
    --------
    >>> zero = np.array([[0.0]])
    >>> scores = table_scores(zero, zero, np.array([[[1.0, 1.0], [1.0, 1.0]]]), np.array([0.0]))
    >>> scores.correlation.round(6).tolist()
    [[[0.63662, -0.63662], [-0.63662, 0.63662]]]

    """
    grid = _Grid(first=first, second=second, counts=tables)
    cells, density, _ = _cells(grid, rho)
    safe = np.where(tables > 0.0, cells, 1.0)
    score = np.where(tables > 0.0, _corner_sums(density) / safe, 0.0)
    weight = tables * score / safe
    root = np.sqrt((1.0 - rho) * (1.0 + rho))[:, None, None]
    return TableScores(
        correlation=score,
        first=_threshold_sums(first, second, weight, rho[:, None, None], root),
        second=_threshold_sums(second, first, weight.transpose(0, 2, 1), rho[:, None, None], root),
    )


def _threshold_sums(own: Array, other: Array, weight: Array, rho: Array, root: Array) -> Array:
    """Return sums over cells of weight times the derivative of the cell by each of the own thresholds."""
    ends = _ends(other)[:, None, :]
    given = normal_interval(
        (ends[..., :-1] - rho * own[..., None]) / root, (ends[..., 1:] - rho * own[..., None]) / root
    )
    slope = normal_density(own)[..., None] * given  # of the cell below the threshold; minus it above
    return np.asarray((slope * (weight[:, :-1] - weight[:, 1:])).sum(axis=2))
