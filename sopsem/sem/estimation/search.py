"""The search for an optimum: one start from the data, then other starts together where that fails."""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel import BatchFit, Objective, Outcome, minimise, minimise_constrained
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.estimation.start import start_values

__all__ = ["STRATEGIES", "minimise_problem", "search", "starts_tried"]

STRATEGIES = 6


def starts_tried(count: int = STRATEGIES) -> str:
    """Return in words what the first ``count`` starting strategies are.

    Examples
    --------
    >>> starts_tried(1)
    'the start from the sample correlations and start() values'

    """
    words = ["the start from the sample correlations and start() values"]
    if count > 1:
        words.append("loadings of .7 with all paths 0 and without start() values")
    if count > 2:
        words.append(f"{count - 2} random variation(s) of the first")
    return ", ".join(words)


def minimise_problem(
    problem: Problem,
    objective: Objective,
    starts: NDArray[np.float64],
    *,
    max_iterations: int | None = None,
    compiled: bool = False,
) -> BatchFit:
    """Minimise an objective of B problems under the bounds and constraints of the model, from (B, q) or (q,)."""
    parameters = problem.parameters
    if parameters.constrained:
        return minimise_constrained(
            objective, starts, parameters.constraints, bounds=parameters.active_bounds
        )
    most = problem.settings.max_iterations
    return minimise(
        objective,
        starts,
        bounds=parameters.active_bounds,
        max_iterations=min(max_iterations or most, most),
        compiled=compiled,
    )


def search(problem: Problem, objective: Objective) -> tuple[BatchFit, int]:
    """Return the first solution that converges, in the order of the starting strategies, and its strategy.

    Parameters
    ----------
    problem : Problem
    objective : Objective
        Of one problem.

    Returns
    -------
    solution : BatchFit
        Of one problem; where no start converges, the lowest point reached.
    strategy : int
        See ``start_values``; 0 is the start from the sample correlations.

    """
    found: list[BatchFit] = []
    for strategy in range(STRATEGIES):
        found.append(minimise_problem(problem, objective, start_values(problem, strategy)))
        if found[-1].outcome[0] == Outcome.CONVERGED:
            return found[-1], strategy
    reached = np.nan_to_num([f.minimum[0] for f in found], nan=np.inf, posinf=np.inf)
    lowest = int(reached.argmin())
    return found[lowest], lowest
