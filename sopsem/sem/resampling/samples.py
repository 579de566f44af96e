"""The rows of one group as draws see them: what turns counts of rows, or normal rows, into moments.

complete    rows whose moment matrices are all that maximum likelihood needs: made for many draws together
patterns    incomplete rows, with the moments of every pattern: made for many draws together
single      rows from which each draw's moments are made as those of the data were: two stages, ordered answers,
            and estimators whose weights depend on the sample
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import ConvergenceError, DataError
from sopsem.kernel import Layout, Likelihood, PatternLikelihood
from sopsem.sem.estimation.settings import Settings
from sopsem.sem.model.spec import ModelSpec
from sopsem.sem.resampling.draw_status import DrawStatus
from sopsem.sem.resampling.resampling import normal_rows
from sopsem.sem.sample.incomplete_moments import moments_of_patterns
from sopsem.sem.sample.moments import Moments, moments_from_data
from sopsem.sem.sample.ordered_data import moments_of_ordered
from sopsem.sem.sample.patterns import MissingPatterns, resampled_patterns

__all__ = ["BLOCK", "CompleteSample", "Loss", "PatternSample", "Sample", "SingleSample"]

Array = NDArray[np.float64]
BLOCK = 256  # draws whose matrices stay in the processor's cache
PRODUCTS = 200_000  # numbers that stay in the processor's cache from draw to draw
LEAST_VARIANCE = 1e-12  # on the correlation metric: the values drawn are all the same


class Loss(NamedTuple):
    """Why a draw has no moments: its class and a sentence."""

    status: DrawStatus
    reason: str


@dataclass(frozen=True, kw_only=True)
class CompleteSample:
    """Complete rows on the kernel's metric, with a column of ones for models with intercepts.

    Attributes
    ----------
    rows : (n, p) array
    scale : float
        What the divisor N is to be replaced by, as a factor.
    meanstructure : bool
    root : (p, p) array or None
        Of the implied covariance matrix: turns standard normal rows into parametric draws about ``rows``.

    """

    rows: Array
    scale: float
    meanstructure: bool
    root: Array | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @cached_property
    def _products(self) -> Array | None:
        """Products of every two values of a row, (n, p(p + 1)/2), and the values; None where that is much."""
        p = self.rows.shape[1]
        if self.n * p * (p + 3) // 2 > PRODUCTS:
            return None
        i, j = np.tril_indices(p)
        return np.concatenate([self.rows[:, i] * self.rows[:, j], self.rows], axis=1)

    def moments(self, counts: Array) -> Array:
        """Return the moments of rows taken ``counts`` (B, n) times: no resampled copy of the data is made.

        Every draw is multiplied on its own: its bits depend on no other draw.
        """
        p = self.rows.shape[1]
        found = np.empty((len(counts), p, p))
        for first in range(0, len(counts), BLOCK):
            found[first : first + BLOCK] = self._moments(counts[first : first + BLOCK])
        return found

    def _moments(self, counts: Array) -> Array:
        n, p = counts.sum(axis=1)[:, None, None], self.rows.shape[1]
        carried = np.empty((len(counts), p, p))
        if self._products is None:
            for own, taken in zip(carried, counts, strict=True):  # weighted rows of many draws fit no cache
                np.matmul(taken * self.rows.T, self.rows, out=own)
            carried = (carried + carried.transpose(0, 2, 1)) / (2.0 * n)
            return self._scaled(carried, counts[:, None, :] @ self.rows / n)
        both = counts[:, None, :] @ self._products / n
        i, j = np.tril_indices(p)
        carried[:, i, j] = carried[:, j, i] = both[:, 0, : len(i)]
        return self._scaled(carried, both[:, :, len(i) :])

    def normal_moments(self, seed: int, draw: int, group: int) -> Array:
        """Return the moments (p, p) of rows from the fitted normal distribution."""
        root = np.asarray(self.root)
        free = normal_rows(seed, draw, self.n, root.shape[0], group=group) @ root.T
        used = np.column_stack([free + self.rows[0, :-1], np.ones(self.n)]) if self.meanstructure else free
        second = used.T @ used / self.n
        both = self._scaled((second + second.T)[None] / 2.0, used.mean(axis=0)[None, None])
        return np.asarray(both[0])

    def _scaled(self, second: Array, mean: Array) -> Array:
        """Return (B, p, p) moments from raw second moments and means (B, 1, p)."""
        square = mean.transpose(0, 2, 1) * mean
        if not self.meanstructure:
            return np.asarray((second - square) * self.scale)
        return np.asarray(second if self.scale == 1.0 else (second - square) * self.scale + square)

    def objective(self, layout: Layout, moments: Array) -> Likelihood:
        """Return the discrepancy of draws with these moments."""
        return Likelihood(layout, moments)


@dataclass(frozen=True, kw_only=True)
class PatternSample:
    """Incomplete rows on the kernel's metric with a column of ones; 0 where a value is missing.

    Attributes
    ----------
    names : tuple of str
    rows : (n, p + 1) array
    pattern : (n,) int array
        The pattern of every row.
    masks : (P, p + 1) bool array
        What every pattern observes.

    """

    names: tuple[str, ...]
    rows: Array
    pattern: NDArray[np.intp]
    masks: NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @property
    def size(self) -> int:
        """Numbers that the moments of one draw take."""
        return int(self.masks.size * self.masks.shape[1])

    def objective(self, layout: Layout, counts: Array) -> tuple[PatternLikelihood, list[Loss | None]]:
        """Return the discrepancy of rows taken ``counts`` (B, n) times, without the saturated model's part."""
        patterns, width = self.masks.shape
        second = np.zeros((len(counts), patterns, width, width))
        weights = np.zeros((len(counts), patterns))
        for k in range(patterns):
            at = np.flatnonzero(self.pattern == k)
            own, rows = counts[:, at], self.rows[at]
            weights[:, k] = own.sum(axis=1)
            total = np.where(weights[:, k] > 0.0, weights[:, k], 1.0)[:, None, None]
            both = (own[:, None, :] * rows.T) @ rows / total
            second[:, k] = (both + both.transpose(0, 2, 1)) / 2.0
        losses = self._losses(second, weights)
        second[[b for b, loss in enumerate(losses) if loss]] = np.nan
        shares = weights / weights.sum(axis=1, keepdims=True)
        return PatternLikelihood(layout, second, shares, self.masks, np.zeros(len(counts))), losses

    def _losses(self, second: Array, weights: Array) -> list[Loss | None]:
        """Name a variable without values, or with one value only, in every draw."""
        seen = weights @ self.masks
        some = np.where(seen > 0.0, seen, 1.0)
        mean = np.einsum("bk,bki->bi", weights, second[..., -1]) / some
        square = np.einsum("bk,bkii->bi", weights, second) / some
        found: list[Loss | None] = [None] * len(weights)
        for b, j in np.argwhere((square - mean**2)[:, :-1] < LEAST_VARIANCE):
            what = "no value of" if seen[b, j] == 0.0 else "one value only of"
            found[b] = found[b] or Loss(DrawStatus.SINGULAR, f"{what} {self.names[j]} in the resample")
        return found


@dataclass(frozen=True, kw_only=True)
class SingleSample:
    """Rows in the metric of the data; every draw's moments are made by themselves.

    Attributes
    ----------
    spec : ModelSpec
    settings : Settings
    rows : (n, c) array
    moments : Moments
        Of the data, without their rows.
    root, mean : arrays or None
        Of the implied moments, for parametric draws.

    """

    spec: ModelSpec
    settings: Settings
    rows: Array
    moments: Moments
    root: Array | None = None
    mean: Array | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return self.moments.n if self.root is not None else len(self.rows)

    def drawn(self, counts: Array) -> Moments | Loss:
        """Return the moments of rows taken ``counts`` (n,) times, or why there are none."""
        times = np.round(counts).astype(np.intp)
        if self.moments.patterns is not None:
            patterns = self.moments.patterns
            return _tried(lambda: self._incomplete(patterns, counts))
        rows = np.repeat(self.rows, times, axis=0)
        if self.moments.ordinal is not None:
            return self._ordered(rows)
        return _tried(lambda: self._complete(rows))

    def normal(self, seed: int, draw: int, group: int) -> Moments | Loss:
        """Return the moments of rows from the fitted normal distribution."""
        root = np.asarray(self.root)
        rows = normal_rows(seed, draw, self.n, len(root), group=group) @ root.T
        return _tried(lambda: self._complete(rows + self.mean))

    def _complete(self, rows: Array) -> Moments:
        return moments_from_data(pd.DataFrame(rows, columns=list(self.spec.observed)), self.spec.observed)

    def _incomplete(self, patterns: MissingPatterns, counts: Array) -> Moments:
        found = moments_of_patterns(resampled_patterns(patterns, counts), self.spec.observed)
        return replace(found, patterns=None) if self.settings.two_stage else found

    def _ordered(self, rows: Array) -> Moments | Loss:
        ordinal = self.moments.ordinal
        answers = {} if ordinal is None else dict(zip(ordinal.names, ordinal.categories, strict=True))
        place = {v: i for i, v in enumerate(self.spec.observed)}
        empty = [
            f"{v} has no answer {a:g} in the resample"
            for v, own in answers.items()
            for a in own
            if not (rows[:, place[v]] == a).any()
        ]
        if empty:
            return Loss(DrawStatus.EMPTY_CATEGORY, "; ".join(empty))
        frame = pd.DataFrame(rows, columns=list(self.spec.observed))
        given = {v: own for v, own in answers.items() if own}
        return _tried(lambda: moments_of_ordered(frame, self.spec, given, missing=self.settings.missing))


def _tried(make: Callable[[], Moments]) -> Moments | Loss:
    """Return the moments, or the reason that the data of the draw give for having none."""
    try:
        return make()
    except DataError as error:
        return Loss(DrawStatus.SINGULAR, str(error))
    except ConvergenceError as error:
        return Loss(DrawStatus.NOT_CONVERGED, str(error))


Sample = CompleteSample | PatternSample | SingleSample
