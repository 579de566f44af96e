"""The safeguarded Newton search of ``newton.minimise`` with W problems side by side.

A lane carries one problem through trial points; when it is done the next problem takes the lane.  The steps,
tests and outcomes are those of the reference, problem by problem.
"""

from typing import Any

import numpy as np

from sopsem.kernel.compiled import regions as to
from sopsem.kernel.compiled.algebra import backward, cholesky
from sopsem.kernel.compiled.compiling import compiled
from sopsem.kernel.compiled.lanes import (
    WIDTH,
    choose,
    fma,
    larger,
    load,
    mul,
    size,
    smaller,
    splat,
    store,
    sub,
)
from sopsem.kernel.compiled.model import evaluate

__all__ = ["search"]

# the numbers of ``newton``; a test holds them together
POLISHED, FLAT, NEAR, TINY = 1e-22, 1e-4, 0.1, 1e-280
MAX_HALVINGS = 12
CONVERGED, NO_PROGRESS, ITERATION_LIMIT, SADDLE_POINT, NO_START = 0, 1, 2, 4, 5
IDLE, START, TRIAL, RETURN, DONE = 0, 1, 2, 3, 4  # what the point at hand is for a lane


@compiled
def search(
    parts: Any,
    terms: Any,
    ints: Any,
    floats: Any,
    o: Any,
    queue: Any,
    data: Any,
    weights: Any,
    constants: Any,
    bounds: Any,
    tolerance: float,
    limit: int,
    w: Any,
    numbers: Any,
    marks: Any,
    theta: Any,
    minimum: Any,
    decrement: Any,
    outcome: Any,
    iterations: Any,
) -> None:
    """Minimise the problems in ``queue`` from ``theta`` (B, q) and write what comes out into the last five arrays.

    ``bounds`` is (2, q), or (2, 0) without bounds; ``w``, ``numbers`` (2, W) and ``marks`` (6, W) are space to
    work in, filled with 0.
    """
    q = theta.shape[1]
    role, which, tries, defined, curved, how = marks
    value, reached = numbers
    left, busy = 0, 0
    for lane in range(WIDTH):
        if left < len(queue):
            _take(w, o, lane, queue[left], data, weights, bounds, theta, which, role)
            left, busy = left + 1, busy + 1
    while busy > 0:
        evaluate(parts, terms, ints, floats, o, w, q, value, defined)
        for lane in range(WIDTH):
            w[o[to.MOVED] * WIDTH + lane] = 0.0
            if role[lane] != IDLE:
                value[lane] = value[lane] + constants[which[lane]] if defined[lane] == 1 else np.inf
                _judge(w, o, lane, value[lane], reached, tries, role, how)
            w[o[to.STEPPING] * WIDTH + lane] = 1.0 if role[lane] == START else 0.0
        _newton_steps(w, o, q, bounds, role)
        for lane in range(WIDTH):
            b = which[lane]
            if role[lane] == START and iterations[b] >= limit:
                role[lane], how[lane] = DONE, ITERATION_LIMIT
            elif role[lane] == START:
                _next(w, o, lane, tolerance, tries, role, curved, how)
                iterations[b] += 1
            if role[lane] == DONE:
                _hand_in(w, o, lane, b, how[lane], curved[lane], bounds, reached, theta, minimum, decrement, outcome)
                role[lane], busy = IDLE, busy - 1
        _go(w, o, q, bounds)
        for lane in range(WIDTH):
            if role[lane] == IDLE and left < len(queue):
                _take(w, o, lane, queue[left], data, weights, bounds, theta, which, role)
                left, busy = left + 1, busy + 1


@compiled
def _take(
    w: Any, o: Any, lane: int, b: int, data: Any, weights: Any, bounds: Any, theta: Any, which: Any, role: Any
) -> None:
    """Start problem b in a lane."""
    which[lane], role[lane] = b, START
    for i in range(theta.shape[1]):
        start = theta[b, i]
        if bounds.shape[1] > 0:
            start = min(max(start, bounds[0, i]), bounds[1, i])
        w[(o[to.THETA] + i) * WIDTH + lane] = start
    for i in range(data.shape[1]):
        w[(o[to.MOMENTS] + i) * WIDTH + lane] = data[b, i]
    for i in range(weights.shape[1]):
        w[(o[to.WEIGHTS] + i) * WIDTH + lane] = weights[b, i]
    w[o[to.DAMPING] * WIDTH + lane] = 1e-13
    w[o[to.NEAR] * WIDTH + lane] = 0.0


@compiled
def _judge(
    w: Any, o: Any, lane: int, value: float, reached: Any, tries: Any, role: Any, how: Any
) -> None:
    """Say what becomes of the point just evaluated: role START when a step is to be taken from it."""
    known = abs(value) < np.inf
    if role[lane] == START:
        reached[lane], w[o[to.MOVED] * WIDTH + lane] = value, 1.0
        if not known:
            role[lane], how[lane] = DONE, NO_START
    elif role[lane] == RETURN:
        role[lane] = START
    else:
        length, gain = w[o[to.LENGTH] * WIDTH + lane], w[o[to.GAIN] * WIDTH + lane]
        wanted = reached[lane] - 1e-4 * min(length * min(gain, 1.0), 1.0) + 1e-12 * (1.0 + abs(reached[lane]))
        if known and value <= wanted:
            reached[lane], role[lane], w[o[to.MOVED] * WIDTH + lane] = value, START, 1.0
            w[o[to.DAMPING] * WIDTH + lane] = max(w[o[to.DAMPING] * WIDTH + lane] * 0.1, 1e-13)
        else:
            _shorten(w, o, lane, tries, role, how)


@compiled
def _shorten(w: Any, o: Any, lane: int, tries: Any, role: Any, how: Any) -> None:
    """Halve a step that did not help; after too many halvings return and damp, or give up."""
    length, damping = o[to.LENGTH] * WIDTH + lane, o[to.DAMPING] * WIDTH + lane
    tries[lane] += 1
    if tries[lane] < MAX_HALVINGS:
        w[length] *= 0.5 if w[length] > 0.2 else 0.25
        return
    w[damping] = max(w[damping] * 1e4, 1e-6)
    w[length], w[o[to.NEAR] * WIDTH + lane], role[lane] = 0.0, 0.0, RETURN
    if w[damping] > 1e6:
        role[lane], how[lane] = DONE, NO_PROGRESS


@compiled
def _newton_steps(w: Any, o: Any, q: int, bounds: Any, role: Any) -> None:
    """Put -H^-1 g of lanes that take a step in STEP, its decrement in GAIN and the smallest pivot in LEAST.

    Damping is relative to the diagonal of H, so no scale of a parameter matters.
    """
    moved, stepping, damping = load(w, o[to.MOVED]), load(w, o[to.STEPPING]), load(w, o[to.DAMPING])
    for i in range(q):
        store(w, o[to.HERE] + i, choose(moved, load(w, o[to.THETA] + i), load(w, o[to.HERE] + i)))
    if bounds.shape[1] > 0:
        for lane in range(WIDTH):
            if role[lane] == START:
                _hold(w, o, q, lane, bounds)
    for i in range(q):
        place = o[to.HESSIAN] + i * (i + 1) // 2 + i
        unit = larger(size(load(w, place)), splat(TINY))
        store(w, o[to.FLOOR] + i, mul(unit, splat(FLAT)))
        store(w, place, fma(damping, unit, load(w, place)))
    cholesky(w, o[to.HESSIAN], o[to.FACTOR], q, q + 1, o[to.FLOOR], o[to.LEAST])
    gain, broken = splat(0.0), splat(0.0)
    for i in range(q):
        part = load(w, o[to.FACTOR] + q * (q + 1) // 2 + i)
        gain = fma(part, part, gain)
        store(w, o[to.RIGHT] + i, part)
    store(w, o[to.GAIN], choose(stepping, mul(gain, splat(0.5)), load(w, o[to.GAIN])))
    backward(w, o[to.FACTOR], q, o[to.RIGHT], o[to.RIGHT])
    for i in range(q):
        step = sub(splat(0.0), load(w, o[to.RIGHT] + i))
        broken = fma(step, splat(0.0), broken)
        store(w, o[to.STEP] + i, choose(stepping, step, load(w, o[to.STEP] + i)))
    store(w, o[to.BROKEN], broken)


@compiled
def _hold(w: Any, o: Any, q: int, lane: int, bounds: Any) -> None:
    """Take parameters on a bound with the discrepancy falling only beyond it out of the step."""
    slope = o[to.HESSIAN] + q * (q + 1) // 2
    for k in range(q):
        at, here = (slope + k) * WIDTH + lane, w[(o[to.HERE] + k) * WIDTH + lane]
        if (here <= bounds[0, k] and w[at] > 0.0) or (here >= bounds[1, k] and w[at] < 0.0):
            w[at] = 0.0
            for j in range(q):
                high, low = max(j, k), min(j, k)
                place = (o[to.HESSIAN] + high * (high + 1) // 2 + low) * WIDTH + lane
                w[place] = 1.0 if j == k else 0.0


@compiled
def _next(
    w: Any, o: Any, lane: int, tolerance: float, tries: Any, role: Any, curved: Any, how: Any
) -> None:
    """End a problem that is done, else give the length of its next step."""
    gain, near = w[o[to.GAIN] * WIDTH + lane], w[o[to.NEAR] * WIDTH + lane] == 1.0
    finite = w[o[to.BROKEN] * WIDTH + lane] == 0.0
    curved[lane] = 1 if finite and w[o[to.LEAST] * WIDTH + lane] > 0.0 else 0
    if near and gain < tolerance:
        role[lane], how[lane] = DONE, CONVERGED if curved[lane] == 1 else SADDLE_POINT
        return
    # a start that is already the optimum stays where it is, to the last bit
    w[o[to.LENGTH] * WIDTH + lane] = 0.0 if gain < tolerance else 1.0
    w[o[to.NEAR] * WIDTH + lane] = 1.0 if gain < NEAR else 0.0
    tries[lane], role[lane] = 0, TRIAL


@compiled
def _go(w: Any, o: Any, q: int, bounds: Any) -> None:
    """Put the points after LENGTH of the steps on trial."""
    length = load(w, o[to.LENGTH])
    for i in range(q):
        here = load(w, o[to.HERE] + i)
        there = choose(length, fma(length, load(w, o[to.STEP] + i), here), here)
        if bounds.shape[1] > 0:
            there = smaller(larger(there, splat(bounds[0, i])), splat(bounds[1, i]))
        store(w, o[to.THETA] + i, there)


@compiled
def _hand_in(
    w: Any, o: Any, lane: int, b: int, how: int, curved: int, bounds: Any, reached: Any, theta: Any, minimum: Any,
    decrement: Any, outcome: Any,
) -> None:
    """Write what came of problem b, after the step already at hand where it still moves anything."""
    outcome[b] = how
    if how == NO_START:
        return
    gain = w[o[to.GAIN] * WIDTH + lane]
    last = how == CONVERGED and gain > POLISHED
    minimum[b] = reached[lane] - gain if last else reached[lane]
    if how == CONVERGED or how == SADDLE_POINT:
        decrement[b] = gain
    for i in range(theta.shape[1]):
        theta[b, i] = w[(o[to.HERE] + i) * WIDTH + lane]
        if last:
            theta[b, i] += w[(o[to.STEP] + i) * WIDTH + lane]
        if bounds.shape[1] > 0:
            theta[b, i] = min(max(theta[b, i], bounds[0, i]), bounds[1, i])
