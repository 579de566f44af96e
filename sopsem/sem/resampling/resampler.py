"""Which rows draw b takes of every group, on which metric, transformed or not.

References
----------
Bollen, K. A., & Stine, R. A. (1992). Bootstrapping goodness-of-fit measures in structural equation models.
Sociological Methods & Research, 21.
Davison, A. C., & Hinkley, D. V. (1997). Bootstrap methods and their application. Cambridge University Press.
(section 3.8: whole clusters are resampled)

"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.resampling.resampling import resample_counts, resample_indices
from sopsem.sem.resampling.sample_makers import KINDS, make_samples
from sopsem.sem.resampling.samples import CompleteSample, Sample

__all__ = ["KINDS", "Resampler", "make_resampler"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Resampler:
    """What makes the moments of draw b: the rows of every group, and how they are drawn.

    Attributes
    ----------
    kind : str
    seed : int
    samples : tuple of Sample
        Of every group.
    clusters : tuple of tuple of int arrays or None
        For every group the positions of the rows of each cluster, where whole clusters are drawn.
    given : (B, n) array or None
        Positions to use instead of drawing, in the rows of all groups one after another.
    kernel : str
        What fits the draws: "auto", "numpy" or "numba".

    """

    kind: str
    seed: int
    samples: tuple[Sample, ...]
    clusters: tuple[tuple[Index, ...] | None, ...] = (None,)
    given: Index | None = None
    kernel: str = "auto"

    @property
    def sizes(self) -> tuple[int, ...]:
        """Rows of every group."""
        return tuple(s.n for s in self.samples)

    @property
    def complete(self) -> bool:
        """Whether moment matrices of complete rows are all that a draw needs."""
        return isinstance(self.samples[0], CompleteSample)

    def picked(self, draw: int, group: int) -> Index:
        """Return the row positions (from 0) of a draw in one group (from 0)."""
        if self.given is not None:
            first = sum(self.sizes[:group])
            return np.asarray(self.given[draw, first : first + self.sizes[group]] - first, dtype=np.intp)
        whole = self.clusters[group]
        if whole is None:
            return resample_indices(self.seed, draw, self.sizes[group], group=group)
        return np.concatenate([whole[c] for c in resample_indices(self.seed, draw, len(whole), group=group)])

    def counts(self, draws: Iterable[int]) -> tuple[Array, ...]:
        """Return how often every row of every group is taken, (len(draws), n_g) each."""
        asked = list(draws)
        return tuple(self._counts(asked, g) for g in range(len(self.sizes)))

    def _counts(self, draws: list[int], group: int) -> Array:
        n = self.sizes[group]
        if self.given is None and self.clusters[group] is None:
            return resample_counts(self.seed, np.array(draws, dtype=np.uint64), n, group=group)
        taken = [np.bincount(self.picked(b, group), minlength=n) for b in draws]
        return np.stack(taken).astype(np.float64)

    def rows_of(self, draw: int) -> Index | None:
        """Return the positions of a draw in the rows of all groups; None for parametric draws, without rows."""
        if self.kind == "parametric":
            return None
        first = np.concatenate([[0], np.cumsum(self.sizes)])
        return np.concatenate([self.picked(draw, g) + first[g] for g in range(len(self.sizes))])

    def group_moments(self, draws: Iterable[int]) -> tuple[Array, ...]:
        """Return the moment matrices of these draws in every group, (len(draws), p, p) each.

        Raises
        ------
        UsageError
            Draws that are not made of the moment matrices of complete rows.

        """
        asked, complete = list(draws), self._complete()
        if self.kind == "parametric":
            return tuple(
                np.stack([s.normal_moments(self.seed, b, g) for b in asked]) for g, s in enumerate(complete)
            )
        return tuple(s.moments(c) for s, c in zip(complete, self.counts(asked), strict=True))

    def moments(self, draws: Iterable[int]) -> Array:
        """Return the moment matrices of these draws, (len(draws), p, p), of a model of one group."""
        if len(self.samples) > 1:
            raise UsageError(
                "these draws have moments in every group, and one group is wanted; fit and resample its rows alone"
            )
        return self.group_moments(draws)[0]

    def _complete(self) -> tuple[CompleteSample, ...]:
        complete = tuple(s for s in self.samples if isinstance(s, CompleteSample))
        if len(complete) < len(self.samples):
            raise UsageError(
                "these draws are not made of covariance matrices of complete rows (estimator or missing data); "
                "only draws of a maximum likelihood fit to complete rows have them"
            )
        return complete

    def left_out(self) -> Iterator[tuple[int, Index]]:
        """Yield (group, rows) of what the jackknife leaves out in turn: every row, or every cluster."""
        for g, n in enumerate(self.sizes):
            whole = self.clusters[g]
            for rows in np.arange(n)[:, None] if whole is None else whole:
                yield g, rows

    def without(self, units: Iterable[tuple[int, Index]]) -> tuple[Array, ...]:
        """Return the counts of all rows without each of these units; see ``left_out``."""
        asked = list(units)
        counts = tuple(np.ones((len(asked), n)) for n in self.sizes)
        for at, (g, rows) in enumerate(asked):
            counts[g][at, rows] = 0.0
        return counts


def make_resampler(
    fit: Fit,
    data: pd.DataFrame | None,
    kind: str,
    seed: int,
    indices: NDArray[np.integer] | None,
    kernel: str = "auto",
) -> Resampler:
    """Return the resampler of a fit; see ``bootstrap`` for the arguments and errors."""
    if kind == "parametric" and indices is not None:
        raise UsageError("parametric draws have no rows; leave indices out or choose another kind")
    samples = make_samples(fit, data, kind)
    sizes = [s.n for s in samples]
    return Resampler(
        kind=kind,
        seed=seed,
        samples=samples,
        clusters=_clusters(fit),
        given=None if indices is None else _checked_indices(indices, sizes),
        kernel=kernel,
    )


def _clusters(fit: Fit) -> tuple[tuple[Index, ...] | None, ...]:
    """Return the rows of every cluster of every group; a cluster may not have rows in two groups."""
    codes = [m.clusters for m in fit.data_moments]
    members = [None if c is None else np.unique(c) for c in codes]
    for g, own in enumerate(members):
        for other in members[:g]:
            if own is not None and other is not None and len(np.intersect1d(own, other)):
                raise UsageError(
                    "a cluster has rows in more than one group, and groups are resampled one by one; use groups "
                    "that whole clusters belong to"
                )
    return tuple(
        None if c is None else tuple(np.flatnonzero(c == one) for one in np.asarray(m))
        for c, m in zip(codes, members, strict=True)
    )


def _checked_indices(indices: NDArray[np.integer], sizes: list[int]) -> Index:
    """Return row positions as integers after checking that those of a group stay within it."""
    given, n = np.asarray(indices), sum(sizes)
    whole = np.issubdtype(given.dtype, np.integer) and given.ndim == 2 and given.shape[1] == n and len(given)
    if not whole or given.min() < 0 or given.max() >= n:
        raise UsageError(f"indices must be (B, {n}) row positions, whole numbers from 0 to {n - 1}")
    first = np.cumsum([0, *sizes])
    for g, size in enumerate(sizes):
        own = given[:, first[g] : first[g] + size]
        if own.min() < first[g] or own.max() >= first[g] + size:
            raise UsageError(
                f"indices: columns {first[g]} to {first[g + 1] - 1} draw the rows of group {g + 1} and must stay "
                f"within its positions {first[g]} to {first[g + 1] - 1}"
            )
    return given.astype(np.intp)
