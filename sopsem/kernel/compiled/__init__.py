"""The compiled twin of ``minimise`` for likelihoods (extra ``fast``: numba); the reference is ``kernel.newton``."""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.compiled.plan import plan_of
from sopsem.kernel.compiled.regions import work_space
from sopsem.kernel.compiled.search import Draws, Found, Lists, Model, search
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
    data, weights = np.ascontiguousarray(plan.data), np.ascontiguousarray(plan.weights)
    starts = result.theta if bounds is None else np.clip(result.theta, *bounds)
    draws = Draws(np.flatnonzero(usable), starts, data, weights, plan.constants, limits)
    model = Model(plan.parts, plan.terms, plan.observed, Lists(*plan.sums), plan.places, len(plan.terms))
    found = Found(result.theta, result.minimum, result.decrement, result.outcome, result.iterations)
    search(model, draws, tolerance, float(max_iterations), work_space(plan.places), found)
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
