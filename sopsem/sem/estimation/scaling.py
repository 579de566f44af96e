"""From a parameter table to kernel layouts on the correlation metric, one for each group, and back.

Every observed variable is centred and divided by its standard deviation, every factor is divided by the unit
that its scaling gives it.  The model is carried along exactly (cells are affine in the parameters), so the
estimates are those of the original metric while no choice of units reaches the optimiser.  All groups share
one metric and one vector of kernel parameters.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ModelError
from sopsem.kernel import Layout, matrices
from sopsem.kernel.response_structure import residual_variances
from sopsem.sem.estimation.composites import (
    components_of,
    composite_rows,
    is_derived,
    with_component_moments,
    with_composites,
)
from sopsem.sem.estimation.parameter_map import ParameterMap, parameter_map
from sopsem.sem.estimation.units import variable_units
from sopsem.sem.model.spec import ModelSpec, Parameter
from sopsem.sem.sample.moments import Moments

__all__ = ["Affine", "ScaledModel", "scale_model", "scale_models"]

Array = NDArray[np.float64]
Cell = tuple[str, int, int]
# rows that are no cell of a layout: thresholds and scales of latent responses
RESPONSE = {"|": "T", "~*~": "D"}


@dataclass(frozen=True, kw_only=True)
class Affine:
    """Values offset + basis @ y of kernel parameters y."""

    offset: Array
    basis: Array

    def at(self, y: Array) -> Array:
        """Return the values at y (q,)."""
        return np.asarray(self.offset + self.basis @ y)


@dataclass(frozen=True, kw_only=True)
class ScaledModel:
    """The layout of one group on the correlation metric with the affine map back to its table rows.

    ``rows = row_offset + row_basis @ y`` gives every row of the group's table in the metric of the data, for
    kernel parameters ``y``, which all groups share; ``nuisance`` marks those that only describe fixed
    exogenous variables.  ``thresholds`` and ``scales`` are those of latent responses, in table order.
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
    thresholds: Affine
    scales: Affine
    responses: NDArray[np.intp]
    given: NDArray[np.intp]
    theta_scaled: bool
    residual_rows: NDArray[np.intp]
    scale_rows: NDArray[np.intp]
    composite_rows: tuple[NDArray[np.intp], NDArray[np.intp]]

    def matrices(self, y: Array) -> tuple[Array, Array]:
        """Return A and S (B, v, v) with the residual variances that the scales of latent responses imply."""
        paths, symmetric = matrices(self.layout, y)
        if not len(self.responses) or self.theta_scaled:
            return paths, symmetric
        eye, at = np.eye(len(self.variables)), self.responses
        for b, one in enumerate(y):
            random = symmetric[b].copy()
            random[self.given], random[:, self.given] = 0.0, 0.0
            variances = self.scales.at(one) ** -2.0
            spread = np.linalg.inv(eye - paths[b])
            symmetric[b, at, at] = residual_variances(spread, random, at, variances)
        return paths, symmetric

    def response_scales(self, y: Array) -> Array:
        """Return the scales of the latent responses (r,) at y (q,)."""
        if not self.theta_scaled:
            return self.scales.at(y)
        paths, symmetric = (part[0] for part in matrices(self.layout, y[None]))
        symmetric[self.given], symmetric[:, self.given] = 0.0, 0.0
        spread = np.linalg.inv(np.eye(len(paths)) - paths)[self.responses]
        return np.asarray(1.0 / np.sqrt(np.einsum("ij,jk,ik->i", spread, symmetric, spread)))

    def rows(self, y: Array) -> Array:
        """Return the values of all table rows, (B, n_rows), at kernel parameters (B, q)."""
        values: Array = self.row_offset + (y[:, None, :] @ self.row_basis.T)[:, 0, :]
        return values

    def table_rows(self, y: Array) -> Array:
        """Return ``rows`` with what follows: for latent responses residual variances or scales; for composites."""
        rows = self.rows(y)
        if (composites := self.layout.composites) is not None:
            at, (variances, means) = composites.variables, self.composite_rows
            paths, symmetric = self.matrices(y)
            rows[:, variances] = symmetric[:, at, at] * self.units[at] ** 2
            if composites.means is not None:
                rows[:, means] = paths[:, at, composites.means.constant] * self.units[at]
        if self.theta_scaled:
            for b, one in enumerate(y):
                rows[b, self.scale_rows] = self.response_scales(one)
        elif len(self.responses):
            symmetric = self.matrices(y)[1]
            rows[:, self.residual_rows] = symmetric[:, self.responses, self.responses]
        return rows

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


def scale_model(spec: ModelSpec, moments: Moments) -> ScaledModel:
    """Build the layout of a one-group model for these data; see ``scale_models``."""
    return scale_models(spec, (moments,))[1][0]


def scale_models(
    spec: ModelSpec,
    moments: Sequence[Moments],
    *,
    hold_exogenous: bool = False,
    metric: tuple[Array, Array] | None = None,
) -> tuple[ParameterMap, tuple[ScaledModel, ...]]:
    """Build the parameter map of a model and the layout of every group for these data.

    Parameters
    ----------
    moments : sequence of Moments
        One of each group.
    hold_exogenous : bool
        Hold the moments of fixed exogenous variables at those of the sample; by default they are parameters
        of no interest, which maximum likelihood puts there.
    metric : pair of (p,) arrays, optional
        Standard deviations and centres of another sample, whose metric is to be kept.

    Raises
    ------
    ModelError
        Constraints that contradict each other.

    """
    sd, center = _metric(moments) if metric is None else metric
    if spec.ordered:
        # latent responses have the unit 1 and the origin 0, covariates the origin of the data
        outside = [v in (*spec.ordered, *spec.exogenous) for v in spec.observed]
        center = np.where(outside, 0.0, center)
        sd = np.where([v in spec.ordered for v in spec.observed], 1.0, sd)
    given = _exogenous_values(spec, moments) if hold_exogenous else None
    spec = with_component_moments(spec, moments)
    whole = parameter_map(spec, given=given)
    parts = [_Part.of(spec, g, whole, (sd, center), m.covariance) for g, m in enumerate(moments, start=1)]
    order, stretch = _order([p.cells for p in parts], whole.n_parameters)
    whole = whole.reordered(order, stretch)
    return whole, tuple(p.model(whole, order, stretch) for p in parts)


def _metric(moments: Sequence[Moments]) -> tuple[Array, Array]:
    """Return standard deviations and centres that serve all groups."""
    shares = np.array([float(m.n) for m in moments]) / sum(m.n for m in moments)
    sd = np.sqrt(sum(w * np.diag(m.covariance) for w, m in zip(shares, moments, strict=True)))
    if any(m.mean is None for m in moments):
        return sd, np.zeros(len(sd))
    return sd, np.asarray(sum(w * m.mean for w, m in zip(shares, moments, strict=True)))


def _exogenous_values(spec: ModelSpec, moments: Sequence[Moments]) -> Array:
    """Return the sample values of the rows of fixed exogenous variables, NaN for the other rows."""
    place = {v: i for i, v in enumerate(spec.observed)}
    values = np.full(len(spec.parameters), np.nan)
    for row, p in enumerate(spec.parameters):
        own = moments[p.group - 1]
        if p.exo and p.op == "~~":
            values[row] = own.covariance[place[p.lhs], place[p.rhs]]
        elif p.exo and own.mean is not None:
            values[row] = own.mean[place[p.lhs]]
    return values


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One group on its way to a layout: its cells with their affine forms in the unordered parameters."""

    spec: ModelSpec
    rows: tuple[int, ...]
    place: dict[str, int]
    units: Array
    sd: Array
    center: Array
    covariance: Array
    offset: dict[Cell, float]
    basis: dict[Cell, Array]

    @classmethod
    def of(
        cls,
        whole: ModelSpec,
        group: int,
        parameters: ParameterMap,
        metric: tuple[Array, Array],
        covariance: Array,
    ) -> "_Part":
        """Collect what every row of the group adds to which cell."""
        spec, rows, (sd, center) = whole.of_group(group), whole.rows_of(group), metric
        constant = ("",) if spec.meanstructure else ()
        place = {v: i for i, v in enumerate((*spec.observed, *constant, *spec.latent))}
        units = variable_units(spec, place, sd)
        offset: dict[Cell, float] = {}
        basis: dict[Cell, Array] = {}
        for own, cell, factor in _contributions(spec, place, units, center):
            row = rows[own]
            offset[cell] = offset.get(cell, 0.0) + factor * float(parameters.row_offset[row])
            basis[cell] = basis.get(cell, 0.0) + factor * parameters.row_basis[row]
        if spec.meanstructure:
            nothing = np.zeros(parameters.n_parameters)
            for i in range(len(spec.observed)):
                cell = ("A", i, place[""])
                offset[cell] = offset.get(cell, 0.0) - float(center[i] / sd[i])
                basis.setdefault(cell, nothing)
            offset["S", place[""], place[""]], basis["S", place[""], place[""]] = 1.0, nothing
        return cls(
            spec=spec,
            rows=rows,
            place=place,
            units=units,
            sd=sd,
            center=center,
            covariance=covariance,
            offset=offset,
            basis=basis,
        )

    @property
    def free(self) -> list[Cell]:
        """Cells that depend on parameters, those of A first."""
        return sorted(c for c, b in self.basis.items() if np.any(b != 0.0))

    @property
    def cells(self) -> list[Array]:
        """The affine forms of the free cells."""
        return [self.basis[c] for c in self.free]

    def model(self, whole: ParameterMap, order: NDArray[np.intp], stretch: Array) -> ScaledModel:
        """Return the finished model for the parameters in their final order and unit."""
        rows = list(self.rows)
        given = ("", *self.spec.exogenous) if self.spec.conditional_x else ("",)
        return ScaledModel(
            layout=self._layout(order, stretch),
            row_offset=whole.row_offset[rows],
            row_basis=whole.row_basis[rows],
            nuisance=whole.nuisance,
            bounds=whole.bounds,
            sd=self.sd,
            center=np.asarray(self.center),
            units=self.units,
            variables=tuple(self.place),
            meanstructure=self.spec.meanstructure,
            thresholds=self._affine("T", order, stretch),
            scales=self._affine("D", order, stretch),
            responses=np.array([self.place[p.lhs] for p in self.spec if p.op == "~*~"], dtype=np.intp),
            given=np.array([self.place[v] for v in given if v in self.place], dtype=np.intp),
            theta_scaled=self.spec.parameterization == "theta",
            residual_rows=_rows_where(
                self.spec, lambda p: p.op == "~~" and p.lhs == p.rhs and p.lhs in self.spec.ordered
            ),
            scale_rows=_rows_where(self.spec, lambda p: p.op == "~*~"),
            composite_rows=(composite_rows(self.spec, "~~"), composite_rows(self.spec, "~1")),
        )

    def _affine(self, kind: str, order: NDArray[np.intp], stretch: Array) -> Affine:
        cells = sorted(c for c in self.offset if c[0] == kind)
        basis = np.array([self.basis[c] for c in cells]).reshape(len(cells), len(order))
        return Affine(
            offset=np.array([self.offset[c] for c in cells]), basis=_snap(basis[:, order] * stretch)
        )

    def _layout(self, order: NDArray[np.intp], stretch: Array) -> Layout:
        free = [c for c in self.free if c[0] in "AS"]
        fixed = {kind: np.zeros((len(self.place), len(self.place))) for kind in "AS"}
        for cell, value in self.offset.items():
            if cell not in free and cell[0] in "AS":
                kind, i, j = cell
                fixed[kind][i, j] = value
                if kind == "S":
                    fixed[kind][j, i] = value
        matrix = np.array([self.basis[c] for c in free]).reshape(len(free), len(order))
        layout = Layout(
            n_observed=len(self.spec.observed) + self.spec.meanstructure,
            paths=np.array([c[1:] for c in free if c[0] == "A"], dtype=np.intp).reshape(-1, 2),
            symmetric=np.array([c[1:] for c in free if c[0] == "S"], dtype=np.intp).reshape(-1, 2),
            fixed_paths=fixed["A"],
            fixed_symmetric=fixed["S"],
            offset=np.array([self.offset[c] for c in free]),
            basis=_snap(matrix[:, order] * stretch),
        )
        lines = [(line.offset, line.basis) for line in (self._affine(k, order, stretch) for k in "WM")]
        scaled, shift = self.covariance / np.outer(self.sd, self.sd), self.center / self.sd
        return with_composites(layout, self.spec, self.place, scaled, lines[0], lines[1], shift)


def _rows_where(spec: ModelSpec, chosen: Callable[[Parameter], bool]) -> NDArray[np.intp]:
    """Return the rows of a kind, in the order of the scales of latent responses."""
    place = {p.lhs: i for i, p in enumerate(q for q in spec if q.op == "~*~")}
    rows = [(place.get(p.lhs, 0), i) for i, p in enumerate(spec.parameters) if chosen(p)]
    return np.array([i for _, i in sorted(rows)], dtype=np.intp)


def _order(parts: Sequence[list[Array]], q: int) -> tuple[NDArray[np.intp], Array]:
    """Return the order of the parameters, by the first cell that each moves, and their stretch."""
    matrix = np.array([cell for cells in parts for cell in cells]).reshape(sum(map(len, parts)), q)
    touched = np.abs(matrix) > 0.0
    if not len(matrix):
        return np.arange(q), np.ones(q)
    first = touched.argmax(axis=0)
    order = np.argsort(np.where(touched.any(axis=0), first, len(matrix)), kind="stable")
    size = np.abs(matrix[first, np.arange(q)])
    return order, np.where(size > 0.0, 1.0 / np.where(size > 0.0, size, 1.0), 1.0)[order]


def _cell(p: Parameter, place: Mapping[str, int], count: int) -> Cell:
    if p.op in RESPONSE:
        return (RESPONSE[p.op], count, 0)
    if p.op == "<~":
        return ("W", count, 0)
    if p.op == "=~":
        return ("A", place[p.rhs], place[p.lhs])
    if p.op in ("~", "~1"):
        return ("A", place[p.lhs], place[p.rhs])
    return ("S", *sorted((place[p.lhs], place[p.rhs])))  # type: ignore[return-value]


def _contributions(
    spec: ModelSpec, place: Mapping[str, int], units: Array, center: Array
) -> list[tuple[int, Cell, float]]:
    """List (row, cell, factor): what every table row adds to which cell on the kernel's metric."""
    listed: list[tuple[int, Cell, float]] = []
    observed = {v: i for i, v in enumerate(spec.observed)}
    composites = components_of(spec)
    parts = {p.rhs: k for k, p in enumerate(q for q in spec if q.op == "<~")}
    for row, p in enumerate(spec.parameters):
        if is_derived(p, composites):
            continue
        part = parts.get(p.lhs, -1) if p.op == "~1" else -1
        kind, i, j = cell = ("M", part, 0) if part >= 0 else _cell(p, place, row)
        factor = 1.0  # of thresholds and scales: latent responses have the unit 1 and the origin 0
        if kind in "AS":
            factor = units[j] / units[i] if kind == "A" else 1.0 / (units[i] * units[j])
        elif kind == "W":
            factor = units[place[p.rhs]] / units[place[p.lhs]]
        elif kind == "M":
            factor = 1.0 / units[place[p.lhs]]
        listed.append((row, cell, float(factor)))
        if spec.meanstructure and p.op == "~" and p.rhs in observed:
            # centring the predictor moves its mean times the slope into the intercept
            listed.append((row, ("A", i, place[""]), float(center[observed[p.rhs]] / units[i])))
    return listed


def _snap(matrix: Array) -> Array:
    """Make products that are 1 up to rounding exactly 1, so that equal labels stay exactly equal."""
    near = np.abs(np.abs(matrix) - 1.0) < 1e-12
    return np.where(near, np.sign(matrix), matrix)
