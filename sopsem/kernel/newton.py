"""Safeguarded batched Newton: B discrepancies of one layout are minimised together.

Far from the optimum a step uses the expected Hessian (Fisher scoring: always a descent direction), near it
the observed Hessian (quadratic convergence).  Every step is halved until the discrepancy falls.  A problem
leaves the batch when its Newton decrement g'H^-1 g / 2, an estimate of what is left to gain, is below the
tolerance.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv

from sopsem.kernel.layout import Layout
from sopsem.kernel.objective import Likelihood, Objective, overwrite, select

__all__ = ["BatchFit", "Outcome", "fit_batch", "minimise"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Bounds = tuple[Array, Array] | None

POLISHED = 1e-22  # decrement of a solution that the last step would only round
FLAT = 1e-4  # least pivot, as a share of the diagonal, where the Hessian is not positive definite
NEAR = 0.1  # decrement below which the observed Hessian takes over
MAX_HALVINGS = 12
TINY = 1e-280  # stands for a second derivative of 0, so that damping has something to act on
FIRST_PASS = 9  # iterations before the slow problems of all blocks are pooled


class Outcome(IntEnum):
    """How the minimisation of one problem ended."""

    CONVERGED = 0
    NO_PROGRESS = 1
    ITERATION_LIMIT = 2
    SINGULAR_DATA = 3
    SADDLE_POINT = 4
    NO_START = 5


@dataclass(frozen=True, kw_only=True)
class BatchFit:
    """Solutions of B problems: ``theta`` (B, q), and (B,) arrays; ``decrement`` is g'H^-1 g / 2 there."""

    theta: Array
    minimum: Array
    decrement: Array
    outcome: NDArray[np.int8]
    iterations: NDArray[np.int16]

    def select(self, at: Index) -> "BatchFit":
        """Return the problems at these positions."""
        return BatchFit(
            theta=self.theta[at],
            minimum=self.minimum[at],
            decrement=self.decrement[at],
            outcome=self.outcome[at],
            iterations=self.iterations[at],
        )


class _State(NamedTuple):
    """The problems still in the batch; every member has the problems on its first axis."""

    which: Index
    theta: Array
    damping: Array
    near: NDArray[np.bool_]
    point: Any

    def keep(self, where: NDArray[np.bool_] | Index) -> "_State":
        return _State(
            self.which[where],
            self.theta[where],
            self.damping[where],
            self.near[where],
            select(self.point, where),
        )


def fit_batch(
    layout: Layout,
    theta0: Array,
    moments: Array,
    *,
    tolerance: float = 1e-13,
    max_iterations: int = 200,
    bounds: Bounds = None,
) -> BatchFit:
    """Minimise the maximum-likelihood discrepancy of one layout for B moment matrices (B, p, p).

    See ``minimise`` for the other parameters and the result.
    """
    objective = Likelihood(layout, moments)
    return minimise(objective, theta0, tolerance=tolerance, max_iterations=max_iterations, bounds=bounds)


def minimise(
    objective: Objective,
    theta0: Array,
    *,
    tolerance: float = 1e-13,
    max_iterations: int = 200,
    bounds: Bounds = None,
) -> BatchFit:
    """Minimise every problem of an objective.

    Parameters
    ----------
    objective : Objective
        Of B problems.
    theta0 : (B, q) or (q,) array
        Starts.
    tolerance : float
        A problem has converged when its decrement is below it; in units of F, so N times it is a remaining
        chi2.
    max_iterations : int
    bounds : pair of (q,) arrays, optional
        Lower and upper bounds; a parameter on a bound whose gradient points outwards is held there.

    Returns
    -------
    BatchFit
        In the order of the problems.  No problem depends on another: any split of the batch gives the same
        bits.

    """
    n, size = objective.n_problems, objective.block
    result = _empty(np.broadcast_to(theta0, (n, objective.n_parameters)))
    slow: list[Index] = []
    for first in range(0, n, size):
        block = np.arange(first, min(first + size, n))
        _run(objective, block, bounds, tolerance, min(FIRST_PASS, max_iterations), result)
        slow.append(block[result.outcome[block] == Outcome.ITERATION_LIMIT])
    unfinished = np.concatenate(slow) if slow else np.empty(0, dtype=np.intp)
    for first in range(0, len(unfinished), size):
        block = unfinished[first : first + size]
        _run(objective, block, bounds, tolerance, max_iterations - FIRST_PASS, result)
    return result


def _empty(theta0: Array) -> BatchFit:
    size = len(theta0)
    return BatchFit(
        theta=theta0.copy(),
        minimum=np.full(size, np.nan),
        decrement=np.full(size, np.nan),
        outcome=np.full(size, Outcome.ITERATION_LIMIT, dtype=np.int8),
        iterations=np.zeros(size, dtype=np.int16),
    )


def _run(
    objective: Objective, block: Index, bounds: Bounds, tolerance: float, limit: int, result: BatchFit
) -> None:
    """Iterate one block from ``result.theta`` and write what comes out into ``result``."""
    state = _begin(objective, block, bounds, result)
    for _ in range(limit):
        if not len(state.which):
            return
        state = _iterate(objective, state, bounds, tolerance, result)
    result.theta[state.which] = state.theta
    result.minimum[state.which] = state.point[0]


def _begin(objective: Objective, block: Index, bounds: Bounds, result: BatchFit) -> _State:
    usable = objective.usable(block)
    result.outcome[block[~usable]] = Outcome.SINGULAR_DATA
    which, theta = block[usable], result.theta[block[usable]]
    if bounds is not None:
        theta = np.clip(theta, *bounds)
    point = objective.evaluate(theta, which)
    state = _State(which, theta, np.full(len(which), 1e-13), np.zeros(len(which), dtype=bool), point)
    started = np.isfinite(point[0])
    result.outcome[which[~started]] = Outcome.NO_START
    return state.keep(started)


def _iterate(
    objective: Objective, state: _State, bounds: Bounds, tolerance: float, result: BatchFit
) -> _State:
    slope = objective.gradient(state.point)
    held = _held(state.theta, slope, bounds)
    slope = np.where(held, 0.0, slope)
    step, decrement, curved = _directions(objective, state, slope, held)
    result.iterations[state.which] += 1
    done = (decrement < tolerance) & state.near
    if done.any():
        _finish(state, done, step, decrement, curved, bounds, result)
        going = ~done
        state, step, decrement = state.keep(going), step[going], decrement[going]
    # a start that is already the optimum stays where it is, to the last bit
    step = np.where((decrement < tolerance)[:, None], 0.0, step)
    state = state._replace(near=decrement < NEAR)
    return _advance(objective, state, step, decrement, bounds, result) if len(state.which) else state


def _held(theta: Array, slope: Array, bounds: Bounds) -> NDArray[np.bool_]:
    """Say which parameters sit on a bound with the discrepancy falling only beyond it."""
    if bounds is None:
        return np.zeros(slope.shape, dtype=bool)
    lower, upper = bounds
    return ((theta <= lower) & (slope > 0.0)) | ((theta >= upper) & (slope < 0.0))


def _finish(
    state: _State,
    done: NDArray[np.bool_],
    step: Array,
    decrement: Array,
    curved: NDArray[np.bool_],
    bounds: Bounds,
    result: BatchFit,
) -> None:
    """Write the solutions that are done, after the step already at hand where it still moves anything."""
    at = state.which[done]
    last = (curved & (decrement > POLISHED))[done]
    theta = state.theta[done] + np.where(last[:, None], step[done], 0.0)
    result.theta[at] = theta if bounds is None else np.clip(theta, *bounds)
    result.minimum[at] = state.point[0][done] - np.where(last, decrement[done], 0.0)
    result.decrement[at] = decrement[done]
    result.outcome[at] = np.where(curved[done], Outcome.CONVERGED, Outcome.SADDLE_POINT)


def _directions(
    objective: Objective, state: _State, slope: Array, held: NDArray[np.bool_]
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return steps, decrements, and whether the Hessian used is positive definite."""
    step, decrement = np.zeros_like(slope), np.zeros(len(slope))
    curved = np.ones(len(slope), dtype=bool)
    if state.near.any():
        at = np.flatnonzero(state.near)
        hessian = objective.observed_hessian(select(state.point, at))
        step[at], decrement[at], curved[at] = _newton(hessian, slope[at], state.damping[at], held[at])
    if not state.near.all():
        at = np.flatnonzero(~state.near)
        hessian = objective.expected_hessian(select(state.point, at))
        step[at], decrement[at], _ = _newton(hessian, slope[at], state.damping[at], held[at])
    return step, decrement, curved


def _newton(
    hessian: Array, slope: Array, damping: Array, held: NDArray[np.bool_]
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return a descent step, its decrement g'H^-1 g / 2, and whether H is positive definite.

    Damping is relative to the diagonal of H, so no scale of a parameter matters.  Where H is not positive
    definite the pivots of its factorisation are taken without their sign (Gill & Murray, 1974): the step leaves
    a saddle, and runs along a flat valley where Fisher scoring creeps.
    """
    if held.any():
        hessian[held[:, :, None] | held[:, None, :]] = 0.0
    diagonal = np.arange(hessian.shape[1])
    own = np.where(held, 1.0, hessian[:, diagonal, diagonal])
    size = np.maximum(np.abs(own), TINY)
    hessian[:, diagonal, diagonal] = own + damping[:, None] * size
    step, good = _cholesky_step(hessian.copy(), slope)
    if not good.all():
        step[~good] = _without_signs(hessian[~good], slope[~good], size[~good])
    return step, -0.5 * (step * slope).sum(axis=1), good


def _cholesky_step(hessian: Array, slope: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return -H^-1 g and where H is positive definite: one factorisation says both; overwrites H."""
    step, good = -slope, np.ones(len(slope), dtype=bool)
    for i, one in enumerate(hessian):
        # LAPACK counts by columns: the transposed view is in its order, so nothing is copied
        good[i] = not len(one) or dposv(one.T, step[i], lower=1, overwrite_a=1, overwrite_b=1)[2] == 0
    return step, good & np.isfinite(step).all(axis=1)


def _without_signs(hessian: Array, slope: Array, size: Array) -> Array:
    """Return -(LL')^-1 g with pivots that are not positive without their sign, and not below FLAT of ``size``."""
    q = slope.shape[1]
    lower = np.zeros((len(slope), q + 1, q))  # the last row, from g, becomes L^-1 g
    with np.errstate(all="ignore"):
        for j in range(q):
            column = np.concatenate([hessian[:, j:, j], slope[:, j, None]], axis=1)
            column -= (lower[:, j:, :j] @ lower[:, j, :j, None])[:, :, 0]
            pivot = column[:, 0]
            root = np.sqrt(np.where(pivot > 0.0, pivot, np.maximum(-pivot, FLAT * size[:, j])))
            lower[:, j:, j] = column / root[:, None]
            lower[:, j, j] = root
        step: Array = -np.linalg.solve(lower[:, :q].transpose(0, 2, 1), lower[:, q, :, None])[:, :, 0]
    return step


def _advance(
    objective: Objective, state: _State, step: Array, decrement: Array, bounds: Bounds, result: BatchFit
) -> _State:
    """Move every problem along its step; damp those that cannot move and give up those damped too often."""
    theta, point, still = _shorten(objective, state, step, decrement, bounds)
    damping = np.maximum(state.damping * 0.1, 1e-13)
    damping[still] = np.maximum(state.damping[still] * 1e4, 1e-6)
    near = state.near.copy()
    near[still] = False
    stuck = damping > 1e6
    result.outcome[state.which[stuck]] = Outcome.NO_PROGRESS
    result.theta[state.which[stuck]] = theta[stuck]
    result.minimum[state.which[stuck]] = point[0][stuck]
    moved = state._replace(theta=theta, point=point, damping=damping, near=near)
    return moved.keep(~stuck) if stuck.any() else moved


def _shorten(
    objective: Objective, state: _State, step: Array, decrement: Array, bounds: Bounds
) -> tuple[Array, Any, Index]:
    """Halve every step until the discrepancy falls; also return which problems could not move."""
    theta, point, better = _try(objective, state, step, decrement, bounds)
    pending, length = np.flatnonzero(~better), 1.0
    _overwrite(theta, point, pending, state.theta[pending], select(state.point, ~better))
    for _ in range(MAX_HALVINGS - 1):
        if not len(pending):
            break
        length *= 0.5 if length > 0.2 else 0.25
        gain = length * np.minimum(decrement[pending], 1.0)
        tried, reached, better = _try(objective, state.keep(pending), length * step[pending], gain, bounds)
        _overwrite(theta, point, pending[better], tried[better], select(reached, better))
        pending = pending[~better]
    return theta, point, pending


def _try(
    objective: Objective, state: _State, step: Array, gain: Array, bounds: Bounds
) -> tuple[Array, Any, NDArray[np.bool_]]:
    """Return the parameters and points after this step, and where enough of the expected gain came."""
    theta = state.theta + step
    if bounds is not None:
        theta = np.clip(theta, *bounds)
    reached = objective.evaluate(theta, state.which)
    start = state.point[0]
    wanted = start - 1e-4 * np.minimum(gain, 1.0) + 1e-12 * (1.0 + np.abs(start))
    return theta, reached, reached[0] <= wanted


def _overwrite(theta: Array, point: Any, at: Index, new_theta: Array, new_point: Any) -> None:
    theta[at] = new_theta
    overwrite(point, at, new_point)
