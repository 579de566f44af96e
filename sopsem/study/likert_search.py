"""Algorithm B: integer answers that return every printed statistic to the printed digit.

1. Continuous data with the wanted correlations are cut into answer categories.
2. Approach: exchanges of answers (see ``likert_moves``) bring the correlations back to the wanted ones.
3. Search: all statistics are predicted for every exchange; a tree finds pairs of exchanges whose effects
   cancel what is still off; the most promising pairs are refitted together and the best one is made.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from sopsem.errors import ConvergenceError
from sopsem.runs.chunk_store import Chunk, ChunkStore
from sopsem.study.likert_moves import Move, Moves, Prediction, all_moves, exchanged, standardized_answers
from sopsem.study.twin_statistics import TwinStatistics
from sopsem.study.twin_targets import TwinTargets

__all__ = ["LikertSearch", "SearchRound", "approach", "cut"]

Array = NDArray[np.float64]
Answers = NDArray[np.int64]
Progress = Callable[[str, float, str], None]

MAX_ROUNDS = 60
QUERIES = 20_000
PARTNERS = 4
REFITTED = 400
MARGIN = 0.95  # of half a printed digit, so that another program's rounding error cannot cross it


def cut(data: Array, means: Array, sds: Array, points: int) -> Answers:
    """Cut continuous data (N, p) with variances near 1 into answers 1 .. points.

    >>> cut(np.array([[-9.0, 0.1], [9.0, 0.6]]), np.array([4.0, 4.0]), np.array([1.0, 1.0]), 7).tolist()
    [[1, 4], [7, 5]]
    """
    return np.clip(np.rint(means + sds * data), 1, points).astype(np.int64)


def approach(answers: Answers, wanted: Array, rng: np.random.Generator, *, max_sweeps: int = 400) -> Answers:
    """Exchange answers, always the best exchange of an item, while that brings R nearer to ``wanted``.

    The distance is the sum of squared differences; a sweep visits the items in random order.
    """
    answers = answers.copy()
    z = standardized_answers(answers)
    for _ in range(max_sweeps):
        moved = False
        for j in rng.permutation(answers.shape[1]):
            first, second, gain = _best_exchange(z, wanted, int(j))
            if gain < -1e-12:
                for table in (answers, z):
                    table[[first, second], j] = table[[second, first], j]
                moved = True
        if not moved:
            break
    return answers


def _best_exchange(z: Array, wanted: Array, j: int) -> tuple[int, int, float]:
    """Return the exchange of item j that lowers the distance most, and by how much."""
    n = len(z)
    others = np.delete(z, j, axis=1)
    off = others.T @ z[:, j] / n - np.delete(wanted[j], j)
    delta = z[None, :, j] - z[:, None, j]
    slope = others @ off
    gram = others @ others.T
    squared = np.diag(gram)[:, None] + np.diag(gram)[None, :] - 2.0 * gram
    gain = 4.0 * delta * (slope[:, None] - slope[None, :]) / n + 2.0 * delta**2 * squared / n**2
    first, second = np.unravel_index(int(np.argmin(gain)), gain.shape)
    return int(first), int(second), float(gain[first, second])


@dataclass(frozen=True, kw_only=True)
class SearchRound:
    """One round: the largest deviation reached, in halves of a printed digit, and its statistic."""

    round: int
    deviation: float
    statistic: str
    refitted: int


@dataclass(frozen=True, kw_only=True)
class LikertSearch:
    """The search of step 3 for given targets."""

    statistics: TwinStatistics
    targets: TwinTargets

    @property
    def _aims(self) -> tuple[Array, Array, Array]:
        """Aim, middle and half width of every statistic."""
        aims = [self.targets.aims[name] for name in self.statistics.names]
        return (
            np.array([aim.value for aim in aims]),
            np.array([aim.center for aim in aims]),
            np.array([aim.half_width for aim in aims]),
        )

    def deviations(self, values: Array) -> Array:
        """Return how far statistics (..., m) are from the middle of their intervals, in half widths."""
        _, center, half = self._aims
        return np.asarray(np.abs(values - center) / half)

    def run(
        self, answers: Answers, rng: np.random.Generator, progress: Progress, store: ChunkStore | None = None
    ) -> tuple[Answers, tuple[SearchRound, ...]]:
        """Exchange answers until every statistic prints right; a store keeps what every round leads to.

        Raises
        ------
        ConvergenceError
            The rounds are used up.

        """
        rounds: list[SearchRound] = []
        barred: set[Move] = set()
        for count in range(MAX_ROUNDS):
            correlations = _correlations(answers)
            expansion = self.statistics.expand(correlations)
            off = self.deviations(expansion.values)
            worst = int(np.argmax(off))
            rounds.append(
                SearchRound(
                    round=count,
                    deviation=float(off[worst]),
                    statistic=self.statistics.names[worst],
                    refitted=REFITTED if count else 0,
                )
            )
            progress("search", count / MAX_ROUNDS, _message(rounds[-1]))
            if off[worst] < MARGIN:
                return answers, tuple(rounds)
            if store is not None and count in store:
                answers, barred = _restored(store.load(count), rng)
                continue
            prediction = Prediction(statistics=self.statistics, expansion=expansion)
            answers, barred = self._better(answers, correlations, prediction, barred, rng)
            if store is not None:
                store.save(count, _state(answers, barred, rng))
        raise ConvergenceError(
            f"after {MAX_ROUNDS} rounds {rounds[-1].statistic} is still {rounds[-1].deviation:.1f} half "
            "digits off; try another seed"
        )

    def _better(
        self,
        answers: Answers,
        correlations: Array,
        prediction: Prediction,
        barred: set[Move],
        rng: np.random.Generator,
    ) -> tuple[Answers, set[Move]]:
        """Return the answers after the best pair of exchanges found, and that pair.

        It is made even when it is no better, because every place offers new pairs; but none is undone at
        once.
        """
        moves = all_moves(answers, barred)
        one, two = self._pairs(moves, prediction, rng)
        changed = correlations + one.matrices() + two.matrices()
        values = self.statistics.values(changed, prediction.expansion)
        reached = np.nan_to_num(self.deviations(values).max(axis=1), nan=np.inf)
        best = np.array([int(np.argmin(reached))])
        one, two = one.take(best), two.take(best)
        return exchanged(exchanged(answers, one), two), {*one.keys(), *two.keys()}

    def _pairs(self, moves: Moves, prediction: Prediction, rng: np.random.Generator) -> tuple[Moves, Moves]:
        """Return the pairs of exchanges predicted to come nearest to the aims, best first."""
        aim, center, half = self._aims
        room = half - np.abs(aim - center)
        change, left = prediction.of(moves) / room, (aim - prediction.expansion.values) / room
        asked = rng.choice(len(moves), size=min(QUERIES, len(moves)), replace=False)
        _, partner = cKDTree(change).query(left - change[asked], k=PARTNERS)
        one, two = np.repeat(asked, PARTNERS), np.asarray(partner).reshape(-1)
        apart = _share_nobody(moves, one, two)
        one, two = one[apart], two[apart]
        together = prediction.together(moves.take(one), moves.take(two)) / room
        reached = aim + room * (change[one] + change[two] + together - left)
        best = np.argsort(self.deviations(reached).max(axis=1), kind="stable")[:REFITTED]
        return moves.take(one[best]), moves.take(two[best])


def _state(answers: Answers, barred: set[Move], rng: np.random.Generator) -> Chunk:
    """Return all that the rounds after this one depend on."""
    return {
        "answers": answers,
        "barred": np.array(sorted(barred), dtype=np.int64),
        "random": np.array(json.dumps(rng.bit_generator.state)),
    }


def _restored(state: Chunk, rng: np.random.Generator) -> tuple[Answers, set[Move]]:
    """Return answers and barred exchanges as they were, and put the random numbers back there."""
    rng.bit_generator.state = json.loads(str(state["random"]))
    return state["answers"], {(item, first, second) for item, first, second in state["barred"].tolist()}


def _share_nobody(moves: Moves, one: NDArray[np.intp], two: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Say which pairs have four different respondents, so that their changes of R add up exactly."""
    apart = np.ones(len(one), dtype=bool)
    for a in (moves.first[one], moves.second[one]):
        for b in (moves.first[two], moves.second[two]):
            apart &= a != b
    return apart


def _correlations(answers: Answers) -> Array:
    z = standardized_answers(answers)
    return np.asarray(z.T @ z / len(z))


def _message(state: SearchRound) -> str:
    return f"round {state.round}: {state.statistic} is {state.deviation:.2f} half digits from the print"
