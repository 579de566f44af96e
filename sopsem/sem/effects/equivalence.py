"""Equivalence: whether an effect is small enough to be called practically zero.

Two one-sided tests against a stated bound.

References
----------
Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach. Journal of
Pharmacokinetics and Biopharmaceutics, 15.
Lakens, D. (2017). Equivalence tests. Social Psychological and Personality Science, 8.

"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.distributions import norm_ppf, norm_sf
from sopsem.sem.resampling.intervals import interval

__all__ = ["Equivalence", "equivalence_from_draws", "equivalence_test"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Equivalence:
    """Two one-sided tests of -bound < effect < bound.

    ``lower`` and ``upper`` are the limits of the interval at ``level`` = 1 - 2 alpha; ``equivalent`` says
    whether it lies inside the bounds; ``pvalue`` is the larger of the two one-sided p.
    """

    method: str
    estimate: float
    lower: float
    upper: float
    level: float
    bound: float
    pvalue: float

    @property
    def equivalent(self) -> bool:
        """Whether the interval lies strictly inside (-bound, bound)."""
        return -self.bound < self.lower and self.upper < self.bound


def _check(bound: float, alpha: float) -> None:
    if not bound > 0.0:
        raise UsageError(
            f"the equivalence bound is {bound}; give the smallest effect that matters, e.g. 0.20"
        )
    if not 0.0 < alpha < 0.5:
        raise UsageError(f"alpha is {alpha}; give a number between 0 and 0.5, e.g. 0.05")


def equivalence_test(estimate: float, se: float, bound: float, *, alpha: float = 0.05) -> Equivalence:
    """Return both one-sided z tests of an estimate with a standard error.

    Raises
    ------
    UsageError
        A bound that is not above 0, or an alpha outside (0, 0.5).

    Examples
    --------
    >>> equivalence_test(0.0, 0.10, 0.20).equivalent, equivalence_test(0.1, 0.10, 0.20).equivalent
    (True, False)

    """
    _check(bound, alpha)
    half = norm_ppf(1.0 - alpha) * se
    worst = (bound - abs(estimate)) / se if se > 0.0 else np.nan
    return Equivalence(
        method="delta",
        estimate=estimate,
        lower=float(estimate - half),
        upper=float(estimate + half),
        level=1.0 - 2.0 * alpha,
        bound=bound,
        pvalue=float(norm_sf(worst)),
    )


def equivalence_from_draws(
    values: Array, estimate: float, bound: float, *, alpha: float = 0.05
) -> Equivalence:
    """Return the same from bootstrap draws (B,): percentile interval, and p from the draws outside.

    p is (k + 1)/(B + 1), k the number of draws at or beyond the bound that more draws pass.
    """
    _check(bound, alpha)
    lower, upper = interval(values, estimate, kind="percentile", level=1.0 - 2.0 * alpha)
    used = values[np.isfinite(values)]
    outside = max((used >= bound).sum(), (used <= -bound).sum())
    return Equivalence(
        method="percentile",
        estimate=estimate,
        lower=lower,
        upper=upper,
        level=1.0 - 2.0 * alpha,
        bound=bound,
        pvalue=float((outside + 1) / (len(used) + 1)),
    )
