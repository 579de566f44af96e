"""The compiled twin of ``minimise`` for likelihoods (extra ``fast``: numba); the reference is ``kernel.newton``."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.compiled.lanes import WIDTH
from sopsem.kernel.compiled.plan import Plan, plan_of
from sopsem.kernel.compiled.regions import work_space
from sopsem.kernel.compiled.search import search
from sopsem.kernel.layout import Layout
from sopsem.kernel.newton import BatchFit, Bounds, Outcome
from sopsem.kernel.objective import Likelihood, Objective

__all__ = ["minimise", "prepare"]


def minimise(
    objective: Objective,
    theta0: NDArray[np.float64],
    *,
    tolerance: float = 1e-13,
    max_iterations: int = 200,
    bounds: Bounds = None,
) -> BatchFit | None:
    """Minimise every problem as ``newton.minimise`` does; None where the objective has no compiled form."""
    plan = plan_of(objective)
    if plan is None:
        return None
    n, q = objective.n_problems, objective.n_parameters
    result = BatchFit(
        theta=np.array(np.broadcast_to(theta0, (n, q)), dtype=np.float64, order="C"),
        minimum=np.full(n, np.nan),
        decrement=np.full(n, np.nan),
        outcome=np.full(n, Outcome.ITERATION_LIMIT, dtype=np.int8),
        iterations=np.zeros(n, dtype=np.int16),
    )
    usable = objective.usable(np.arange(n))
    result.outcome[~usable] = Outcome.SINGULAR_DATA
    limits = np.zeros((2, 0)) if bounds is None else np.stack(bounds).astype(np.float64)
    settings = limits, tolerance, max_iterations
    search(*_arguments(plan, np.flatnonzero(usable)), *settings, *_space(plan), *_fields(result))
    return result


def prepare() -> None:
    """Compile the search, or take it from the cache, by fitting one variance."""
    nothing = np.zeros((0, 2), dtype=np.intp)
    layout = Layout(
        n_observed=1,
        paths=nothing,
        symmetric=np.zeros((1, 2), dtype=np.intp),
        fixed_paths=np.zeros((1, 1)),
        fixed_symmetric=np.zeros((1, 1)),
        offset=np.zeros(1),
        basis=np.eye(1),
    )
    minimise(Likelihood(layout, np.ones((1, 1, 1))), np.full(1, 2.0))


def _space(plan: Plan) -> tuple[Any, ...]:
    marks = np.zeros((6, WIDTH), dtype=np.intp)
    places = int(work_space(plan)[-1])
    raw = np.zeros((places + 1) * WIDTH)
    first = -raw.ctypes.data % (8 * WIDTH) // 8  # a group of numbers fills one line of the cache
    return raw[first : first + places * WIDTH], np.zeros((2, WIDTH)), marks


def _arguments(plan: Plan, queue: NDArray[np.intp]) -> tuple[Any, ...]:
    lists = (plan.parts, plan.terms, plan.ints, plan.floats, work_space(plan), queue)
    return (*lists, *(np.ascontiguousarray(a) for a in (plan.data, plan.weights, plan.constants)))


def _fields(result: BatchFit) -> tuple[Any, ...]:
    return result.theta, result.minimum, result.decrement, result.outcome, result.iterations
