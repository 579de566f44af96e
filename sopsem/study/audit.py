"""The audit of print: what the printed numbers imply, and whether they agree with each other."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from sopsem.registry import Entry
from sopsem.study import (
    baseline_audit,
    bootstrap_audit,
    effects_audit,
    fit_audit,
    nested_audit,
    power_audit,
    rmsea_audit,
    sample_audit,
    size_audit,
    statement_audit,
)
from sopsem.study.findings import CHECKS, Verdict
from sopsem.study.published import PublishedStudy

__all__ = ["AuditReport", "audit"]

# Importing a module registers its checks; this is their order in the report.
CHECK_MODULES = (
    size_audit,
    fit_audit,
    rmsea_audit,
    baseline_audit,
    nested_audit,
    effects_audit,
    bootstrap_audit,
    power_audit,
    sample_audit,
    statement_audit,
)
_ORDER = {module.__name__: place for place, module in enumerate(CHECK_MODULES)}

CHECK_COLUMNS = ["check", "what", "computed", "printed", "verdict", "explanation"]
VALUE_COLUMNS = ["check", "quantity", "value"]


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditReport:
    """The findings of an audit.

    Attributes
    ----------
    study : PublishedStudy
        What was audited.
    checks : DataFrame
        One row per finding: check, what, computed, printed, verdict, explanation (all text).
    values : DataFrame
        The numbers behind the findings at full precision: check, quantity, value.

    """

    study: PublishedStudy
    checks: pd.DataFrame
    values: pd.DataFrame

    def summary(self) -> dict[str, int]:
        """Count the findings by verdict.

        >>> from sopsem.study.published import load_study
        >>> audit(load_study("three_factor_abilities")).summary()["inconsistent"]
        0
        """
        return {str(verdict): int((self.checks["verdict"] == verdict).sum()) for verdict in Verdict}

    def value(self, check: str, quantity: str) -> float:
        """Return one number behind a finding; raises KeyError when the audit has no such number."""
        rows = self.values[(self.values["check"] == check) & (self.values["quantity"] == quantity)]
        if rows.empty:
            raise KeyError(f"the audit of {self.study.name} has no {quantity!r} in {check!r}")
        return float(rows["value"].iloc[0])

    def __repr__(self) -> str:
        """Show one line per check and verdict, what contradicts itself first."""
        counts = ", ".join(f"{count} {verdict}" for verdict, count in self.summary().items())
        kinds = self.checks.assign(kind=self.checks["check"].str.split(":").str[0])
        lines = [_line(str(verdict), rows) for verdict in _SHOWN_FIRST for rows in _same_kind(kinds, verdict)]
        return "\n".join([f"Audit of print: {self.study.title} (N = {self.study.n})", counts, *lines])


_SHOWN_FIRST = (Verdict.INCONSISTENT, Verdict.CONSISTENT, Verdict.UNDECIDABLE)
_WIDTH = 110


def _same_kind(checks: pd.DataFrame, verdict: Verdict) -> list[pd.DataFrame]:
    """Return the findings with that verdict, check by check."""
    return [rows for _, rows in checks[checks["verdict"] == verdict].groupby("kind", sort=False)]


def _line(verdict: str, rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    told = f"{first['computed']} | printed {first['printed']}" if first["printed"] else first["computed"]
    if len(rows) > 1:
        told = f"{len(rows)} x {first['what']}: {', '.join(rows['check'].str.split(':').str[1])}"
    line = f"{verdict:<13}{first['kind']:<17}{told}"
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 3]}..."


def audit(study: PublishedStudy) -> AuditReport:
    """Run every check of print on a study.

    A check whose inputs are not printed is not listed; one that print cannot settle is undecidable and says
    why.  No data are used.

    >>> from sopsem.study.published import load_study
    >>> report = audit(load_study())
    >>> round(report.value("pvalue", "pvalue"), 5)
    0.01034
    """
    rows, values = [], []
    for name, row, numbers in _findings(study):
        rows.append([name, *row])
        values += [[name, quantity, value] for quantity, value in numbers.items()]
    return AuditReport(
        study=study,
        checks=pd.DataFrame(rows, columns=CHECK_COLUMNS),
        values=pd.DataFrame(values, columns=VALUE_COLUMNS),
    )


def _place(check: Entry) -> int:
    """Return the place of a check's module in the report; checks from elsewhere come last."""
    return _ORDER.get(check.function.__module__, len(_ORDER))


def _findings(study: PublishedStudy) -> Iterator[tuple[str, list[str], dict[str, float]]]:
    for entry in sorted(CHECKS, key=_place):
        for found in entry.function(study):
            name = f"{entry.name}:{found.part}" if found.part else entry.name
            row = [entry.label, found.computed, found.printed, str(found.verdict), found.explanation]
            yield name, row, dict(found.values)
