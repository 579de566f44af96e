"""Whether one model contains another, by numbers: the full model fitted to what the restricted one implies.

References
----------
Bentler, P. M., & Satorra, A. (2010). Testing model nesting and equivalence. Psychological Methods, 15.

"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sopsem.errors import ModelError
from sopsem.kernel import minimise
from sopsem.sem.estimation.fit import STRATEGIES, Fit
from sopsem.sem.estimation.moments import Moments
from sopsem.sem.estimation.ordinal_moments import OrdinalMoments
from sopsem.sem.estimation.response_group import response_origin, statistic_places
from sopsem.sem.estimation.start import start_values

__all__ = ["NullSolution", "null_solution", "same_order"]

Array = NDArray[np.float64]
NESTED = 1e-5  # chi2 that the full model may leave of the restricted model's implied moments


@dataclass(frozen=True, kw_only=True)
class NullSolution:
    """The full model fitted to the restricted one's moments: ``chisq`` is 0 when they are nested."""

    kernel_theta: Array
    chisq: float

    @property
    def nested(self) -> bool:
        """Whether the full model reproduces the restricted model's moments."""
        return self.chisq <= NESTED


def same_order(fitted: Fit, reference: Fit) -> list[int]:
    """Return where the variables of ``reference`` stand in ``fitted``."""
    return [fitted.spec.observed.index(v) for v in reference.spec.observed]


def null_solution(restricted: Fit, full: Fit) -> NullSolution:
    """Fit the full model to the moments that the restricted model implies, from several starts."""
    problem = full.problem.with_moments(tuple(_implied(restricted, full, g) for g in range(full.n_groups)))
    objective, bounds = problem.objective(), problem.parameters.active_bounds
    best, least = full.kernel_theta, np.inf
    with threadpool_limits(limits=1, user_api="blas"):
        for attempt in range(-1, STRATEGIES):
            start = full.kernel_theta if attempt < 0 else start_values(problem, attempt)
            found = minimise(objective, start, bounds=bounds)
            if found.minimum[0] < least:
                best, least = found.theta[0].copy(), float(found.minimum[0])
            if full.multiplier * least <= NESTED:
                break
    best.setflags(write=False)
    return NullSolution(kernel_theta=best, chisq=max(full.multiplier * least, 0.0))


def _implied(whole_restricted: Fit, whole_full: Fit, group: int) -> Moments:
    """Return what the restricted model implies of a group (from 0), in the order of the full model's variables."""
    restricted, full = whole_restricted.of_group(group + 1), whole_full.of_group(group + 1)
    ordinal = full.moments.ordinal
    if ordinal is not None:
        statistics = _implied_statistics(whole_restricted, ordinal, group)
        return replace(full.moments, ordinal=replace(ordinal, statistics=statistics))
    order = same_order(restricted, full)
    mu = None if restricted.mu is None else restricted.mu[order]
    sigma = restricted.sigma[np.ix_(order, order)]
    # the rows stay for what weighs the moments; whether anything is left of them does not depend on weights
    return replace(full.moments, covariance=sigma, mean=full.moments.mean if mu is None else mu)


def _implied_statistics(restricted: Fit, ordinal: OrdinalMoments, group: int) -> Array:
    """Return the statistics of ordered data that a model implies of a group (from 0), in the order of ``ordinal``."""
    own = restricted.groups[group]
    mine = own.moments.ordinal
    if mine is None:
        raise ModelError("the full model has ordered variables, the restricted one none; fit both alike")
    implied = own.structure.moments(restricted.kernel_theta) * own.metric + response_origin(own.model, mine)
    return np.asarray(implied[statistic_places(mine, ordinal)])
