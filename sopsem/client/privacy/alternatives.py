"""Could the answers have been other ones?  A search for other answers with the same printed numbers.

A group is told of only if the printed numbers leave room for another set of answers in it.  The search changes one
to four answers by a step or two; where it finds nothing the group is hidden, although other answers might exist.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

__all__ = ["has_alternative"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# changes in steps: two pairs (one drawn together, one pulled apart, so that sum and sum of squares can stay), a pair
# (the sum stays), two against one, one alone
SHAPES = ((1, -1, 1, -1), (1, -1), (1, 1, -2), (-1, -1, 2), (1,), (-1,))
MOST_TRIALS = 150  # of each shape; each is a full evaluation of the printed numbers
SAMPLED = 2_000
CELLS = 500_000  # scores looked at together


def has_alternative(
    values: Floats,
    group: Bools,
    atoms: Ints,
    step: float,
    limits: tuple[float, float],
    same: Callable[[Floats], bool],
) -> bool:
    """Say whether other answers within a group would print the same numbers.

    Parameters
    ----------
    values : (n,) array
        Scores of everybody.
    group : (n,) array of bool
        The people whose set of answers must be another one.
    atoms : (n,) array of int
        Who are in the same groups; -1 for people without a score.
    step : float
        The least difference of two scores; people between the steps are left as they are.
    limits : (float, float)
        The lowest and highest score there is.
    same : callable
        Whether one of the given sets of scores (b, n) prints the same numbers.

    Examples
    --------
    The mean 5.0 of five people can come about in many ways, the mean 7.0 of at most 7 in one:

    >>> mean = lambda printed: lambda x: bool((np.round(x.mean(axis=-1), 1) == printed).any())
    >>> five = np.ones(5, dtype=bool), np.zeros(5, dtype=np.int64)
    >>> has_alternative(np.array([3.0, 5, 5, 6, 6]), *five, 1.0, (1, 7), mean(5.0))
    True
    >>> has_alternative(np.array([7.0, 7, 7, 7, 7]), *five, 1.0, (1, 7), mean(7.0))
    False

    """
    steps = (values - limits[0]) / step
    whole = np.rint(np.nan_to_num(steps)).astype(np.int64)
    movable = (atoms >= 0) & (np.abs(np.nan_to_num(steps, nan=0.5) - whole) < 1e-6)
    top = round((limits[1] - limits[0]) / step)
    for people, changes in _moves(whole, movable, group, atoms, top):
        other = np.repeat(values[None], len(people), axis=0)
        changed = limits[0] + (whole[people] + changes) * step
        other[np.arange(len(people))[:, None], people] = changed
        if same(other):
            return True
    return False


def _moves(answers: Ints, movable: Bools, group: Bools, atoms: Ints, top: int) -> Iterator[tuple[Ints, Ints]]:
    """Yield who changes (b, k), and by how many steps (k,): what is possible and gives the group other answers."""
    random = np.random.default_rng(0)  # the same search every time
    for shape in SHAPES:
        changes = np.array(shape, dtype=np.int64)
        people = _people(movable, group, atoms, len(shape), random)
        before, inside = answers[people], group[people]
        after = before + changes
        possible = ((after >= 0) & (after <= top)).all(axis=1)
        possible &= (_sorted(after, inside) != _sorted(before, inside)).any(axis=1)
        if len(shape) == 4:
            possible &= (after**2).sum(axis=1) == (before**2).sum(axis=1)
        yield from ((batch, changes) for batch in _batches(people[possible][:MOST_TRIALS], len(answers)))


def _batches(trials: Ints, n: int) -> Iterator[Ints]:
    """Yield trials one, then four times as many at once: most searches end soon, and all must fit in memory."""
    size, start = 1, 0
    while start < len(trials):
        yield trials[start : start + size]
        start += size
        size = max(1, min(4 * size, CELLS // n))


def _sorted(answers: Ints, inside: Bools) -> Ints:
    """Return the answers of the people in the group in order, -1 in the place of others."""
    return np.sort(np.where(inside, answers, -1), axis=1)


def _people(movable: Bools, group: Bools, atoms: Ints, k: int, random: np.random.Generator) -> Ints:
    """Return samples (m, k) of different people: one of the group, the others mostly of the same atom."""
    everybody = np.flatnonzero(movable)
    everybody = everybody[np.argsort(atoms[everybody], kind="stable")]
    members = np.flatnonzero(movable & group)
    if not len(members):
        return np.empty((0, k), dtype=np.int64)
    first = random.choice(members, SAMPLED)
    start = np.searchsorted(atoms[everybody], atoms[first], side="left")
    stop = np.searchsorted(atoms[everybody], atoms[first], side="right")
    chosen = [first]
    for _ in range(k - 1):
        near = start + (random.random(SAMPLED) * (stop - start)).astype(np.int64)
        anyone = random.integers(0, len(everybody), SAMPLED)
        chosen.append(everybody[np.where(random.random(SAMPLED) < 0.7, near, anyone)])
    found = np.stack(chosen, axis=1)
    return found[(np.diff(np.sort(found, axis=1), axis=1) > 0).all(axis=1)]
