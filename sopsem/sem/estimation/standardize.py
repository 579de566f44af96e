"""Standardized solution: every table row on the scale where variables have variance 1."""

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.composites import components_of, is_derived
from sopsem.sem.estimation.scaling import RESPONSE, ScaledModel
from sopsem.sem.model.spec import ModelSpec

__all__ = ["standardized_jacobian", "standardized_rows", "total_covariance", "with_ancestors"]

Array = NDArray[np.float64]
STEP = 1e-5
ROUNDING = 1e-9


def with_ancestors(model: ScaledModel, wanted: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the wanted variables and all that send paths to them, directly or not, sorted.

    No other variable takes part in their effects or covariances, so items can be left out of small inverses.
    """
    sends = model.layout.fixed_paths != 0.0
    sends[model.layout.paths[:, 0], model.layout.paths[:, 1]] = True
    inside = np.zeros(len(sends), dtype=bool)
    inside[wanted] = True
    while True:
        grown = inside | sends[inside].any(axis=0)
        if np.array_equal(grown, inside):
            return np.flatnonzero(inside)
        inside = grown


def total_covariance(model: ScaledModel, theta: Array, among: NDArray[np.intp] | None = None) -> Array:
    """Return implied covariances of all variables, (B, v, v), on the kernel's metric.

    ``among`` (closed under ancestors, see ``with_ancestors``) limits the answer to some of them.
    """
    paths, symmetric = model.matrices(theta)
    constant = model.variables.index("") if model.meanstructure else -1
    if among is not None:
        paths, symmetric = paths[:, among[:, None], among], symmetric[:, among[:, None], among]
        found = np.flatnonzero(among == constant)
        constant = int(found[0]) if len(found) else -1
    spread = np.linalg.inv(np.eye(paths.shape[1]) - paths)
    total = spread @ symmetric @ spread.transpose(0, 2, 1)
    if constant >= 0:
        total = total - total[:, :, [constant]] * total[:, [constant], :]
        total[:, constant, constant] = 1.0
    return np.asarray(total)


def standardized_rows(
    spec: ModelSpec, model: ScaledModel, theta: Array, *, latent_only: bool = False
) -> Array:
    """Return the table rows standardized, (B, n_rows), at kernel parameters (B, k).

    Loadings and paths are multiplied by sd(source)/sd(target); a variance is divided by the total variance, a
    covariance by the two residual standard deviations (so that it is a correlation of residuals), an
    intercept by the standard deviation.  ``latent_only`` (lavaan's std.lv) leaves observed variables in their
    own metric.
    """
    rows = model.table_rows(theta)
    total = total_covariance(model, theta)
    place = {v: i for i, v in enumerate(model.variables)}
    composites = components_of(spec)
    whole = np.diagonal(total, axis1=1, axis2=2)
    rest = np.diagonal(model.matrices(theta)[1], axis1=1, axis2=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        sd, residual = np.sqrt(whole) * model.units, np.sqrt(np.abs(rest)) * model.units
        share = np.where(whole < 0.0, np.nan, rest / whole)  # exactly 1 where nothing is explained
    if latent_only:
        sd, residual = sd.copy(), residual.copy()
        observed = len(spec.observed)
        sd[:, :observed] = residual[:, :observed] = 1.0
    if model.meanstructure:
        sd[:, place[""]] = 1.0
    standard = np.empty_like(rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        for r, p in enumerate(spec.parameters):
            if p.op in RESPONSE:
                value = 1.0 if p.op == "~*~" and not latent_only else rows[:, r]
                standard[:, r] = value / sd[:, place[p.lhs]] if p.op == "|" else value
                continue
            i, j = place[p.lhs], place[p.rhs]
            if p.op == "=~":
                standard[:, r] = rows[:, r] * sd[:, i] / sd[:, j]
            elif p.op in ("~", "~1", "<~"):
                standard[:, r] = rows[:, r] * sd[:, j] / sd[:, i]
            elif i == j and not composites and not (latent_only and i < len(spec.observed)):
                standard[:, r] = np.where(rows[:, r] == 0.0, 0.0, share[:, i])
            else:
                given = p.exo or is_derived(p, composites)
                scale = sd if i == j or given else residual
                standard[:, r] = np.where(rows[:, r] == 0.0, 0.0, rows[:, r] / (scale[:, i] * scale[:, j]))
    return standard


def standardized_jacobian(
    spec: ModelSpec, model: ScaledModel, theta: Array, *, latent_only: bool = False
) -> Array:
    """Return d standardized rows / d kernel parameters, (n_rows, k), by central differences.

    The parameters are of order 1 on the kernel's metric, so one step size serves all: its error is about
    1e-10.
    """
    k = len(theta)
    shifted = np.concatenate([theta + STEP * np.eye(k), theta - STEP * np.eye(k)])
    values = standardized_rows(spec, model, shifted, latent_only=latent_only)
    jacobian: Array = (values[:k] - values[k:]).T / (2.0 * STEP)
    # a standardized value that is constant, as the variance of an exogenous factor, must have slope 0, not rounding
    size = np.abs(values).max(axis=0)[:, None]
    return np.where(np.abs(jacobian) < ROUNDING * size, 0.0, jacobian)
