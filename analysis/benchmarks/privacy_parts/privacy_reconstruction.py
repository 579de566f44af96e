"""Answers worked out from printed numbers: every set of answers that a table leaves possible is counted.

Known to the attacker: who is in which group and how many, the scale, and every printed number.  A score is a whole
number of steps from 0 to m.  All sets of n scores are sorted by sum T and sum of squares Q; a table ``ways`` holds how
many sets have each (T, Q).  Printed means, SDs, intervals, gaps and p-values, of the group, of everybody and of the
other groups, rule out (T, Q); quartiles rule out sets.  A group is *recovered* when one set of scores is left.

This file shares no code with the door that it attacks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from scipy import stats

USUAL = 13  # people of the largest group, so that few tables are made
LISTED = 20_000  # so many sets left are gone through one by one


@cache
def ways(most: int, m: int) -> np.ndarray:
    """Return how many sets of n scores in 0..m have sum T and squares Q: (n, T, Q), n up to ``most``."""
    found = np.zeros((most + 1, most * m + 1, most * m * m + 1), dtype=np.float32)
    found[0, 0, 0] = 1.0
    for value in range(m + 1):
        for n in range(1, most + 1):
            source = found[n - 1]
            found[n, value:, value * value :] += source[
                : source.shape[0] - value, : source.shape[1] - value * value
            ]
    return found


def sets(n: int, total: int, squares: int, m: int) -> Iterator[tuple[int, ...]]:
    """Yield the sets of n scores in 0..m with this sum and sum of squares, largest first."""
    if n == 0:
        if total == squares == 0:
            yield ()
        return
    for first in range(min(m, total), -1, -1):
        left, rest = total - first, squares - first * first
        if rest < 0 or left > first * (n - 1):
            continue
        if (n > 1 and rest * (n - 1) < left * left) or rest > first * left:
            continue  # squares are at least as for equal scores, at most first times their sum
        for others in sets(n - 1, left, rest, first):
            yield (first, *others)


@dataclass
class Group:
    """A group: its people, its printed numbers by name, and the (T, Q) that are still possible."""

    name: str
    n: int
    printed: dict[str, float]
    possible: np.ndarray = field(init=False)  # (c, 2)


@dataclass(frozen=True)
class Scale:
    """Scores from ``low`` in steps to m steps above, printed with ``decimals``."""

    low: float
    step: float
    m: int
    decimals: int
    level: float = 0.95

    def mean(self, total, n):
        """Return the mean score."""
        return self.low + self.step * total / n

    def sd(self, total, squares, n):
        """Return the SD with n - 1."""
        return self.step * np.sqrt(np.maximum(squares - total * total / n, 0.0) / (n - 1))

    def near(self, printed, value, decimals=None):
        """Say whether a value may have been printed so; nothing printed rules out nothing."""
        if np.isnan(printed):
            return np.ones(np.shape(value), dtype=bool)
        return (
            np.abs(value - printed) <= 0.5 * 10.0 ** -(self.decimals if decimals is None else decimals) + 1e-7
        )


def recovered(groups: list[Group], everybody: Group, scale: Scale, gap=None) -> list[str]:
    """Return the names of the groups of which one set of scores is left.

    ``groups`` are apart; ``everybody`` has at least their people.  ``gap`` is (first, second, printed numbers).
    """
    most = max(USUAL, *(g.n for g in groups))
    table = ways(most, scale.m)
    for group in groups:
        group.possible = _own(group, most, scale)
    rest = everybody.n - sum(g.n for g in groups)
    for _ in range(3):
        for group in groups:
            _by_total(group, [g for g in groups if g is not group], everybody, rest, scale)
    if gap is not None:
        _by_gap(*gap, scale)
    return [g.name for g in groups if _one_left(g, table, scale)]


@cache
def _there_are(most: int, m: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.nonzero(ways(most, m)[n])


def _own(group: Group, most: int, scale: Scale) -> np.ndarray:
    total, squares = _there_are(most, scale.m, group.n)
    n, printed = group.n, group.printed
    mean = scale.mean(total, n)
    fits = scale.near(printed["mean"], mean)
    if n > 1:
        sd = scale.sd(total, squares, n)
        half = stats.t.ppf((1 + scale.level) / 2, n - 1) * sd / np.sqrt(n)
        fits &= scale.near(printed["sd"], sd)
        fits &= scale.near(printed["ci_lower"], mean - half) & scale.near(printed["ci_upper"], mean + half)
    return np.stack([total[fits], squares[fits]], axis=1)


def _by_total(group: Group, others: list[Group], everybody: Group, rest: int, scale: Scale) -> None:
    """Total minus parts: what the others leave for this group, for sums and for squares."""
    n, printed = everybody.n, everybody.printed
    if np.isnan(printed["mean"]):
        return
    half = 0.5 * 10.0**-scale.decimals + 1e-7
    ends = (np.array([printed["mean"] - half, printed["mean"] + half]) - scale.low) / scale.step * n
    taken = _taken(others, 0) + np.array([0, rest * scale.m])
    total = group.possible[:, 0]
    group.possible = group.possible[
        (total >= ends[0] - taken[1] - 1e-6) & (total <= ends[1] - taken[0] + 1e-6)
    ]
    if np.isnan(printed["sd"]):
        return
    spread = (np.array([max(printed["sd"] - half, 0.0), printed["sd"] + half]) / scale.step) ** 2 * (n - 1)
    squares = spread + np.maximum(ends, 0.0) ** 2 / n
    taken = _taken(others, 1) + np.array([0, rest * scale.m**2])
    q = group.possible[:, 1]
    group.possible = group.possible[(q >= squares[0] - taken[1] - 1e-6) & (q <= squares[1] - taken[0] + 1e-6)]


def _taken(others: list[Group], column: int) -> np.ndarray:
    """Return the least and the most that the other groups have together."""
    ends = [[g.possible[:, column].min(), g.possible[:, column].max()] for g in others]
    return np.array(ends).reshape(-1, 2).sum(axis=0)


def _by_gap(first: Group, second: Group, printed: dict[str, float], scale: Scale) -> None:
    """Keep the (T, Q) of two groups that some (T, Q) of the other one goes with."""
    a, b = first.possible[:, None, :].astype(float), second.possible[None, :, :].astype(float)
    gap = scale.mean(a[..., 0], first.n) - scale.mean(b[..., 0], second.n)
    fits = scale.near(printed["gap"], gap)
    if min(first.n, second.n) > 1 and not np.isnan(printed["ci_lower"]):
        va, vb = scale.sd(a[..., 0], a[..., 1], first.n) ** 2, scale.sd(b[..., 0], b[..., 1], second.n) ** 2
        sa, sb = va / first.n, vb / second.n
        with np.errstate(all="ignore"):
            se = np.sqrt(sa + sb)
            df = se**4 / (sa**2 / (first.n - 1) + sb**2 / (second.n - 1))
            half = stats.t.ppf((1 + scale.level) / 2, df) * se
            d = gap / np.sqrt((va + vb) / 2)
            p = 2 * stats.t.sf(np.abs(gap) / se, df)
        fits &= scale.near(printed["ci_lower"], gap - half) & scale.near(printed["ci_upper"], gap + half)
        fits &= scale.near(printed["d"], d, 1)
        fits &= (p <= printed["pvalue"] + 1e-7) & (p > printed["pvalue"] - 0.001 - 1e-7)  # rounded up
    first.possible = first.possible[fits.any(axis=1)]
    second.possible = second.possible[fits.any(axis=0)]


def _one_left(group: Group, table: np.ndarray, scale: Scale) -> bool:
    left = table[group.n][group.possible[:, 0], group.possible[:, 1]].sum()
    if left > LISTED or np.isnan(group.printed["median"]):
        return bool(left == 1)
    found = 0
    for total, squares in group.possible:
        for each in sets(group.n, int(total), int(squares), scale.m):
            scores = scale.low + scale.step * np.array(each, dtype=float)
            quartiles = np.quantile(scores, [0.25, 0.5, 0.75])
            found += all(
                bool(scale.near(group.printed[name], value))
                for name, value in zip(("q25", "median", "q75"), quartiles, strict=True)
            )
            if found > 1:
                return False
    return found == 1
