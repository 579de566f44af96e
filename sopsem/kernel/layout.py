"""The model as index arrays: the whole contract between the kernel and the rest.

Reticular action model (McArdle & McDonald, 1984): for all variables v (observed first), with directed paths A
and symmetric paths S,

    E = (I - A)^-1,   G = E S E',   Sigma = G[observed, observed].

Means need no second mechanism: a constant with value 1 is one more "observed" variable with a fixed symmetric
path of 1, intercepts are its paths, and the moments are taken about zero.  The discrepancy then contains the
mean part exactly.

A *cell* is a position of A or S that depends on a parameter; cells = offset + basis @ theta, so labels,
linear constraints and changes of scale are all the same affine map.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Layout"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
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

    """

    n_observed: int
    paths: Index
    symmetric: Index
    fixed_paths: Array
    fixed_symmetric: Array
    offset: Array
    basis: Array

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
        if self.basis.shape[0] != self.basis.shape[1]:
            return None
        diagonal = np.diagonal(self.basis).copy()
        return diagonal if np.array_equal(np.diag(diagonal), self.basis) else None

    @cached_property
    def sources(self) -> Index:
        """Variables that send a path: only their columns of E differ from unit vectors."""
        sending = np.any(self.fixed_paths != 0.0, axis=0)
        sending[self.paths[:, 1]] = True
        return np.flatnonzero(sending)

    @cached_property
    def pairs(self) -> "Pairs":
        """Index arrays of the second derivatives, made once."""
        return Pairs.of(self)


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Positions that gradient and second derivatives read, for cells k and pairs of cells k <= l.

    dSigma/dcell_k = weight_k (b_k c_k' + c_k b_k') with columns b, c of M = [(E)_{o,:}, (G)_{o,sources}].
    """

    b: Index
    c: Index
    weight: Array
    k: Index
    l: Index  # noqa: E741 - the textbook pair (k, l)
    path_path: tuple[Index, Index, Index]
    path_symmetric: tuple[Index, Index, Index]

    @classmethod
    def of(cls, layout: Layout) -> "Pairs":
        """Work out the positions from the cells of a layout."""
        v, n_paths = layout.n_variables, len(layout.paths)
        place = np.full(v, -1, dtype=np.intp)
        place[layout.sources] = np.arange(len(layout.sources))
        b = np.concatenate([layout.paths[:, 0], layout.symmetric[:, 0]])
        c = np.concatenate([v + place[layout.paths[:, 1]], layout.symmetric[:, 1]])
        weight = np.ones(len(b))
        weight[n_paths:][layout.symmetric[:, 0] == layout.symmetric[:, 1]] = 0.5
        k, l = np.triu_indices(len(b))  # noqa: E741
        both = np.flatnonzero(l < n_paths)
        mixed = np.flatnonzero((k < n_paths) & (l >= n_paths))
        return cls(
            b=b,
            c=c,
            weight=weight,
            k=k,
            l=l,
            path_path=(both, k[both], l[both]),
            path_symmetric=(mixed, k[mixed], l[mixed]),
        )
