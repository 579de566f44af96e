"""Minimisation under equalities and inequalities: an augmented Lagrangian, finished by Newton steps.

With h(theta) = 0, g(theta) >= 0, multipliers l and n and a penalty r (Powell, 1969; Rockafellar, 1973):

    F + l'h + r h'h / 2 + sum max(0, n - r g)^2 / 2r.

The multipliers are updated until the constraints hold; Newton steps on the first-order conditions then take
the solution to rounding.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
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
HOPELESS = 0.9
ITERATIONS = 60  # of one round; the next goes on from there
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
    unit: Array


@dataclass(frozen=True, kw_only=True)
class _Penalised:
    """An objective with the terms of the augmented Lagrangian, each constraint divided by its ``unit``.

    Its problems are those ``at`` these positions of the objective, so that one that is done need not go on.
    """

    objective: Objective
    constraints: Constraints
    at: Index
    unit: Array  # (B, e + i)
    equal: Array  # (B, e)
    other: Array  # (B, i)
    penalty: Array  # (B,)

    @property
    def n_problems(self) -> int:
        return len(self.at)

    @property
    def n_parameters(self) -> int:
        return self.objective.n_parameters

    @property
    def block(self) -> int:
        return self.objective.block

    def usable(self, which: Index) -> Mask:
        return self.objective.usable(self.at[which])

    def scaled(self, theta: Array, at: Index) -> tuple[Array, Array, Array, Array]:
        """Return h, g and their slopes of the problems ``at``, in units where slopes have length about 1."""
        found = self.constraints(theta)
        e = found.equality.shape[1]
        equal, other = self.unit[at, :e], self.unit[at, e:]
        return (
            found.equality / equal,
            found.inequality / other,
            found.equality_slopes / equal[:, :, None],
            found.inequality_slopes / other[:, :, None],
        )

    def evaluate(self, theta: Array, which: Index) -> _Point:
        at = self.at[which]
        inner = self.objective.evaluate(theta, at)
        h, g, dh, dg = self.scaled(theta, at)
        r, l, n = self.penalty[at][:, None], self.equal[at], self.other[at]  # noqa: E741
        push = np.maximum(0.0, n - r * g)
        with np.errstate(invalid="ignore", over="ignore"):
            total = inner[0] + (l * h + 0.5 * r * h**2).sum(axis=1)
            total = total + ((push**2 - n**2) / (2.0 * r)).sum(axis=1)
            total = np.where(np.isfinite(total), total, np.inf)
        return _Point(total, inner, theta, l + r * h, push, dh, dg, self.penalty[at], self.unit[at])

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
                constraint_curvature(self.constraints, theta, np.concatenate([pull, -push]) / unit)
                for theta, pull, push, unit in zip(
                    point.theta, point.equal_pull, point.other_pull, point.unit, strict=True
                )
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
        progress.  No problem depends on another: any split of the batch gives the same bits.

    """
    size = objective.n_problems
    theta = np.broadcast_to(theta0, (size, objective.n_parameters)).copy()
    start = constraints(theta)
    slopes = np.concatenate([start.equality_slopes, start.inequality_slopes], axis=1)
    unit = np.maximum(np.sqrt((slopes**2).sum(axis=2)), 1e-8)
    e = start.equality.shape[1]
    task = _Penalised(
        objective=objective,
        constraints=constraints,
        at=np.arange(size),
        unit=unit,
        equal=np.zeros((size, e)),
        other=np.zeros((size, unit.shape[1] - e)),
        penalty=np.full(size, FIRST_PENALTY),
    )
    found, task = _rounds(task, theta, bounds)
    return _finish(task, found, bounds)


def _rounds(task: _Penalised, theta: Array, bounds: Bounds) -> tuple[BatchFit, _Penalised]:
    """Update multipliers and penalties until every constraint nearly holds, of each problem by itself."""
    solve = partial(minimise, bounds=bounds, tolerance=1e-12, max_iterations=ITERATIONS)
    result, before = solve(task, theta), np.full(len(theta), np.inf)
    going = np.flatnonzero(~np.isin(result.outcome, (Outcome.SINGULAR_DATA, Outcome.NO_START)))
    for round_ in range(ROUNDS):
        if round_:
            _write(result, solve(replace(task, at=going), result.theta[going]), going)
        h, g, _, _ = task.scaled(result.theta[going], going)
        violated = _violation(task, h, g, going)
        # nothing meets constraints that the largest penalty does not bring nearer
        hopeless = (task.penalty[going] >= LARGEST_PENALTY) & (violated > HOPELESS * before[going])
        _update(task, h, g, going, slow=violated > 0.25 * before[going])
        before[going] = violated
        close = (violated < CLOSE) & (result.outcome[going] != Outcome.ITERATION_LIMIT)
        going = going[~(close | hopeless)]
        if not len(going):
            break
    return result, task


def _write(result: BatchFit, found: BatchFit, at: Index) -> None:
    """Put solutions in their places."""
    for name in ("theta", "minimum", "decrement", "outcome", "iterations"):
        getattr(result, name)[at] = getattr(found, name)


def _update(task: _Penalised, h: Array, g: Array, at: Index, *, slow: Mask) -> None:
    """Take the multipliers one step on, and the penalties of problems whose constraints come too slowly."""
    r = task.penalty[at][:, None]
    task.equal[at] += r * h
    task.other[at] = np.maximum(0.0, task.other[at] - r * g)
    task.penalty[at] = np.where(slow, np.minimum(task.penalty[at] * 10.0, LARGEST_PENALTY), task.penalty[at])


def _violation(task: _Penalised, h: Array, g: Array, at: Index) -> Array:
    """Return how far each problem is from meeting its constraints, complementarity included."""
    slack = np.minimum(g, task.other[at] / task.penalty[at][:, None])
    return np.asarray(np.abs(np.concatenate([h, slack], axis=1)).max(axis=1, initial=0.0))


def _finish(task: _Penalised, found: BatchFit, bounds: Bounds) -> BatchFit:
    """Take every solution to rounding and say whether its constraints hold."""
    theta, minimum = found.theta.copy(), found.minimum.copy()
    outcome = found.outcome.copy()
    solved = (Outcome.CONVERGED, Outcome.SADDLE_POINT, Outcome.NO_PROGRESS)
    for b in np.flatnonzero(np.isfinite(minimum)):
        which = np.array([b])
        minimum[b] = task.objective.evaluate(theta[which], which)[0][0]
        if outcome[b] not in solved:
            continue
        polished, held = _polish(task, theta[b], int(b), bounds)
        value = task.objective.evaluate(polished[None], which)[0][0]
        held = held and bool(np.isfinite(value))
        if held:
            theta[b], minimum[b] = polished, value
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
    best, least = theta, _broken(task, theta, b, active)
    for _ in range(POLISHING):
        point = task.objective.evaluate(theta[None], which)
        h, g, dh, dg = (part[0] for part in task.scaled(theta[None], which))
        values, slopes = np.concatenate([h, g[active]]), np.concatenate([dh, dg[active]])
        weights = np.zeros(task.unit.shape[1])
        weights[np.concatenate([np.ones(len(h), dtype=bool), active])] = pull
        hessian = task.objective.observed_hessian(point)[0]
        hessian = hessian + constraint_curvature(task.constraints, theta, weights / task.unit[b])
        held = _at_bounds(theta, bounds)
        step, pull = _kkt_step(hessian, slopes, task.objective.gradient(point)[0], values, held)
        theta = theta + step if bounds is None else np.clip(theta + step, *bounds)
        broken = _broken(task, theta, b, active)
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


def _broken(task: _Penalised, theta: Array, b: int, active: Mask) -> float:
    h, g, _, _ = (part[0] for part in task.scaled(theta[None], np.array([b])))
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
