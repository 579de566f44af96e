"""The safeguarded Newton search of ``newton.minimise`` with W problems side by side.

A lane carries one problem through trial points; when it is done the next problem takes the lane.  The steps,
tests and outcomes are those of the reference, problem by problem.
"""

from typing import Any, NamedTuple

import numpy as np

from sopsem.kernel.compiled import regions as to
from sopsem.kernel.compiled.algebra import backward, cholesky
from sopsem.kernel.compiled.compiling import compiled, woven
from sopsem.kernel.compiled.lanes import (
    WIDTH,
    choose,
    fma,
    larger,
    load,
    mul,
    pointer,
    size,
    smaller,
    splat,
    store,
    sub,
)
from sopsem.kernel.compiled.model import evaluate

__all__ = ["Draws", "Found", "Lanes", "Model", "search"]

# the numbers of ``newton``; a test holds them together
POLISHED, FLAT, NEAR, TINY = 1e-22, 1e-4, 0.1, 1e-280
MAX_HALVINGS, LEAST_DAMPING = 12, 1e-13
CONVERGED, NO_PROGRESS, ITERATION_LIMIT, SADDLE_POINT, NO_START = 0, 1, 2, 4, 5
IDLE, START, TRIAL, RETURN, DONE = 0, 1, 2, 3, 4  # what the point at hand is for a lane


class Model(NamedTuple):
    """The lists of a plan, and where the regions of the work space start."""

    parts: Any
    terms: Any
    ints: Any
    floats: Any
    start: Any
    n_terms: Any


class Draws(NamedTuple):
    """What differs between problems, which of them to solve, and bounds (2, q), or (2, 0) without."""

    queue: Any
    data: Any
    weights: Any
    constants: Any
    bounds: Any


class Found(NamedTuple):
    """Starts, which the solutions (B, q) replace, and what is said of them (B,)."""

    theta: Any
    minimum: Any
    decrement: Any
    outcome: Any
    iterations: Any


class Lanes(NamedTuple):
    """What is known of the problem in each lane: (W,) arrays, filled with 0 at first."""

    role: Any
    which: Any
    tries: Any  # halvings of the step on trial
    defined: Any
    how: Any  # outcome
    value: Any  # objective at the point evaluated
    reached: Any  # at the point to step from


@compiled
def pointers(arrays: Any, rooms: Any) -> Any:
    """Return a model and its lanes with pointers in the places of arrays."""
    model = Model(
        pointer(arrays.parts),
        pointer(arrays.terms),
        pointer(arrays.ints),
        pointer(arrays.floats),
        pointer(arrays.start),
        arrays.n_terms,
    )
    lanes = Lanes(
        pointer(rooms.role),
        pointer(rooms.which),
        pointer(rooms.tries),
        pointer(rooms.defined),
        pointer(rooms.how),
        pointer(rooms.value),
        pointer(rooms.reached),
    )
    return model, lanes


@compiled
def search(arrays: Any, draws: Any, tolerance: float, limit: int, space: Any, rooms: Any, found: Any) -> None:
    """Minimise the problems in the queue; ``space`` is to work in, filled with 0."""
    model, lanes = pointers(arrays, rooms)
    w = pointer(space)
    q, left, busy = found.theta.shape[1], 0, 0
    for lane in range(WIDTH):
        if left < len(draws.queue):
            _take(model, w, lane, draws.queue[left], draws, found, lanes)
            left, busy = left + 1, busy + 1
    while busy > 0:
        evaluate(model, w, q, lanes.value, lanes.defined)
        _judge_all(model, w, draws, lanes)
        _newton_steps(model, w, q, draws.bounds, lanes)
        for lane in range(WIDTH):
            if lanes.role[lane] == START:
                _next(model, w, lane, tolerance, limit, lanes, found)
            if lanes.role[lane] == DONE:
                _hand_in(model, w, lane, draws.bounds, lanes, found)
                lanes.role[lane], busy = IDLE, busy - 1
        _go(model, w, q, draws.bounds)
        for lane in range(WIDTH):
            if lanes.role[lane] == IDLE and left < len(draws.queue):
                _take(model, w, lane, draws.queue[left], draws, found, lanes)
                left, busy = left + 1, busy + 1


@compiled
def _take(model: Any, w: Any, lane: int, b: int, draws: Any, found: Any, lanes: Any) -> None:
    """Start problem b in a lane."""
    lanes.which[lane], lanes.role[lane] = b, START
    for i in range(found.theta.shape[1]):
        start = found.theta[b, i]
        if draws.bounds.shape[1] > 0:
            start = min(max(start, draws.bounds[0, i]), draws.bounds[1, i])
        w[(model.start[to.THETA] + i) * WIDTH + lane] = start
    for i in range(draws.data.shape[1]):
        w[(model.start[to.MOMENTS] + i) * WIDTH + lane] = draws.data[b, i]
    for i in range(draws.weights.shape[1]):
        w[(model.start[to.WEIGHTS] + i) * WIDTH + lane] = draws.weights[b, i]
    w[model.start[to.DAMPING] * WIDTH + lane] = LEAST_DAMPING
    w[model.start[to.NEAR] * WIDTH + lane] = 0.0


@compiled
def _judge_all(model: Any, w: Any, draws: Any, lanes: Any) -> None:
    for lane in range(WIDTH):
        w[model.start[to.MOVED] * WIDTH + lane] = 0.0
        if lanes.role[lane] != IDLE:
            known = lanes.defined[lane] == 1
            value = lanes.value[lane] + draws.constants[lanes.which[lane]] if known else np.inf
            _judge(model, w, lane, value, lanes)
        w[model.start[to.STEPPING] * WIDTH + lane] = 1.0 if lanes.role[lane] == START else 0.0


@woven
def _judge(model: Any, w: Any, lane: int, value: float, lanes: Any) -> None:
    """Say what becomes of the point just evaluated: role START when a step is to be taken from it."""
    known = abs(value) < np.inf
    moved, damping = model.start[to.MOVED] * WIDTH + lane, model.start[to.DAMPING] * WIDTH + lane
    if lanes.role[lane] == START:
        lanes.reached[lane], w[moved] = value, 1.0
        if not known:
            lanes.role[lane], lanes.how[lane] = DONE, NO_START
    elif lanes.role[lane] == RETURN:
        lanes.role[lane] = START
    else:
        length, gain = w[model.start[to.LENGTH] * WIDTH + lane], w[model.start[to.GAIN] * WIDTH + lane]
        before = lanes.reached[lane]
        wanted = before - 1e-4 * min(length * min(gain, 1.0), 1.0) + 1e-12 * (1.0 + abs(before))
        if known and value <= wanted:
            lanes.reached[lane], lanes.role[lane], w[moved] = value, START, 1.0
            w[damping] = max(w[damping] * 0.1, LEAST_DAMPING)
        else:
            _shorten(model, w, lane, lanes)


@woven
def _shorten(model: Any, w: Any, lane: int, lanes: Any) -> None:
    """Halve a step that did not help; after too many halvings return and damp, or give up."""
    length, damping = model.start[to.LENGTH] * WIDTH + lane, model.start[to.DAMPING] * WIDTH + lane
    lanes.tries[lane] += 1
    if lanes.tries[lane] < MAX_HALVINGS:
        w[length] *= 0.5 if w[length] > 0.2 else 0.25
        return
    w[damping] = max(w[damping] * 1e4, 1e-6)
    w[length], w[model.start[to.NEAR] * WIDTH + lane], lanes.role[lane] = 0.0, 0.0, RETURN
    if w[damping] > 1e6:
        lanes.role[lane], lanes.how[lane] = DONE, NO_PROGRESS


@compiled
def _newton_steps(model: Any, w: Any, q: int, bounds: Any, lanes: Any) -> None:
    """Put -H^-1 g of lanes that take a step in STEP, its decrement in GAIN and the smallest pivot in LEAST.

    Damping is relative to the diagonal of H, so no scale of a parameter matters.
    """
    hessian, factor, right, here = (
        model.start[to.HESSIAN],
        model.start[to.FACTOR],
        model.start[to.RIGHT],
        model.start[to.HERE],
    )
    moved, stepping = load(w, model.start[to.MOVED]), load(w, model.start[to.STEPPING])
    for i in range(q):
        store(w, here + i, choose(moved, load(w, model.start[to.THETA] + i), load(w, here + i)))
    if bounds.shape[1] > 0:
        for lane in range(WIDTH):
            if lanes.role[lane] == START:
                _hold(model, w, q, lane, bounds)
    for i in range(q):
        place = hessian + i * (i + 1) // 2 + i
        unit = larger(size(load(w, place)), splat(TINY))
        store(w, model.start[to.FLOOR] + i, mul(unit, splat(FLAT)))
        store(w, place, fma(load(w, model.start[to.DAMPING]), unit, load(w, place)))
    cholesky(w, hessian, factor, q, q + 1, model.start[to.FLOOR], model.start[to.LEAST])
    gain, broken = splat(0.0), splat(0.0)
    for i in range(q):
        part = load(w, factor + q * (q + 1) // 2 + i)
        gain = fma(part, part, gain)
        store(w, right + i, part)
    store(w, model.start[to.GAIN], choose(stepping, mul(gain, splat(0.5)), load(w, model.start[to.GAIN])))
    backward(w, factor, q, right, right)
    for i in range(q):
        step = sub(splat(0.0), load(w, right + i))
        broken = fma(step, splat(0.0), broken)
        store(w, model.start[to.STEP] + i, choose(stepping, step, load(w, model.start[to.STEP] + i)))
    store(w, model.start[to.BROKEN], broken)


@woven
def _hold(model: Any, w: Any, q: int, lane: int, bounds: Any) -> None:
    """Take parameters on a bound with the discrepancy falling only beyond it out of the step."""
    slope = model.start[to.HESSIAN] + q * (q + 1) // 2
    for k in range(q):
        at, here = (slope + k) * WIDTH + lane, w[(model.start[to.HERE] + k) * WIDTH + lane]
        if (here <= bounds[0, k] and w[at] > 0.0) or (here >= bounds[1, k] and w[at] < 0.0):
            w[at] = 0.0
            for j in range(q):
                high, low = max(j, k), min(j, k)
                place = (model.start[to.HESSIAN] + high * (high + 1) // 2 + low) * WIDTH + lane
                w[place] = 1.0 if j == k else 0.0


@compiled
def _next(model: Any, w: Any, lane: int, tolerance: float, limit: int, lanes: Any, found: Any) -> None:
    """End a problem that is done or out of iterations, else give the length of its next step."""
    if found.iterations[lanes.which[lane]] >= limit:
        lanes.role[lane], lanes.how[lane] = DONE, ITERATION_LIMIT
        return
    found.iterations[lanes.which[lane]] += 1
    gain, near = w[model.start[to.GAIN] * WIDTH + lane], model.start[to.NEAR] * WIDTH + lane
    if w[near] == 1.0 and gain < tolerance:
        finite = w[model.start[to.BROKEN] * WIDTH + lane] == 0.0
        curved = finite and w[model.start[to.LEAST] * WIDTH + lane] > 0.0
        lanes.role[lane], lanes.how[lane] = DONE, CONVERGED if curved else SADDLE_POINT
        return
    # a start that is already the optimum stays where it is, to the last bit
    w[model.start[to.LENGTH] * WIDTH + lane] = 0.0 if gain < tolerance else 1.0
    w[near] = 1.0 if gain < NEAR else 0.0
    lanes.tries[lane], lanes.role[lane] = 0, TRIAL


@compiled
def _go(model: Any, w: Any, q: int, bounds: Any) -> None:
    """Put the points after LENGTH of the steps on trial."""
    length = load(w, model.start[to.LENGTH])
    for i in range(q):
        here = load(w, model.start[to.HERE] + i)
        there = choose(length, fma(length, load(w, model.start[to.STEP] + i), here), here)
        if bounds.shape[1] > 0:
            there = smaller(larger(there, splat(bounds[0, i])), splat(bounds[1, i]))
        store(w, model.start[to.THETA] + i, there)


@compiled
def _hand_in(model: Any, w: Any, lane: int, bounds: Any, lanes: Any, found: Any) -> None:
    """Write what came of a problem, after the step already at hand where it still moves anything."""
    b, how, gain = lanes.which[lane], lanes.how[lane], w[model.start[to.GAIN] * WIDTH + lane]
    found.outcome[b] = how
    if how == NO_START:
        return
    last = how == CONVERGED and gain > POLISHED
    found.minimum[b] = lanes.reached[lane] - gain if last else lanes.reached[lane]
    if how in (CONVERGED, SADDLE_POINT):
        found.decrement[b] = gain
    for i in range(found.theta.shape[1]):
        value = w[(model.start[to.HERE] + i) * WIDTH + lane]
        if last:
            value += w[(model.start[to.STEP] + i) * WIDTH + lane]
        if bounds.shape[1] > 0:
            value = min(max(value, bounds[0, i]), bounds[1, i])
        found.theta[b, i] = value
