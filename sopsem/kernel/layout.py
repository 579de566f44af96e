"""The model as index arrays: the whole contract between the kernel and the rest.

Reticular action model (McArdle & McDonald, 1984): for all variables v (observed first), with directed paths A
and symmetric paths S,

    E = (I - A)^-1,   G = E S E',   Sigma = G[observed, observed].

Means need no second mechanism: a constant with value 1 is one more "observed" variable with a fixed symmetric
path of 1, intercepts are its paths, and the moments are taken about zero.  The discrepancy then contains the
mean part exactly.

A *cell* is a position of A or S that depends on a parameter; cells = offset + basis @ theta, so labels,
linear constraints and changes of scale are all the same affine map.  Only cells that follow from composites
are not affine: they have rows of 0 in offset and basis.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.composites import Composites
from sopsem.kernel.senders import Senders

__all__ = ["Layout", "ordered_pairs"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """A model in index arrays.

    Attributes
    ----------
    n_observed : int
        The first ``n_observed`` of the variables are those of the moment matrix (p).
    paths : (nA, 2) int array
        Row (target) and column (source) of every free cell of A.
    symmetric : (nS, 2) int array
        Row and column of every free cell of S, each pair once.
    fixed_paths, fixed_symmetric : (v, v) arrays
        A and S with the free cells at 0.
    offset : (nA + nS,) array
    basis : (nA + nS, q) array
    composites : Composites, optional

    """

    n_observed: int
    paths: Index
    symmetric: Index
    fixed_paths: Array
    fixed_symmetric: Array
    offset: Array
    basis: Array
    composites: Composites | None = None

    @property
    def n_variables(self) -> int:
        """Number of variables, observed and latent (v)."""
        return int(self.fixed_paths.shape[0])

    @property
    def n_parameters(self) -> int:
        """Number of parameters (q)."""
        return int(self.basis.shape[1])

    @cached_property
    def scale(self) -> Array | None:
        """The diagonal of ``basis`` when every parameter moves one cell of its own, in order; else None."""
        if self.basis.shape[0] != self.basis.shape[1] or self.composites is not None:
            return None
        diagonal = np.diagonal(self.basis).copy()
        return diagonal if np.array_equal(np.diag(diagonal), self.basis) else None

    @cached_property
    def unscaled(self) -> bool:
        """Whether every parameter is the value of one cell."""
        return self.scale is not None and bool(np.all(self.scale == 1.0))

    @cached_property
    def sources(self) -> Index:
        """Variables that send a path: only their columns of E differ from unit vectors."""
        sending = np.any(self.fixed_paths != 0.0, axis=0)
        sending[self.paths[:, 1]] = True
        return np.flatnonzero(sending)

    @cached_property
    def place(self) -> Index:
        """The position of every variable among the sources, -1 where it sends no path."""
        place = np.full(self.n_variables, -1, dtype=np.intp)
        place[self.sources] = np.arange(len(self.sources))
        return place

    @cached_property
    def senders(self) -> Senders:
        """Where what concerns the sources is read, made once."""
        return Senders.of(
            self.n_observed,
            self.sources,
            (self.paths, self.symmetric),
            (self.fixed_paths, self.fixed_symmetric),
        )

    @cached_property
    def pairs(self) -> "Pairs":
        """Index arrays of the second derivatives, made once."""
        return Pairs.of(self)


class Curvature(NamedTuple):
    """The pairs at ``where`` have weight T[through] C[crossed] in tr(X d2Sigma_kl); what is always 0 is left out.

    T holds E and G of the sources row by row, C is M'XM.
    """

    where: Index
    weight: Array
    through: Index
    crossed: Index


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Positions that gradient and second derivatives read, for cells k and pairs of cells k <= l.

    dSigma/dcell_k = weight_k (b_k c_k' + c_k b_k') with columns b, c of M = [(E)_{o,:}, (G)_{o,sources}].

    M has unit columns for observed variables that send no path, columns of 0 for other variables that send none,
    and 2m further ones, K = [E, G][observed, sources].  So X, XK and K'XK, row by row one after another and with
    one 0 behind them, hold all of M'XM: positions count in these.
    """

    b: Index
    c: Index
    weight: Array
    both: Array  # 2 weight_k weight_l
    slope: Index  # (b_k, c_k) of M'XM
    inner: tuple[Index, Index, Index, Index]  # (b_k, b_l), (c_k, c_l), (b_k, c_l), (c_k, b_l) of M'XM
    square: Index  # the pair of every (k, l)
    curvature: tuple[Curvature, ...]

    @classmethod
    def of(cls, layout: Layout) -> "Pairs":
        """Work out the positions from the cells of a layout."""
        v, n_paths = layout.n_variables, len(layout.paths)
        place = layout.place
        b = np.concatenate([layout.paths[:, 0], layout.symmetric[:, 0]])
        c = np.concatenate([v + place[layout.paths[:, 1]], layout.symmetric[:, 1]])
        weight = np.ones(len(b))
        weight[n_paths:][layout.symmetric[:, 0] == layout.symmetric[:, 1]] = 0.5
        k, l = ordered_pairs(len(b), n_paths)  # noqa: E741
        square = np.zeros((len(b), len(b)), dtype=np.intp)
        square[k, l] = square[l, k] = np.arange(len(k))
        at, nothing = _positions(layout)
        return cls(
            b=b,
            c=c,
            weight=weight,
            both=2.0 * weight[k] * weight[l],
            slope=at[b, c],
            inner=(at[b[k], b[l]], at[c[k], c[l]], at[b[k], c[l]], at[c[k], b[l]]),
            square=square.ravel(),
            curvature=_curvatures(layout, at, nothing, b, c, weight, k, l),
        )


def _positions(layout: Layout) -> tuple[Index, int]:
    """Return the position of every element of M'XM, (v + m, v + m), and that of the 0; see ``Pairs``."""
    p, v, m, place = layout.n_observed, layout.n_variables, len(layout.sources), layout.place
    nothing = p * p + 2 * p * m + 4 * m * m
    column = np.concatenate([np.where(place >= 0, p + place, np.arange(v)), p + m + np.arange(m)])
    column[:v][(place < 0) & (np.arange(v) >= p)] = -1
    i, j = np.broadcast_arrays(column[:, None], column[None, :])
    small, large = np.minimum(i, j), np.maximum(i, j) - p
    found = np.where(small >= p, p * p + 2 * p * m + (i - p) * 2 * m + (j - p), p * p + small * 2 * m + large)
    found = np.where((i < p) & (j < p), i * p + j, found)
    return np.where(small < 0, nothing, found), nothing


def ordered_pairs(n: int, n_paths: int) -> tuple[Index, Index]:
    """Return all k <= l: first pairs of paths, then a path and a symmetric cell, then symmetric cells."""
    k, l = np.triu_indices(n)  # noqa: E741
    order = np.argsort((k >= n_paths).astype(int) + (l >= n_paths), kind="stable")
    return k[order], l[order]


def _curvatures(
    layout: Layout,
    at: Index,
    nothing: int,
    b: Index,
    c: Index,
    weight: Array,
    k: Index,
    l: Index,  # noqa: E741
) -> tuple[Curvature, ...]:
    """Return the terms of pairs of paths, and of a path and a symmetric cell, that are not 0 by the arrows alone."""
    v, m, n_paths = layout.n_variables, len(layout.sources), len(layout.paths)
    first, second = n_paths * (n_paths + 1) // 2, n_paths * len(layout.symmetric)
    paths, mixed = np.arange(first), np.arange(first, first + second)
    among = _reached(layout)[np.ix_(layout.sources, layout.sources)]
    reached = np.concatenate([among.ravel(), np.ones(m * m, dtype=np.bool_), [False]])

    def term(where: Index, scale: Array, through: Index, crossed: Index) -> Curvature:
        kept = np.flatnonzero(reached[through] & (crossed != nothing))
        return Curvature(where[kept], scale[kept], through[kept], crossed[kept])

    def spread(source: Index, to: Index) -> Index:
        # what sends no path reaches no source
        return np.where(layout.place[to] < 0, 2 * m * m, (source - v) * m + layout.place[to])

    bk, bl, ck, cl = b[k][paths], b[l][paths], c[k][paths], c[l][paths]
    total, two = m * m + (cl - v) * m + (ck - v), np.full(first, 2.0)
    of_paths = (
        term(paths, two, spread(cl, bk), at[bl, ck]),
        term(paths, two, total, at[bk, bl]),
        term(paths, two, spread(ck, bl), at[bk, cl]),
    )
    bk, bl, ck, cl = b[k][mixed], b[l][mixed], c[k][mixed], c[l][mixed]
    scale = 2.0 * weight[l][mixed]
    return (
        *of_paths,
        term(mixed, scale, spread(ck, bl), at[bk, cl]),
        term(mixed, scale, spread(ck, cl), at[bk, bl]),
    )


def _reached(layout: Layout) -> NDArray[np.bool_]:
    """Return which elements of E = (I - A)^-1 are not 0 by the arrows alone."""
    v = layout.n_variables
    reached: NDArray[np.bool_] = np.eye(v, dtype=np.bool_) | (layout.fixed_paths != 0.0)
    reached[layout.paths[:, 0], layout.paths[:, 1]] = True
    for _ in range(v.bit_length()):
        reached = np.asarray(reached @ reached)
    return reached
