"""A likelihood as flat arrays: what the compiled search reads instead of layouts and objectives."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.compiled import columns as of
from sopsem.kernel.compiled.regions import Places, places_of
from sopsem.kernel.compiled.sums import Sums, causal_order, sums_of
from sopsem.kernel.layout import Layout
from sopsem.kernel.objective import Likelihood, Objective, Selection, WeightedSum
from sopsem.kernel.pattern_likelihood import PatternLikelihood

__all__ = ["Plan", "plan_of"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """B problems: the model in lists, and per problem a constant, packed moments and weights of terms."""

    places: Places
    n_terms: int
    table: Index
    factors: tuple[NDArray[np.int32], NDArray[np.int32], Array]
    constants: Array
    data: Array


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
    if groups is None or any(causal_order(g.layout) is None for g in groups):
        return None
    masks = [(number, mask) for number, group in enumerate(groups) for mask in group.masks]
    observed = [np.flatnonzero(mask) for _, mask in masks]
    counts = np.array([len(seen) for seen in observed])
    moments = counts * (counts + 1) // 2
    sizes = np.array([_sizes(g.layout) for g in groups])
    places = places_of(objective.n_parameters, sizes, int(moments.sum()), len(masks))
    terms = np.empty((len(masks), of.N_TERM), dtype=np.intp)
    seen_at = terms.size + of.N_PART * len(groups)
    terms[:, of.PART] = terms.size + of.N_PART * np.array([number for number, _ in masks])
    terms[:, of.OBSERVED] = seen_at + np.cumsum(counts) - counts
    terms[:, of.COUNT] = counts
    terms[:, of.DATA] = places.moments + np.cumsum(moments) - moments
    terms[:, of.SHARE] = places.shares + np.arange(len(masks))
    sums = [sums_of(g.layout, places) for g in groups]
    parts, rows = _joined(sizes, sums, seen_at + int(counts.sum()))
    left, right, coefficient = zip(*((s.left, s.right, s.coefficient) for s in sums), strict=True)
    return Plan(
        places=places,
        n_terms=len(masks),
        table=np.concatenate([terms.ravel(), parts.ravel(), *observed, rows.ravel()]),
        factors=(np.concatenate(left), np.concatenate(right), np.concatenate(coefficient)),
        constants=np.asarray(sum(g.weights * g.constants for g in groups)),
        data=np.concatenate([_packed(groups), *(g.weights[:, None] * g.shares for g in groups)], axis=1),
    )


def _packed(groups: list[_Group]) -> Array:
    """Return the lower triangles of what every term observes, by rows and one after another."""
    found = []
    for group in groups:
        for k, mask in enumerate(group.masks):
            seen = np.flatnonzero(mask)
            i, j = np.tril_indices(len(seen))
            found.append(group.moments[:, k, seen[i], seen[j]])
    return np.concatenate(found, axis=1)


def _sizes(layout: Layout) -> tuple[int, int, int, int]:
    return layout.n_observed, layout.n_variables, len(layout.sources), len(layout.offset)


def _joined(sizes: Index, sums: list[Sums], start: int) -> tuple[Index, Index]:
    """Return the rows of parts, and all sums one after another, which start at ``start`` of the table."""
    parts, rows, terms = [], [], 0
    for (p, _, m, _), own in zip(sizes, sums, strict=True):
        parts.append([p, 2 * m, start, *(start + of.N_SUM * own.ends)])
        rows.append(own.rows + np.array([0, terms]))
        start, terms = start + own.rows.size, terms + len(own.left)
    return np.array(parts), np.concatenate([*rows, [[0, terms]]])


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
