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
BLOCK = 256
RIDGE = 1e-12  # so that a direction without information is not a division by 0


def draw_standard_errors(draws: Draws, slopes: Callable[[Array], Array]) -> tuple[Array, Array]:
    """Return standard errors of a statistic in every draw (B, s) and in the fit (s,).

    Parameters
    ----------
    draws : Draws
    slopes : callable
        Kernel parameters (B, k) to d statistics / d parameters (B, s, k); NaN where a statistic has no value.

    Returns
    -------
    in_draws : (B, s) array
        NaN for draws without a solution, statistics without a value and variances that are not positive.
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
    in_fit = _delta(draws, fit.kernel_theta[None], slopes)[0]
    in_draws = np.full((len(draws), len(in_fit)), np.nan)
    with threadpool_limits(limits=1, user_api="blas"):
        for first in range(0, len(used), BLOCK):
            at = used[first : first + BLOCK]
            in_draws[at] = _delta(draws, draws.kernel_theta[at], slopes)
    return in_draws, in_fit


def _delta(draws: Draws, theta: Array, slopes: Callable[[Array], Array]) -> Array:
    """Return sqrt(diag(J V J')) at every theta (B, k), V from the expected information."""
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
    slope = slopes(theta)
    known = np.isfinite(slope).all(axis=2) & np.isfinite(point[0])[:, None]
    hessian[~np.isfinite(point[0])] = 0.0
    slope = np.where(known[:, :, None], slope, 0.0)
    carried = np.linalg.solve(hessian + RIDGE * np.eye(k), slope.transpose(0, 2, 1))
    variance = (2.0 / fit.multiplier) * np.einsum("bsk,bks->bs", slope, carried)
    return np.sqrt(np.where(known & (variance > 0.0), variance, np.nan))
