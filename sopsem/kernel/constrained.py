"""Minimisation under equalities and inequalities: an augmented Lagrangian, finished by Newton steps.

With h(theta) = 0, g(theta) >= 0, multipliers l and n and a penalty r (Powell, 1969; Rockafellar, 1973):

    F + l'h + r h'h / 2 + sum max(0, n - r g)^2 / 2r.

The multipliers are updated until the constraints hold; Newton steps on the first-order conditions then take
the solution to rounding.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.newton import BatchFit, Bounds, Outcome, minimise
from sopsem.kernel.objective import Objective

__all__ = ["ConstraintArrays", "active_slopes", "constraint_curvature", "minimise_constrained"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]
ROUNDS = 40
FIRST_PENALTY, LARGEST_PENALTY = 10.0, 1e7
CLOSE = 1e-7  # constraints this close to holding are left to Newton steps
HOLDS = 1e-10  # on the scale where a constraint's slope has length 1
POLISHING = 12
STEP = 1e-5


class ConstraintArrays(Protocol):
    """Values and slopes of constraints at B points: h (B, e), g (B, i), and (B, e, q), (B, i, q)."""

    @property
    def equality(self) -> Array:
        """Return h (B, e)."""

    @property
    def inequality(self) -> Array:
        """Return g (B, i)."""

    @property
    def equality_slopes(self) -> Array:
        """Return (B, e, q)."""

    @property
    def inequality_slopes(self) -> Array:
        """Return (B, i, q)."""


Constraints = Callable[[Array], ConstraintArrays]


class _Point(NamedTuple):
    objective: Array
    inner: Any
    theta: Array
    equal_pull: Array  # l + r h
    other_pull: Array  # max(0, n - r g)
    equal_slopes: Array
    other_slopes: Array
    penalty: Array


@dataclass(frozen=True, kw_only=True)
class _Penalised:
    """An objective with the terms of the augmented Lagrangian, each constraint divided by its ``unit``."""

    objective: Objective
    constraints: Constraints
    unit: Array
    equal: Array  # (B, e)
    other: Array  # (B, i)
    penalty: Array  # (B,)

    @property
    def n_problems(self) -> int:
        return self.objective.n_problems

    @property
    def n_parameters(self) -> int:
        return self.objective.n_parameters

    @property
    def block(self) -> int:
        return self.objective.block

    def usable(self, which: Index) -> Mask:
        return self.objective.usable(which)

    def scaled(self, theta: Array) -> tuple[Array, Array, Array, Array]:
        """Return h, g and their slopes in units where slopes have length about 1."""
        found = self.constraints(theta)
        e = found.equality.shape[1]
        equal, other = self.unit[:e], self.unit[e:]
        return (
            found.equality / equal,
            found.inequality / other,
            found.equality_slopes / equal[:, None],
            found.inequality_slopes / other[:, None],
        )

    def evaluate(self, theta: Array, which: Index) -> _Point:
        inner = self.objective.evaluate(theta, which)
        h, g, dh, dg = self.scaled(theta)
        r, l, n = self.penalty[which][:, None], self.equal[which], self.other[which]  # noqa: E741
        push = np.maximum(0.0, n - r * g)
        with np.errstate(invalid="ignore", over="ignore"):
            total = inner[0] + (l * h + 0.5 * r * h**2).sum(axis=1)
            total = total + ((push**2 - n**2) / (2.0 * r)).sum(axis=1)
            total = np.where(np.isfinite(total), total, np.inf)
        return _Point(total, inner, theta, l + r * h, push, dh, dg, self.penalty[which])

    def gradient(self, point: _Point) -> Array:
        equal = np.einsum("be,beq->bq", point.equal_pull, point.equal_slopes)
        other = np.einsum("bi,biq->bq", point.other_pull, point.other_slopes)
        return np.asarray(self.objective.gradient(point.inner) + equal - other)

    def _stiffness(self, point: _Point) -> Array:
        pushed = point.other_slopes * (point.other_pull > 0.0)[:, :, None]
        r = point.penalty[:, None, None]
        equal = point.equal_slopes.transpose(0, 2, 1) @ point.equal_slopes
        return np.asarray(r * (equal + pushed.transpose(0, 2, 1) @ pushed))

    def expected_hessian(self, point: _Point) -> Array:
        return np.asarray(self.objective.expected_hessian(point.inner) + self._stiffness(point))

    def observed_hessian(self, point: _Point) -> Array:
        bent = np.stack(
            [
                constraint_curvature(self.constraints, theta, np.concatenate([pull, -push]) / self.unit)
                for theta, pull, push in zip(point.theta, point.equal_pull, point.other_pull, strict=True)
            ]
        )
        return np.asarray(self.objective.observed_hessian(point.inner) + self._stiffness(point) + bent)


def constraint_curvature(constraints: Constraints, theta: Array, weights: Array) -> Array:
    """Return sum_k weights_k d2 c_k (q, q) of all constraints, by differences of their slopes at theta (q,)."""
    q = len(theta)
    shifted = np.concatenate([theta + STEP * np.eye(q), theta - STEP * np.eye(q)])
    found = constraints(shifted)
    slopes = np.concatenate([found.equality_slopes, found.inequality_slopes], axis=1)
    along = np.einsum("k,bkq->bq", weights, slopes)
    curvature = (along[:q] - along[q:]) / (2.0 * STEP)
    return np.asarray((curvature + curvature.T) / 2.0)


def active_slopes(constraints: Constraints, theta: Array) -> Array:
    """Return the slopes of the equalities and of the inequalities that hold with equality, (m, q), of length 1."""
    found = constraints(theta[None])
    g, dg = found.inequality[0], found.inequality_slopes[0]
    size = np.linalg.norm(dg, axis=1)
    at_limit = g <= 100.0 * HOLDS * np.where(size > 0.0, size, 1.0)
    slopes = np.concatenate([found.equality_slopes[0], dg[at_limit]])
    length = np.linalg.norm(slopes, axis=1, keepdims=True)
    return np.asarray(slopes / np.where(length > 0.0, length, 1.0))


def minimise_constrained(
    objective: Objective,
    theta0: Array,
    constraints: Constraints,
    *,
    bounds: Bounds = None,
) -> BatchFit:
    """Minimise every problem of an objective under the same constraints.

    Parameters
    ----------
    objective : Objective
        Of B problems.
    theta0 : (q,) or (B, q) array
    constraints : callable
        From points (b, q) to values and slopes; see ``ConstraintArrays``.
    bounds : pair of (q,) arrays, optional

    Returns
    -------
    BatchFit
        ``minimum`` is that of the objective itself.  A problem whose constraints cannot be met ends without
        progress.

    """
    size = objective.n_problems
    theta = np.broadcast_to(theta0, (size, objective.n_parameters)).copy()
    start = constraints(theta[:1])
    slopes = np.concatenate([start.equality_slopes[0], start.inequality_slopes[0]])
    unit = np.maximum(np.linalg.norm(slopes, axis=1), 1e-8)
    e = start.equality.shape[1]
    task = _Penalised(
        objective=objective,
        constraints=constraints,
        unit=unit,
        equal=np.zeros((size, e)),
        other=np.zeros((size, len(unit) - e)),
        penalty=np.full(size, FIRST_PENALTY),
    )
    found, task = _rounds(task, theta, bounds)
    return _finish(task, found, bounds)


def _rounds(task: _Penalised, theta: Array, bounds: Bounds) -> tuple[BatchFit, _Penalised]:
    """Update multipliers and penalties until every constraint nearly holds."""
    before = np.full(len(theta), np.inf)
    for _ in range(ROUNDS):
        found = minimise(task, theta, bounds=bounds, tolerance=1e-12)
        theta = found.theta
        h, g, _, _ = task.scaled(theta)
        violated = _violation(task, h, g)
        r = task.penalty[:, None]
        task = replace(task, equal=task.equal + r * h, other=np.maximum(0.0, task.other - r * g))
        if (violated < CLOSE).all():
            break
        slow = violated > 0.25 * before
        grown = np.minimum(task.penalty * 10.0, LARGEST_PENALTY)
        task, before = replace(task, penalty=np.where(slow, grown, task.penalty)), violated
    return found, task


def _violation(task: _Penalised, h: Array, g: Array) -> Array:
    """Return how far each problem is from meeting its constraints, complementarity included."""
    slack = np.minimum(g, task.other / task.penalty[:, None])
    return np.asarray(np.abs(np.concatenate([h, slack], axis=1)).max(axis=1, initial=0.0))


def _finish(task: _Penalised, found: BatchFit, bounds: Bounds) -> BatchFit:
    """Take every solution to rounding and say whether its constraints hold."""
    theta, minimum = found.theta.copy(), found.minimum.copy()
    outcome = found.outcome.copy()
    for b in range(len(theta)):
        if outcome[b] not in (Outcome.CONVERGED, Outcome.SADDLE_POINT, Outcome.NO_PROGRESS):
            continue
        theta[b], held = _polish(task, theta[b], b, bounds)
        minimum[b] = task.objective.evaluate(theta[b : b + 1], np.array([b]))[0][0]
        if not held:
            outcome[b] = Outcome.NO_PROGRESS
        elif outcome[b] == Outcome.NO_PROGRESS:
            outcome[b] = Outcome.CONVERGED  # the certificate of the fit is the judge of the optimum
    return replace(found, theta=theta, minimum=minimum, outcome=outcome)


def _polish(task: _Penalised, theta: Array, b: int, bounds: Bounds) -> tuple[Array, bool]:
    """Take Newton steps on the first-order conditions with the active constraints; keep only what improves."""
    which = np.array([b])
    active = task.other[b] > 0.0
    pull = np.concatenate([task.equal[b], -task.other[b][active]])
    best, least = theta, _broken(task, theta, active)
    for _ in range(POLISHING):
        point = task.objective.evaluate(theta[None], which)
        h, g, dh, dg = (part[0] for part in task.scaled(theta[None]))
        values, slopes = np.concatenate([h, g[active]]), np.concatenate([dh, dg[active]])
        weights = np.zeros(len(task.unit))
        weights[np.concatenate([np.ones(len(h), dtype=bool), active])] = pull
        hessian = task.objective.observed_hessian(point)[0]
        hessian = hessian + constraint_curvature(task.constraints, theta, weights / task.unit)
        held = _at_bounds(theta, bounds)
        step, pull = _kkt_step(hessian, slopes, task.objective.gradient(point)[0], values, held)
        theta = theta + step if bounds is None else np.clip(theta + step, *bounds)
        broken = _broken(task, theta, active)
        if not np.isfinite(broken) or broken > max(least, 10.0 * HOLDS):
            break
        best, least = theta, broken
        if np.abs(step).max() < 1e-13 * (1.0 + np.abs(theta).max()):
            break
    return best, bool(least < 10.0 * HOLDS)


def _at_bounds(theta: Array, bounds: Bounds) -> Mask:
    if bounds is None:
        return np.zeros(len(theta), dtype=bool)
    return np.asarray((theta <= bounds[0]) | (theta >= bounds[1]))


def _broken(task: _Penalised, theta: Array, active: Mask) -> float:
    h, g, _, _ = (part[0] for part in task.scaled(theta[None]))
    return float(np.abs(np.concatenate([h, g[active], np.minimum(g, 0.0)])).max(initial=0.0))


def _kkt_step(
    hessian: Array, slopes: Array, gradient: Array, values: Array, held: Mask
) -> tuple[Array, Array]:
    """Return the Newton step and the new multipliers; ``held`` parameters stay."""
    q, m = len(gradient), len(values)
    system = np.zeros((q + m, q + m))
    system[:q, :q], system[:q, q:], system[q:, :q] = hessian, slopes.T, slopes
    target = -np.concatenate([gradient, values])
    at = np.flatnonzero(held)
    system[at], target[at] = 0.0, 0.0
    system[at, at] = 1.0
    solution, *_ = np.linalg.lstsq(system, target, rcond=1e-13)
    return solution[:q], solution[q:]
