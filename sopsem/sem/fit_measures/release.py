"""A fitted model with its ties loosened: what the data say about parameters that the model holds.

The free rows of the table, untied from each other, and further rows are put at their fitted values on the
correlation metric; the score and the expected information there are what score tests are made of (Sorbom,
1989).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel import evaluate, gradient
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.identification import RANK_TOLERANCE, unit_scale
from sopsem.sem.estimation.implied import moment_slopes
from sopsem.sem.estimation.scaling import ScaledModel, scale_model
from sopsem.sem.estimation.standardize import total_covariance
from sopsem.sem.model.spec import ModelSpec, Parameter

__all__ = ["Released", "informed_inverse", "release"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Released:
    """Score and information of one observation for the free rows, and then the added rows.

    Attributes
    ----------
    score : (r,) array
        Derivative of the log-likelihood by the rows in their natural units.
    information : (r, r) array
    unit : (r,) array
        The natural unit of a row in the metric of the data: a change that is 1 when all variables have
        variance 1.
    directions : (f, q) array
        d free rows / d parameters of the model, for those that may move: not nuisance, not on a bound.

    """

    score: Array
    information: Array
    unit: Array
    directions: Array


def release(fit: Fit, added: tuple[Parameter, ...]) -> Released:
    """Return score and information of the untied free rows and of ``added`` rows at the fitted values.

    ``added`` must hold the fixed rows of the table, which are part of the model, and may hold further ones.
    """
    spec = _extended(fit.spec, added)
    model = scale_model(spec, replace(fit.moments, covariance=fit.sample_cov))
    column = np.abs(model.row_basis).argmax(axis=1)  # every row is one kernel parameter of its own
    per_row = model.row_basis[np.arange(len(column)), column]
    theta = np.empty(len(column))
    theta[column] = (_values(fit, added) - model.row_offset) / per_row
    score, information = _score_and_information(fit, model, theta)
    unit = _natural_units(fit, spec)
    step = unit / per_row
    lower, upper = fit.model.bounds
    moving = ~fit.model.nuisance & (fit.kernel_theta > lower) & (fit.kernel_theta < upper)
    free_unit = unit[: len(unit) - len(added), None]
    return Released(
        score=score[column] * step,
        information=information[np.ix_(column, column)] * np.outer(step, step),
        unit=unit,
        directions=fit.model.row_basis[np.ix_(fit.free, moving)] / free_unit,
    )


def _extended(spec: ModelSpec, added: tuple[Parameter, ...]) -> ModelSpec:
    """Return a table of the free rows and then the added ones, all of them free and none tied to another."""
    rows = (*(p for p in spec if p.free), *added)
    plain = tuple(replace(p, free=True, freed=True, exo=False, label="", value=0.0) for p in rows)
    bare = tuple(replace(p, lower=-np.inf, upper=np.inf) for p in plain)
    return replace(spec, parameters=bare, constraints=(), definitions=())


def _values(fit: Fit, added: tuple[Parameter, ...]) -> Array:
    """Return the fitted values of the free rows and the values that the added rows have now."""
    held = {(p.lhs, p.op, p.rhs): v for p, v in zip(fit.spec, fit.rows, strict=True)}
    return np.concatenate([fit.theta, [held.get((p.lhs, p.op, p.rhs), 0.0) for p in added]])


def _natural_units(fit: Fit, spec: ModelSpec) -> Array:
    """Return the size of one standardized unit of every row, so that information compares across rows."""
    total = np.sqrt(np.abs(np.diag(total_covariance(fit.model, fit.kernel_theta[None])[0]))) * fit.model.units
    sd = dict(zip(fit.model.variables, np.where(total > 0.0, total, 1.0), strict=True)) | {"": 1.0}
    units = {
        "=~": lambda p: sd[p.rhs] / sd[p.lhs],
        "~": lambda p: sd[p.lhs] / sd[p.rhs],
        "~1": lambda p: sd[p.lhs],
        "~~": lambda p: sd[p.lhs] * sd[p.rhs],
    }
    return np.array([units[p.op](p) for p in spec])


def _score_and_information(fit: Fit, model: ScaledModel, theta: Array) -> tuple[Array, Array]:
    """Return -dF/2 and the expected information of one observation; moments of fixed variables carry none."""
    target = model.scaled_moments(
        fit.sample_cov[None], None if fit.moments.mean is None else fit.moments.mean[None]
    )
    point = evaluate(model.layout, theta[None], target, np.linalg.slogdet(target)[1])
    slopes = moment_slopes(model.layout, theta, meanstructure=fit.spec.meanstructure)
    given = {p.lhs for p in fit.spec if p.exo}
    slopes = slopes.without(np.array([v in given for v in fit.spec.observed]))
    return -0.5 * gradient(model.layout, point)[0], slopes.information()


def informed_inverse(information: Array) -> Array:
    """Return the inverse, or where the information is singular that on its informed directions."""
    scale = unit_scale(information)
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    kept = values > RANK_TOLERANCE * max(values.max(initial=0.0), 1.0)
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return np.asarray(inverse * np.outer(scale, scale))
