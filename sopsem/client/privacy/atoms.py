"""What sums over groups tell about smaller sets of people: exact linear algebra over who is in which group.

People who are in the same groups are one *atom*: no published number tells them apart.  Published sums tell about a
few people when a combination of them has weight on these people only: a difference of groups is the sum of a few, or
what two of them differ by.

References
----------
Fellegi, I. P. (1972). On the question of statistical confidentiality. JASA, 67 (what linear combinations disclose).

"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.linalg import null_space
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from sopsem.errors import ResourceLimitError
from sopsem.sem.sample.distinct_rows import distinct_rows

__all__ = ["Determined", "atoms_of", "smallest_determined"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
LARGEST_WEIGHT = 100.0  # of a published group in a combination; in real tables 1, -1, 1/2
TIME_LIMIT = 30.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Determined:
    """The fewest people whom a combination of published sums tells about: their atoms, and its weights (g,)."""

    size: int
    atoms: Bools
    weights: npt.NDArray[np.float64]


def atoms_of(groups: Bools) -> tuple[Bools, npt.NDArray[np.intp]]:
    """Return the atoms of groups: who belongs together, and to which groups.

    Parameters
    ----------
    groups : (g, n) array of bool
        Who is in which group.

    Returns
    -------
    incidence : (g, a) array of bool
        Which atom is part of which group; people in no group are left out.
    place : (n,) array of int
        The atom of every person, -1 for those in no group.

    Examples
    --------
    >>> everybody, sales = [True] * 4, [True, True, False, False]
    >>> incidence, place = atoms_of(np.array([everybody, sales]))
    >>> incidence.astype(int).tolist(), place.tolist()
    ([[1, 1], [0, 1]], [1, 1, 0, 0])

    """
    patterns, place = distinct_rows(groups.T)
    inside = patterns.any(axis=1)
    number = np.where(inside, np.cumsum(inside) - 1, -1)
    return patterns[inside].T, number[place]


def smallest_determined(incidence: Bools, sizes: npt.NDArray[np.int64], least: int) -> Determined:
    """Return the fewest people, below ``least``, about whose answers alone published sums tell something.

    Parameters
    ----------
    incidence : (g, a) array of bool
        Of the published groups only.
    sizes : (a,) array of int
        People in every atom.
    least : int

    Returns
    -------
    Determined
        Of size 0 where there is no such combination.

    Raises
    ------
    ResourceLimitError
        The search does not end in half a minute: cross fewer groupings.

    Notes
    -----
    A combination w of published sums has the weights v = incidence'w on the atoms; it tells about the people of the
    atoms with v != 0.  Mixed-integer program (HiGHS): minimise sizes'x with |v| <= x in {0,1}^a, some v = 1, v = 0
    for atoms of ``least`` people or more, sizes'x < least.

    Examples
    --------
    Of 12 people 9 are in sales: the total and sales together tell of the other 3.

    >>> smallest_determined(np.array([[True, True], [True, False]]), np.array([9, 3]), 5).size
    3
    >>> smallest_determined(np.array([[True, True], [True, False]]), np.array([9, 3]), 3).size
    0

    """
    g, a = incidence.shape
    nothing = Determined(size=0, atoms=np.zeros(a, dtype=bool), weights=np.zeros(g))
    small, large = (sizes > 0) & (sizes < least), sizes >= least
    rows = incidence.T.astype(np.float64)
    silent = (
        null_space(rows[large]) if large.any() and g else np.eye(g)
    )  # combinations that spare large atoms
    if not small.any() or not silent.size or np.abs(rows[small] @ silent).max() < 1e-9:
        return nothing
    found = _search(rows[small], rows[large], sizes[small], least)
    if found.status == 2:  # infeasible
        return nothing
    if found.x is None or found.status != 0:
        raise ResourceLimitError(
            f"what {g} groups tell together could not be checked in time; publish fewer groupings at a time"
        )
    weights = np.round(found.x[:g], 6)
    atoms = np.zeros(a, dtype=bool)
    atoms[small] = np.abs(rows[small] @ weights) > 1e-5
    return Determined(size=int(sizes[atoms].sum()), atoms=atoms, weights=weights)


def _search(small: Floats, large: Floats, sizes: npt.NDArray[np.int64], least: int) -> OptimizeResult:
    """Solve the program in w (g), x (atoms: is it told about) and one (atoms: is its weight 1)."""
    a, g = small.shape
    rows, unit, none = sparse.csr_array(small), sparse.eye_array(a), sparse.csr_array((a, a))
    people = np.concatenate([np.zeros(g), sizes, np.zeros(a)])
    ones = np.concatenate([np.zeros(g + a), np.ones(a)])
    constraints = [
        LinearConstraint(sparse.hstack([rows, -unit, none]), -np.inf, 0.0),
        LinearConstraint(sparse.hstack([-rows, -unit, none]), -np.inf, 0.0),
        LinearConstraint(sparse.hstack([rows, none, -2.0 * unit]), -1.0, np.inf),
        LinearConstraint(people[None], 1.0, least - 1.0),
        LinearConstraint(ones[None], 1.0, np.inf),
    ]
    if len(large):
        spared = np.hstack([large, np.zeros((len(large), 2 * a))])
        constraints.append(LinearConstraint(sparse.csr_array(spared), 0.0, 0.0))
    edge = np.concatenate([np.full(g, LARGEST_WEIGHT), np.ones(2 * a)])
    return milp(
        people,
        integrality=np.concatenate([np.zeros(g), np.ones(2 * a)]),
        bounds=Bounds(np.concatenate([np.full(g, -LARGEST_WEIGHT), np.zeros(2 * a)]), edge),
        constraints=constraints,
        options={"time_limit": TIME_LIMIT},
    )
