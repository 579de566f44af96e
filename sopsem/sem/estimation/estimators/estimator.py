"""What an estimator is: the discrepancy of one group, and the weight of its moments.

An estimator is one file of this folder: maximum likelihood, or a least-squares estimator that is nothing but a
weight matrix for the moments (``least_squares``).
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel import Objective, Quadratic
from sopsem.registry import Registry
from sopsem.sem.estimation.group import Group

__all__ = ["ESTIMATORS", "Estimator", "LeastSquares", "least_squares"]

Array = NDArray[np.float64]
Weight = Callable[[Group], Array]
ESTIMATORS = Registry("estimator")


class Estimator(Protocol):
    """The discrepancy of one group."""

    def objective(self, group: Group) -> Objective:
        """Return the discrepancy as one problem for the minimiser."""

    def weight(self, group: Group, covariance: Array) -> Array:
        """Return V (k, k), the second derivatives of F/2 about the moments, at a covariance matrix (p, p)."""


class LeastSquares:
    """F = (s - sigma)' V (s - sigma)."""

    def __init__(self, weight: Weight) -> None:
        """Take a function from a group to its V (k, k)."""
        self.of_group = weight

    def objective(self, group: Group) -> Objective:
        """Return the discrepancy as one problem for the minimiser."""
        return Quadratic(group.structure, group.statistics[None], self.of_group(group)[None])

    def weight(self, group: Group, covariance: Array) -> Array:  # noqa: ARG002 - V is the same at every point
        """Return V (k, k)."""
        return self.of_group(group)

    __call__ = weight


def least_squares(name: str, *, label: str, source: str = "") -> Callable[[Weight], Weight]:
    """Return a decorator that registers a least-squares estimator by its weight function.

    Examples
    --------
    >>> import numpy as np
    >>> @least_squares("IDENTITY_OF_EXAMPLE", label="all moments count alike")
    ... def identity(group):
    ...     return np.eye(len(group.statistics))
    >>> "IDENTITY_OF_EXAMPLE" in ESTIMATORS
    True

    """

    def add(weight: Weight) -> Weight:
        ESTIMATORS.register(name, label=label, source=source)(LeastSquares(weight))
        return weight

    return add
