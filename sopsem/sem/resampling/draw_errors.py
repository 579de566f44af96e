"""A standard error inside every draw, for the studentized interval: the delta method."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sopsem.errors import UsageError
from sopsem.kernel import Likelihood, Objective, WeightedSum
from sopsem.sem.resampling.bootstrap import Draws

__all__ = ["draw_standard_errors"]

Array = NDArray[np.float64]
STEP = 1e-5
BLOCK = 256


def draw_standard_errors(draws: Draws, statistic: Callable[[Array], Array]) -> tuple[Array, Array]:
    """Return standard errors of a statistic in every draw (B, s) and in the fit (s,).

    Parameters
    ----------
    draws : Draws
    statistic : callable
        Kernel parameters (B, k) to statistics (B, s).

    Returns
    -------
    in_draws : (B, s) array
        NaN for draws without a solution or whose variance estimate is not positive.
    in_fit : (s,) array

    Raises
    ------
    UsageError
        Draws of another estimator, of incomplete or of clustered rows, or of a model with nonlinear constraints:
        their errors are not those of the expected information of complete rows.

    """
    whole = draws.whole or draws.fit
    clustered = any(m.clusters is not None for m in whole.data_moments)
    if not draws.resampler.complete or clustered or whole.parameters.constrained:
        raise UsageError(
            "the studentized interval needs the standard errors of every draw, which are made for maximum "
            "likelihood with complete rows that do not depend on each other, without nonlinear constraints; use "
            "kind='percentile' or 'bca'"
        )
    used = np.flatnonzero(draws.used)
    fit = draws.fit
    in_fit = _delta(draws, fit.kernel_theta[None], statistic)[0]
    in_draws = np.full((len(draws), len(in_fit)), np.nan)
    with threadpool_limits(limits=1, user_api="blas"):
        for first in range(0, len(used), BLOCK):
            at = used[first : first + BLOCK]
            in_draws[at] = _delta(draws, draws.kernel_theta[at], statistic)
    return in_draws, in_fit


def _delta(draws: Draws, theta: Array, statistic: Callable[[Array], Array]) -> Array:
    """Return sqrt(diag(J V J')) at every theta: J by central differences, V from the expected information."""
    fit = draws.whole or draws.fit
    size, k = theta.shape
    # the expected information does not depend on the data: any positive definite moments serve
    parts = [
        Likelihood(g.model.layout, np.broadcast_to(np.eye(p), (size, p, p)))
        for g, p in ((g, g.model.layout.n_observed) for g in fit.groups)
    ]
    objective: Objective = parts[0] if len(parts) == 1 else WeightedSum(tuple(parts), fit.problem.weights)
    point = objective.evaluate(theta, np.arange(size))
    hessian = objective.expected_hessian(point)
    shifted = np.concatenate(
        [theta[:, None, :] + STEP * np.eye(k), theta[:, None, :] - STEP * np.eye(k)], axis=1
    )
    values = statistic(shifted.reshape(-1, k)).reshape(size, 2 * k, -1)
    slope = ((values[:, :k] - values[:, k:]) / (2.0 * STEP)).transpose(0, 2, 1)
    usable = np.isfinite(slope).all(axis=(1, 2)) & np.isfinite(point[0])
    errors = np.full(slope.shape[:2], np.nan)
    if usable.any():
        carried = np.linalg.solve(hessian[usable] + 1e-12 * np.eye(k), slope[usable].transpose(0, 2, 1))
        variance = (2.0 / fit.multiplier) * np.einsum("bsk,bks->bs", slope[usable], carried)
        errors[usable] = np.sqrt(np.where(variance > 0.0, variance, np.nan))
    return errors
