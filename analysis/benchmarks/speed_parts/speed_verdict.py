"""What is asked of the speed, beside what was measured."""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

__all__ = ["Line", "verdicts"]


class Line(NamedTuple):
    """One demand: a value that is to be at least, or at most, so much."""

    part: str
    rule: str
    value: float
    least: float | None = None
    most: float | None = None

    @property
    def verdict(self) -> str:
        """Return pass or FAIL; a value that is not known fails."""
        low = self.least is None or self.value >= self.least
        return "pass" if low and (self.most is None or self.value <= self.most) else "FAIL"


def verdicts(lines: Iterable[Line]) -> pd.DataFrame:
    """Return one row per demand."""
    rows = [(*line._replace(value=float(f"{line.value:.4g}")), line.verdict) for line in lines]
    return pd.DataFrame(rows, columns=[*Line._fields, "verdict"])
