"""What may be told of one column of scores: which groups, with spread or without, and the rounded numbers."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sopsem.client.privacy.alternatives import has_alternative
from sopsem.client.privacy.atoms import atoms_of
from sopsem.client.privacy.group_statistics import gap_statistics, group_statistics
from sopsem.client.privacy.rules import PrivacyRules
from sopsem.client.privacy.suppression import mean_bounds, publishable

__all__ = ["Column", "release_column"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Pair = tuple[int, int]

HIDDEN = {
    "": "",
    "few": "fewer than {least_mean} people answered",
    "solved": "with the other groups it would tell of a group that is too small",
    "bounds": "it would nearly tell the answers of a small group",
    "read": "its numbers would tell the answers themselves",
    "part": "one of its parts is hidden",
}
SPREAD_HIDDEN = {
    "": "",
    "few": "fewer than {least_spread} people answered",
    "solved": "with the other groups it would tell of fewer than {least_spread} people",
    "read": "it would tell the answers themselves",
}
PVALUE_UNIT = 1000.0  # three decimals


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """One column of scores of n people with g groups, and how it is told.

    ``step`` is the least difference of two scores (NaN: any number is possible), ``limits`` the lowest and highest
    score there is, ``pairs`` the groups whose gap is told.
    """

    values: Floats
    masks: Bools
    importance: Sequence[int]
    pairs: Sequence[Pair]
    limits: tuple[float, float]
    step: float
    rules: PrivacyRules
    level: float
    shown: Bools = field(init=False)
    spread: Bools = field(init=False)
    reasons: list[str] = field(init=False)
    spread_reasons: list[str] = field(init=False)

    def __post_init__(self) -> None:
        """Start from the groups that are large enough."""
        found = publishable(self.incidence, self.sizes, self.importance, self.rules.least_mean)
        few = self.counts < self.rules.least_mean
        reasons = ["few" if small else "" if ok else "solved" for small, ok in zip(few, found, strict=True)]
        object.__setattr__(self, "shown", found)
        object.__setattr__(self, "reasons", reasons)
        wide = publishable(self.incidence, self.sizes, self.importance, self.rules.least_spread)
        object.__setattr__(self, "spread", wide & found)
        narrow = ["few" if n < self.rules.least_spread else "solved" for n in self.counts]
        object.__setattr__(self, "spread_reasons", narrow)

    @cached_property
    def valid(self) -> Bools:
        """(g, n): who is in which group and has a score."""
        return np.asarray(self.masks & ~np.isnan(self.values))

    @cached_property
    def _atoms(self) -> tuple[Bools, npt.NDArray[np.intp]]:
        return atoms_of(self.valid)

    @property
    def incidence(self) -> Bools:
        """(g, a): which atom is part of which group."""
        return self._atoms[0]

    @property
    def place(self) -> npt.NDArray[np.intp]:
        """(n,): the atom of every person, -1 without one."""
        return self._atoms[1]

    @cached_property
    def sizes(self) -> npt.NDArray[np.int64]:
        """(a,): people with a score in every atom."""
        return np.bincount(self.place[self.place >= 0], minlength=self.incidence.shape[1]).astype(np.int64)

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """(g,): people with a score in every group."""
        return np.asarray(self.valid.sum(axis=1, dtype=np.int64))

    @property
    def decimals(self) -> int:
        """Decimals of a number on this scale; none where the scale is longer than ten steps, as 0-100."""
        return 0 if self.limits[1] - self.limits[0] > 10 else self.rules.decimals

    def hide(self, group: int, reason: str) -> None:
        """Withhold a group; where its answers could be read, first only what shows its spread."""
        if reason == "read" and self.spread[group]:
            self.spread[group] = False
            self.spread_reasons[group] = reason
            return
        self.shown[group] = self.spread[group] = False
        self.reasons[group] = self.reasons[group] or reason

    def why_hidden(self, group: int) -> str:
        """Say why nothing is told of a group, "" where something is."""
        return HIDDEN[self.reasons[group]].format(least_mean=self.rules.least_mean)

    def why_no_spread(self, group: int) -> str:
        """Say why a group has a mean and nothing more, "" where it has all or nothing."""
        if self.spread[group] or not self.shown[group]:
            return ""
        return SPREAD_HIDDEN[self.spread_reasons[group]].format(least_spread=self.rules.least_spread)

    @cached_property
    def group_numbers_of_all(self) -> Floats:
        """The rounded statistics (g, 7) of every group, also of those that are not told."""
        return np.array([self._of_group(g, self.values) for g in range(len(self.masks))]).reshape(-1, 7)

    @cached_property
    def gap_numbers_of_all(self) -> Floats:
        """The rounded statistics (pairs, 7) of every gap; p-values are rounded up."""
        return np.array([self._of_gap(pair, self.values) for pair in self.pairs]).reshape(-1, 7)

    @property
    def group_numbers(self) -> Floats:
        """The rounded statistics (g, 7) as they are told; NaN where hidden."""
        return _told(self.group_numbers_of_all, self.shown, self.spread)

    @property
    def gap_numbers(self) -> Floats:
        """The rounded statistics (pairs, 7) of the gaps as they are told; NaN where hidden."""
        first, second = np.array(self.pairs, dtype=np.intp).reshape(-1, 2).T
        shown = self.shown[first] & self.shown[second]
        return _told(self.gap_numbers_of_all, shown, self.spread[first] & self.spread[second])

    def some_print_the_same(self, scores: Floats) -> bool:
        """Say whether everything told of this column would be the same with one of the given sets of scores (b, n).

        Only the groups in which somebody has another score are computed again, the smallest first.
        """
        moved = np.flatnonzero(np.any(scores != self.values, axis=0))
        touched = np.any(self.valid[:, moved], axis=1, keepdims=True)[:, 0]
        for g in sorted(np.flatnonzero(self.shown & touched), key=self.counts.__getitem__):
            told = 7 if self.spread[g] else 1
            now = self._of_group(int(g), scores)[:, :told]
            scores = scores[_equal(now, self.group_numbers_of_all[g, :told])]
            if not len(scores):
                return False
        for row, pair in enumerate(map(list, self.pairs)):
            if self.shown[pair].all() and touched[pair].any() and len(scores):
                told = 7 if self.spread[pair].all() else 1
                now = self._of_gap(pair, scores)[:, :told]
                scores = scores[_equal(now, self.gap_numbers_of_all[row, :told])]
        return len(scores) > 0

    def _of_group(self, group: int, scores: Floats) -> Floats:
        """Return the rounded statistics (..., 7) of a group with given scores (..., n)."""
        return _rounded(group_statistics(scores[..., self.valid[group]], self.level), self.decimals)

    def _of_gap(self, pair: Sequence[int], scores: Floats) -> Floats:
        first, second = (scores[..., self.valid[group]] for group in pair)
        numbers = gap_statistics(first, second, self.level)
        found = _rounded(numbers, 1)
        found[..., :3] = _rounded(numbers[..., :3], self.decimals)
        found[..., 3] = np.ceil(numbers[..., 3] * PVALUE_UNIT - 1e-9) / PVALUE_UNIT
        return found


def _told(numbers: Floats, shown: Bools, spread: Bools) -> Floats:
    """Return what is told of numbers: nothing where hidden, only the first without spread."""
    told = np.where(shown[:, None], numbers, np.nan)
    told[~spread, 1:] = np.nan
    return told


def _equal(found: Floats, wanted: Floats) -> Bools:
    return np.asarray(((found == wanted) | (np.isnan(found) & np.isnan(wanted))).all(axis=1))


def release_column(column: Column) -> Column:
    """Hide further groups of a column until nothing told of it tells the answers of a few.

    What is free to vary stays so when more is hidden, so it is looked at once.
    """
    sets = deque(_small_sets(column))
    groups = deque(map(int, np.flatnonzero(column.counts >= 2)))
    while _hide_by_bounds(column, sets) or _hide_by_reading(column, groups):
        pass
    return column


def _rounded(numbers: Floats, decimals: int) -> Floats:
    """Round half to even after removing the noise of sums; -0 becomes 0."""
    return np.asarray(np.round(np.round(numbers, 9), decimals) + 0.0)


def _least_important(column: Column, among: Bools) -> int:
    """Return the shown group to hide among some, or -1."""
    found = [int(g) for g in np.flatnonzero(column.shown & among)]
    return min(found, key=lambda g: (column.importance[g], column.counts[g], -g), default=-1)


def _hide_by_bounds(column: Column, sets: deque[Bools]) -> bool:
    """Hide a group where printed means bind a hidden small set too tightly; say whether one was hidden.

    Sets that are not bound, or that nothing can be hidden for, are taken out.
    """
    low, high = column.limits
    if not np.isfinite([low, high]).all() or not column.shown.any():
        return False
    incidence = column.incidence[column.shown]
    means = column.group_numbers_of_all[column.shown, 0]
    half = 0.5 * 10.0**-column.decimals
    while sets:
        ends = mean_bounds(incidence, column.sizes, means, half, column.limits, sets[0])
        if ends[1] - ends[0] < column.rules.protection * (high - low) - 1e-9:
            group = _least_important(column, np.any(column.incidence & sets[0], axis=1))
            if group >= 0:
                column.hide(group, "bounds")
                return True
        sets.popleft()
    return False


def _small_sets(column: Column) -> list[Bools]:
    """Return hidden groups and combinations of groups that have people, but too few to be told of."""
    least = column.rules.least_mean
    hidden = column.incidence[(column.counts > 0) & (column.counts < least)]
    alone = np.eye(len(column.sizes), dtype=bool)[(column.sizes > 0) & (column.sizes < least)]
    return list(np.unique(np.vstack([hidden, alone]), axis=0))


def _hide_by_reading(column: Column, groups: deque[int]) -> bool:
    """Hide a group whose answers could be no others; of a hidden one, a group that overlaps it.

    Groups that have other answers, or that nothing can be hidden for, are taken out.
    """
    if not np.isfinite([column.step, *column.limits]).all():
        return False
    while groups:
        group = groups[0]
        if _readable(column, group):
            overlapping = np.any(column.incidence & column.incidence[group], axis=1)
            chosen = group if column.shown[group] else _least_important(column, overlapping)
            if chosen >= 0:
                column.hide(chosen, "read")
                return True
        groups.popleft()
    return False


def _readable(column: Column, group: int) -> bool:
    """Say whether the answers of a group could be no others than they are."""
    return not has_alternative(
        column.values,
        column.valid[group],
        column.place,
        column.step,
        column.limits,
        column.some_print_the_same,
    )
