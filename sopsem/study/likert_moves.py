"""Exchange moves on integer answers, and what each does to the statistics.

A move lets two respondents exchange their answers to one item: every item keeps its distribution, and with
z the standardized answers (divisor N) and delta the change of the first respondent's z on item j,

    dR_jk = delta (z_ik - z_i'k) / N   for k != j,     dR = e_j d' + d e_j'.

Statistics are expanded along dR: all of them linearly, the chi2 family to second order, because it is
wanted to a relative accuracy of 3e-5.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.covariance_response import Optimum
from sopsem.study.twin_statistics import Expansion, TwinStatistics

__all__ = ["Move", "Moves", "Prediction", "all_moves", "exchanged", "standardized_answers"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Answers = NDArray[np.int64]
Move = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Moves:
    """M moves: ``item``, ``first``, ``second`` (M,) say who exchanges what; ``change`` (M, p) is d above."""

    item: Index
    first: Index
    second: Index
    change: Array

    def __len__(self) -> int:
        """Count the moves."""
        return len(self.item)

    def take(self, where: Index) -> "Moves":
        """Return some of the moves."""
        return Moves(
            item=self.item[where],
            first=self.first[where],
            second=self.second[where],
            change=self.change[where],
        )

    def keys(self) -> list[Move]:
        """Return item, first and second of every move."""
        return list(zip(self.item.tolist(), self.first.tolist(), self.second.tolist(), strict=True))

    def matrices(self) -> Array:
        """Return dR of every move, (M, p, p)."""
        m, p = self.change.shape
        matrices = np.zeros((m, p, p))
        each = np.arange(m)
        matrices[each, self.item] += self.change
        matrices[each, :, self.item] += self.change
        return matrices


def standardized_answers(answers: Answers) -> Array:
    """Return answers (N, p) with mean 0 and variance 1, divisor N."""
    return np.asarray((answers - answers.mean(axis=0)) / answers.std(axis=0))


def exchanged(answers: Answers, moves: Moves) -> Answers:
    """Return the answers after all of the moves, which must not share a respondent's answer."""
    after = answers.copy()
    after[moves.first, moves.item] = answers[moves.second, moves.item]
    after[moves.second, moves.item] = answers[moves.first, moves.item]
    return after


def all_moves(answers: Answers, barred: Collection[Move] = ()) -> Moves:
    """Return every exchange that changes something, but for the barred ones.

    >>> len(all_moves(np.array([[1, 2], [1, 3], [2, 3]])))
    4
    """
    z = standardized_answers(answers)
    i, k = np.triu_indices(len(answers), 1)
    item, first, second = [], [], []
    for j in range(answers.shape[1]):
        different = answers[i, j] != answers[k, j]
        for _, one, two in (move for move in barred if move[0] == j):
            different &= (i != one) | (k != two)
        first.append(i[different])
        second.append(k[different])
        item.append(np.full(int(different.sum()), j, dtype=np.intp))
    at, a, b = np.concatenate(item), np.concatenate(first), np.concatenate(second)
    change = (z[b, at] - z[a, at])[:, None] * (z[a] - z[b]) / len(answers)
    change[np.arange(len(at)), at] = 0.0
    return Moves(item=at, first=a, second=b, change=change)


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """Second-order predictor of the change of every statistic from an expansion at the present R."""

    statistics: TwinStatistics
    expansion: Expansion

    def of(self, moves: Moves) -> Array:
        """Return the predicted change (M, m) of each move alone."""
        total = np.empty((len(moves), len(self.statistics.names)))
        for j in range(moves.change.shape[1]):
            at = np.flatnonzero(moves.item == j)
            d = moves.change[at]
            total[at] = 2.0 * d @ self.expansion.gradients[:, j].T
            for column, curvature in self._curvatures(lambda optimum, j=j: _item_curvature(optimum, j)):  # type: ignore[misc]
                total[at, column] += ((d @ curvature) * d).sum(axis=1)
        return total

    def together(self, one: Moves, two: Moves) -> Array:
        """Return what the moves one[i] and two[i] do together beyond the sum of what each does, (M, m)."""
        extra = np.zeros((len(one), len(self.statistics.names)))
        for column, values in self._curvatures(lambda optimum: _cross(optimum, one, two)):
            extra[:, column] += values
        return extra

    def _curvatures(self, of: Callable[[Optimum | Array], Array]) -> list[tuple[int, Array]]:
        """Return (column, n times second-order part) for the statistics that are discrepancies."""
        names, n = self.statistics.names, self.statistics.multiplier
        main, wide = self.expansion.main, self.expansion.wide
        fitted = of(main)
        found = [(names.index("chisq"), n * fitted)]
        if wide is not None:
            found.append((names.index("dchisq"), n * (fitted - of(wide))))
        if "baseline_chisq" in names:
            found.append((names.index("baseline_chisq"), n * of(main.sample_inverse)))
        return found


def _item_curvature(of: Optimum | Array, j: int) -> Array:
    """Return M with F*(S + e_j d' + d e_j') = ... + d'Md; for S^-1 alone the part of log|S|."""
    inverse = of if isinstance(of, np.ndarray) else of.sample_inverse
    curvature = inverse[j, j] * inverse + np.outer(inverse[j], inverse[j])
    if isinstance(of, np.ndarray):
        return np.asarray(curvature)
    pressed = of.pressures[:, j]
    return np.asarray(curvature - 2.0 * pressed.T @ of.hessian_inverse @ pressed)


def _cross(of: Optimum | Array, one: Moves, two: Moves) -> Array:
    """Return tr(S^-1 E1 S^-1 E2) - v1'H^-1 v2 of pairs of moves, (M,)."""
    inverse = of if isinstance(of, np.ndarray) else of.sample_inverse
    carried = two.change @ inverse
    each = np.arange(len(one))
    crossed = (one.change @ inverse)[each, two.item] * carried[each, one.item]
    crossed = 2.0 * (crossed + inverse[one.item, two.item] * (one.change * carried).sum(axis=1))
    if isinstance(of, np.ndarray):
        return np.asarray(crossed)
    return np.asarray(crossed - ((_pressed(of, one) @ of.hessian_inverse) * _pressed(of, two)).sum(axis=1))


def _pressed(of: Optimum, moves: Moves) -> Array:
    """Return v_k = -tr(D_k dR) of every move, (M, q); both signs cancel in a product."""
    pressed = np.empty((len(moves), len(of.theta)))
    for j in range(moves.change.shape[1]):
        at = np.flatnonzero(moves.item == j)
        pressed[at] = 2.0 * moves.change[at] @ of.pressures[:, j].T
    return pressed
