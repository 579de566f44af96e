"""Maximum likelihood: complete rows, or every pattern of observed values by itself."""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel import Likelihood, Objective, PatternLikelihood
from sopsem.sem.estimation.estimators.estimator import ESTIMATORS
from sopsem.sem.estimation.group import Group
from sopsem.sem.sample.normal_theory import normal_weight
from sopsem.sem.sample.patterns import PatternStatistics

__all__ = ["MaximumLikelihood"]

Array = NDArray[np.float64]


class MaximumLikelihood:
    """F = log|Sigma| + tr(S Sigma^-1) - log|S| - p, with the mean part (Joreskog, 1969)."""

    def objective(self, group: Group) -> Objective:
        """Return the discrepancy as one problem for the minimiser."""
        moments = group.moments
        if moments.patterns is not None and moments.full_information:
            return _incomplete(group, moments.patterns)
        mean = None if moments.mean is None else moments.mean[None]
        return Likelihood(group.model.layout, group.model.scaled_moments(moments.covariance[None], mean))

    def weight(self, group: Group, covariance: Array) -> Array:
        """Return the normal-theory weight at a covariance matrix on the kernel's metric."""
        return normal_weight(covariance, means=group.model.meanstructure)

    __call__ = weight


def _incomplete(group: Group, patterns: PatternStatistics) -> PatternLikelihood:
    """Return F of incomplete rows: minus twice the log-likelihood ratio over n against the saturated model."""
    model = group.model
    p = len(model.sd)
    seen = patterns.observed
    shift = np.where(seen, (patterns.mean - model.center) / model.sd, 0.0)
    second = np.zeros((len(seen), p + 1, p + 1))
    second[:, :p, :p] = patterns.covariance / np.outer(model.sd, model.sd)
    second[:, :p, :p] += shift[:, :, None] * shift[:, None, :]
    second[:, :p, p] = second[:, p, :p] = shift
    second[:, p, p] = 1.0
    masks = np.column_stack([seen, np.ones(len(seen), dtype=bool)])
    shares = patterns.count / patterns.count.sum()
    return PatternLikelihood(model.layout, second[None], shares[None], masks, _constant(group, patterns))


def _constant(group: Group, patterns: PatternStatistics) -> Array:
    """Return what makes the saturated model's F 0: its value on the kernel's metric with the sign turned."""
    saturated = group.moments.saturated
    if saturated is None:
        return np.zeros(1)
    shares = patterns.count / patterns.count.sum()
    per_row = shares @ patterns.observed  # share of the rows that observe each variable
    minus_two = -2.0 * saturated.log_likelihood / patterns.count.sum()
    constant = minus_two - float(per_row @ (np.log(2.0 * np.pi) + 2.0 * np.log(group.model.sd)))
    return np.array([-constant - 1.0])


ESTIMATORS.register("ML", label="maximum likelihood", source="Joreskog (1969)")(MaximumLikelihood())
