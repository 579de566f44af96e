"""Times the stages of the compiled search one by one, each in a loop, on eight draws at their solutions."""

import time
from typing import Any

import numba
import numpy as np

from sopsem.kernel import Likelihood
from sopsem.kernel.compiled import columns as of
from sopsem.kernel.compiled.algebra import N0, N1, N2, product
from sopsem.kernel.compiled.lanes import WIDTH, groups, shifted
from sopsem.kernel.compiled.model import crossing, derivatives, evaluate, implied, invert
from sopsem.kernel.compiled.plan import plan_of
from sopsem.kernel.compiled.regions import ONE, work_space
from sopsem.kernel.compiled.search import Model, newton_steps, pointers, search

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
        self.model = Model(plan.table, *plan.factors, plan.places, plan.n_terms)
        self.w, self.bounds = work_space(plan.places), np.zeros((2, 0))
        given = np.concatenate([plan.constants[:, None], starts, plan.data], axis=1)
        search(
            self.model,
            queue,
            given,
            self.bounds,
            1e-13,
            1e-17,
            60.0,
            self.w,
            np.zeros((len(starts), 4 + self.q)),
        )

    def microseconds(self, loop: Any, times: int) -> float:
        """Return those of one repetition, per draw."""
        best = np.inf
        loop(1, self.model, self.w, self.q, self.bounds)  # compiles
        for _ in range(3):
            kept = self.w.copy()
            started = time.process_time()
            loop(times, self.model, self.w, self.q, self.bounds)
            best = min(best, time.process_time() - started)
            self.w[:] = kept
        return best / times / WIDTH * 1e6


def _compiled(function: Any) -> Any:
    return numba.njit(function, error_model="numpy", boundscheck=False)


@_compiled
def _part(model: Any) -> Any:
    return shifted(model.table, model.table[of.PART])


@_compiled
def _loop_implied(times: int, arrays: Any, space: Any, _q: int, _bounds: Any) -> None:
    model, w = pointers(arrays), groups(space)
    for _ in range(times):
        implied(_part(model), model, w)


@_compiled
def _loop_factor(times: int, arrays: Any, space: Any, _q: int, _bounds: Any) -> None:
    model, w = pointers(arrays), groups(space)
    for _ in range(times):
        invert(_part(model)[of.P], model, w)


@_compiled
def _loop_products(times: int, arrays: Any, space: Any, _q: int, _bounds: Any) -> None:
    model, w = pointers(arrays), groups(space)
    at, row, p = model.at, model.at.row, _part(model)[of.P]
    for _ in range(times):
        product(w, (at.weight, row, N1), (at.data, row), (at.mixed, row), (p, p, p), N0, N0)
        product(w, (at.mixed, row, N1), (at.weight, row), (at.data, row), (p, N2, p), N1, N0)


@_compiled
def _loop_crossing(times: int, arrays: Any, space: Any, _q: int, _bounds: Any) -> None:
    model, w = pointers(arrays), groups(space)
    for _ in range(times):
        crossing(_part(model), model.table, model, w, model.at.weight, model.at.inner)
        crossing(_part(model), model.table, model, w, model.at.data, model.at.crossed)


@_compiled
def _loop_hessian(times: int, arrays: Any, space: Any, _q: int, _bounds: Any) -> None:
    model, w = pointers(arrays), groups(space)
    for _ in range(times):
        derivatives(_part(model), model, w, w[ONE])


@_compiled
def _loop_solve(times: int, arrays: Any, space: Any, q: int, bounds: Any) -> None:
    model, w = pointers(arrays), groups(space)
    for _ in range(times):
        newton_steps(model.at, w, q, bounds, w[ONE] == 1.0)


@_compiled
def _loop_evaluate(times: int, arrays: Any, space: Any, _q: int, _bounds: Any) -> None:
    model, w = pointers(arrays), groups(space)
    for _ in range(times):
        evaluate(model, w)
