"""The compiled twin of ``minimise`` for likelihoods (extra ``fast``: numba); the reference is ``kernel.newton``."""

import gc

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.compiled.plan import plan_of
from sopsem.kernel.compiled.regions import work_space
from sopsem.kernel.compiled.search import Model, search
from sopsem.kernel.layout import Layout
from sopsem.kernel.newton import SURE, BatchFit, Bounds, Outcome
from sopsem.kernel.objective import Likelihood, Objective

__all__ = ["minimise", "prepare"]


def minimise(
    objective: Objective,
    theta0: NDArray[np.float64],
    *,
    tolerance: float = 1e-13,
    max_iterations: int = 200,
    bounds: Bounds = None,
    trusting: bool = False,
) -> BatchFit | None:
    """Minimise every problem as ``newton.minimise`` does; None where the objective has no compiled form."""
    plan = plan_of(objective)
    if plan is None:
        return None
    n, q = objective.n_problems, objective.n_parameters
    found = np.full((n, 4 + q), np.nan)
    found[:, 4:] = theta0
    usable = objective.usable(np.arange(n))
    found[:, 0], found[:, 1] = np.where(usable, Outcome.ITERATION_LIMIT, Outcome.SINGULAR_DATA), 0.0
    starts = found[:, 4:] if bounds is None else np.clip(found[:, 4:], *bounds)
    given = np.concatenate([plan.constants[:, None], starts, plan.data], axis=1)
    limits = np.zeros((2, 0)) if bounds is None else np.stack(bounds).astype(np.float64)
    model = Model(plan.table, *plan.factors, plan.places, plan.n_terms)
    space, limit = work_space(plan.places), float(max_iterations)
    sure = SURE * tolerance if trusting else 0.0
    search(model, np.flatnonzero(usable), given, limits, tolerance, sure, limit, space, found)
    return BatchFit(
        theta=found[:, 4:].copy(),
        minimum=found[:, 2].copy(),
        decrement=found[:, 3].copy(),
        outcome=found[:, 0].astype(np.int8),
        iterations=found[:, 1].astype(np.int16),
    )


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
    collecting = gc.isenabled()
    gc.disable()  # what a compiler makes lasts: to look through it again and again takes a tenth of the time
    try:
        minimise(Likelihood(layout, np.ones((1, 1, 1))), np.full(1, 2.0))
    finally:
        if collecting:
            gc.enable()
