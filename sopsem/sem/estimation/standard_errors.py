"""The covariance matrix of the kernel parameters: from the information, or robust to its assumptions."""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel import active_slopes
from sopsem.sem.estimation.identification import RANK_TOLERANCE, null_basis, unit_scale
from sopsem.sem.estimation.moment_analysis import analyse_moments
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.estimation.robust_errors import MEATS, unit_information

__all__ = ["free_directions", "inverse_information", "kernel_vcov", "moving", "unit_vcov"]

Array = NDArray[np.float64]


def kernel_vcov(problem: Problem, theta: Array, hessian: Array) -> Array:
    """Return the covariance matrix of the kernel parameters (k, k) at a solution (k,).

    Parameters
    ----------
    hessian : (k, k) array
        Second derivatives of F: multiplier / 2 times it is the information.

    """
    se = problem.settings.se
    if se == "none":
        return np.full_like(hessian, np.nan)
    return unit_vcov(problem, theta, hessian) / problem.multiplier


def unit_vcov(problem: Problem, theta: Array, hessian: Array) -> Array:
    """Return N times the covariance matrix of the kernel parameters: the bread, or the sandwich."""
    if problem.settings.se not in MEATS and _of_hessian(problem):
        return 2.0 * inverse_information(problem, theta, hessian)
    parts = analyse_moments(problem, theta)
    bread = inverse_information(problem, theta, unit_information(problem, parts, hessian))
    if problem.settings.se not in MEATS:
        return bread
    known = np.nan_to_num(bread)
    meat = MEATS[problem.settings.se](problem, parts)
    lost = np.isnan(np.diag(bread))
    vcov = known @ meat @ known
    vcov[lost, :] = vcov[:, lost] = np.nan
    return vcov


def _of_hessian(problem: Problem) -> bool:
    """Say whether half the Hessian is the information that the settings name."""
    settings = problem.settings
    if settings.estimator != "ML" or settings.information == "first_order":
        return False
    return settings.information == "observed" or settings.h1_information == "structured"


def moving(problem: Problem, theta: Array) -> NDArray[np.bool_]:
    """Say which kernel parameters are estimated: not nuisance, and not held on a bound."""
    lower, upper = problem.parameters.bounds
    return np.asarray(~problem.parameters.nuisance & (theta > lower) & (theta < upper))


def free_directions(problem: Problem, theta: Array) -> Array:
    """Return a basis (q, m) of the directions that the model leaves free at kernel parameters (q,)."""
    keep = np.flatnonzero(moving(problem, theta))
    slopes = active_slopes(problem.parameters.constraints, theta)[:, keep]
    basis = np.zeros((len(theta), len(keep) if not len(slopes) else null_basis(slopes).shape[1]))
    basis[keep] = null_basis(slopes)
    return basis


def inverse_information(problem: Problem, theta: Array, hessian: Array) -> Array:
    """Return the inverse of a Hessian on the directions that the model leaves free.

    A parameter held on a bound is a constant; one that moves in the null space has no standard error (NaN),
    the others keep theirs.
    """
    keep = moving(problem, theta)
    scale = unit_scale(hessian)
    inner = (hessian * np.outer(scale, scale))[np.ix_(keep, keep)]
    free = null_basis((active_slopes(problem.parameters.constraints, theta) * scale)[:, keep])
    values, vectors = np.linalg.eigh(free.T @ inner @ free)
    vectors = free @ vectors
    kept = values > RANK_TOLERANCE * max(values.max(initial=0.0), 1.0)
    empty = np.abs(vectors[:, ~kept]).max(axis=1, initial=0.0) > 1e-6
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    inverse[empty, :] = inverse[:, empty] = np.nan
    full = np.zeros_like(hessian)
    full[np.ix_(keep, keep)] = inverse * np.outer(scale[keep], scale[keep])
    return full
