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
from sopsem.kernel.composites import Composites, Means
from sopsem.sem.model.spec import ModelSpec, Parameter
from sopsem.sem.sample.moments import Moments

__all__ = [
    "Components",
    "component_blocks",
    "components_of",
    "composite_rows",
    "is_derived",
    "with_component_moments",
    "with_composites",
]

Array = NDArray[np.float64]
Components = Mapping[str, tuple[str, ...]]
Line = tuple[Array, Array]  # offset and basis
Pair = tuple[int, int]


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
    """Say whether a row is a moment that follows: (co)variances inside one composite, its variance and mean.

    Examples
    --------
    >>> is_derived(Parameter(lhs="a", op="~~", rhs="b"), {"c": ("a", "b")})
    True

    """
    if row.op == "~1":
        return row.lhs in composites
    if row.op != "~~" or not composites:
        return False
    if row.lhs == row.rhs and row.lhs in composites:
        return True
    return any(row.lhs in items and row.rhs in items for items in composites.values())


def component_blocks(spec: ModelSpec) -> NDArray[np.intp]:
    """Return for every observed variable the number of its composite (p,), -1 without one."""
    owner = {v: k for k, items in enumerate(components_of(spec).values()) for v in items}
    return np.array([owner.get(v, -1) for v in spec.observed], dtype=np.intp)


def composite_rows(spec: ModelSpec, op: str) -> NDArray[np.intp]:
    """Return where the variance (``~~``) or mean (``~1``) of every composite stands in the table of one group."""
    rows = {p.lhs: i for i, p in enumerate(spec) if p.op == op and p.rhs in (p.lhs, "")}
    return np.array([rows[c] for c in components_of(spec) if c in rows], dtype=np.intp)


def with_component_moments(spec: ModelSpec, moments: Sequence[Moments]) -> ModelSpec:
    """Return the table with the sample's values in the rows of the moments of components.

    Variances and means of composites have 0 there: they follow from the weights.
    """
    composites = components_of(spec)
    if not composites:
        return spec
    place = {v: i for i, v in enumerate(spec.observed)}
    rows = list(spec.parameters)
    for i, p in enumerate(rows):
        if is_derived(p, composites):
            own = moments[p.group - 1].covariance
            value = 0.0 if p.op == "~1" or p.lhs in composites else float(own[place[p.lhs], place[p.rhs]])
            rows[i] = replace(p, value=value)
    return replace(spec, parameters=tuple(rows))


def with_composites(
    layout: Layout,
    spec: ModelSpec,
    place: Mapping[str, int],
    covariance: Array,
    weights: Line,
    means: Line,
    shift: Array,
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
    weights, means : pairs of (m,) and (m, q) arrays
        Weights, and means of the components, as offset + basis @ theta; both in table order of the weights.
    shift : (p,) array
        What the layout takes off the observed variables.

    """
    rows = [p for p in spec if p.op == "<~"]
    if not rows:
        return layout
    names, constant = list(components_of(spec)), [place[""]] if spec.meanstructure else []
    member = np.array([names.index(p.lhs) for p in rows], dtype=np.intp)
    at = np.array([place[p.rhs] for p in rows], dtype=np.intp)
    variables = np.array([place[c] for c in names], dtype=np.intp)
    pairs = [(i, j) for i, j in combinations_with_replacement(range(len(rows)), 2) if member[i] == member[j]]
    first, second = np.array(pairs, dtype=np.intp).T
    paths = [(x, variables[k]) for x, k in zip(at, member, strict=True)]
    paths += [(v, c) for c in constant for v in (*at, *variables)]
    symmetric = [(at[i], at[j]) for i, j in pairs] + [(v, v) for v in variables]
    grown, cells = _grown(layout, paths, symmetric)
    ends = np.cumsum([len(rows), len(constant) * len(rows), len(constant) * len(names), len(pairs)])
    loadings_at, components_at, composites_at, pairs_at, variances_at = np.split(cells, ends)
    located = Means(
        offset=means[0],
        basis=means[1],
        shift=shift[at],
        constant=constant[0] if constant else -1,
        components_at=components_at,
        composites_at=composites_at,
    )
    return replace(
        grown,
        composites=Composites(
            offset=weights[0],
            basis=weights[1],
            member=member,
            covariance=covariance[np.ix_(at, at)] * (member[:, None] == member),
            first=first,
            second=second,
            variables=variables,
            loadings_at=loadings_at,
            pairs_at=pairs_at,
            variances_at=variances_at,
            caused=any(_causes(p, names) for p in spec),
            means=located if constant else None,
        ),
    )


def _grown(
    layout: Layout, paths: Sequence[Pair], symmetric: Sequence[Pair]
) -> tuple[Layout, NDArray[np.intp]]:
    """Return a layout with further cells, 0 but for composites, and where these stand among its cells."""
    n_paths, n = len(layout.paths), len(layout.offset) + len(paths)
    places = np.concatenate([np.arange(n_paths, n_paths + len(paths)), np.arange(n, n + len(symmetric))])
    old = np.setdiff1d(np.arange(n + len(symmetric)), places)
    offset, basis = np.zeros(n + len(symmetric)), np.zeros((n + len(symmetric), layout.n_parameters))
    offset[old], basis[old] = layout.offset, layout.basis
    grown = replace(
        layout,
        paths=np.vstack([layout.paths, np.array(paths, dtype=np.intp)]),
        symmetric=np.vstack([layout.symmetric, np.array(symmetric, dtype=np.intp)]),
        offset=offset,
        basis=basis,
    )
    return grown, places


def _causes(row: Parameter, names: Sequence[str]) -> bool:
    """Say whether a row sends a path to a composite."""
    return (row.op == "~" and row.lhs in names) or (row.op == "=~" and row.rhs in names)
