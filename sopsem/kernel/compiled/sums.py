"""What a model takes beyond dense algebra, as lists of sums of products: t += share x sum of coefficient x y.

Cells of parameters, implied moments of cells, gradient and Hessian of M'WM and M'QM (see ``layout.Pairs``): every
one is a sum over what is not 0 by the arrows alone, and the compiled search knows no more of a model.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.compiled.regions import ONE, Places
from sopsem.kernel.layout import Layout

__all__ = ["Sums", "causal_order", "sums_of"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Truth = NDArray[np.bool_]


class Sums(NamedTuple):
    """Sums in the order of working out: target and first term, and of every term two factors and a coefficient."""

    rows: Index  # (n, 2)
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    coefficient: Array
    ends: Index  # of the sums for implied moments, gradient, Hessian


class _Matrix(NamedTuple):
    """A matrix whose elements are coefficients times what stands at places."""

    there: Truth
    at: Index
    coefficient: Array


class _Terms:
    """Terms collected; sums of a lower rank are worked out before."""

    def __init__(self) -> None:
        self.keys: list[Index] = []
        self.coefficients: list[Array] = []

    def add(self, rank: Any, target: Any, left: Any, right: Any, coefficient: Any = 1.0) -> None:
        """Add terms: all arguments broadcast."""
        *keys, values = np.broadcast_arrays(rank, target, left, right, coefficient)
        self.keys.append(np.stack([key.ravel() for key in keys]).astype(np.intp))
        self.coefficients.append(values.ravel().astype(np.float64))

    def sorted(self, ranks: tuple[int, ...]) -> Sums:
        """Return them by sums, equal products put together; ``ranks`` are the last of the three kinds of sums."""
        keys, values = np.concatenate(self.keys, axis=1), np.concatenate(self.coefficients)
        keys[2:] = np.sort(keys[2:], axis=0)
        order = np.lexsort(keys[::-1])
        keys, values = keys[:, order], values[order]
        new = np.ones(keys.shape[1], dtype=np.bool_)
        new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
        coefficient = np.add.reduceat(values, np.flatnonzero(new))
        rank, target, left, right = keys[:, new]
        starts = np.ones(len(rank), dtype=np.bool_)
        starts[1:] = (rank[1:] != rank[:-1]) | (target[1:] != target[:-1])
        rows = np.stack([target[starts], np.flatnonzero(starts)], axis=1)
        ends = np.searchsorted(rank[starts], ranks, side="right")
        return Sums(rows, left.astype(np.int32), right.astype(np.int32), coefficient, ends)


@lru_cache(maxsize=32)
def sums_of(layout: Layout, places: Places) -> Sums:
    """Return the sums of a layout; kept, as blocks of draws ask for them again."""
    v = layout.n_variables
    terms = _Terms()
    _add_implied(layout, places, terms)
    _add_gradient(layout, places, terms, v + 3)
    _add_hessian(layout, places, terms, v + 4)
    return terms.sorted((v + 2, v + 3, v + 4))


def _paths(layout: Layout, places: Places) -> _Matrix:
    """Return A."""
    at, coefficient = np.full(layout.fixed_paths.shape, ONE), layout.fixed_paths.copy()
    rows, columns = layout.paths.T
    at[rows, columns], coefficient[rows, columns] = places.implied + np.arange(len(rows)), 1.0
    return _Matrix(coefficient != 0.0, at, coefficient)


def _symmetric(layout: Layout, places: Places) -> _Matrix:
    """Return S."""
    at, coefficient = np.full(layout.fixed_symmetric.shape, ONE), layout.fixed_symmetric.copy()
    cells = places.implied + len(layout.paths) + np.arange(len(layout.symmetric))
    for rows, columns in (layout.symmetric.T, layout.symmetric.T[::-1]):
        at[rows, columns], coefficient[rows, columns] = cells, 1.0
    return _Matrix(coefficient != 0.0, at, coefficient)


def causal_order(layout: Layout) -> Index | None:
    """Return the variables with causes before effects; None with feedback or composites."""
    if layout.composites is not None:
        return None
    arrows, left = layout.fixed_paths != 0.0, np.ones(layout.n_variables, dtype=np.bool_)
    arrows[layout.paths[:, 0], layout.paths[:, 1]] = True
    order: list[int] = []
    while left.any():
        free = np.flatnonzero(left & ~(arrows & left[None, :]).any(axis=1))
        if not len(free):
            return None
        order.extend(int(v) for v in free)
        left[free] = False
    return np.array(order, dtype=np.intp)


def _spread(layout: Layout, places: Places, arrows: Truth, order: Index) -> _Matrix:
    """Return E = (I - A)^-1: what sends no path has a column of the identity."""
    v, m = layout.n_variables, len(layout.sources)
    reached: Truth = np.eye(v, dtype=np.bool_)
    for variable in order:
        reached[variable] |= reached[arrows[variable]].any(axis=0)
    at = np.full((v, v), ONE)
    at[:, layout.sources] = places.spread + np.arange(v * m).reshape(v, m)
    return _Matrix(reached, at, np.ones((v, v)))


def _add_implied(layout: Layout, places: Places, terms: _Terms) -> None:
    """Add cells, E, R = E S, G = R E' of the sources, K = [E, G] and Sigma = R E' of the observed."""
    p, v, m, sources = layout.n_observed, layout.n_variables, len(layout.sources), layout.sources
    cells = places.implied + np.arange(len(layout.offset))
    terms.add(0, cells, ONE, ONE, layout.offset)
    c, i = np.nonzero(layout.basis)
    terms.add(0, cells[c], places.theta + i, ONE, layout.basis[c, i])
    order = np.asarray(causal_order(layout))
    rank = np.empty(v, dtype=np.intp)
    rank[order] = np.arange(1, v + 1)
    paths, symmetric = _paths(layout, places), _symmetric(layout, places)
    spread = _spread(layout, places, paths.there, order)
    e = _Matrix(spread.there[:, sources], spread.at[:, sources], spread.coefficient[:, sources])
    terms.add(rank[sources], e.at[sources, np.arange(m)], ONE, ONE)
    a, c, s = _met(paths.there, e.there)
    terms.add(rank[a], e.at[a, s], paths.at[a, c], e.at[c, s], paths.coefficient[a, c])
    r = places.carried + np.arange(v * m).reshape(v, m)
    a, x, t = _met(spread.there, symmetric.there[:, sources])
    x_t = x, sources[t]
    terms.add(v + 1, r[a, t], spread.at[a, x], symmetric.at[x_t], symmetric.coefficient[x_t])
    carried = spread.there @ symmetric.there[:, sources]
    k = places.columns + np.arange(p)[:, None] * places.row_k + np.arange(2 * m)
    a, s = np.nonzero(e.there[:p])
    terms.add(v + 2, k[a, s], e.at[a, s], ONE)
    a, t, s = _met(carried, e.there[sources].T)
    seen, sends = a < p, layout.place[a] >= 0
    terms.add(v + 2, k[a[seen], m + s[seen]], r[a, t][seen], e.at[sources[s], t][seen])
    total = places.total + layout.place[a] * m + s
    terms.add(v + 2, total[sends], r[a, t][sends], e.at[sources[s], t][sends])
    _add_sigma(layout, places, terms, spread, symmetric, (carried[:p], r, e))


def _add_sigma(
    layout: Layout,
    places: Places,
    terms: _Terms,
    spread: _Matrix,
    symmetric: _Matrix,
    carried: tuple[Truth, Index, _Matrix],
) -> None:
    """Add the lower triangle of Sigma, through sources, and by unit columns through what sends no path."""
    p = layout.n_observed
    there, r, e = carried
    a, t, b = _met(there, e.there[:p].T)
    low = a >= b
    a, t, b = a[low], t[low], b[low]
    terms.add(layout.n_variables + 2, places.sigma + a * places.row + b, r[a, t], e.at[b, t])
    a, x, b = _met(spread.there[:p], symmetric.there[:, :p])
    low = (a >= b) & (layout.place[b] < 0)
    a, x, b = a[low], x[low], b[low]
    target = places.sigma + a * places.row + b
    terms.add(
        layout.n_variables + 2, target, spread.at[a, x], symmetric.at[x, b], symmetric.coefficient[x, b]
    )


def _met(left: Truth, right: Truth) -> tuple[Index, Index, Index]:
    """Return all i, k, j with left[i, k] and right[k, j]."""
    i, k, j = np.nonzero(left[:, :, None] & right[None, :, :])
    return i, k, j


def _inner(layout: Layout, places: Places, position: Index) -> tuple[Index, Truth]:
    """Return where positions of ``Pairs`` in M'XM stand after ``inner``, and which are no constant 0."""
    p, k = layout.n_observed, 2 * len(layout.sources)
    ahead = (p + 1) * places.row
    both = ahead + (p + 1) * places.row_k
    x_i, x_j = np.divmod(position, p)
    a_i, a_j = np.divmod(position - p * p, max(k, 1))
    b_i, b_j = np.divmod(position - p * p - p * k, max(k, 1))
    lower = both + np.maximum(b_i, b_j) * places.row_k + np.minimum(b_i, b_j)
    place = np.where(position < p * p + p * k, ahead + a_i * places.row_k + a_j, lower)
    place = np.where(position < p * p, x_i * places.row + x_j, place)
    return place, position != p * p + p * k + k * k


def _add_gradient(layout: Layout, places: Places, terms: _Terms, rank: int) -> None:
    """Add tr(Q dSigma_k), carried to the parameters."""
    c, i = np.nonzero(layout.basis)
    slope, there = _inner(layout, places, layout.pairs.slope)
    c, i = c[there[c]], i[there[c]]
    last = places.hessian + layout.n_parameters
    weight = 2.0 * layout.pairs.weight[c] * layout.basis[c, i]
    terms.add(rank, last + i * places.row_h, places.crossed + slope[c], ONE, weight)


def _add_hessian(layout: Layout, places: Places, terms: _Terms, rank: int) -> None:
    """Add the upper triangle of the second derivatives, carried to the parameters.

    What stands at ``inner`` then is Y = I - C, and C at ``crossed``, both as in ``reference.observed_hessian``, where
    I_cc Y_bb - C_cc I_bb = Y_cc Y_bb - C_cc C_bb.
    """
    pair, left, right, weight = _terms_of_pairs(layout, places)
    order = np.argsort(pair, kind="stable")
    counts = np.bincount(pair, minlength=len(layout.pairs.both))
    before = np.cumsum(counts) - counts
    cells, parameters = np.nonzero(layout.basis)
    moved = layout.basis[cells, parameters]
    i, j = np.nonzero(parameters[:, None] <= parameters[None, :])
    both = layout.pairs.square[cells[i] * len(layout.basis) + cells[j]]
    times = counts[both]
    each = np.repeat(np.arange(len(i)), times)
    term = order[before[both][each] + np.arange(len(each)) - np.repeat(np.cumsum(times) - times, times)]
    target = places.hessian + parameters[i] * places.row_h + parameters[j]
    coefficient = (moved[i] * moved[j])[each] * weight[term]
    terms.add(rank, target[each], left[term], right[term], coefficient)


def _terms_of_pairs(layout: Layout, places: Places) -> tuple[Index, Index, Index, Array]:
    """Return pair, factors and coefficient of every term of the second derivatives by pairs of cells."""
    pairs, m = layout.pairs, len(layout.sources)
    found: list[tuple[Index, Index, Index, Array]] = []
    (bb, cc, bc, cb), there = zip(
        *(_inner(layout, places, position) for position in pairs.inner), strict=True
    )
    for one, other, known in ((cc, bb, there[0] & there[1]), (bc, cb, there[2] & there[3])):
        k = np.flatnonzero(known)
        found.append((k, places.inner + one[k], places.inner + other[k], pairs.both[k]))
        found.append((k, places.crossed + one[k], places.crossed + other[k], -pairs.both[k]))
    of_sources = places.spread + (layout.sources[:, None] * m + np.arange(m)).ravel()
    through = np.concatenate([of_sources, places.total + np.arange(m * m)])
    for term in pairs.curvature:
        crossed = places.crossed + _inner(layout, places, term.crossed)[0]
        found.append((term.where, through[term.through], crossed, term.weight))
    pair, left, right, weight = (np.concatenate(part) for part in zip(*found, strict=True))
    return pair, left, right, weight
