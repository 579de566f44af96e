"""What each published criterion says of a level of invariance.  Adding a criterion is one entry here.

The criteria answer different questions and often disagree: the chi2 difference is a test whose power grows with
N, the changes of indices are rules of thumb from simulations of continuous data.  None is the answer.

References
----------
Chen, F. F. (2007). Sensitivity of goodness of fit indexes to lack of measurement invariance. Structural Equation
Modeling, 14.
Cheung, G. W., & Rensvold, R. B. (2002). Evaluating goodness-of-fit indexes for testing measurement invariance.
Structural Equation Modeling, 9.

"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["COLUMNS", "CRITERIA", "Criterion", "judge", "sentence"]

COLUMNS = ("level", "criterion", "statistic", "value", "cutoff", "tenable", "source")
ALPHA = 0.05
CHEN_SMALL_N = 300
MEASUREMENT = ("thresholds", "metric", "scalar", "strict")


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """A change of a statistic beyond which a level is not tenable.

    ``cutoffs`` gives it per level; a negative one is a lower bound on a fall, a positive one an upper bound on a
    rise, and a p-value must be at or above it.
    """

    name: str
    statistic: str
    cutoffs: Mapping[str, float]
    source: str
    n_above: int = 0
    n_to: int | None = None

    def applies(self, level: str, n: int) -> bool:
        """Say whether the criterion was made for this level and sample size."""
        return level in self.cutoffs and n > self.n_above and (self.n_to is None or n <= self.n_to)

    def tenable(self, level: str, value: float) -> bool | None:
        """Say whether the level is tenable, None without a value."""
        if np.isnan(value):
            return None
        cutoff = self.cutoffs[level]
        if self.statistic == "pvalue_diff":
            return bool(value >= cutoff)
        return bool(value > cutoff) if cutoff < 0 else bool(value < cutoff)


def _levels(metric: float, others: float) -> dict[str, float]:
    return {level: metric if level == "metric" else others for level in MEASUREMENT}


_CHEN = "Chen (2007), N > 300 and groups of equal size"
_CHEN_SMALL = "Chen (2007), N up to 300 or unequal groups"
_SMALL = {"n_to": CHEN_SMALL_N}
_ALL = (*MEASUREMENT, "structural")
CRITERIA = (
    Criterion(
        name="chi2 difference",
        statistic="pvalue_diff",
        cutoffs=dict.fromkeys(_ALL, ALPHA),
        source="Steiger, Shapiro & Browne (1985)",
    ),
    Criterion(
        name="Cheung & Rensvold",
        statistic="delta_cfi",
        cutoffs=dict.fromkeys(_ALL, -0.01),
        source="Cheung & Rensvold (2002)",
    ),
    Criterion(name="Chen", statistic="delta_cfi", cutoffs=_levels(-0.010, -0.010), source=_CHEN),
    Criterion(name="Chen", statistic="delta_rmsea", cutoffs=_levels(0.015, 0.015), source=_CHEN),
    Criterion(name="Chen", statistic="delta_srmr", cutoffs=_levels(0.030, 0.010), source=_CHEN),
    Criterion(
        name="Chen, small N",
        statistic="delta_cfi",
        cutoffs=_levels(-0.005, -0.005),
        source=_CHEN_SMALL,
        **_SMALL,
    ),
    Criterion(
        name="Chen, small N",
        statistic="delta_rmsea",
        cutoffs=_levels(0.010, 0.010),
        source=_CHEN_SMALL,
        **_SMALL,
    ),
    Criterion(
        name="Chen, small N",
        statistic="delta_srmr",
        cutoffs=_levels(0.025, 0.005),
        source=_CHEN_SMALL,
        **_SMALL,
    ),
)


def judge(frame: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return what each criterion that was made for a level and a sample size says of the levels of a frame.

    Parameters
    ----------
    frame : DataFrame
        Columns level pvalue_diff delta_cfi delta_rmsea delta_srmr.
    n : int
        Rows in all groups.

    Returns
    -------
    DataFrame
        Columns level criterion statistic value cutoff tenable source; ``tenable`` is None where there is no value.

    Examples
    --------
    >>> row = {"level": "metric", "pvalue_diff": 0.2, "delta_cfi": -0.012, "delta_rmsea": 0.0, "delta_srmr": 0.01}
    >>> said = judge(pd.DataFrame([row]), 500)
    >>> said[["criterion", "statistic", "tenable"]].head(2).values.tolist()
    [['chi2 difference', 'pvalue_diff', True], ['Cheung & Rensvold', 'delta_cfi', False]]

    """
    rows = []
    for row in frame.to_dict("records"):
        level = str(row["level"])
        for c in CRITERIA:
            if c.applies(level, n):
                value = float(row[c.statistic])
                rows.append(
                    (level, c.name, c.statistic, value, c.cutoffs[level], c.tenable(level, value), c.source)
                )
    made = pd.DataFrame(rows, columns=list(COLUMNS))
    return made.assign(tenable=made["tenable"].astype(object))


_NAMED = {"pvalue_diff": "p", "delta_cfi": "dCFI", "delta_rmsea": "dRMSEA", "delta_srmr": "dSRMR"}


def _said(statistic: str, value: float) -> str:
    if statistic == "pvalue_diff" and value < 0.001:
        return "p < .001"
    digits = (
        3 if statistic == "pvalue_diff" else 4
    )  # cut-offs of changes have three: a rounded tie would mislead
    return f"{_NAMED[statistic]} = {value:.{digits}f}"


def sentence(said: pd.DataFrame) -> str:
    """Return what the criteria say of one level, each by its name: agreement, or who says what.

    Examples
    --------
    >>> row = {"level": "structural", "pvalue_diff": 0.2, "delta_cfi": -0.02, "delta_rmsea": 0.0, "delta_srmr": 0.0}
    >>> sentence(judge(pd.DataFrame([row]), 500)).split("; ")[0]
    'tenable by chi2 difference (p = 0.200, cut-off 0.05)'

    """
    parts = []
    for verdict, word in ((True, "tenable"), (False, "not tenable"), (None, "without a value")):
        own = [row for row in said.to_dict("records") if row["tenable"] is verdict]
        named = [
            f"{r['criterion']} ({_said(r['statistic'], r['value'])}, cut-off {r['cutoff']:g})" for r in own
        ]
        if named:
            parts.append(f"{word} by {', '.join(named)}" if verdict is not None else f"{word}: {len(named)}")
    return "; ".join(parts)
