"""What a report says of perceived against measured alignment, as plain frozen data, nothing formatted."""

from dataclasses import dataclass

import pandas as pd

from sopsem.client.briefing import Trace
from sopsem.client.operations.measured_outcome import MeasuredOutcome

__all__ = ["OperationsChapter"]


@dataclass(frozen=True, kw_only=True, eq=False)
class OperationsChapter:
    """Perceptions that may be told beside what records say of the same units.

    Attributes
    ----------
    label : str
        What the operational data are, e.g. "synthetic data".
    perceived_label, outcome_label : str
    policy : str
        Hash of the anchors and thresholds.
    minimum, maximum : float
        Of the perceived scale.
    units : DataFrame
        unit, n, perceived, index, low, high (the index with other weights), gap (in SDs of these units), quadrant,
        reason (why there is no quadrant); NaN where withheld or not known.
    profile : DataFrame
        side ("people", "records"), label, value, score (0 to 100, 100 is good), said (what the value is, or why there
        is none): of a single unit, else empty.
    pairs : DataFrame
        label, metric, n, spearman, lower, upper, p_holm, corrected; empty below the floor.
    unit_paths : DataFrame
        label, metric, n, reported, measured, difference (with its lower, upper, p); empty below the floor.
    paths : MeasuredOutcome or None
    sentences : tuple of str
        What the number of units allows, and why the rest is refused.
    notes : tuple of str
        What must be said with the numbers.
    trace : Trace

    """

    label: str
    perceived_label: str
    outcome_label: str
    policy: str
    minimum: float
    maximum: float
    units: pd.DataFrame
    profile: pd.DataFrame
    pairs: pd.DataFrame
    unit_paths: pd.DataFrame
    paths: MeasuredOutcome | None
    sentences: tuple[str, ...]
    notes: tuple[str, ...]
    trace: Trace

    def __post_init__(self) -> None:
        """Copy the frames."""
        for name in ("units", "profile", "pairs", "unit_paths"):
            object.__setattr__(self, name, getattr(self, name).copy())
