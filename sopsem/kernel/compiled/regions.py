"""Where things stand in the work space of one search: places count groups of W numbers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.compiled.lanes import WIDTH

__all__ = ["Places", "places_of", "work_space"]

# one place each, at the front
ONE = 0  # 1 in every lane
ROLE = 1
WHICH = 2  # problem
ITERATION = 3
TRIES = 4  # halvings of the step on trial
HOW = 5  # outcome
VALUE = 6  # objective at the point evaluated
REACHED = 7  # at the point to step from
CLOSE = 8  # 1 near the minimum, where the observed Hessian is wanted, else 0
LENGTH = 9  # of the step on trial
DAMPING = 10
GAIN = 11  # decrement g'H^-1 g / 2 of the step
BEFORE = 12  # decrement of the last step with the observed Hessian, 0 where that was none
LEAST = 13  # the smallest pivot
CONSTANT = 14  # of the objective: with it starts what a problem brings
N_SINGLE = 15


class Places(NamedTuple):
    """Starts of the regions, the size of all, and how far apart the rows of matrices are.

    Matrices have room for one row and three columns more than they have; see ``algebra``.
    """

    theta: int  # parameters under trial
    moments: int  # packed moments of every term
    shares: int  # weights of terms
    here: int  # parameters to step from
    step: int
    floor: int  # least pivots
    hessian: int  # upper triangle by rows, the gradient as one column more
    factor: int
    implied: int  # what follows, to SUBSET, is worked out by ``sums``: first the cells
    spread: int  # E[:, sources] (v, m)
    carried: int  # E S[:, sources] (v, m)
    total: int  # G[sources, sources] (m, m)
    columns: int  # K = [E, G][observed, sources] (p, 2m)
    sigma: int  # lower triangle (p, p)
    subset: int  # upper triangle of Sigma of a pattern, and beside it the identity
    root: int  # its factor, and beside it L^-1
    weight: int  # Sigma^-1 of a pattern (p, p)
    data: int  # its moments, full (p, p), then Q = W - W S W
    mixed: int  # Sigma^-1 S (p, p)
    inner: int  # W, WK, K'WK
    crossed: int  # the same of Q
    size: int
    row_h: int  # from row to row of the Hessian
    row: int  # of (p, p) matrices
    row_k: int  # of K


def places_of(q: int, sizes: NDArray[np.intp], moments: int, terms: int) -> Places:
    """Return the places for parts with so many observed variables, variables, sources and cells (parts, 4)."""
    p, v, m, cells = (int(most) for most in sizes.max(axis=0))
    # odd: columns of even rows would meet in few lines of the processor's cache
    row_h, row, row_k = (q + 4) | 1, (p + 3) | 1, 2 * m + 3
    square, beside = (p + 1) * row, (p + 1) * 2 * row
    inner = square + (p + 1) * row_k + (2 * m + 1) * row_k
    hessian = (q + 1) * row_h
    single = [q, moments, terms, q, q, max(p, q) + 1, hessian, hessian]
    implied = [cells, v * m, v * m, m * m, (p + 1) * row_k, square]
    each = [N_SINGLE, *single, *implied, beside, beside, square, square, square, inner, inner]
    return Places._make([*(int(start) for start in np.cumsum(each)), row_h, row, row_k])


def work_space(places: Places) -> NDArray[np.float64]:
    """Return what a search works in (places, W): every place fills one line of the processor's cache."""
    raw = np.zeros((places.size + 1) * WIDTH)
    first = -raw.ctypes.data % (8 * WIDTH) // 8
    space = raw[first : first + places.size * WIDTH].reshape(-1, WIDTH)
    space[ONE] = 1.0
    diagonal = np.arange(places.row)
    space[places.subset + places.row + diagonal[:-3] * (2 * places.row + 1)] = 1.0
    return space
