"""A likelihood as flat arrays: what the compiled search reads instead of layouts and objectives.

Every part (a group) is a row of ``parts`` whose columns (named in ``columns``) hold sizes and where its lists start in
``ints`` and ``floats``.  Every term (a pattern of observed variables of a part) is a row of ``terms``.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.compiled import columns as at
from sopsem.kernel.layout import Layout, ordered_pairs
from sopsem.kernel.objective import Likelihood, Objective, Selection, WeightedSum
from sopsem.kernel.pattern_likelihood import PatternLikelihood

__all__ = ["Plan", "plan_of"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
NOTHING = -1  # no cell: the fixed value stands alone


@dataclass(frozen=True, kw_only=True)
class Plan:
    """B problems: the model in index lists, and per problem packed moments, weights of terms and a constant."""

    n_parameters: int
    parts: Index
    terms: Index
    ints: Index
    floats: Array
    data: Array
    weights: Array
    constants: Array


class _Lists:
    """Lists put one after another."""

    def __init__(self) -> None:
        self.ints: list[Index] = []
        self.floats: list[Array] = []
        self._sizes = [0, 0]

    def whole(self, values: object) -> int:
        """Add integers; return where they start."""
        added = np.asarray(values, dtype=np.intp).ravel()
        self.ints.append(added)
        self._sizes[0] += len(added)
        return self._sizes[0] - len(added)

    def real(self, values: object) -> int:
        """Add floats; return where they start."""
        added = np.asarray(values, dtype=np.float64).ravel()
        self.floats.append(added)
        self._sizes[1] += len(added)
        return self._sizes[1] - len(added)


@dataclass(frozen=True)
class _Group:
    """One weighted part of an objective with the problems that are wanted of it."""

    layout: Layout
    moments: Array  # (B, P, p, p)
    shares: Array  # (B, P)
    masks: NDArray[np.bool_]
    constants: Array  # (B,)
    weights: Array  # (B,)


def plan_of(objective: Objective) -> Plan | None:
    """Return the plan of a likelihood of complete or incomplete rows, of one group or several; None of others.

    Models with feedback or composites have none: their inverse of I - A has no order to follow.
    """
    groups = _groups(objective, np.arange(objective.n_problems))
    if groups is None or any(_causal_order(g.layout) is None for g in groups):
        return None
    parts, ints, floats = _joined([_part(g.layout) for g in groups])
    rows: list[tuple[int, int, int, int]] = []
    data: list[Array] = []
    start = 0
    seen_first = len(ints)
    observed: list[Index] = []
    for number, group in enumerate(groups):
        for k, mask in enumerate(group.masks):
            seen = np.flatnonzero(mask)
            i, j = np.tril_indices(len(seen))
            rows.append((number, seen_first, len(seen), start))
            observed.append(seen)
            seen_first += len(seen)
            data.append(group.moments[:, k, seen[i], seen[j]])
            start += len(i)
    return Plan(
        n_parameters=objective.n_parameters,
        parts=parts,
        terms=np.array(rows, dtype=np.intp),
        ints=np.concatenate([ints, *observed]),
        floats=floats,
        data=np.concatenate(data, axis=1),
        weights=np.concatenate([g.weights[:, None] * g.shares for g in groups], axis=1),
        constants=np.asarray(sum(g.weights * g.constants for g in groups)),
    )


def _groups(objective: Objective, which: Index) -> list[_Group] | None:
    """Return the parts of an objective for these problems; None where one is no likelihood."""
    if isinstance(objective, Selection):
        return _groups(objective.objective, objective.at[which])
    if isinstance(objective, WeightedSum):
        found: list[_Group] = []
        for g, part in enumerate(objective.parts):
            own = _groups(part, which)
            if own is None:
                return None
            weight = objective.weights[which, g]
            found.extend(_weighted(one, weight) for one in own)
        return found
    if isinstance(objective, PatternLikelihood):
        statistics = objective.moments[which], objective.shares[which]
        ones = np.ones(len(which))
        return [_Group(objective.layout, *statistics, objective.masks, objective.constants[which], ones)]
    if isinstance(objective, Likelihood):
        p = objective.layout.n_observed
        share = np.ones((len(which), 1))
        constants = -objective.log_moments[which] - p
        everything = np.ones((1, p), dtype=np.bool_)
        moments = objective.moments[which][:, None]
        return [_Group(objective.layout, moments, share, everything, constants, share[:, 0])]
    return None


def _weighted(group: _Group, weights: Array) -> _Group:
    parts = group.layout, group.moments, group.shares, group.masks, group.constants
    return _Group(*parts, group.weights * weights)


def _arrows(layout: Layout) -> NDArray[np.bool_]:
    """Return which variable (row) another (column) sends a path to."""
    arrows = layout.fixed_paths != 0.0
    arrows[layout.paths[:, 0], layout.paths[:, 1]] = True
    return np.asarray(arrows)


def _causal_order(layout: Layout) -> Index | None:
    """Return the variables with causes before effects; None with feedback or composites."""
    if layout.composites is not None:
        return None
    arrows, left = _arrows(layout), np.ones(layout.n_variables, dtype=np.bool_)
    order: list[int] = []
    while left.any():
        free = np.flatnonzero(left & ~(arrows & left[None, :]).any(axis=1))
        if not len(free):
            return None
        order.extend(int(v) for v in free)
        left[free] = False
    return np.array(order, dtype=np.intp)


def _first(counts: Index) -> Index:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)


def _joined(parts: list[tuple[Index, Index, Array]]) -> tuple[Index, Index, Array]:
    """Put the lists of several parts one after another and shift where they start."""
    rows, whole, real = [], 0, 0
    real_lists = np.isin(np.arange(at.N_COLUMNS), at.REAL)
    sizes = np.isin(np.arange(at.N_COLUMNS), at.SIZES)
    for row, ints, floats in parts:
        rows.append(row + np.where(sizes, 0, np.where(real_lists, real, whole)))
        whole, real = whole + len(ints), real + len(floats)
    return np.stack(rows), np.concatenate([i for _, i, _ in parts]), np.concatenate([f for _, _, f in parts])


@lru_cache(maxsize=32)
def _part(layout: Layout) -> tuple[Index, Index, Array]:
    """Return the row of ``parts`` of a layout with its lists; kept, as blocks of draws ask for it again."""
    lists = _Lists()
    row = np.zeros(at.N_COLUMNS, dtype=np.intp)
    row[at.P], row[at.V] = layout.n_observed, layout.n_variables
    row[at.M], row[at.CELLS] = len(layout.sources), len(layout.offset)
    cells, parameters = np.nonzero(layout.basis)
    row[at.CELL_FIRST] = lists.whole(_first(np.bincount(cells, minlength=len(layout.offset))))
    row[at.CELL_PARAMETER] = lists.whole(parameters)
    row[at.CELL_COEFFICIENT_F] = lists.real(layout.basis[cells, parameters])
    row[at.CELL_OFFSET_F] = lists.real(layout.offset)
    _put_paths(layout, lists, row)
    _put_covariances(layout, lists, row)
    _put_pairs(layout, lists, row)
    return row, np.concatenate(lists.ints), np.concatenate(lists.floats)


def _cell_of(layout: Layout) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]:
    """Return cell numbers by place, of paths and of symmetric paths (larger variable first)."""
    n = len(layout.paths)
    paths = {(int(i), int(j)): k for k, (i, j) in enumerate(layout.paths)}
    symmetric = {(int(max(i, j)), int(min(i, j))): n + k for k, (i, j) in enumerate(layout.symmetric)}
    return paths, symmetric


def _put_paths(layout: Layout, lists: _Lists, row: Index) -> None:
    order, arrows = _causal_order(layout), _arrows(layout)
    cell, place = _cell_of(layout)[0], layout.place
    heads = [(int(i), int(j)) for i in np.asarray(order) for j in np.flatnonzero(arrows[i])]
    row[at.ORDER] = lists.whole(order)
    row[at.SOURCE_OF] = lists.whole(place)
    row[at.SOURCES] = lists.whole(layout.sources)
    row[at.ARROW_FIRST] = lists.whole(_first(arrows[order].sum(axis=1)))
    row[at.ARROW_SOURCE] = lists.whole([place[j] for _, j in heads])
    row[at.ARROW_CELL] = lists.whole([cell.get(h, NOTHING) for h in heads])
    row[at.ARROW_FIXED_F] = lists.real([layout.fixed_paths[h] for h in heads])


def _put_covariances(layout: Layout, lists: _Lists, row: Index) -> None:
    """Sort the symmetric paths by whether their ends send paths."""
    cell, place, p = _cell_of(layout)[1], layout.place, layout.n_observed
    fixed = np.argwhere(np.tril(layout.fixed_symmetric) != 0.0)
    ends = sorted(set(cell) | {(int(i), int(j)) for i, j in fixed})
    kinds: dict[int, list[tuple[tuple[int, int, int], float]]] = {0: [], 1: [], 2: []}
    for i, j in ends:
        sending = [v for v in (i, j) if place[v] >= 0]
        silent = [v for v in (i, j) if place[v] < 0]
        if any(v >= p for v in silent):
            continue  # a latent variable that sends no path shows nowhere
        first, second = [int(place[v]) for v in sending] + silent
        entry = (first, second, cell.get((i, j), NOTHING))
        kinds[len(silent)].append((entry, float(layout.fixed_symmetric[i, j])))
    for kind, start, count, values in (
        (0, at.LATENT, at.N_LATENT, at.LATENT_FIXED_F),
        (1, at.MIXED, at.N_MIXED, at.MIXED_FIXED_F),
        (2, at.OWN, at.N_OWN, at.OWN_FIXED_F),
    ):
        row[start] = lists.whole([entry for entry, _ in kinds[kind]])
        row[count] = len(kinds[kind])
        row[values] = lists.real([value for _, value in kinds[kind]])


def _put_pairs(layout: Layout, lists: _Lists, row: Index) -> None:
    """Put down where gradient and second derivatives read, by cell and pair of cells, and what they add to."""
    pairs = layout.pairs
    row[at.PAIRS] = len(pairs.both)
    row[at.SLOPE] = lists.whole(pairs.slope)
    row[at.SLOPE_WEIGHT_F] = lists.real(2.0 * pairs.weight)
    row[at.INNER] = lists.whole(np.stack(pairs.inner, axis=1))
    row[at.BOTH_F] = lists.real(pairs.both)
    _put_curvature(layout, lists, row)
    _put_targets(layout, lists, row)


def _put_curvature(layout: Layout, lists: _Lists, row: Index) -> None:
    """Put down the terms of the curvature in the order of their pairs.

    E and G of the sources are kept by rows of all variables and after them.
    """
    v, m = layout.n_variables, len(layout.sources)
    rows = (layout.sources[:, None] * m + np.arange(m)).ravel()
    through = np.concatenate([rows, v * m + np.arange(m * m)])
    terms = layout.pairs.curvature
    pair = np.concatenate([term.where for term in terms])
    order = np.argsort(pair, kind="stable")
    row[at.CURVE_FIRST] = lists.whole(_first(np.bincount(pair, minlength=len(layout.pairs.both))))
    row[at.CURVE_THROUGH] = lists.whole(through[np.concatenate([term.through for term in terms])[order]])
    row[at.CURVE_CROSSED] = lists.whole(np.concatenate([term.crossed for term in terms])[order])
    row[at.CURVE_WEIGHT_F] = lists.real(np.concatenate([term.weight for term in terms])[order])


def _put_targets(layout: Layout, lists: _Lists, row: Index) -> None:
    """Put down which second derivatives (packed by rows of the lower triangle) every pair of cells adds to."""
    basis, n_paths = layout.basis, len(layout.paths)
    k, l = ordered_pairs(len(basis), n_paths)  # noqa: E741
    moved = [np.flatnonzero(b) for b in basis]
    first: list[int] = [0]
    target: list[int] = []
    coefficient: list[float] = []
    for one, other in zip(k, l, strict=True):
        added: dict[int, float] = {}
        for a in moved[one]:
            for b in moved[other]:
                if one == other and b > a:
                    continue
                high, low = max(a, b), min(a, b)
                # a pair of two cells stands for (k, l) and (l, k): both fall on the diagonal of one parameter
                times = 2.0 if one != other and a == b else 1.0
                place = int(high * (high + 1) // 2 + low)
                added[place] = added.get(place, 0.0) + float(times * basis[one, a] * basis[other, b])
        target.extend(added)
        coefficient.extend(added.values())
        first.append(len(target))
    row[at.TARGET_FIRST] = lists.whole(first)
    row[at.TARGET] = lists.whole(target)
    row[at.TARGET_COEFFICIENT_F] = lists.real(coefficient)
