"""Intervals beside estimates, with every draw accounted for: used plus failed is the number of draws."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.sem.resampling.intervals import interval

__all__ = ["with_intervals"]

Array = NDArray[np.float64]


def with_intervals(
    rows: Sequence[dict[str, Any]],
    estimates: Sequence[float],
    values: Sequence[Array | None],
    *,
    level: float = 0.95,
    rule: str = "weibull",
) -> pd.DataFrame:
    """Return a frame of the rows with est, ci_lower, ci_upper, draws_used and draws_failed.

    Parameters
    ----------
    rows : sequence of dict
        What identifies each statistic.
    estimates : sequence of float
        In the sample.
    values : sequence of (B,) arrays or None
        The draws of each statistic; a draw in which it has no finite value counts as failed.  None: no draws.
    level, rule
        Of the percentile interval.

    Examples
    --------
    >>> draws = np.append(np.arange(1.0, 200.0), np.nan)
    >>> table = with_intervals([{"statistic": "mean"}], [100.0], [draws], level=0.9)
    >>> print(table.round(6).to_string(index=False))
    statistic   est  ci_lower  ci_upper  draws_used  draws_failed
         mean 100.0      10.0     190.0         199             1

    """
    listed = []
    for row, estimate, drawn in zip(rows, estimates, values, strict=True):
        usable = np.array([]) if drawn is None else drawn[np.isfinite(drawn)]
        lower, upper = interval(usable, estimate, level=level, rule=rule)
        failed = 0 if drawn is None else len(drawn) - len(usable)
        listed.append(
            {**row, "est": estimate, "ci_lower": lower, "ci_upper": upper}
            | {"draws_used": len(usable), "draws_failed": failed}
        )
    return pd.DataFrame(listed)
