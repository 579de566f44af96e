"""The search for an optimum: one start from the data, then other starts together where that fails."""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel import BatchFit, Outcome, fit_batch
from sopsem.sem.estimation.moments import Moments
from sopsem.sem.estimation.scaling import ScaledModel
from sopsem.sem.estimation.start import start_values
from sopsem.sem.model.parameter_table import ModelSpec

__all__ = ["STRATEGIES", "search"]

Array = NDArray[np.float64]
STRATEGIES = 6


def search(spec: ModelSpec, model: ScaledModel, moments: Moments, target: Array) -> tuple[BatchFit, int]:
    """Return the first solution that converges, in the order of the starting strategies, and its strategy.

    Parameters
    ----------
    target : (1, p, p) array
        Moments on the kernel's metric.

    Returns
    -------
    solution : BatchFit
        Of one problem; where no start converges, the lowest point reached.
    strategy : int
        See ``start_values``; 0 is the start from the sample correlations.

    """
    bounds = model.bounds if np.isfinite(np.concatenate(model.bounds)).any() else None
    first = fit_batch(model.layout, start_values(spec, model, moments), target, bounds=bounds)
    if first.outcome[0] == Outcome.CONVERGED:
        return first, 0
    starts = np.stack([start_values(spec, model, moments, s) for s in range(1, STRATEGIES)])
    others = fit_batch(model.layout, starts, np.repeat(target, len(starts), axis=0), bounds=bounds)
    converged = np.flatnonzero(others.outcome == Outcome.CONVERGED)
    if len(converged):
        return others.select(converged[:1]), int(converged[0]) + 1
    reached = np.nan_to_num(np.append(first.minimum, others.minimum), nan=np.inf, posinf=np.inf)
    lowest = int(reached.argmin())
    return (first, 0) if lowest == 0 else (others.select(np.array([lowest - 1])), lowest)
