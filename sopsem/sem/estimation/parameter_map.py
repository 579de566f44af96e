"""Table rows as functions of kernel parameters: labels, equality constraints and bounds, over all groups.

Linear equalities are solved once, so that what is left to minimise over has no constraint: every row is
affine in the kernel parameters y.  Equalities and inequalities that are not of that kind are kept as
functions of y for the minimiser.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ModelError
from sopsem.sem.model.definitions import constraint_value
from sopsem.sem.model.spec import Definition, ModelSpec

__all__ = ["ConstraintValues", "ParameterMap", "parameter_map"]

Array = NDArray[np.float64]
ROUNDING = 1e-10


@dataclass(frozen=True, kw_only=True)
class ConstraintValues:
    """Constraints that could not be solved beforehand, at B points.

    Attributes
    ----------
    equality, inequality : (B, e) and (B, i) arrays
        Left minus right, to be 0; and what is to be 0 or more.
    equality_slopes, inequality_slopes : (B, e, q) and (B, i, q) arrays

    """

    equality: Array
    inequality: Array
    equality_slopes: Array
    inequality_slopes: Array


@dataclass(frozen=True, kw_only=True)
class ParameterMap:
    """``rows = row_offset + row_basis @ y`` for kernel parameters ``y``, and what y must obey.

    Attributes
    ----------
    nuisance : (q,) bool array
        Kernel parameters that only describe fixed exogenous variables.
    bounds : pair of (q,) arrays
    equalities, inequalities : tuple of Definition
        Constraints that the minimiser has to keep: not linear, or inequalities of several parameters.

    """

    spec: ModelSpec
    row_offset: Array
    row_basis: Array
    nuisance: NDArray[np.bool_]
    bounds: tuple[Array, Array]
    equalities: tuple[Definition, ...] = ()
    inequalities: tuple[Definition, ...] = ()

    @property
    def n_parameters(self) -> int:
        """Return q."""
        return int(self.row_basis.shape[1])

    def rows(self, y: Array) -> Array:
        """Return the values of all table rows, (B, n_rows), at kernel parameters (B, q)."""
        values: Array = self.row_offset + (y[:, None, :] @ self.row_basis.T)[:, 0, :]
        return values

    @property
    def constrained(self) -> bool:
        """Whether the minimiser has constraints to keep besides bounds."""
        return bool(self.equalities or self.inequalities)

    @property
    def active_bounds(self) -> tuple[Array, Array] | None:
        """The bounds, or None when there are none."""
        return self.bounds if np.isfinite(np.concatenate(self.bounds)).any() else None

    def constraints(self, y: Array) -> ConstraintValues:
        """Return the constraints that are left at kernel parameters (B, q)."""
        rows = self.rows(y)
        equal = [constraint_value(self.spec, c, rows, self.row_basis) for c in self.equalities]
        other = [constraint_value(self.spec, c, rows, self.row_basis) for c in self.inequalities]
        # "a < b" asks that b - a is not negative
        signs = [-1.0 if c.op == "<" else 1.0 for c in self.inequalities]
        other = [(s * v, s * g) for s, (v, g) in zip(signs, other, strict=True)]
        return ConstraintValues(
            equality=_stack([v for v, _ in equal], (len(y), 0)),
            inequality=_stack([v for v, _ in other], (len(y), 0)),
            equality_slopes=_stack([g for _, g in equal], (len(y), 0, self.n_parameters)),
            inequality_slopes=_stack([g for _, g in other], (len(y), 0, self.n_parameters)),
        )

    def reordered(self, order: NDArray[np.intp], stretch: Array) -> "ParameterMap":
        """Return the map for parameters taken in another order and unit: y_new = y_old[order] / stretch."""
        lower, upper = self.bounds
        return replace(
            self,
            row_basis=self.row_basis[:, order] * stretch,
            nuisance=self.nuisance[order],
            bounds=(lower[order] / stretch, upper[order] / stretch),
        )


def _stack(columns: list[Array], empty: tuple[int, ...]) -> Array:
    return np.stack(columns, axis=1) if columns else np.zeros(empty)


def parameter_map(spec: ModelSpec, *, given: Array | None = None) -> ParameterMap:
    """Return the map of a parameter table, one kernel parameter per free value left by its labels and equalities.

    Parameters
    ----------
    given : (n_rows,) array, optional
        Values of the rows of fixed exogenous variables where they are held at these; NaN elsewhere.  By
        default they are kernel parameters of their own (``nuisance``).

    Raises
    ------
    ModelError
        Constraints that contradict each other or fixed values, or bounds that leave nothing.

    """
    offset, basis, nonlinear = _row_map(spec, given)
    exo = np.array([p.exo for p in spec], dtype=bool)
    lower, upper, inequalities = _bounds(spec, offset, basis)
    return ParameterMap(
        spec=spec,
        row_offset=offset,
        row_basis=basis,
        nuisance=(np.abs(basis[exo]) > 0.0).any(axis=0),
        bounds=(lower, upper),
        equalities=nonlinear,
        inequalities=inequalities,
    )


def _row_map(spec: ModelSpec, given: Array | None) -> tuple[Array, Array, tuple[Definition, ...]]:
    """Return offset and basis, rows = offset + basis @ u after linear equalities, and the other equalities."""
    offset, basis = _untied(spec, given)
    equalities = [d for d in spec.constraints if d.op == "=="]
    if not equalities:
        return offset, basis, ()
    matrix, target, linear = _linear_system(spec, equalities, offset, basis)
    shift, null = _solve_constraints(matrix, target, [c for c in equalities if c in linear])
    other = tuple(c for c in equalities if c not in linear)
    return offset + basis @ shift, basis @ null, other


def _untied(spec: ModelSpec, given: Array | None) -> tuple[Array, Array]:
    """Return offset and basis with one column for every free value: rows of one label share theirs."""
    columns: dict[str, int] = {}
    place = []
    # a label shared with a fixed row ties the free rows to that value
    pinned = {p.label: p.value for p in spec if p.label and not (p.free or p.exo)}
    held = np.array([p.exo for p in spec], dtype=bool) & (given is not None)
    for i, p in enumerate(spec.parameters):
        if (p.free or p.exo) and p.label not in pinned and not held[i]:
            place.append((i, columns.setdefault(p.label or f"#{i}", len(columns))))
    offset = np.array([0.0 if p.free or p.exo else p.value for p in spec])
    offset = np.array([pinned.get(p.label, value) for p, value in zip(spec, offset, strict=True)])
    if given is not None:
        offset = np.where(held, given, offset)
    basis = np.zeros((len(spec.parameters), len(columns)))
    for i, column in place:
        basis[i, column] = 1.0
    return offset, basis


def _probes(q: int) -> Array:
    """Return points of both signs at which a linear expression must have one slope."""
    return np.random.default_rng(0).uniform(-1.5, 1.5, size=(8, q))


def _is_linear(slope: Array) -> bool:
    """Say whether the slopes (points, q) are one and the same."""
    spread = np.ptp(slope, axis=0).max(initial=0.0)
    return bool(np.isfinite(slope).all() and spread <= 1e-9 * np.abs(slope).max(initial=1.0))


def _linear_system(
    spec: ModelSpec, equalities: list[Definition], offset: Array, basis: Array
) -> tuple[Array, Array, list[Definition]]:
    """Write the linear ones of ``left - right = 0`` as matrix @ u = target; return which they are."""
    points = _probes(basis.shape[1])
    matrix, target, linear = [], [], []
    for constraint in equalities:
        value, slope = constraint_value(spec, constraint, offset + points @ basis.T, basis)
        if not _is_linear(slope):
            continue
        linear.append(constraint)
        matrix.append(slope[0])
        target.append(slope[0] @ points[0] - value[0])
    q = basis.shape[1]
    return np.array(matrix).reshape(-1, q), np.array(target), linear


def _solve_constraints(matrix: Array, target: Array, equalities: list[Definition]) -> tuple[Array, Array]:
    """Eliminate one parameter per independent constraint: u = shift + null @ y, y what stays."""
    largest = np.abs(matrix).max(axis=1, initial=0.0)
    largest[largest == 0.0] = 1.0
    system = np.column_stack([matrix, target]) / largest[:, None]
    pivots: list[tuple[int, int]] = []
    for row in range(len(system)):
        size = np.abs(system[row, :-1])
        if size.max(initial=0.0) <= ROUNDING:
            if abs(system[row, -1]) > ROUNDING * (1.0 + abs(target[row])):
                c = equalities[row]
                raise ModelError(
                    f"the constraint {c.lhs} == {c.rhs} contradicts fixed values or earlier constraints"
                )
            continue
        column = len(size) - 1 - int(np.argmax(size[::-1] > 0.5 * size.max()))
        system[row] /= system[row, column]
        for other in range(len(system)):
            if other != row:
                system[other] -= system[other, column] * system[row]
        pivots.append((row, column))
    gone = [c for _, c in pivots]
    stay = [c for c in range(matrix.shape[1]) if c not in gone]
    shift, null = np.zeros(matrix.shape[1]), np.zeros((matrix.shape[1], len(stay)))
    null[stay, range(len(stay))] = 1.0
    for row, column in pivots:
        shift[column] = system[row, -1]
        null[column] = -system[row, stay]
    return shift, null


def _bounds(
    spec: ModelSpec, row_offset: Array, row_basis: Array
) -> tuple[Array, Array, tuple[Definition, ...]]:
    """Return bounds of single parameters from modifiers, ``<`` and ``>``, and the rest."""
    q = row_basis.shape[1]
    lower, upper = np.full(q, -np.inf), np.full(q, np.inf)
    rest = []
    for i, p in enumerate(spec.parameters):
        _tighten(lower, upper, row_basis[i], p.lower - row_offset[i], p.upper - row_offset[i], p.name)
    for c in spec.constraints:
        if c.op == "==":
            continue
        points = np.vstack([np.zeros(q), _probes(q)])
        value, slope = constraint_value(spec, c, row_offset + points @ row_basis.T, row_basis)
        if not _is_linear(slope[1:]) or np.count_nonzero(slope[1]) > 1:
            rest.append(c)
            continue
        below = c.op == "<"
        _tighten(
            lower,
            upper,
            slope[1],
            -np.inf if below else -value[0],
            -value[0] if below else np.inf,
            f"{c.lhs} {c.op} {c.rhs}",
        )
    return lower, upper, tuple(rest)


def _tighten(lower: Array, upper: Array, slope: Array, least: float, most: float, name: str) -> None:
    """Apply least <= slope @ y <= most to the bounds; only one parameter may be involved."""
    if not (np.isfinite(least) or np.isfinite(most)):
        return
    at = np.flatnonzero(slope)
    if len(at) == 0:
        if least > ROUNDING or most < -ROUNDING:
            raise ModelError(f"the bound on {name} is broken by fixed values; change the bound or the value")
        return
    if len(at) > 1:
        raise ModelError(
            f"the bound on {name} involves several parameters; only bounds on one parameter are estimated"
        )
    ends = sorted((least / slope[at[0]], most / slope[at[0]]))
    lower[at[0]], upper[at[0]] = max(lower[at[0]], ends[0]), min(upper[at[0]], ends[1])
    if lower[at[0]] > upper[at[0]]:
        raise ModelError(f"the bounds on {name} contradict each other: no value satisfies them all")
