"""Whether one model contains another, by numbers: the full model fitted to what the restricted one implies.

References
----------
Bentler, P. M., & Satorra, A. (2010). Testing model nesting and equivalence. Psychological Methods, 15.

"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sopsem.errors import ConvergenceError, ModelError
from sopsem.kernel import minimise
from sopsem.sem.estimation.fit import STRATEGIES, Fit
from sopsem.sem.estimation.response_group import response_origin, statistic_places
from sopsem.sem.estimation.start import start_values
from sopsem.sem.sample.moments import Moments
from sopsem.sem.sample.ordinal_moments import OrdinalMoments

__all__ = ["Nesting", "NullSolution", "nesting", "null_solution", "same_order"]

Array = NDArray[np.float64]
Verdict = Literal["nested", "equivalent", "not nested"]
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
    mean = full.moments.mean if mu is None else mu
    moments = replace(full.moments, covariance=sigma, mean=mean)
    # implied moments have no gaps: with its patterns the full model would be fitted to the rows again
    return replace(moments, patterns=None, saturated=None) if moments.full_information else moments


def _implied_statistics(restricted: Fit, ordinal: OrdinalMoments, group: int) -> Array:
    """Return the statistics of ordered data that a model implies of a group (from 0), in the order of ``ordinal``."""
    own = restricted.groups[group]
    mine = own.moments.ordinal
    if mine is None:
        raise ModelError("the full model has ordered variables, the restricted one none; fit both alike")
    implied = own.structure.moments(restricted.kernel_theta) * own.metric + response_origin(own.model, mine)
    return np.asarray(implied[statistic_places(mine, ordinal)])


@dataclass(frozen=True, kw_only=True)
class Nesting:
    """What the test says of two models.

    Attributes
    ----------
    verdict : {"nested", "equivalent", "not nested"}
    chisq : float
        What the full model leaves of the moments that the restricted one implies: 0 when it contains it.
    ddf : int
        Degrees of freedom of the restricted model minus those of the full one.

    """

    verdict: Verdict
    chisq: float
    ddf: int

    def __repr__(self) -> str:
        """Show the verdict with the two numbers behind it."""
        return f"{self.verdict}: leftover chi2 = {self.chisq:.3g}, df difference {self.ddf}"


def nesting(restricted: Fit, full: Fit) -> Nesting:
    """Say whether the restricted model is a special case of the full one, or equivalent to it.

    Parameters
    ----------
    restricted, full : Fit
        Of the same observed variables and groups; of two models with equal degrees of freedom in any order.

    Returns
    -------
    Nesting
        ``nested``: the full model reproduces all that the restricted one implies; ``equivalent``: so it does,
        with equal degrees of freedom; ``not nested``: it leaves a chi2, or has more degrees of freedom.

    Raises
    ------
    ConvergenceError
        One of the fits did not converge.
    ModelError
        Other observed variables or groups, or means in one model only.

    Notes
    -----
    The full model is fitted to the moments that the restricted one implies; a minimum of 0 (chi2 below 1e-5)
    says that it can be reproduced (NET procedure; Bentler & Satorra, 2010, Psychological Methods 15).  The
    sample enters through the point at which this is looked at.

    Examples
    --------
    >>> import pandas as pd
    >>> from sopsem.sem.estimation.fit import fit
    >>> s = [[1.0, .6, .3, .3], [.6, 1.0, .3, .3], [.3, .3, 1.0, .5], [.3, .3, .5, 1.0]]
    >>> cov = pd.DataFrame(s, columns=list("abcd"), index=list("abcd"))
    >>> one = fit("f =~ a + b + c + d", sample_cov=cov, n_obs=100)
    >>> two = fit("f =~ a + b; g =~ c + d", sample_cov=cov, n_obs=100)
    >>> nesting(one, two).verdict, nesting(two, two).verdict, nesting(two, one).verdict
    ('nested', 'equivalent', 'not nested')

    """
    for name, fitted in (("restricted", restricted), ("full", full)):
        if not fitted.status.converged:
            raise ConvergenceError(f"the {name} model did not converge; mend it first")
    _check_comparable(restricted, full)
    ddf = restricted.df - full.df
    found = null_solution(restricted, full)
    verdict: Verdict = "not nested"
    if ddf >= 0 and found.chisq <= NESTED:
        verdict = "nested" if ddf else "equivalent"
    return Nesting(verdict=verdict, chisq=found.chisq, ddf=ddf)


def _check_comparable(restricted: Fit, full: Fit) -> None:
    """Refuse models that do not describe the same moments."""
    mine, theirs = set(restricted.spec.observed), set(full.spec.observed)
    if mine != theirs:
        raise ModelError(
            f"the models have different observed variables: {', '.join(sorted(mine ^ theirs))} in one of them "
            "only; fix a path at 0 (0*x) instead of leaving a variable out"
        )
    if restricted.spec.groups != full.spec.groups:
        raise ModelError(
            f"the models have different groups: {restricted.spec.groups} and {full.spec.groups}; give both "
            "the same group= and group_label="
        )
    if restricted.spec.meanstructure != full.spec.meanstructure:
        raise ModelError("only one of the models has means; fit both with the same meanstructure=")
