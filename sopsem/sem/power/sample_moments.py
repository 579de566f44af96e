"""Moments of samples of one size: replication r is a function of (seed, N, r) alone.

The covariance matrix of normal rows is drawn itself: N S = C T T' C' with C C' = Sigma, T lower triangular,
T_ii^2 chi-square with N - 1 - i degrees of freedom and T_ij normal (Bartlett, 1933), the mean apart from it.
It costs the same for 90 rows and for 9,000.

References
----------
Bartlett, M. S. (1933). On the theory of statistical regression. Proceedings of the Royal Society of Edinburgh, 53.
Salmon, J. K., et al. (2011). Parallel random numbers: as easy as 1, 2, 3.  SC '11.

"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.resampling.resampling import check_seed
from sopsem.sem.simulation.rows import RowMaker

__all__ = ["NormalSampler", "RowSampler", "Sampler", "replication_rng"]

Array = NDArray[np.float64]
# the bootstrap has the streams 0 and 1
MOMENTS, INTERVAL, MISFIT, LARGE = 2, 3, 4, 5
LARGE_ROWS, LARGE_PARTS = 20_000, 50


def replication_rng(seed: int, n: int, replication: int, stream: int = MOMENTS) -> np.random.Generator:
    """Return the random numbers of one replication, from Philox keyed by (seed, replication) at place (N, stream).

    Examples
    --------
    >>> a, b = (replication_rng(1, 92, 7).standard_normal() for _ in range(2))
    >>> a == b
    True

    """
    key = np.array([check_seed(seed), replication], dtype=np.uint64)
    counter = np.array([0, 0, n, stream], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


@dataclass(frozen=True, kw_only=True)
class NormalSampler:
    """Means (p,) and covariance matrices of normal rows."""

    mean: Array
    root: Array

    def numbers(self) -> list[Array]:
        """Return all that the samples are made of, for a digest."""
        return [self.mean, self.root]

    def moments(self, seed: int, n: int, replications: range) -> tuple[Array, Array]:
        """Return covariance matrices (B, p, p), divisor n, and means (B, p)."""
        p = len(self.mean)
        triangles, shifts = np.zeros((len(replications), p, p)), np.empty((len(replications), p))
        below, diagonal, df = np.tril_indices(p, -1), np.arange(p), n - 1.0 - np.arange(p)
        for at, r in enumerate(replications):
            rng = replication_rng(seed, n, r)
            triangles[at, below[0], below[1]] = rng.standard_normal(len(below[0]))
            triangles[at, diagonal, diagonal] = np.sqrt(rng.chisquare(df))
            shifts[at] = rng.standard_normal(p)
        carried = self.root @ triangles
        covariance = carried @ carried.transpose(0, 2, 1) / n
        return covariance, self.mean + (self.root @ shifts[:, :, None])[:, :, 0] / np.sqrt(n)


@dataclass(frozen=True, kw_only=True)
class RowSampler:
    """The same of rows that are made one by one: non-normal ones, and answers cut at thresholds."""

    maker: RowMaker
    cuts: Mapping[int, Array]

    def numbers(self) -> list[Array]:
        """Return all that the samples are made of, for a digest."""
        polynomial = [] if self.maker.polynomial is None else [self.maker.polynomial]
        cuts = [np.array([column, *at]) for column, at in sorted(self.cuts.items())]
        return [self.maker.mean, self.maker.sd, self.maker.root, *polynomial, *cuts]

    def rows(self, n: int, rng: np.random.Generator) -> Array:
        """Return n rows (n, p); cut variables have the answers 1, 2, ..."""
        rows = self.maker.rows(n, rng)
        for column, at in self.cuts.items():
            rows[:, column] = np.searchsorted(at, rows[:, column], side="left") + 1.0
        return rows

    def moments(self, seed: int, n: int, replications: range) -> tuple[Array, Array]:
        """Return covariance matrices (B, p, p), divisor n, and means (B, p)."""
        drawn = [_row_moments(self.rows(n, replication_rng(seed, n, r))) for r in replications]
        covariances, means = zip(*drawn, strict=True)
        return np.stack(covariances), np.stack(means)

    def large_moments(self, seed: int) -> tuple[Array, Array]:
        """Return covariance (p, p) and means (p,) of a million rows: the population of answers, to about .001."""
        p = len(self.maker.mean)
        second, mean = np.zeros((p, p)), np.zeros(p)
        for part in range(LARGE_PARTS):
            rows = self.rows(LARGE_ROWS, replication_rng(seed, LARGE_ROWS, part, LARGE)) - self.maker.mean
            second += rows.T @ rows / LARGE_ROWS
            mean += rows.mean(axis=0)
        mean /= LARGE_PARTS
        return np.asarray(second / LARGE_PARTS - np.outer(mean, mean)), mean + self.maker.mean


Sampler = NormalSampler | RowSampler


def _row_moments(rows: Array) -> tuple[Array, Array]:
    mean = rows.mean(axis=0)
    centred = rows - mean
    return centred.T @ centred / len(rows), mean
