"""Safeguarded batched Newton: B discrepancies of one layout are minimised together.

Far from the optimum a step uses the expected Hessian (Fisher scoring: always a descent direction), near it
the observed Hessian (quadratic convergence).  Every step is halved until the discrepancy falls.  A problem
leaves the batch when its Newton decrement g'H^-1 g / 2, an estimate of what is left to gain, is below the
tolerance, or, where the step at hand may be trusted, will be far below it after that: decrements fall as their
squares there.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.layout import Layout
from sopsem.kernel.newton_step import newton_step
from sopsem.kernel.objective import Likelihood, Objective, first, joined, overwrite, select

__all__ = ["BatchFit", "Outcome", "fit_batch", "minimise"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]
Bounds = tuple[Array, Array] | None

POLISHED = 1e-22  # decrement of a solution that the last step would only round
NEAR = 0.1  # decrement below which the observed Hessian takes over
SURE = 1e-4  # share of the tolerance below which a decrement is taken to fall without looking
MAX_HALVINGS = 12
LEAST_DAMPING = 1e-13
REFILL = 4  # a batch is filled up when this part of its places is free


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
    """Solutions of B problems: ``theta`` (B, q), and (B,) arrays.

    ``decrement`` is g'H^-1 g / 2 there, or before a last step that leaves next to nothing.
    """

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


class _Rules(NamedTuple):
    """When a problem ends; ``sure`` is what a step must be sure to leave less than to be trusted, 0 where none is."""

    tolerance: float
    sure: float
    max_iterations: int


class _State(NamedTuple):
    """The problems in the batch; every member has the problems on its first axis."""

    which: Index
    theta: Array
    damping: Array
    near: Mask  # the observed Hessian takes over
    fresh: Mask  # a step is to be found; else one is on trial
    step: Array
    gain: Array  # its decrement
    before: Array  # decrement of the last step with the observed Hessian, 0 where that was none
    length: Array
    tries: Index  # halvings of the step on trial
    point: Any

    def keep(self, where: Mask) -> "_State":
        """Return the problems that stay: the last of them take the places of those that leave."""
        n = int(where.sum())
        if n == len(where):
            return self
        overwrite(self, np.flatnonzero(~where[:n]), select(self, n + np.flatnonzero(where[n:])))
        kept: _State = first(self, n)
        return kept


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
    trusting: bool = False,
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
    trusting : bool
        End with a step that is sure to leave less than ``SURE`` times the tolerance, without a look at where it led:
        one evaluation in five is saved, for solutions within 1e-7 standard errors.

    Returns
    -------
    BatchFit
        In the order of the problems.  No problem depends on another: any split of the batch gives the same
        bits.

    """
    n, size = objective.n_problems, objective.block
    result = _empty(np.broadcast_to(theta0, (n, objective.n_parameters)))
    begun = min(size, n)
    rules = _Rules(tolerance, SURE * tolerance if trusting else 0.0, max_iterations)
    state = _begin(objective, np.arange(begun), bounds, result)
    while len(state.which) or begun < n:
        if begun < n and len(state.which) <= size - max(1, size // REFILL):
            block = np.arange(begun, min(begun + size - len(state.which), n))
            state, begun = joined(state, _begin(objective, block, bounds, result)), int(block[-1]) + 1
        state = _aim(objective, state, bounds, rules, result)
        state = _move(objective, state, bounds, result)
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


def _begin(objective: Objective, block: Index, bounds: Bounds, result: BatchFit) -> _State:
    usable = objective.usable(block)
    result.outcome[block[~usable]] = Outcome.SINGULAR_DATA
    which, theta = block[usable], result.theta[block[usable]]
    if bounds is not None:
        theta = np.clip(theta, *bounds)
    point = objective.evaluate(theta, which)
    n, none = len(which), np.zeros(len(which))
    new, far = np.ones(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    halved = np.zeros(n, dtype=np.intp)
    state = _State(
        which,
        theta,
        none + LEAST_DAMPING,
        far,
        new,
        np.zeros_like(theta),
        none.copy(),
        none.copy(),
        none,
        halved,
        point,
    )
    started = np.isfinite(point[0])
    result.outcome[which[~started]] = Outcome.NO_START
    return state.keep(started)


def _aim(objective: Objective, state: _State, bounds: Bounds, rules: _Rules, result: BatchFit) -> _State:
    """Give every problem that needs one its next step; those that are done leave."""
    state = _within_limit(state, rules.max_iterations, result)
    fresh = state if state.fresh.all() else select(state, state.fresh)
    if not len(fresh.which):
        return state
    slope = objective.gradient(fresh.point)
    held = _held(fresh.theta, slope, bounds)
    slope = np.where(held, 0.0, slope)
    step, gain, curved = _directions(objective, fresh, slope, held)
    result.iterations[fresh.which] += 1
    done = fresh.near & ((gain < rules.tolerance) | _last(fresh, gain, curved, rules.sure))
    _finish(fresh, done, step, gain, curved, bounds, result)
    at, going = np.flatnonzero(state.fresh), np.ones(len(state.which), dtype=np.bool_)
    going[at[done]] = False
    state.step[at], state.gain[at] = step, gain
    state.before[at] = np.where(fresh.near, gain, 0.0)
    # a start that is already the optimum stays where it is, to the last bit
    state.length[at] = np.where(gain < rules.tolerance, 0.0, 1.0)
    state.near[at], state.fresh[at], state.tries[at] = gain < NEAR, False, 0
    return state.keep(going)


def _last(state: _State, gain: Array, curved: Mask, sure: float) -> Mask:
    """Say after which steps less than ``sure`` is left, going by how the decrement fell with the step before.

    Near a minimum each is a multiple of the square of the one before it; the multiple is taken to be at least 1.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        multiple = np.maximum(gain / state.before**2, 1.0)
    return np.asarray(curved & (state.tries == 0) & (multiple * gain**2 < sure))


def _within_limit(state: _State, max_iterations: int, result: BatchFit) -> _State:
    over = state.fresh & (result.iterations[state.which] >= max_iterations)
    _leave(state, over, Outcome.ITERATION_LIMIT, result)
    return state.keep(~over)


def _leave(state: _State, where: Mask, outcome: Outcome, result: BatchFit) -> None:
    at = state.which[where]
    result.outcome[at] = outcome
    result.theta[at] = state.theta[where]
    result.minimum[at] = state.point[0][where]


def _held(theta: Array, slope: Array, bounds: Bounds) -> Mask:
    """Say which parameters sit on a bound with the discrepancy falling only beyond it."""
    if bounds is None:
        return np.zeros(slope.shape, dtype=bool)
    lower, upper = bounds
    return ((theta <= lower) & (slope > 0.0)) | ((theta >= upper) & (slope < 0.0))


def _finish(
    state: _State,
    done: Mask,
    step: Array,
    decrement: Array,
    curved: Mask,
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


def _directions(objective: Objective, state: _State, slope: Array, held: Mask) -> tuple[Array, Array, Mask]:
    """Return steps, decrements, and whether the Hessian used is positive definite."""
    step, decrement = np.zeros_like(slope), np.zeros(len(slope))
    curved = np.ones(len(slope), dtype=bool)
    if state.near.any():
        at = np.flatnonzero(state.near)
        hessian = objective.observed_hessian(select(state.point, at))
        step[at], decrement[at], curved[at] = newton_step(hessian, slope[at], state.damping[at], held[at])
    if not state.near.all():
        at = np.flatnonzero(~state.near)
        hessian = objective.expected_hessian(select(state.point, at))
        step[at], decrement[at], _ = newton_step(hessian, slope[at], state.damping[at], held[at])
    return step, decrement, curved


def _move(objective: Objective, state: _State, bounds: Bounds, result: BatchFit) -> _State:
    """Try every step; halve those that gain too little, damp where halving does not help, give up at last."""
    if not len(state.which):
        return state
    theta, point, better = _try(objective, state, bounds)
    worse = np.flatnonzero(~better)
    theta[worse] = state.theta[worse]
    overwrite(point, worse, select(state.point, worse))
    state.damping[better] = np.maximum(state.damping[better] * 0.1, LEAST_DAMPING)
    state.fresh[better] = True
    state.tries[worse] += 1
    state.length[worse] *= np.where(state.length[worse] > 0.2, 0.5, 0.25)
    still = worse[state.tries[worse] >= MAX_HALVINGS]
    state.damping[still] = np.maximum(state.damping[still] * 1e4, 1e-6)
    state.near[still], state.fresh[still] = False, True
    state = state._replace(theta=theta, point=point)
    stuck = np.zeros(len(theta), dtype=np.bool_)
    stuck[still] = state.damping[still] > 1e6
    _leave(state, stuck, Outcome.NO_PROGRESS, result)
    return state.keep(~stuck)


def _try(objective: Objective, state: _State, bounds: Bounds) -> tuple[Array, Any, Mask]:
    """Return the parameters and points after the steps, and where enough of the expected gain came."""
    length = state.length[:, None]
    theta = state.theta + np.where(length > 0.0, length * state.step, 0.0)
    if bounds is not None:
        theta = np.clip(theta, *bounds)
    reached = objective.evaluate(theta, state.which)
    start = state.point[0]
    wanted = start - 1e-4 * state.length * np.minimum(state.gain, 1.0) + 1e-12 * (1.0 + np.abs(start))
    return theta, reached, reached[0] <= wanted
