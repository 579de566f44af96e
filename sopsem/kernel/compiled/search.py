"""The safeguarded Newton search of ``newton.minimise`` with W problems side by side.

A lane carries one problem through trial points; when it is done the next problem takes the lane.  The steps,
tests and outcomes are those of the reference, problem by problem; what is known of the problems stands in the work
space, a place for each number, so that all lanes are judged at once.
"""

from typing import Any, NamedTuple

import numpy as np

from sopsem.kernel.compiled.algebra import N0, cholesky
from sopsem.kernel.compiled.compiling import compiled, woven
from sopsem.kernel.compiled.lanes import (
    choose,
    fma,
    get,
    groups,
    larger,
    pointer,
    put,
    size,
    smaller,
    some,
    splat,
)
from sopsem.kernel.compiled.model import evaluate
from sopsem.kernel.compiled.regions import (
    BEFORE,
    CLOSE,
    CONSTANT,
    DAMPING,
    GAIN,
    HOW,
    ITERATION,
    LEAST,
    LENGTH,
    REACHED,
    ROLE,
    TRIES,
    VALUE,
    WHICH,
)

__all__ = ["Model", "search"]

# the numbers of ``newton``; a test holds them together
POLISHED, FLAT, NEAR, TINY = 1e-22, 1e-4, 0.1, 1e-280
MAX_HALVINGS, LEAST_DAMPING = 12.0, 1e-13
CONVERGED, NO_PROGRESS, ITERATION_LIMIT, SADDLE_POINT, NO_START = 0.0, 1.0, 2.0, 4.0, 5.0
IDLE, START, TRIAL, RETURN, DONE = 0.0, 1.0, 2.0, 3.0, 4.0  # what the point at hand is for a lane


class Model(NamedTuple):
    """The lists of a plan, and where the regions of the work space start."""

    table: Any
    left: Any
    right: Any
    coefficient: Any
    at: Any
    n_terms: Any


@woven
def pointers(model: Any) -> Any:
    """Return a model with pointers in the places of arrays: an array is seven arguments and a check at every index."""
    lists = pointer(model.table), pointer(model.left), pointer(model.right), pointer(model.coefficient)
    return Model(*lists, model.at, model.n_terms)


@compiled
def search(
    arrays: Any,
    queue: Any,
    given: Any,
    bounds: Any,
    tolerance: float,
    sure: float,
    limit: float,
    space: Any,
    found: Any,
) -> None:
    """Minimise the problems in the queue in a new work space.

    A row of ``given`` is what stands from CONSTANT on for a problem: its constant, start, moments and weights.
    Bounds are (2, q), or (2, 0) without.  A row of ``found`` is outcome, iterations, minimum, decrement and theta.
    """
    model, w = pointers(arrays), groups(space)
    q, left, busy = found.shape[1] - 4, 0, 0
    while True:
        for lane in range(space.shape[1]):
            if left < len(queue) and get(w, ROLE, lane) == IDLE:
                _take(w, lane, queue[left], given)
                left, busy = left + 1, busy + 1
        if busy == 0:
            break
        evaluate(model, w)
        moved = _judge(w)
        broken = newton_steps(model.at, w, q, bounds, moved)
        _next(w, broken, tolerance, sure, limit)
        _go(model.at, w, q, bounds)
        for lane in range(space.shape[1]):
            if get(w, ROLE, lane) == DONE:
                _hand_in(model.at, w, lane, found)
                busy -= 1


@woven
def _take(w: Any, lane: int, b: int, given: Any) -> None:
    """Start problem b in a lane."""
    put(w, ROLE, lane, START)
    put(w, WHICH, lane, float(b))
    put(w, ITERATION, lane, 0.0)
    put(w, DAMPING, lane, LEAST_DAMPING)
    put(w, CLOSE, lane, 0.0)
    put(w, BEFORE, lane, 0.0)
    for i in range(given.shape[1]):
        put(w, CONSTANT + i, lane, given[b, i])


@woven
def _judge(w: Any) -> Any:
    """Say what becomes of the points just evaluated: role START where a step is to be taken; return from which."""
    role, value, before, length = w[ROLE], w[VALUE] + w[CONSTANT], w[REACHED], w[LENGTH]
    known = size(value) < np.inf
    expected = smaller(length * smaller(w[GAIN], 1.0), 1.0)
    wanted = before - 1e-4 * expected + 1e-12 * (1.0 + size(before))
    better = (role == TRIAL) & known & (value <= wanted)
    moved = better | (role == START)
    nowhere = (role == START) & ~known
    w[REACHED] = choose(moved, value, before)
    w[DAMPING] = choose(better, larger(w[DAMPING] * 0.1, LEAST_DAMPING), w[DAMPING])
    # a step that did not help is halved; after too many halvings return and damp, or give up
    worse = (role == TRIAL) & ~better
    tries = w[TRIES] + choose(worse, 1.0, 0.0)
    back = worse & (tries >= MAX_HALVINGS)
    damping = choose(back, larger(w[DAMPING] * 1e4, 1e-6), w[DAMPING])
    lost = back & (damping > 1e6)
    w[TRIES], w[DAMPING], w[CLOSE] = tries, damping, choose(back, 0.0, w[CLOSE])
    w[LENGTH] = choose(back, 0.0, choose(worse, length * choose(length > 0.2, 0.5, 0.25), length))
    w[HOW] = choose(lost, NO_PROGRESS, choose(nowhere, NO_START, w[HOW]))
    role = choose(better | (role == RETURN), START, choose(back, RETURN, role))
    w[ROLE] = choose(lost | nowhere, DONE, role)
    return moved


@woven
def newton_steps(at: Any, w: Any, q: int, bounds: Any, moved: Any) -> Any:
    """Put -H^-1 g of lanes that take a step in STEP, its decrement in GAIN and the smallest pivot in LEAST.

    Damping is relative to the diagonal of H, so no scale of a parameter matters.  Returned is 0, or NaN where the
    step is not finite.
    """
    stepping, damping = w[ROLE] == START, w[DAMPING]
    for i in range(q):
        w[at.here + i] = choose(moved, w[at.theta + i], w[at.here + i])
    for i in range(bounds.shape[1]):
        _hold(at, w, q, i, bounds)
    for i in range(q):
        place = at.hessian + i * (at.row_h + 1)
        unit = larger(size(w[place]), TINY)
        w[at.floor + i], w[place] = unit * FLAT, fma(damping, unit, w[place])
    cholesky(w, at.hessian, at.factor, at.row_h, q, q + 1, N0, at.floor)
    gain, broken = splat(0.0), splat(0.0)
    for i in range(q):
        part = w[at.factor + i * at.row_h + q]
        gain = fma(part, part, gain)
    w[GAIN] = choose(stepping, gain * 0.5, w[GAIN])
    for i in range(q - 1, -1, -1):
        row = at.factor + i * at.row_h
        part = w[row + q] * w[row + i]
        w[at.step + i] = choose(stepping, -part, w[at.step + i])
        broken = fma(part, 0.0, broken)
        for k in range(at.factor, row, at.row_h):
            w[k + q] = fma(-w[k + i], part, w[k + q])
    return broken


@woven
def _hold(at: Any, w: Any, q: int, i: int, bounds: Any) -> None:
    """Take a parameter on a bound with the discrepancy falling only beyond it out of the step."""
    row = at.hessian + i * at.row_h
    here, slope = w[at.here + i], w[row + q]
    held = ((here <= bounds[0, i]) & (slope > 0.0)) | ((here >= bounds[1, i]) & (slope < 0.0))
    if some(held):
        w[row + q] = choose(held, 0.0, slope)
        for j in range(q):
            place = row + j if j > i else at.hessian + j * at.row_h + i
            w[place] = choose(held, 1.0 if i == j else 0.0, w[place])


@woven
def _next(w: Any, broken: Any, tolerance: float, sure: float, limit: float) -> None:
    """End problems that are done or out of iterations, else give the length of the next step."""
    role, gain, near, count, before = w[ROLE], w[GAIN], w[CLOSE] == 1.0, w[ITERATION], w[BEFORE]
    fresh, small = role == START, gain < tolerance
    proper = (broken == 0.0) & (w[LEAST] > 0.0)
    # as in ``newton``: decrements fall as their squares, so what a step will leave is known
    last = proper & (w[TRIES] == 0.0) & (larger(gain / (before * before), 1.0) * gain * gain < sure)
    late = fresh & (count >= limit)
    ended = fresh & ~late & near & (small | last)
    on = fresh & ~(late | ended)
    how = choose(proper, CONVERGED, SADDLE_POINT)
    w[HOW] = choose(ended, how, choose(late, ITERATION_LIMIT, w[HOW]))
    w[ROLE] = choose(late | ended, DONE, choose(on, TRIAL, role))
    w[ITERATION] = choose(on | ended, count + 1.0, count)
    w[BEFORE] = choose(on, choose(near, gain, 0.0), before)
    w[CLOSE] = choose(on, choose(gain < NEAR, 1.0, 0.0), w[CLOSE])
    w[TRIES] = choose(on, 0.0, w[TRIES])
    # the step at hand ends a problem where it still moves anything; a start that is already the optimum stays
    # where it is, to the last bit
    whole = (on & ~small) | (ended & proper & (gain > POLISHED))
    w[LENGTH] = choose(whole, 1.0, choose(fresh, 0.0, w[LENGTH]))


@woven
def _go(at: Any, w: Any, q: int, bounds: Any) -> None:
    """Put the points after LENGTH of the steps on trial."""
    length = w[LENGTH]
    for i in range(q):
        here = w[at.here + i]
        there = choose(length == 0.0, here, fma(length, w[at.step + i], here))
        if bounds.shape[1] > 0:
            there = smaller(larger(there, bounds[0, i]), bounds[1, i])
        w[at.theta + i] = there


@woven
def _hand_in(at: Any, w: Any, lane: int, found: Any) -> None:
    """Write what came of a problem."""
    b, how, gain = np.intp(get(w, WHICH, lane)), get(w, HOW, lane), get(w, GAIN, lane)
    put(w, ROLE, lane, IDLE)
    found[b, 0], found[b, 1] = how, get(w, ITERATION, lane)
    if how != NO_START:
        found[b, 2] = get(w, REACHED, lane) - (gain if get(w, LENGTH, lane) == 1.0 else 0.0)
        converged = how == CONVERGED
        if converged or how == SADDLE_POINT:
            found[b, 3] = gain
        for i in range(4, found.shape[1]):
            found[b, i] = get(w, at.theta - 4 + i, lane)
