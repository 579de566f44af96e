"""Composites (``<~``): which rows follow from their components, and their cells.

A composite is the weighted sum of its components.  Weights are parameters, the first fixed at 1; variances and
covariances of the components of one composite are those of the sample, and the variance of the composite
follows.  Other variables are related to the components through the composite alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel import Layout
from sopsem.kernel.composites import Composites
from sopsem.sem.estimation.moments import Moments
from sopsem.sem.model.spec import ModelSpec, Parameter

__all__ = [
    "Components",
    "component_blocks",
    "components_of",
    "composite_variance_rows",
    "is_derived",
    "with_component_moments",
    "with_composites",
]

Array = NDArray[np.float64]
Components = Mapping[str, tuple[str, ...]]


def components_of(spec: ModelSpec) -> dict[str, tuple[str, ...]]:
    """Return the components of every composite.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> components_of(model_spec("c <~ a + b; y ~ c"))
    {'c': ('a', 'b')}

    """
    own: dict[str, dict[str, None]] = {}
    for p in spec:
        if p.op == "<~":
            own.setdefault(p.lhs, {})[p.rhs] = None
    return {c: tuple(items) for c, items in own.items()}


def is_derived(row: Parameter, composites: Components) -> bool:
    """Say whether a row is a moment that follows: of the components of one composite, or of a composite.

    Examples
    --------
    >>> is_derived(Parameter(lhs="a", op="~~", rhs="b"), {"c": ("a", "b")})
    True

    """
    if row.op != "~~" or not composites:
        return False
    if row.lhs == row.rhs and row.lhs in composites:
        return True
    return any(row.lhs in items and row.rhs in items for items in composites.values())


def component_blocks(spec: ModelSpec) -> NDArray[np.intp]:
    """Return for every observed variable the number of its composite (p,), -1 without one."""
    owner = {v: k for k, items in enumerate(components_of(spec).values()) for v in items}
    return np.array([owner.get(v, -1) for v in spec.observed], dtype=np.intp)


def composite_variance_rows(spec: ModelSpec) -> NDArray[np.intp]:
    """Return where the variance of every composite stands in the table of one group, in their order."""
    rows = {p.lhs: i for i, p in enumerate(spec) if p.op == "~~" and p.lhs == p.rhs}
    return np.array([rows[c] for c in components_of(spec) if c in rows], dtype=np.intp)


def with_component_moments(spec: ModelSpec, moments: Sequence[Moments]) -> ModelSpec:
    """Return the table with the sample's values in the rows of the moments of components.

    Variances of composites have 0 there: they follow from the weights.
    """
    composites = components_of(spec)
    if not composites:
        return spec
    place = {v: i for i, v in enumerate(spec.observed)}
    rows = list(spec.parameters)
    for i, p in enumerate(rows):
        if is_derived(p, composites):
            own = moments[p.group - 1].covariance
            value = 0.0 if p.lhs in composites else float(own[place[p.lhs], place[p.rhs]])
            rows[i] = replace(p, value=value)
    return replace(spec, parameters=tuple(rows))


def with_composites(
    layout: Layout,
    spec: ModelSpec,
    place: Mapping[str, int],
    covariance: Array,
    offset: Array,
    basis: Array,
) -> Layout:
    """Return a layout with the cells that follow from its composites.

    Parameters
    ----------
    layout : Layout
        Of all other cells.
    spec : ModelSpec
        The table of one group.
    place : mapping
        Positions of the variables in the layout.
    covariance : (p, p) array
        Sample covariances on the metric of the layout.
    offset, basis : (m,) and (m, q) arrays
        The weights in table order, offset + basis @ theta.

    """
    rows = [p for p in spec if p.op == "<~"]
    if not rows:
        return layout
    names = list(components_of(spec))
    member = np.array([names.index(p.lhs) for p in rows], dtype=np.intp)
    at = np.array([place[p.rhs] for p in rows], dtype=np.intp)
    variables = np.array([place[c] for c in names], dtype=np.intp)
    pairs = [(i, j) for i, j in combinations_with_replacement(range(len(rows)), 2) if member[i] == member[j]]
    first, second = np.array(pairs, dtype=np.intp).T
    paths = np.column_stack([at, variables[member]])
    symmetric = np.vstack([np.column_stack([at[first], at[second]]), np.column_stack([variables, variables])])
    n_paths, m, n = len(layout.paths), len(rows), len(layout.offset) + len(rows)
    grown = np.insert(layout.basis, [n_paths] * m, 0.0, axis=0)
    return replace(
        layout,
        paths=np.vstack([layout.paths, paths]),
        symmetric=np.vstack([layout.symmetric, symmetric]),
        offset=np.concatenate([np.insert(layout.offset, [n_paths] * m, 0.0), np.zeros(len(symmetric))]),
        basis=np.vstack([grown, np.zeros((len(symmetric), layout.n_parameters))]),
        composites=Composites(
            offset=offset,
            basis=basis,
            member=member,
            covariance=covariance[np.ix_(at, at)] * (member[:, None] == member),
            first=first,
            second=second,
            variables=variables,
            loadings_at=np.arange(n_paths, n_paths + m),
            pairs_at=np.arange(n, n + len(pairs)),
            variances_at=np.arange(n + len(pairs), n + len(pairs) + len(names)),
            caused=any(_causes(p, names) for p in spec),
        ),
    )


def _causes(row: Parameter, names: Sequence[str]) -> bool:
    """Say whether a row sends a path to a composite."""
    return (row.op == "~" and row.lhs in names) or (row.op == "=~" and row.rhs in names)
