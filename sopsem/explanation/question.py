"""What numbers are asked about: a fit, its draws, the model it is set against."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.explanation.explanation import Explanation, Input
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.resampling.bootstrap import Draws

__all__ = ["Catalogue", "Question", "matrix", "scalar", "vector"]

Array = NDArray[np.float64]
Catalogue = dict[str, Callable[[], Explanation]]  # name of a quantity -> what explains it


@dataclass(frozen=True, kw_only=True)
class Question:
    """A fit and what else was made of it; ``against`` is the same model with more or fewer paths."""

    fit: Fit
    draws: Draws | None = None
    against: Fit | None = None
    kind: str = "percentile"
    level: float = 0.95
    rule: str = "weibull"

    @property
    def plain(self) -> bool:
        """Whether the moments are one covariance matrix of complete rows, fitted by maximum likelihood."""
        s = self.fit.settings
        whole = s.estimator == "ML" and not s.incomplete and not s.two_stage
        return (
            whole and self.fit.n_groups == 1 and not self.fit.spec.ordered and not self.fit.spec.conditional_x
        )


def scalar(symbol: str, value: float, meaning: str) -> Input:
    """Return a number as an input.

    >>> scalar("n", 91, "N - 1").value
    91
    """
    return Input(symbol=symbol, value=value, meaning=meaning)


def vector(symbol: str, value: Array, names: tuple[str, ...], meaning: str) -> Input:
    """Return a vector as an input, its elements named.

    >>> vector("l", np.array([1.0, 0.8]), ("a", "b"), "loadings").rows
    ('a', 'b')
    """
    return Input(symbol=symbol, value=np.asarray(value), meaning=meaning, rows=names)


def matrix(
    symbol: str, value: Array, names: tuple[str, ...], meaning: str, columns: tuple[str, ...] = ()
) -> Input:
    """Return a matrix as an input, its rows and columns named.

    >>> matrix("S", np.eye(2), ("a", "b"), "covariances").columns
    ('a', 'b')
    """
    return Input(
        symbol=symbol, value=np.asarray(value), meaning=meaning, rows=names, columns=columns or names
    )
