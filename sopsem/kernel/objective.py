"""What the minimiser asks of a discrepancy: B problems of one model, evaluated and differentiated together.

A *point* is a NamedTuple whose first member is the objective (B,) and whose further members are arrays with
the problems on their first axis, or points themselves; only the objective that made it looks inside.
"""

from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.layout import Layout
from sopsem.kernel.reference import (
    Point,
    cholesky_or_nan,
    evaluate,
    expected_hessian,
    gradient,
    log_determinant,
    observed_hessian,
)

__all__ = ["Likelihood", "Objective", "Selection", "WeightedSum", "first", "joined", "overwrite", "select"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]
BLOCK = 128  # problems whose work arrays fit the processor cache together
SINGULAR_PIVOT = (
    1e-12  # a squared Cholesky pivot below this share of the largest variance is rounding, not data
)
DOUBTFUL_PIVOT = 1e-6  # below this share small pivots before it may have magnified its rounding
SINGULAR_EIGENVALUE = 1e-14  # an eigenvalue below this share of the largest is rounding


class Objective(Protocol):
    """B problems of one parameter vector each; ``which`` (b,) says which problems ``theta`` (b, q) belongs to."""

    @property
    def n_problems(self) -> int:
        """B."""

    @property
    def n_parameters(self) -> int:
        """Return q."""

    @property
    def block(self) -> int:
        """How many problems to hold in memory together."""

    def usable(self, which: Index) -> Mask:
        """Say of which problems the data can be fitted at all."""

    def evaluate(self, theta: Array, which: Index) -> Any:
        """Return the point at theta; its objective is inf where the model is not defined."""

    def gradient(self, point: Any) -> Array:
        """Return dF/dtheta (b, q)."""

    def expected_hessian(self, point: Any) -> Array:
        """Return a positive semidefinite stand-in for the second derivatives (b, q, q)."""

    def observed_hessian(self, point: Any) -> Array:
        """Return the second derivatives (b, q, q)."""


def select(point: Any, where: Mask | Index) -> Any:
    """Return the problems of a point at these positions."""
    if len(where) == len(point[0]) and where.dtype != np.bool_:
        return point  # all of them, in order: no copy
    return type(point)(*(select(m, where) if isinstance(m, tuple) else m[where] for m in point))


def first(point: Any, n: int) -> Any:
    """Return the first n problems of a point, without copying."""
    return type(point)(*(first(m, n) if isinstance(m, tuple) else m[:n] for m in point))


def joined(point: Any, other: Any) -> Any:
    """Return the problems of two points one after another."""
    pairs = zip(point, other, strict=True)
    return type(point)(*(joined(a, b) if isinstance(a, tuple) else np.concatenate([a, b]) for a, b in pairs))


def overwrite(point: Any, at: Index, new: Any) -> None:
    """Put the problems of ``new`` in the places ``at`` of ``point``."""
    for target, source in zip(point, new, strict=True):
        if isinstance(target, tuple):
            overwrite(target, at, source)
        else:
            target[at] = source


class Likelihood:
    """The maximum-likelihood discrepancy of one layout and B moment matrices (B, p, p)."""

    block = BLOCK

    def __init__(self, layout: Layout, moments: Array) -> None:
        """Take moments as they are; those that are not positive definite are not usable."""
        self.layout, self.moments = layout, moments
        self._usable = np.empty(len(moments), dtype=np.bool_)
        self.log_moments = np.full(len(moments), np.nan)
        for first in range(0, len(moments), BLOCK):
            at = slice(first, first + BLOCK)
            factor = cholesky_or_nan(moments[at])
            self._usable[at] = _positive_definite(moments[at], factor)
            with np.errstate(invalid="ignore"):
                self.log_moments[at] = np.where(self._usable[at], log_determinant(factor), np.nan)

    @property
    def n_problems(self) -> int:
        """Return B."""
        return len(self.moments)

    @property
    def n_parameters(self) -> int:
        """Return q."""
        return self.layout.n_parameters

    def usable(self, which: Index) -> Mask:
        """Say which moment matrices are positive definite by more than rounding."""
        return np.asarray(self._usable[which])

    def evaluate(self, theta: Array, which: Index) -> Point:
        """Return the point at theta (b, q)."""
        return evaluate(self.layout, theta, self.moments[which], self.log_moments[which])

    def gradient(self, point: Point) -> Array:
        """Return dF/dtheta (b, q)."""
        return gradient(self.layout, point)

    def expected_hessian(self, point: Point) -> Array:
        """Return the expectation of the second derivatives under the model (b, q, q)."""
        return expected_hessian(self.layout, point)

    def observed_hessian(self, point: Point) -> Array:
        """Return the second derivatives (b, q, q)."""
        return observed_hessian(self.layout, point)


def _positive_definite(moments: Array, factor: Array) -> Mask:
    """Say which matrices are positive definite by more than rounding.

    A duplicated or constant item leaves a pivot of the order of 1e-16, which a Cholesky factorisation
    accepts; after other small pivots it can be larger, and then eigenvalues tell.
    """
    smallest = np.diagonal(factor, axis1=1, axis2=2).min(axis=1) ** 2
    largest = np.diagonal(moments, axis1=1, axis2=2).max(axis=1)
    usable = np.asarray(smallest > SINGULAR_PIVOT * largest)
    doubtful = np.flatnonzero(usable & (smallest < DOUBTFUL_PIVOT * largest))
    if len(doubtful):
        values = np.linalg.eigvalsh(moments[doubtful])
        usable[doubtful] = values[:, 0] > SINGULAR_EIGENVALUE * values[:, -1]
    return usable


class WeightedSum:
    """Sum of weights times objectives of the same parameters: one objective for each group."""

    def __init__(self, parts: tuple[Objective, ...], weights: Array) -> None:
        """Take weights (G,), or (B, G) where they differ between the problems."""
        self.parts, self.weights = parts, np.broadcast_to(weights, (parts[0].n_problems, len(parts)))
        self.block = min(p.block for p in parts)

    @property
    def n_problems(self) -> int:
        """Return B."""
        return self.parts[0].n_problems

    @property
    def n_parameters(self) -> int:
        """Return q."""
        return self.parts[0].n_parameters

    def usable(self, which: Index) -> Mask:
        """Say which problems can be fitted in every group."""
        return np.asarray(np.all([p.usable(which) for p in self.parts], axis=0))

    def evaluate(self, theta: Array, which: Index) -> tuple[Any, ...]:
        """Return the point at theta (b, q): the sum, the weights, and the points of the parts."""
        points = [p.evaluate(theta, which) for p in self.parts]
        weights = self.weights[which]
        total = sum(weights[:, g] * point[0] for g, point in enumerate(points))
        return _SumPoint(total, weights, *points)

    def _total(self, point: tuple[Any, ...], parts: list[Array]) -> Array:
        weights = point[1]
        shape = (-1,) + (1,) * (parts[0].ndim - 1)
        return np.asarray(sum(weights[:, g].reshape(shape) * part for g, part in enumerate(parts)))

    def gradient(self, point: tuple[Any, ...]) -> Array:
        """Return dF/dtheta (b, q)."""
        parts = zip(self.parts, point[2:], strict=True)
        return self._total(point, [p.gradient(at) for p, at in parts])

    def expected_hessian(self, point: tuple[Any, ...]) -> Array:
        """Return the sum of the parts' expected second derivatives (b, q, q)."""
        parts = zip(self.parts, point[2:], strict=True)
        return self._total(point, [p.expected_hessian(at) for p, at in parts])

    def observed_hessian(self, point: tuple[Any, ...]) -> Array:
        """Return the second derivatives (b, q, q)."""
        parts = zip(self.parts, point[2:], strict=True)
        return self._total(point, [p.observed_hessian(at) for p, at in parts])


class _SumPoint(tuple[Any, ...]):
    """Objective, weights and the points of the parts; built from its members like a NamedTuple."""

    __slots__ = ()

    def __new__(cls, *members: Any) -> Self:
        return super().__new__(cls, members)


class Selection:
    """Some problems of an objective, in any order and as often as wanted: problem i is problem ``at[i]`` of it."""

    def __init__(self, objective: Objective, at: Index) -> None:
        """Take an objective of B problems and positions (b,) in it."""
        self.objective, self.at = objective, at

    @property
    def n_problems(self) -> int:
        """Return b."""
        return len(self.at)

    @property
    def n_parameters(self) -> int:
        """Return q."""
        return self.objective.n_parameters

    @property
    def block(self) -> int:
        """How many problems to hold in memory together."""
        return self.objective.block

    def usable(self, which: Index) -> Mask:
        """Say of which problems the data can be fitted at all."""
        return self.objective.usable(self.at[which])

    def evaluate(self, theta: Array, which: Index) -> Any:
        """Return the point at theta (b, q), as the objective has it."""
        return self.objective.evaluate(theta, self.at[which])

    def gradient(self, point: Any) -> Array:
        """Return dF/dtheta (b, q)."""
        return self.objective.gradient(point)

    def expected_hessian(self, point: Any) -> Array:
        """Return the objective's stand-in for the second derivatives (b, q, q)."""
        return self.objective.expected_hessian(point)

    def observed_hessian(self, point: Any) -> Array:
        """Return the second derivatives (b, q, q)."""
        return self.objective.observed_hessian(point)
