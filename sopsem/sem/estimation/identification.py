"""Identification before the fit and a scale-free convergence certificate after it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ModelError
from sopsem.kernel import Objective, active_slopes, constraint_curvature
from sopsem.sem.estimation.parameter_map import ParameterMap

__all__ = ["Certificate", "certify", "check_identified", "null_basis", "unit_scale"]

Array = NDArray[np.float64]
RANK_TOLERANCE = 1e-10
EMPTY = 1e-14  # on the correlation metric every parameter has information of the order of 1
REMAINING_CHISQ = 1e-8


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What certifies an optimum, on no particular scale.

    Attributes
    ----------
    remaining_chisq : float
        multiplier * g'H^-1 g / 2 with the observed Hessian, an estimate of how far chi2 could still fall;
        must be below 1e-8.
    max_scaled_gradient : float
        Largest |g_k| / sqrt(H_kk).
    rank, n_parameters : int
        Rank of the information matrix (relative eigenvalue above 1e-10) and its order.
    null_space : tuple of str
        Parameters that move along directions without information.

    """

    remaining_chisq: float
    max_scaled_gradient: float
    rank: int
    n_parameters: int
    null_space: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the point is a certified optimum."""
        return self.remaining_chisq < REMAINING_CHISQ

    def __str__(self) -> str:
        """Return the one-line form printed with every fit."""
        null = f", no information on {', '.join(self.null_space)}" if self.null_space else ""
        return (
            f"certificate: remaining chi2 {self.remaining_chisq:.1e}, largest scaled gradient "
            f"{self.max_scaled_gradient:.1e}, information of rank {self.rank} of {self.n_parameters}{null}"
        )


def unit_scale(matrix: Array) -> Array:
    """Return what scales a Hessian to a unit diagonal; 0 for a parameter on which it holds nothing."""
    diagonal = np.abs(np.diag(matrix))
    informed = diagonal > EMPTY * diagonal.max(initial=0.0)
    return np.where(informed, 1.0 / np.sqrt(np.where(informed, diagonal, 1.0)), 0.0)


def _unit_diagonal(matrix: Array) -> Array:
    scale = unit_scale(matrix)
    return matrix * np.outer(scale, scale)


def _null_space(parameters: ParameterMap, hessian: Array) -> tuple[int, tuple[str, ...]]:
    """Return the rank and the names of the free parameters that take part in the null space."""
    if not len(hessian):
        return 0, ()
    values, vectors = np.linalg.eigh(_unit_diagonal(hessian))
    empty = values <= RANK_TOLERANCE * max(values[-1], 1.0)
    moving = np.abs(vectors[:, empty]).max(axis=1, initial=0.0) > 0.05
    moved_rows = np.asarray((np.abs(parameters.row_basis[:, moving]) > 0.0).any(axis=1))
    moved = [p for p, m in zip(parameters.spec, moved_rows, strict=True) if m and p.free]
    # a label that only ties groups says nothing to the reader
    names = dict.fromkeys(p.path() if p.label.startswith(".") else p.name for p in moved)
    return int((~empty).sum()), tuple(names)


def check_identified(parameters: ParameterMap, objective: Objective, points: Iterable[Array]) -> None:
    """Raise ModelError when the information is singular at every one of several generic points.

    The rank of the expected information at a generic point is that of the slopes of the moments: a deficit
    there means that infinitely many parameter values imply the same moments, whatever the data (Rothenberg,
    1971).  An equality that the minimiser keeps identifies as a moment does.
    """
    deficits = []
    for point in points:
        hessian = _expected_at(parameters, objective, point)
        if hessian is None:
            continue
        rank, names = _null_space(parameters, hessian)
        if rank == parameters.n_parameters:
            return
        deficits.append((rank, names))
    if deficits:
        rank, names = max(deficits)
        raise ModelError(
            f"the model is not identified: {parameters.n_parameters - rank} direction(s) of the parameters "
            f"change no implied moment. Concerned: {', '.join(names) or 'the exogenous variables'}. "
            "Fix one of them, set two equal, or give the factor more indicators"
        )


def _expected_at(parameters: ParameterMap, objective: Objective, point: Array) -> Array | None:
    """Return the expected Hessian, or None where the implied matrix is not positive definite."""
    here = objective.evaluate(point[None], np.zeros(1, dtype=np.intp))
    if not np.isfinite(here[0][0]):
        return None
    slopes = parameters.constraints(point[None]).equality_slopes[0]
    unit = np.sqrt((slopes**2).sum(axis=1, keepdims=True))
    slopes = slopes / np.where(unit > 0.0, unit, 1.0)
    return np.asarray(objective.expected_hessian(here)[0] + slopes.T @ slopes)


def null_basis(slopes: Array) -> Array:
    """Return an orthonormal basis of what the constraints with these slopes (m, k) leave free."""
    k = slopes.shape[1]
    if not len(slopes):
        return np.eye(k)
    unit = np.sqrt((slopes**2).sum(axis=1, keepdims=True))
    _, values, vectors = np.linalg.svd(slopes / np.where(unit > 0.0, unit, 1.0))
    return np.asarray(vectors[int((values > 1e-10).sum()) :].T)


def certify(
    parameters: ParameterMap, objective: Objective, theta: Array, multiplier: int, information: str
) -> tuple[Certificate, Array]:
    """Return the certificate at kernel parameters ``theta`` and the Hessian of F that standard errors use."""
    point = objective.evaluate(theta[None], np.zeros(1, dtype=np.intp))
    slope = objective.gradient(point)[0]
    lower, upper = parameters.bounds
    slope = np.where(((theta <= lower) & (slope > 0)) | ((theta >= upper) & (slope < 0)), 0.0, slope)
    expected, observed = objective.expected_hessian(point)[0], objective.observed_hessian(point)[0]
    hessian = observed if information == "observed" else expected
    if parameters.constrained:
        slope, expected, observed = _along_constraints(parameters, theta, slope, expected, observed)
    rank, names = _null_space(parameters, expected)
    remaining, largest = _remaining(observed, slope)
    if not np.isfinite(remaining):
        remaining, largest = _remaining(expected, slope)
    certificate = Certificate(
        remaining_chisq=multiplier * remaining if np.isfinite(point[0][0]) else float("inf"),
        max_scaled_gradient=largest,
        rank=rank,
        n_parameters=parameters.n_parameters,
        null_space=names,
    )
    return certificate, hessian


def _along_constraints(
    parameters: ParameterMap, theta: Array, slope: Array, expected: Array, observed: Array
) -> tuple[Array, Array, Array]:
    """Return gradient and Hessians of the Lagrangian on what the constraints leave free.

    Directions that a constraint fixes get the curvature 1, so that they count as identified.
    """
    slopes = active_slopes(parameters.constraints, theta)
    pull = np.asarray(np.linalg.lstsq(slopes.T, -slope, rcond=None)[0], dtype=np.float64)
    free = null_basis(slopes)
    onto = free @ free.T
    fixed = np.eye(len(theta)) - onto
    weights = _weights_of_active(parameters, theta, pull)
    bent = constraint_curvature(parameters.constraints, theta, weights)
    return onto @ slope, onto @ expected @ onto + fixed, onto @ (observed + bent) @ onto + fixed


def _weights_of_active(parameters: ParameterMap, theta: Array, pull: Array) -> Array:
    """Return multipliers of all constraints in their own units from those of the active ones."""
    found = parameters.constraints(theta[None])
    slopes = np.concatenate([found.equality_slopes[0], found.inequality_slopes[0]])
    length = np.linalg.norm(slopes, axis=1)
    unit = np.where(length > 0.0, length, 1.0)
    active = active_slopes(parameters.constraints, theta)
    weights = np.zeros(len(slopes))
    for multiplier, direction in zip(pull, active, strict=True):
        at = int(np.abs(slopes / unit[:, None] - direction).max(axis=1).argmin())
        weights[at] = multiplier / unit[at]
    return weights


def _remaining(hessian: Array, slope: Array) -> tuple[float, float]:
    """Return g'H^-1 g / 2 and the largest scaled gradient; inf where H is not positive semidefinite."""
    scale = unit_scale(hessian)
    scaled = slope * scale
    values, vectors = np.linalg.eigh(hessian * np.outer(scale, scale))
    if values.min(initial=0.0) < -RANK_TOLERANCE:
        return float("inf"), float(np.abs(scaled).max(initial=0.0))
    kept = values > RANK_TOLERANCE
    along = vectors[:, kept].T @ scaled
    return float(0.5 * (along**2 / values[kept]).sum()), float(np.abs(scaled).max(initial=0.0))
