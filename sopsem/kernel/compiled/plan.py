"""A likelihood as flat arrays: what the compiled search reads instead of layouts and objectives.

Every part (a group) is a row of ``parts``, every term (a pattern of observed variables of a part) one of ``terms``;
their columns are named in ``columns``.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    """B problems: the model in index lists, and per problem packed moments, weights of terms and a constant."""

    places: Places
    parts: Index
    terms: Index
    observed: Index
    sums: tuple[Any, ...]
    data: Array
    weights: Array
    constants: Array


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
    terms: list[tuple[int, int, int, int]] = []
    data: list[Array] = []
    observed: list[Index] = []
    for number, group in enumerate(groups):
        for k, mask in enumerate(group.masks):
            seen = np.flatnonzero(mask)
            i, j = np.tril_indices(len(seen))
            terms.append((number, sum(map(len, observed)), len(seen), sum(block.shape[1] for block in data)))
            observed.append(seen)
            data.append(group.moments[:, k, seen[i], seen[j]])
    q, moments = objective.n_parameters, np.concatenate(data, axis=1)
    sizes = np.array([_sizes(g.layout) for g in groups])
    places = places_of(q, sizes, moments.shape[1], len(terms))
    parts, sums = _joined([(g.layout, sums_of(g.layout, places)) for g in groups])
    return Plan(
        places=places,
        parts=parts,
        terms=np.array(terms, dtype=np.intp),
        observed=np.concatenate(observed),
        sums=sums,
        data=moments,
        weights=np.concatenate([g.weights[:, None] * g.shares for g in groups], axis=1),
        constants=np.asarray(sum(g.weights * g.constants for g in groups)),
    )


def _sizes(layout: Layout) -> tuple[int, int, int, int]:
    return layout.n_observed, layout.n_variables, len(layout.sources), len(layout.offset)


def _joined(parts: list[tuple[Layout, Sums]]) -> tuple[Index, tuple[Any, ...]]:
    """Return the table of parts, and their sums one after another."""
    rows, first, sums, terms = [], [], 0, 0
    for layout, own in parts:
        rows.append([layout.n_observed, 2 * len(layout.sources), sums, *(sums + own.ends)])
        first.append(own.first[:-1] + terms)
        sums, terms = sums + len(own.target), terms + len(own.left)
    table = np.array(rows, dtype=np.intp)
    return table, (
        np.concatenate([own.target for _, own in parts]),
        np.append(np.concatenate(first), terms),
        *(np.concatenate(column) for column in zip(*(own[2:5] for _, own in parts), strict=True)),
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
