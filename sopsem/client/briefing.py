"""What a client is told, as plain frozen data: numbers in frames, where they come from, nothing formatted.

A briefing holds no answer of a single respondent; every number about a group has passed the privacy door.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from sopsem.client.operations.unit_views import UnitViews
from sopsem.errors import UsageError

__all__ = ["Benchmark", "Briefing", "Client", "Trace"]


@dataclass(frozen=True, kw_only=True)
class Client:
    """Whose answers the briefing is about: rows read = rows used + rows excluded."""

    name: str
    label: str
    subject: str
    language: str
    rows: int
    used: int

    @property
    def excluded(self) -> int:
        """The rows left out."""
        return self.rows - self.used


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """What the client is compared with; ``label`` says what its data are, e.g. "synthetic data"."""

    name: str
    label: str
    n: int


@dataclass(frozen=True, kw_only=True)
class Trace:
    """Where one table comes from: the function that computed it and a hash of what it was given."""

    function: str
    inputs_sha256: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Briefing:
    """All that a client report says, in numbers; made by `brief`, printed by ``sopsem.report``.

    Attributes
    ----------
    client : Client
    benchmark : Benchmark
    scores : DataFrame
        One row per construct: construct, label, n, mean, lower, upper, benchmark_mean, benchmark_low,
        benchmark_high (its quartiles), percentile (0 to 100), minimum, maximum (of the scale), favourable
        ("high" or "low").  A number that the privacy door hides is NaN.
    gaps : DataFrame
        One row per construct: label, mean_first, mean_second, gap, lower, upper, differs (the verdict of the tests
        after Holm: True, False; None: no test), minimum, maximum, alike (do both groups answer alike, in words); empty
        where nobody can be compared.
    groups : tuple of str
        Names of the two groups of ``gaps`` with their sizes as (name, n).
    gap_notes : tuple of str
        What must be said with the gaps: why there are none, whether the groups answer alike.
    drivers : DataFrame
        One row per lever: label, importance, ci_lower, ci_upper, performance (0 to 100), room (points left to the end
        of the scale that the questionnaire calls good), first_share; empty where no model could be fitted.
    driver_facts : mapping
        outcome, draws, n, sample: what the importances were estimated from.
    driver_notes : tuple of str
    screening : DataFrame
        check, rule, judged, marked, excluded, cannot (why a check could not run; "" where it could).
    exclusions : DataFrame
        reason, rows.
    missing : DataFrame
        item, text, missing, share.
    reliability : DataFrame
        label, items, alpha, omega, ave.
    method : mapping
        Name -> fact, in the order of printing; numbers stay numbers.
    model : str
        Model text; "" without one.
    comments : tuple of str
        Answers to open questions; empty unless asked for.
    traces : mapping
        Name of a frame above, or "method" -> Trace.
    contradictions : tuple of str
        A sentence for every scale whose items contradict each other.
    notes : tuple of str
        What a reader must know before believing anything.
    views : UnitViews or None
        Perceptions by unit, where operations were measured; traced as "units".

    """

    client: Client
    benchmark: Benchmark
    scores: pd.DataFrame
    gaps: pd.DataFrame
    groups: tuple[tuple[str, int], ...]
    gap_notes: tuple[str, ...]
    drivers: pd.DataFrame
    driver_facts: Mapping[str, object]
    driver_notes: tuple[str, ...]
    screening: pd.DataFrame
    exclusions: pd.DataFrame
    missing: pd.DataFrame
    reliability: pd.DataFrame
    method: Mapping[str, object]
    model: str
    traces: Mapping[str, Trace]
    comments: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    views: UnitViews | None = None

    def __post_init__(self) -> None:
        """Copy the frames and check that every one of them can be traced, and that the rows add up."""
        frames = tuple(name for name, value in vars(self).items() if isinstance(value, pd.DataFrame))
        for name in frames:
            object.__setattr__(self, name, getattr(self, name).copy())
        for name in ("driver_facts", "method", "traces"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        named = (*frames, "method", *(["units"] if self.views is not None else []))
        lost = [name for name in named if name not in self.traces]
        if lost:
            raise UsageError(f"a briefing says nothing of where {', '.join(lost)} comes from; give a Trace")
        told = int(self.exclusions["rows"].sum()) if len(self.exclusions) else 0
        if told != self.client.excluded:
            raise UsageError(
                f"{self.client.excluded} rows are excluded and reasons are given for {told}; account for all"
            )
