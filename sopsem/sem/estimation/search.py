"""The search for an optimum: one start from the data, and others where that fails or the model is far off."""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel import BatchFit, Objective, Outcome, minimise, minimise_constrained
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.estimation.start import start_values

__all__ = ["STRATEGIES", "minimise_problem", "search", "starts_tried"]

STRATEGIES = 6
FAR_OFF = 0.02  # F per degree of freedom (RMSEA .14) from which a second minimum is looked for
LOWER = 1e-6  # by which a minimum must be lower to be another one, relative to it


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
    trusting: bool = False,
    compiled: bool = False,
) -> BatchFit:
    """Minimise an objective of B problems under the bounds and constraints of the model, from (B, q) or (q,).

    ``trusting`` spares the look at where a last step led, which constraints do not allow; see ``kernel.newton``.
    """
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
        trusting=trusting,
        compiled=compiled,
    )


def search(problem: Problem, objective: Objective, df: int) -> tuple[BatchFit, int, float]:
    """Return the first solution that converges, in the order of the starting strategies, and its strategy.

    Where the model is far off its data, the discrepancy can have several minima.  There the plain start is
    tried too, and the lower solution taken.

    Parameters
    ----------
    problem : Problem
    objective : Objective
        Of one problem.
    df : int
        Degrees of freedom.

    Returns
    -------
    solution : BatchFit
        Of one problem; where no start converges, the lowest point reached.
    strategy : int
        See ``start_values``; 0 is the start from the sample correlations.
    higher : float
        The higher minimum that the first start ended in; NaN where it did not.

    """
    found: list[BatchFit] = []
    for strategy in range(STRATEGIES):
        found.append(minimise_problem(problem, objective, start_values(problem, strategy)))
        if found[-1].outcome[0] == Outcome.CONVERGED:
            return _lower(problem, objective, found[-1], strategy, df)
    reached = np.nan_to_num([f.minimum[0] for f in found], nan=np.inf, posinf=np.inf)
    lowest = int(reached.argmin())
    return found[lowest], lowest, np.nan


def _lower(
    problem: Problem, objective: Objective, first: BatchFit, strategy: int, df: int
) -> tuple[BatchFit, int, float]:
    """Return a solution, or the one from the plain start where that is lower."""
    if strategy == 0 and first.minimum[0] > FAR_OFF * df > 0.0:
        plain = minimise_problem(problem, objective, start_values(problem, 1))
        if plain.outcome[0] == Outcome.CONVERGED and plain.minimum[0] < (1.0 - LOWER) * first.minimum[0]:
            return plain, 1, float(first.minimum[0])
    return first, strategy, np.nan
