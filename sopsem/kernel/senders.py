"""Where the parts of A and S that concern the variables which send paths are read; see ``reduced``."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Senders"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class Senders:
    """Where the blocks of A and S are read: positions in the free cells, the fixed values and one 0."""

    constants: Array  # the fixed values and the 0
    paths: Index  # A_os over A_ss, ((p + m) m,)
    among: Index  # S_ss, (m m,)
    mixed: Index | None  # S_os without rows of observed variables that send, (p m,); None where all are 0
    own: Index  # positions of S_nn in Sigma, row by row ...
    own_from: Index  # ... and in the cells
    units: Array  # I_os over I_ss, (p + m, m)
    steps: int | None  # squarings of A_ss until it vanishes; None with feedback

    @classmethod
    def of(
        cls,
        p: int,
        s: Index,
        cells: tuple[Index, Index],
        fixed: tuple[Array, Array],
    ) -> "Senders":
        """Work out the positions from p, the senders, and the free cells and fixed values of A and S."""
        at_a, at_s, constants = _positions(cells, fixed)
        nothing = sum(map(len, cells)) + len(constants) - 1
        rows = np.concatenate([np.arange(p), s])
        silent = np.setdiff1d(np.arange(p), s)
        mixed = at_s[:p][:, s].copy()
        mixed[np.isin(np.arange(p), s)] = nothing
        i, j = np.nonzero(at_s[:p, :p] != nothing)
        both = np.isin(i, silent) & np.isin(j, silent)
        among = at_a[np.ix_(s, s)]
        return cls(
            constants=constants,
            paths=at_a[np.ix_(rows, s)].ravel(),
            among=at_s[np.ix_(s, s)].ravel(),
            mixed=mixed.ravel() if (mixed != nothing).any() else None,
            own=(i * p + j)[both],
            own_from=at_s[i, j][both],
            units=(rows[:, None] == s).astype(np.float64),
            steps=_steps(among != nothing),
        )


def _positions(cells: tuple[Index, Index], fixed: tuple[Array, Array]) -> tuple[Index, Index, Array]:
    """Return where every element of A and of S stands in cells, fixed values and 0, and the latter two."""
    places = [np.argwhere(matrix != 0.0) for matrix in fixed]
    values = [matrix[at[:, 0], at[:, 1]] for matrix, at in zip(fixed, places, strict=True)]
    free = sum(map(len, cells))
    paths = np.full(fixed[0].shape, free + sum(map(len, values)), dtype=np.intp)
    symmetric = paths.copy()
    first = free + len(values[0])
    paths[tuple(places[0].T)] = np.arange(free, first)
    symmetric[tuple(places[1].T)] = np.arange(first, first + len(values[1]))
    paths[tuple(cells[0].T)] = np.arange(len(cells[0]))
    i, j = cells[1].T
    symmetric[i, j] = symmetric[j, i] = np.arange(len(cells[0]), free)
    return paths, symmetric, np.concatenate([*values, [0.0]])


def _steps(arrows: NDArray[np.bool_]) -> int | None:
    """Return how many factors I + A^(2^k) the inverse of I - A takes; None where A has a circle."""
    power, steps = arrows, 0
    while power.any():
        if steps > len(arrows).bit_length():
            return None
        power, steps = power @ power, steps + 1
    return steps
