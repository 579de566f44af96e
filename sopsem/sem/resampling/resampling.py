"""Which rows draw b uses: a function of (seed, b) alone, the same on every machine, for any workers.

The bits come from Philox (Salmon et al., 2011) keyed by (seed, draw); indices are made from them by rejection
here, so that they depend on no library's sampling routine.
"""

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError

__all__ = ["check_seed", "normal_rows", "resample_counts", "resample_indices"]

Index = NDArray[np.intp]
_CASE, _NORMAL = 0, 1


def check_seed(seed: int) -> int:
    """Return the seed when it is an integer from 0 to 2^64 - 1."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= int(seed) < 2**64:
        raise UsageError(f"seed is {seed!r}; give a whole number from 0 to 2^64 - 1")
    return int(seed)


def _bits(seed: int, draw: int, stream: int, group: int) -> np.random.Philox:
    return np.random.Philox(
        key=np.array([seed, draw], dtype=np.uint64), counter=np.array([0, 0, group, stream], dtype=np.uint64)
    )


def resample_indices(seed: int, draw: int, n: int, *, group: int = 0) -> Index:
    """Return the n row positions (from 0) of bootstrap draw ``draw``, drawn with replacement.

    Parameters
    ----------
    seed : int
        0 to 2^64 - 1.
    draw : int
        Number of the draw, from 0.
    n : int
        Rows to draw from, and to draw.
    group : int
        Number of the group, from 0: every group has bits of its own.

    Examples
    --------
    >>> resample_indices(42, 317, 6).tolist() == resample_indices(42, 317, 6).tolist()
    True

    """
    bits = _bits(check_seed(seed), draw, _CASE, group)
    limit = _limit(n)
    found = np.empty(0, dtype=np.uint64)
    while len(found) < n:
        raw = np.asarray(bits.random_raw(n - len(found)), dtype=np.uint64)
        found = np.concatenate([found, raw[raw <= limit]])
    return (found % np.uint64(n)).astype(np.intp)


def resample_counts(seed: int, draws: NDArray[np.integer], n: int, *, group: int = 0) -> NDArray[np.float64]:
    """Return how often each of the n rows is taken in these draws, (B, n): the counts of ``resample_indices``.

    Examples
    --------
    >>> counts = resample_counts(42, np.array([317]), 6)[0]
    >>> bool((counts == np.bincount(resample_indices(42, 317, 6), minlength=6)).all())
    True

    """
    bits = _bits(check_seed(seed), 0, _CASE, group)
    state = bits.state
    raw = np.empty((len(draws), n), dtype=np.uint64)
    for i, draw in enumerate(draws):  # a generator set back is five times as quick as a new one
        state["state"]["key"][1] = draw
        bits.state = state
        raw[i] = bits.random_raw(n)
    taken = (raw % np.uint64(n)).astype(np.intp) + n * np.arange(len(draws))[:, None]
    counts = np.bincount(taken.ravel(), minlength=n * len(draws)).reshape(len(draws), n).astype(np.float64)
    for at in np.flatnonzero((raw > _limit(n)).any(axis=1)):  # a number was to be rejected and drawn again
        counts[at] = np.bincount(resample_indices(seed, int(draws[at]), n, group=group), minlength=n)
    return counts


def _limit(n: int) -> np.uint64:
    """Return the largest number that favours no index: the largest multiple of n that fits, less 1."""
    return np.uint64((2**64 // n) * n - 1)


def normal_rows(seed: int, draw: int, n: int, p: int, *, group: int = 0) -> NDArray[np.float64]:
    """Return an (n, p) array of independent standard normal numbers for parametric draw ``draw`` of a group."""
    return np.random.Generator(_bits(check_seed(seed), draw, _NORMAL, group)).standard_normal((n, p))
