"""From a parameter table to a kernel layout on the correlation metric, and back.

Every observed variable is centred and divided by its standard deviation, every factor is divided by the unit
that its scaling gives it.  The model is carried along exactly (cells are affine in the parameters), so the
estimates are those of the original metric while no choice of units reaches the optimiser.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ModelError
from sopsem.kernel import Layout
from sopsem.sem.estimation.moments import Moments
from sopsem.sem.model.definitions import constraint_value
from sopsem.sem.model.spec import Definition, ModelSpec, Parameter

__all__ = ["ScaledModel", "scale_model"]

Array = NDArray[np.float64]
Cell = tuple[str, int, int]
ROUNDING = 1e-10


@dataclass(frozen=True, kw_only=True)
class ScaledModel:
    """A layout on the correlation metric with the affine map back to the parameter table.

    ``rows = row_offset + row_basis @ y`` gives every row of the table in the metric of the data, for kernel
    parameters ``y``; ``nuisance`` marks the kernel parameters that only describe fixed exogenous variables.
    """

    layout: Layout
    row_offset: Array
    row_basis: Array
    nuisance: NDArray[np.bool_]
    bounds: tuple[Array, Array]
    sd: Array
    center: Array
    units: Array
    variables: tuple[str, ...]
    meanstructure: bool

    def rows(self, y: Array) -> Array:
        """Return the values of all table rows, (B, n_rows), at kernel parameters (B, q)."""
        values: Array = self.row_offset + (y[:, None, :] @ self.row_basis.T)[:, 0, :]
        return values

    def scaled_moments(self, covariance: Array, mean: Array | None) -> Array:
        """Return moment matrices on the kernel's metric from covariances (B, k, k) and means (B, k)."""
        scaled = covariance / np.outer(self.sd, self.sd)
        if not self.meanstructure:
            return np.asarray(scaled)
        if mean is None:
            raise ModelError("the model has intercepts, but only covariances were given; supply sample_mean")
        shift = (mean - self.center) / self.sd
        k = len(self.sd)
        full = np.empty((len(scaled), k + 1, k + 1))
        full[:, :k, :k] = scaled + shift[:, :, None] * shift[:, None, :]
        full[:, :k, k] = full[:, k, :k] = shift
        full[:, k, k] = 1.0
        return full

    def implied_moments(self, sigma: Array) -> tuple[Array, Array | None]:
        """Return implied covariances and means in the metric of the data from kernel matrices (B, p, p)."""
        k = len(self.sd)
        outer = np.outer(self.sd, self.sd)
        if not self.meanstructure:
            return sigma * outer, None
        shift = sigma[:, :k, k]
        covariance = (sigma[:, :k, :k] - shift[:, :, None] * shift[:, None, :]) * outer
        return covariance, shift * self.sd + self.center


def scale_model(spec: ModelSpec, moments: Moments, *, bound_variances: bool = False) -> ScaledModel:
    """Build the layout of a model for these data.

    Raises
    ------
    ModelError
        Constraints that contradict each other, or that are not linear in the parameters.

    """
    observed = len(spec.observed)
    constant = ("",) if spec.meanstructure else ()
    variables = (*spec.observed, *constant, *spec.latent)
    place = {v: i for i, v in enumerate(variables)}
    sd = np.sqrt(np.diag(moments.covariance))
    center = moments.mean if moments.mean is not None else np.zeros(observed)
    units = _units(spec, place, sd)
    row_offset, row_basis = _row_map(spec)
    contributions = _contributions(spec, place, units, center)
    layout, order, stretch = _layout(spec, place, contributions, row_offset, row_basis, center / sd)
    row_basis = row_basis[:, order] * stretch
    nuisance = np.array(
        [any(p.exo for p, c in zip(spec, column, strict=True) if c) for column in row_basis.T != 0.0],
        dtype=bool,
    )
    return ScaledModel(
        layout=layout,
        row_offset=row_offset,
        row_basis=row_basis,
        nuisance=nuisance,
        bounds=_bounds(spec, row_offset, row_basis, bound_variances=bound_variances),
        sd=sd,
        center=np.asarray(center),
        units=units,
        variables=variables,
        meanstructure=spec.meanstructure,
    )


def _units(spec: ModelSpec, place: Mapping[str, int], sd: Array) -> Array:
    """Return the unit of every variable: standard deviations, and for a factor the unit of its marker."""
    known: dict[str, float] = dict(zip(spec.observed, sd, strict=True)) | {"": 1.0}
    variances = {
        p.lhs: p.value for p in spec if p.op == "~~" and p.lhs == p.rhs and not p.free and p.value > 0.0
    }
    waiting = list(spec.latent)
    while waiting:
        ready = [f for f in waiting if f in variances or _loads_on(spec, f, known)] or waiting
        for f in ready:
            known[f] = _unit(spec, f, known, variances)
            waiting.remove(f)
    units = np.ones(len(place))
    for v, i in place.items():
        units[i] = known[v]
    return units


def _loads_on(spec: ModelSpec, factor: str, known: Mapping[str, float]) -> bool:
    return all(p.rhs in known for p in spec if p.op == "=~" and p.lhs == factor)


def _unit(spec: ModelSpec, factor: str, known: Mapping[str, float], variances: Mapping[str, float]) -> float:
    if factor in variances:
        return float(np.sqrt(variances[factor]))
    loadings = [p for p in spec if p.op == "=~" and p.lhs == factor and p.rhs in known and p.rhs != factor]
    for p in loadings:
        if not p.free and p.value != 0.0:
            return known[p.rhs] / abs(p.value)
    return float(np.exp(np.mean([np.log(known[p.rhs]) for p in loadings]))) if loadings else 1.0


def _row_map(spec: ModelSpec) -> tuple[Array, Array]:
    """Return offset and basis: rows = offset + basis @ u, u the free parameters after linear constraints."""
    columns: dict[str, int] = {}
    place = []
    # a label shared with a fixed row ties the free rows to that value
    pinned = {p.label: p.value for p in spec if p.label and not (p.free or p.exo)}
    for i, p in enumerate(spec.parameters):
        if (p.free or p.exo) and p.label not in pinned:
            place.append((i, columns.setdefault(p.label or f"#{i}", len(columns))))
    offset = np.array([0.0 if p.free or p.exo else p.value for p in spec])
    offset = np.array([pinned.get(p.label, value) for p, value in zip(spec, offset, strict=True)])
    basis = np.zeros((len(spec.parameters), len(columns)))
    for i, column in place:
        basis[i, column] = 1.0
    equalities = [d for d in spec.constraints if d.op == "=="]
    if not equalities:
        return offset, basis
    matrix, target = _linear_system(spec, equalities, offset, basis)
    shift, null = _solve_constraints(matrix, target, equalities)
    return offset + basis @ shift, basis @ null


def _probes(q: int) -> Array:
    """Return points of both signs at which a linear expression must have one slope."""
    return np.random.default_rng(0).uniform(-1.5, 1.5, size=(8, q))


def _is_linear(slope: Array) -> bool:
    """Say whether the slopes (points, q) are one and the same."""
    spread = np.ptp(slope, axis=0).max(initial=0.0)
    return bool(np.isfinite(slope).all() and spread <= 1e-9 * np.abs(slope).max(initial=1.0))


def _linear_system(
    spec: ModelSpec, equalities: list[Definition], offset: Array, basis: Array
) -> tuple[Array, Array]:
    """Write ``left - right = 0`` as matrix @ u = target, after checking that it is linear."""
    points = _probes(basis.shape[1])
    matrix, target = [], []
    for constraint in equalities:
        value, slope = constraint_value(spec, constraint, offset + points @ basis.T, basis)
        if not _is_linear(slope):
            raise ModelError(
                f"the constraint {constraint.lhs} == {constraint.rhs} is not linear in the parameters; "
                "nonlinear equality constraints are not estimated by this version"
            )
        matrix.append(slope[0])
        target.append(slope[0] @ points[0] - value[0])
    return np.array(matrix), np.array(target)


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


def _cell(p: Parameter, place: Mapping[str, int]) -> Cell:
    if p.op == "=~":
        return ("A", place[p.rhs], place[p.lhs])
    if p.op in ("~", "~1"):
        return ("A", place[p.lhs], place[p.rhs])
    if p.op != "~~":
        kind = {"<~": "composites", "|": "thresholds", "~*~": "response scales"}[p.op]
        raise ModelError(f"{p.lhs} {p.op} {p.rhs}: {kind} ({p.op}) are not estimated by this version")
    return ("S", *sorted((place[p.lhs], place[p.rhs])))  # type: ignore[return-value]


def _contributions(
    spec: ModelSpec, place: Mapping[str, int], units: Array, center: Array
) -> list[tuple[int, Cell, float]]:
    """List (row, cell, factor): what every table row adds to which cell on the kernel's metric."""
    listed: list[tuple[int, Cell, float]] = []
    observed = {v: i for i, v in enumerate(spec.observed)}
    for row, p in enumerate(spec.parameters):
        kind, i, j = cell = _cell(p, place)
        factor = units[j] / units[i] if kind == "A" else 1.0 / (units[i] * units[j])
        listed.append((row, cell, float(factor)))
        if spec.meanstructure and p.op == "~" and p.rhs in observed:
            # centring the predictor moves its mean times the slope into the intercept
            listed.append((row, ("A", i, place[""]), float(center[observed[p.rhs]] / units[i])))
    return listed


def _layout(
    spec: ModelSpec,
    place: Mapping[str, int],
    contributions: list[tuple[int, Cell, float]],
    row_offset: Array,
    row_basis: Array,
    scaled_center: Array,
) -> tuple[Layout, NDArray[np.intp], Array]:
    """Return the layout, the order of its parameters among columns of ``row_basis``, their stretch."""
    offset: dict[Cell, float] = {}
    basis: dict[Cell, Array] = {}
    for row, cell, factor in contributions:
        offset[cell] = offset.get(cell, 0.0) + factor * row_offset[row]
        basis[cell] = basis.get(cell, 0.0) + factor * row_basis[row]
    if spec.meanstructure:
        for i in range(len(spec.observed)):
            cell = ("A", i, place[""])
            offset[cell] = offset.get(cell, 0.0) - scaled_center[i]
            basis.setdefault(cell, np.zeros(row_basis.shape[1]))
        offset["S", place[""], place[""]] = 1.0
        basis["S", place[""], place[""]] = np.zeros(row_basis.shape[1])
    free = sorted(c for c, b in basis.items() if np.any(b != 0.0))
    fixed = {kind: np.zeros((len(place), len(place))) for kind in "AS"}
    for cell, value in offset.items():
        if cell not in free:
            kind, i, j = cell
            fixed[kind][i, j] = value
            if kind == "S":
                fixed[kind][j, i] = value
    matrix = np.array([basis[c] for c in free]).reshape(len(free), row_basis.shape[1])
    touched = np.abs(matrix) > 0.0
    order = np.argsort(touched.argmax(axis=0), kind="stable")
    stretch = 1.0 / np.abs(matrix[touched.argmax(axis=0), np.arange(matrix.shape[1])])[order]
    layout = Layout(
        n_observed=len(spec.observed) + spec.meanstructure,
        paths=np.array([c[1:] for c in free if c[0] == "A"], dtype=np.intp).reshape(-1, 2),
        symmetric=np.array([c[1:] for c in free if c[0] == "S"], dtype=np.intp).reshape(-1, 2),
        fixed_paths=fixed["A"],
        fixed_symmetric=fixed["S"],
        offset=np.array([offset[c] for c in free]),
        basis=_snap(matrix[:, order] * stretch),
    )
    return layout, order, stretch


def _snap(matrix: Array) -> Array:
    """Make products that are 1 up to rounding exactly 1, so that equal labels stay exactly equal."""
    near = np.abs(np.abs(matrix) - 1.0) < 1e-12
    return np.where(near, np.sign(matrix), matrix)


def _bounds(
    spec: ModelSpec, row_offset: Array, row_basis: Array, *, bound_variances: bool
) -> tuple[Array, Array]:
    """Return the bounds of the kernel parameters from modifiers, ``<``/``>`` and ``bound_variances``."""
    q = row_basis.shape[1]
    lower, upper = np.full(q, -np.inf), np.full(q, np.inf)
    for i, p in enumerate(spec.parameters):
        least = (
            max(p.lower, 0.0)
            if bound_variances and p.op == "~~" and p.lhs == p.rhs and not p.exo
            else p.lower
        )
        _tighten(lower, upper, row_basis[i], least - row_offset[i], p.upper - row_offset[i], p.name)
    for c in spec.constraints:
        if c.op == "==":
            continue
        points = np.vstack([np.zeros(q), _probes(q)])
        value, slope = constraint_value(spec, c, row_offset + points @ row_basis.T, row_basis)
        if not _is_linear(slope[1:]) or not np.isfinite(value[0]):
            raise ModelError(
                f"{c.lhs} {c.op} {c.rhs} is not linear; only bounds on one parameter are estimated"
            )
        below = c.op == "<"
        _tighten(
            lower,
            upper,
            slope[1],
            -np.inf if below else -value[0],
            -value[0] if below else np.inf,
            f"{c.lhs} {c.op} {c.rhs}",
        )
    return lower, upper


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
