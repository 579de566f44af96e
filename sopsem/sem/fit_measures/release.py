"""A fitted model with its ties loosened: what the data say about parameters that the model holds.

The free rows of the table, untied from each other, and further rows are put at their fitted values on the
correlation metric; the score and the expected information there are what score tests are made of (Sorbom,
1989).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.identification import RANK_TOLERANCE, unit_scale
from sopsem.sem.estimation.incomplete_scores import incomplete_information
from sopsem.sem.estimation.moment_analysis import GroupAnalysis, analyse_moments
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.estimation.robust_errors import shares
from sopsem.sem.estimation.scaling import scale_models
from sopsem.sem.estimation.standard_errors import moving
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
    spec, origin = _extended(fit.spec, added)
    problem = _loosened(fit, spec)
    whole = problem.parameters
    column = np.abs(whole.row_basis).argmax(axis=1)  # every row is one kernel parameter of its own
    per_row = whole.row_basis[np.arange(len(column)), column]
    theta = np.empty(len(column))
    theta[column] = (_values(fit, added)[origin] - whole.row_offset) / per_row
    given = [g.given for g in fit.groups]  # the added rows make these variables random, which they are not
    score, information = _score_and_information(problem, theta, given)
    unit = _natural_units(fit, spec)
    step = unit / per_row
    back = np.argsort(origin)  # the table holds the rows group by group, the answer the added rows last
    at, step, unit = column[back], step[back], unit[back]
    moved = moving(fit.problem, fit.kernel_theta)
    free_unit = unit[: len(unit) - len(added), None]
    return Released(
        score=score[at] * step,
        information=information[np.ix_(at, at)] * np.outer(step, step),
        unit=unit,
        directions=fit.parameters.row_basis[np.ix_(fit.free, moved)] / free_unit,
    )


def _extended(spec: ModelSpec, added: tuple[Parameter, ...]) -> tuple[ModelSpec, NDArray[np.intp]]:
    """Return a table of the free rows and the added ones, all free and untied, group by group.

    Also return where each of its rows stands among the free rows followed by the added ones.
    """
    rows = (*(p for p in spec if p.free), *added)
    plain = tuple(replace(p, free=True, freed=True, exo=False, label="", value=0.0) for p in rows)
    bare = tuple(replace(p, lower=-np.inf, upper=np.inf) for p in plain)
    order = np.argsort([p.group for p in bare], kind="stable")
    ordered = tuple(bare[i] for i in order)
    return replace(spec, parameters=ordered, constraints=(), definitions=()), order


def _loosened(fit: Fit, spec: ModelSpec) -> Problem:
    """Return the problem of another table for the data of a fit."""
    parameters, models = scale_models(spec, tuple(g.moments for g in fit.groups))
    own = (spec.of_group(g) for g in range(1, spec.n_groups + 1))
    groups = tuple(replace(g, spec=s, model=m) for g, s, m in zip(fit.groups, own, models, strict=True))
    return replace(fit.problem, spec=spec, parameters=parameters, groups=groups)


def _values(fit: Fit, added: tuple[Parameter, ...]) -> Array:
    """Return the fitted values of the free rows and the values that the added rows have now."""
    held = {(p.lhs, p.op, p.rhs, p.group): v for p, v in zip(fit.spec, fit.rows, strict=True)}
    return np.concatenate([fit.theta, [held.get((p.lhs, p.op, p.rhs, p.group), 0.0) for p in added]])


def _natural_units(fit: Fit, spec: ModelSpec) -> Array:
    """Return the size of one standardized unit of every row, so that information compares across rows."""
    deviations = [_deviations(one) for one in fit.by_group]
    units = {
        "=~": lambda sd, p: sd[p.rhs] / sd[p.lhs],
        "~": lambda sd, p: sd[p.lhs] / sd[p.rhs],
        "~1": lambda sd, p: sd[p.lhs],
        "~~": lambda sd, p: sd[p.lhs] * sd[p.rhs],
    }
    return np.array([units[p.op](deviations[p.group - 1], p) if p.op in units else 1.0 for p in spec])


def _deviations(fit: Fit) -> dict[str, float]:
    total = np.sqrt(np.abs(np.diag(total_covariance(fit.model, fit.kernel_theta[None])[0]))) * fit.model.units
    return dict(zip(fit.model.variables, np.where(total > 0.0, total, 1.0), strict=True)) | {"": 1.0}


def _score_and_information(
    problem: Problem, theta: Array, given: Sequence[NDArray[np.bool_]]
) -> tuple[Array, Array]:
    """Return -dF/2 and the expected information of one observation; moments of fixed variables carry none.

    Of least squares the score counts N - 1 of N, as chi2 does.
    """
    objective = problem.objective()
    point = objective.evaluate(theta[None], np.zeros(1, dtype=np.intp))
    parts = analyse_moments(problem, theta)
    counted = 1.0 if problem.settings.estimator == "ML" else _share_counted(problem)
    score = -0.5 * objective.gradient(point)[0] * counted
    information = np.zeros((len(theta), len(theta)))
    for share, part, fixed in zip(shares(parts), parts, given, strict=True):
        slopes = np.where(fixed[:, None], 0.0, part.slopes)
        information += share * slopes.T @ _weight(problem, part) @ slopes
    return score, information


def _share_counted(problem: Problem) -> float:
    return problem.multiplier / sum(g.moments.n for g in problem.groups)


def _weight(problem: Problem, part: GroupAnalysis) -> Array:
    """Return the expected information of one row about the moments of its group, (k, k)."""
    if problem.settings.incomplete and part.group.moments.patterns is not None:
        return incomplete_information(part.group, part.implied, "expected")
    return problem.estimator.weight(part.group, part.covariance)


def informed_inverse(information: Array) -> Array:
    """Return the inverse, or where the information is singular that on its informed directions."""
    scale = unit_scale(information)
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    kept = values > RANK_TOLERANCE * max(values.max(initial=0.0), 1.0)
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    return np.asarray(inverse * np.outer(scale, scale))
