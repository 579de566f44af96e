"""Which groups may be published together: primary and complementary suppression, and bounds on what is hidden.

References
----------
Hundepool, A., et al. (2012). Statistical Disclosure Control. Wiley, ch. 4 (secondary suppression, audit by linear
programming).

"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from sopsem.client.privacy.atoms import smallest_determined

__all__ = ["mean_bounds", "publishable"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def publishable(incidence: Bools, sizes: Ints, importance: Sequence[int], least: int) -> Bools:
    """Say which groups can be published so that nothing about fewer than ``least`` people can be solved for.

    Parameters
    ----------
    incidence : (g, a) array of bool
        Which atom is part of which group.
    sizes : (a,) array of int
        People in every atom.
    importance : sequence of int
        Of every group; where one must go, the least important goes, and among equals the smallest.
    least : int

    Returns
    -------
    (g,) array of bool

    Examples
    --------
    Total 16 = 9 + 4 + 3: the two small ones are hidden; then 4 + 3 = 7 people can be solved for, and may be.

    >>> groups = np.array([[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=bool)
    >>> publishable(groups, np.array([9, 4, 3]), [1, 0, 0, 0], 5).tolist()
    [True, True, False, False]

    Total 12 = 9 + 3: the group of 9 must go too.

    >>> publishable(groups[[0, 1, 2], :2], np.array([9, 3]), [1, 0, 0], 5).tolist()
    [True, False, False]

    """
    asked = (
        incidence.astype(bool).tobytes(),
        incidence.shape,
        sizes.astype(np.int64).tobytes(),
        tuple(importance),
        least,
    )
    return np.array(_publishable(*asked))


@lru_cache(maxsize=64)  # constructs that the same people answered have the same groups
def _publishable(
    groups: bytes, shape: tuple[int, int], people: bytes, importance: tuple[int, ...], least: int
) -> tuple[bool, ...]:
    incidence = np.frombuffer(groups, dtype=bool).reshape(shape)
    sizes = np.frombuffer(people, dtype=np.int64)
    counts = incidence.astype(np.int64) @ sizes
    shown = counts >= least
    while True:
        found = smallest_determined(incidence[shown], sizes, least)
        if found.size == 0:
            return tuple(shown.tolist())
        used = np.flatnonzero(shown)[np.abs(found.weights) > 1e-9]
        shown[min(used, key=lambda g: (importance[g], counts[g], -g))] = False


def mean_bounds(
    incidence: Bools, sizes: Ints, means: Floats, half: float, limits: tuple[float, float], target: Bools
) -> tuple[float, float]:
    """Return the lowest and highest mean that a set of people can have, given printed means.

    Parameters
    ----------
    incidence : (g, a) array of bool
        Of the groups with a printed mean.
    sizes : (a,) array of int
    means : (g,) array
        As printed; each stands for mean +- ``half``.
    half : float
    limits : (float, float)
        The lowest and highest answer there is.
    target : (a,) array of bool
        The atoms of the set.

    Notes
    -----
    A linear program (HiGHS) over the sums of the atoms: s_a in sizes_a [low, high], and for every group
    |incidence s - count mean| <= count half.

    Examples
    --------
    Twelve people have a mean of 6.9 of at most 7, nine of them one of 6.8:

    >>> groups = np.array([[1, 1], [1, 0]], dtype=bool)
    >>> bounds = mean_bounds(groups, np.array([9, 3]), np.array([6.9, 6.8]), 0.05, (1, 7), np.array([0, 1], bool))
    >>> [round(b, 2) for b in bounds]
    [6.85, 7.0]

    """
    counts = (incidence.astype(np.int64) @ sizes).astype(np.float64)
    rows = incidence.astype(np.float64)
    top, bottom = counts * (means + half), counts * (means - half)
    people = float(sizes[target].sum())
    each = [(n * limits[0], n * limits[1]) for n in sizes]
    ends = []
    for sign in (1.0, -1.0):
        found = linprog(
            sign * target.astype(np.float64),
            A_ub=np.vstack([rows, -rows]) if len(rows) else None,
            b_ub=np.concatenate([top, -bottom]) + 1e-9 if len(rows) else None,
            bounds=each,
            method="highs",
        )
        ends.append(sign * found.fun / people if found.status == 0 else np.nan)
    return ends[0], ends[1]
