"""A fitted model as a structure of moments: residuals, slopes, weights and sampling covariances of every group.

What robust standard errors, scaled tests and residual tests are made of, on the kernel's metric.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.group import Group
from sopsem.sem.estimation.problem import Problem

__all__ = ["GroupAnalysis", "analyse_moments"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class GroupAnalysis:
    """One group at a solution; k moments, q kernel parameters.

    Attributes
    ----------
    share : float
        Weight of the group in the discrepancy.
    implied : (k,) array
        Implied moments.
    residual : (k,) array
        Sample minus implied moments, 0 for those of fixed exogenous variables.
    slopes : (k, q) array
        d implied moments / d parameters, 0 there too.
    covariance : (p, p) array
        Implied covariance matrix on the kernel's metric.

    """

    group: Group
    share: float
    implied: Array
    residual: Array
    slopes: Array
    covariance: Array


def analyse_moments(problem: Problem, theta: Array) -> tuple[GroupAnalysis, ...]:
    """Return residuals and slopes of every group at kernel parameters ``theta`` (q,)."""
    return tuple(_analysis(g, float(w), theta) for g, w in zip(problem.groups, problem.weights, strict=True))


def _analysis(group: Group, share: float, theta: Array) -> GroupAnalysis:
    moments, slopes = group.structure.moments(theta), group.structure.jacobian(theta)
    given = group.given
    return GroupAnalysis(
        group=group,
        share=share,
        implied=moments,
        residual=np.where(given, 0.0, group.statistics - moments),
        slopes=np.where(given[:, None], 0.0, slopes),
        covariance=group.implied_covariance(theta),
    )
