"""Times the stages of the compiled search one by one, each in a loop, on eight draws at their solutions."""

import time
from typing import Any

import numba
import numpy as np

from sopsem.kernel import Likelihood
from sopsem.kernel.compiled import columns as at
from sopsem.kernel.compiled import regions as to
from sopsem.kernel.compiled.algebra import cholesky, inverse, product
from sopsem.kernel.compiled.lanes import WIDTH, load, pointer
from sopsem.kernel.compiled.model import _add_gradient, _add_hessian, _crossing, _implied, evaluate
from sopsem.kernel.compiled.plan import plan_of
from sopsem.kernel.compiled.regions import work_space
from sopsem.kernel.compiled.search import Draws, Found, Lanes, Model, _newton_steps, pointers, search

__all__ = ["stages_of_search"]


def stages_of_search(objective: Likelihood, starts: np.ndarray, loops: int) -> dict[str, float]:
    """Return microseconds per draw and iteration of every stage: the least of three loops, an eighth of each.

    What a whole evaluation takes beyond its stages is logarithms, copies, and that the stages push each other's
    numbers out of the nearest cache.
    """
    space = _Space(objective, starts)
    stages = {
        "implied moments": _loop_implied,
        "factor and inverse": _loop_factor,
        "W S and W S W": _loop_products,
        "M'WM and M'QM": _loop_crossing,
        "Hessian, gradient": _loop_hessian,
        "Newton solve": _loop_solve,
    }
    found = {stage: space.microseconds(loop, loops) for stage, loop in stages.items()}
    evaluation = sum(us for stage, us in found.items() if stage != "Newton solve")
    return found | {"logs, copies, cache": space.microseconds(_loop_evaluate, loops) - evaluation}


class _Space:
    """The work space of a search as its end left it, in which every stage can be repeated."""

    def __init__(self, objective: Likelihood, starts: np.ndarray) -> None:
        plan = plan_of(objective)
        if plan is None:
            raise RuntimeError("the study's model has no compiled form")
        self.q, queue = objective.n_parameters, np.arange(WIDTH)
        places = work_space(plan)
        self.model = Model(plan.parts, plan.terms, plan.ints, plan.floats, places, len(plan.terms))
        self.bounds = np.zeros((2, 0))
        draws = Draws(queue, plan.data, plan.weights, plan.constants, self.bounds)
        raw = np.zeros((int(places[-1]) + 1) * WIDTH)
        first = -raw.ctypes.data % (8 * WIDTH) // 8
        self.w = raw[first : first + int(places[-1]) * WIDTH]
        self.lanes = Lanes(*np.zeros((5, WIDTH), dtype=np.intp), *np.zeros((2, WIDTH)))
        none = np.zeros(len(starts))
        outcome, iterations = np.zeros(len(starts), dtype=np.int8), np.zeros(len(starts), dtype=np.int16)
        found = Found(np.array(starts), none, none.copy(), outcome, iterations)
        search(self.model, draws, 1e-13, 60, self.w, self.lanes, found)

    def microseconds(self, loop: Any, times: int) -> float:
        """Return those of one repetition, per draw."""
        best = np.inf
        loop(1, self.model, self.w, self.q, self.bounds, self.lanes)  # compiles
        for _ in range(3):
            kept = self.w.copy()
            started = time.process_time()
            loop(times, self.model, self.w, self.q, self.bounds, self.lanes)
            best = min(best, time.process_time() - started)
            self.w[:] = kept
        return best / times / WIDTH * 1e6


def _compiled(function: Any) -> Any:
    return numba.njit(function, error_model="numpy", boundscheck=False)


@_compiled
def _loop_implied(times: int, arrays: Any, space: Any, q: int, bounds: Any, rooms: Any) -> None:  # noqa: ARG001
    (model, _), w = pointers(arrays, rooms), pointer(space)
    for _ in range(times):
        _implied(model.parts, model, w)


@_compiled
def _loop_factor(times: int, arrays: Any, space: Any, q: int, bounds: Any, rooms: Any) -> None:  # noqa: ARG001
    (model, _), w = pointers(arrays, rooms), pointer(space)
    p, subset = model.parts[at.P], model.start[to.SUBSET]
    factor = subset + p * (p + 1) // 2
    for _ in range(times):
        cholesky(w, subset, factor, p, p, model.start[to.FLOOR], model.start[to.LEAST])
        inverse(w, factor, p, model.start[to.ROOT], model.start[to.WEIGHT])


@_compiled
def _loop_products(times: int, arrays: Any, space: Any, q: int, bounds: Any, rooms: Any) -> None:  # noqa: ARG001
    (model, _), w = pointers(arrays, rooms), pointer(space)
    p, weight = model.parts[at.P], model.start[to.WEIGHT]
    for _ in range(times):
        product(w, weight, model.start[to.DATA], model.start[to.MIXED], p, p, p, p)
        product(w, model.start[to.MIXED], weight, model.start[to.DATA], p, p, p, 2)


@_compiled
def _loop_crossing(times: int, arrays: Any, space: Any, q: int, bounds: Any, rooms: Any) -> None:  # noqa: ARG001
    (model, _), w = pointers(arrays, rooms), pointer(space)
    row, term = model.parts, model.terms
    p, seen = row[at.P], term[at.OBSERVED]
    for _ in range(times):
        _crossing(row, model, w, p, seen, model.start[to.WEIGHT], model.start[to.INNER])
        _crossing(row, model, w, p, seen, model.start[to.DATA], model.start[to.CROSSED])


@_compiled
def _loop_hessian(times: int, arrays: Any, space: Any, q: int, bounds: Any, rooms: Any) -> None:  # noqa: ARG001
    (model, _), w = pointers(arrays, rooms), pointer(space)
    row, share = model.parts, load(w, model.start[to.WEIGHTS])
    for _ in range(times):
        _add_gradient(row, model, w, q, share)
        _add_hessian(row, model, w, share)


@_compiled
def _loop_solve(times: int, arrays: Any, space: Any, q: int, bounds: Any, rooms: Any) -> None:
    (model, lanes), w = pointers(arrays, rooms), pointer(space)
    for _ in range(times):
        _newton_steps(model, w, q, bounds, lanes)


@_compiled
def _loop_evaluate(times: int, arrays: Any, space: Any, q: int, bounds: Any, rooms: Any) -> None:  # noqa: ARG001
    (model, lanes), w = pointers(arrays, rooms), pointer(space)
    for _ in range(times):
        evaluate(model, w, q, lanes.value, lanes.defined)
