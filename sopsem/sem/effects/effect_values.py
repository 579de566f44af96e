"""Effects at many solutions together, and their exact slopes.

With E = (I - B)^-1 and G = E S E' total effects are E - I (Bollen, 1987), and by matrix calculus

    dE = E dB E,    dG = E dB G + (E dB G)' + E dS E'.

A standardized effect is the raw one times sd(predictor)/sd(outcome), the standard deviations implied.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.kernel import matrices
from sopsem.sem.effects.routes import Effect
from sopsem.sem.estimation.scaling import ScaledModel
from sopsem.sem.estimation.standardize import total_covariance, with_ancestors
from sopsem.sem.model.spec import ModelSpec

__all__ = ["effect_slopes", "effect_values"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
PIECE = 4096  # solutions whose matrices are in memory together


def effect_values(
    _spec: ModelSpec, model: ScaledModel, theta: Array, wanted: list[Effect], *, standardized: bool
) -> Array:
    """Return effects (B, n_effects) at kernel parameters (B, k), holding the matrices of a piece of them at a time."""
    pieces = (theta[first : first + PIECE] for first in range(0, max(len(theta), 1), PIECE))
    return np.concatenate([_of_piece(model, piece, wanted, standardized=standardized) for piece in pieces])


def _of_piece(model: ScaledModel, theta: Array, wanted: list[Effect], *, standardized: bool) -> Array:
    among, place = _involved(model, wanted)
    paths = matrices(model.layout, theta)[0][:, among[:, None], among]
    total = np.linalg.inv(np.eye(paths.shape[1]) - paths) - np.eye(paths.shape[1])
    # a variance that is negative or 0 leaves no standardized effect: NaN or infinite, and counted as such
    with np.errstate(invalid="ignore", divide="ignore"):
        if standardized:
            unit = np.sqrt(np.diagonal(total_covariance(model, theta, among), axis1=1, axis2=2))
            scale = unit[:, None, :] / unit[:, :, None]
        else:
            scale = np.broadcast_to(_units(model, among), paths.shape)
        return _values(paths * scale, total * scale, place, wanted)


def _involved(model: ScaledModel, wanted: list[Effect]) -> tuple[Index, dict[str, int]]:
    """Return the variables that effects depend on, and the place of each among them."""
    named = {v: i for i, v in enumerate(model.variables)}
    among = with_ancestors(model, np.unique([named[v] for e in wanted for v in e.route]).astype(np.intp))
    return among, {model.variables[at]: i for i, at in enumerate(among)}


def _units(model: ScaledModel, among: Index) -> Array:
    """Return what turns effects on the kernel's metric into effects in units of the data, (a, a)."""
    return np.outer(model.units[among], 1.0 / model.units[among])


def _values(paths: Array, total: Array, place: dict[str, int], wanted: list[Effect]) -> Array:
    columns = []
    for effect in wanted:
        i, j = place[effect.outcome], place[effect.predictor]
        if effect.kind == "total":
            columns.append(total[:, i, j])
        elif effect.kind == "total_indirect":
            columns.append(total[:, i, j] - paths[:, i, j])
        else:
            columns.append(np.prod([paths[:, b, a] for b, a in _steps(effect, place)], axis=0))
    return np.stack(columns, axis=1) if columns else np.empty((len(paths), 0))


def _steps(effect: Effect, place: dict[str, int]) -> list[tuple[int, int]]:
    """Return (target, source) of every path along the route of an effect."""
    return [(place[b], place[a]) for a, b in zip(effect.route, effect.route[1:], strict=False)]


class _Cells(NamedTuple):
    """The free cells among some variables: (target, source) of paths, both ends of covariances, d cells / d theta."""

    paths: Index
    symmetric: Index
    basis: Array

    @classmethod
    def of(cls, model: ScaledModel, among: Index) -> "_Cells":
        layout = model.layout
        at = np.full(layout.n_variables, -1, dtype=np.intp)
        at[among] = np.arange(len(among))
        paths, symmetric = at[layout.paths], at[layout.symmetric]
        inside = (paths >= 0).all(axis=1), (symmetric >= 0).all(axis=1)
        return cls(paths[inside[0]], symmetric[inside[1]], layout.basis[np.concatenate(inside)])

    def one(self, target: int, source: int) -> Array:
        """Return the slope of a path in all cells: 1 in its own, 0 everywhere where it is fixed."""
        own = (self.paths[:, 0] == target) & (self.paths[:, 1] == source)
        return np.concatenate([own, np.zeros(len(self.symmetric))])


def effect_slopes(model: ScaledModel, theta: Array, wanted: list[Effect], *, standardized: bool) -> Array:
    """Return d effects / d kernel parameters, (B, n_effects, k), at (B, k); NaN where an effect has no value.

    Raises
    ------
    UsageError
        Composites or latent responses, whose cells are not affine in the parameters.

    """
    if model.layout.composites is not None or len(model.responses):
        raise UsageError("slopes of effects are for models without composites and ordered variables")
    if not wanted:
        return np.empty((*theta.shape, 0)).transpose(0, 2, 1)
    among, place = _involved(model, wanted)
    cells = _Cells.of(model, among)
    paths, symmetric = (part[:, among[:, None], among] for part in matrices(model.layout, theta))
    eye = np.eye(len(among))
    spread = np.asarray(np.linalg.inv(eye - paths), dtype=np.float64)
    slopes = np.stack([_in_cells(e, cells, paths, spread, place) for e in wanted], axis=1)
    outcome, predictor = (np.array([place[v] for v in ends], dtype=np.intp) for ends in _ends(wanted))
    if not standardized:
        return np.asarray(_units(model, among)[outcome, predictor][:, None] * slopes @ cells.basis)
    constant = place.get("") if model.meanstructure else None
    variance, change = _variances(cells, spread, spread @ symmetric @ spread.transpose(0, 2, 1), constant)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.sqrt(variance[:, predictor]) / np.sqrt(variance[:, outcome])
        relative = change / (2.0 * variance[:, :, None])
        slopes += _values(paths, spread - eye, place, wanted)[:, :, None] * (
            relative[:, predictor] - relative[:, outcome]
        )
        return np.asarray((ratio[:, :, None] * slopes) @ cells.basis)


def _ends(wanted: list[Effect]) -> tuple[list[str], list[str]]:
    return [e.outcome for e in wanted], [e.predictor for e in wanted]


def _in_cells(effect: Effect, cells: _Cells, paths: Array, spread: Array, place: dict[str, int]) -> Array:
    """Return the slope of one effect on the kernel's metric in all cells, (B, n_cells)."""
    i, j = place[effect.outcome], place[effect.predictor]
    slope = np.zeros((len(paths), len(cells.basis)))
    if effect.kind in ("total", "total_indirect"):
        slope[:, : len(cells.paths)] = spread[:, i, cells.paths[:, 0]] * spread[:, cells.paths[:, 1], j]
        return slope - cells.one(i, j) if effect.kind == "total_indirect" else slope
    steps = _steps(effect, place)
    for step in steps:
        others = [paths[:, b, a] for b, a in steps if (b, a) != step]
        slope += np.prod(others, axis=0, initial=1.0)[..., None] * cells.one(*step)
    return slope


def _variances(cells: _Cells, spread: Array, total: Array, constant: int | None) -> tuple[Array, Array]:
    """Return the variances (B, a) of all variables and their slopes in all cells (B, a, n_cells).

    Moments are about zero where there is a constant, variable number ``constant``.
    """
    (i, j), (k, l) = cells.paths.T, cells.symmetric.T  # noqa: E741
    weight = np.where(k == l, 1.0, 2.0)
    variance = np.diagonal(total, axis1=1, axis2=2).copy()
    change = np.concatenate(
        [2.0 * spread[:, :, i] * total[:, j].transpose(0, 2, 1), weight * spread[:, :, k] * spread[:, :, l]],
        axis=2,
    )
    if constant is not None:
        mean = total[:, :, constant]
        in_mean = np.zeros_like(change)
        in_mean[:, :, : len(i)] = spread[:, :, i] * mean[:, None, j]  # the constant has no free cell
        variance -= mean**2
        change -= 2.0 * mean[:, :, None] * in_mean
    return variance, change
