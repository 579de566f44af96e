"""Every screen over a survey: a table of who is marked for what, counts, and the answers without the excluded."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from sopsem.errors import DataError, UsageError
from sopsem.survey.messages import quote, suggestion
from sopsem.survey.responses import Responses
from sopsem.survey.screening.evidence import Evidence, gather
from sopsem.survey.screening.screens import Finding, screens

__all__ = ["Action", "Screening", "screen"]

Action = Literal["skip", "check", "mark", "exclude"]
ITEM_MISSING = 0.05
# what a screen judges by, where that is a column about the interview
COLUMN = {
    "previews": "is_preview",
    "unfinished": "is_finished",
    "duplicate_addresses": "address",
    "speeders": "duration_seconds",
}


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Screening:
    """What the screens found; made by `screen`.  The answers themselves are unchanged."""

    responses: Responses
    actions: Mapping[str, Action]
    findings: Mapping[str, Finding]

    @property
    def table(self) -> pd.DataFrame:
        """One row per respondent: line, then for every screen that marks its value and ``<screen>_flag``.

        The last columns are ``n_flags``, the number of screens that mark the respondent, and ``excluded``.  A
        value is NaN where the screen cannot judge; its flag is then False.
        """
        shown = {name: f for name, f in self.findings.items() if self.actions[name] != "check"}
        columns: dict[str, Any] = {"line": np.array(self.responses.lines, dtype=np.int64)}
        for name, finding in shown.items():
            columns[name] = finding.value
            columns |= {f"{name}_{key}": values for key, values in finding.details.items()}
            columns[f"{name}_flag"] = finding.marked
        n = len(self.responses)
        columns["n_flags"] = np.sum([np.zeros(n), *(f.marked for f in shown.values())], axis=0).astype(
            np.int64
        )
        columns["excluded"] = self._excluded()
        return pd.DataFrame(columns, index=self.responses.items.index)

    @property
    def counts(self) -> pd.DataFrame:
        """One row per screen: action, rows judged, not judged and why, marked, marked by it alone, rule, source."""
        marks = np.column_stack([finding.marked for finding in self.findings.values()])
        alone = marks & (marks.sum(axis=1) == 1)[:, None]
        rows = []
        for place, (name, finding) in enumerate(self.findings.items()):
            unjudged = int(np.isnan(finding.value).sum())
            marked = int(finding.marked.sum())
            rows.append(
                {
                    "screen": name,
                    "action": self.actions[name],
                    "n_judged": len(finding.value) - unjudged,
                    "n_not_judged": unjudged,
                    "why_not": finding.unjudged if unjudged else "",
                    "n_marked": marked,
                    "n_marked_alone": int(alone[:, place].sum()),
                    "n_excluded": marked if self.actions[name] == "exclude" else 0,
                    "rule": finding.rule,
                    "source": screens[name].source,
                }
            )
        return pd.DataFrame(rows)

    @property
    def items(self) -> pd.DataFrame:
        """Missing answers by required item: n_missing, share, and whether it is above 5 %.

        Source: Hair, Hult, Ringle & Sarstedt (2017), A Primer on PLS-SEM: 5 % of an indicator.
        """
        missing = self.responses.items.isna()
        share = missing.mean()
        return pd.DataFrame(
            {
                "item": list(missing.columns),
                "n_missing": missing.sum().to_numpy(),
                "share": share.to_numpy(),
                "flag": (share > ITEM_MISSING).to_numpy(),
            }
        )

    def marked(self, name: str) -> tuple[int, ...]:
        """Return the rows that a screen marks, numbered as in ``responses.items``.

        Raises
        ------
        UsageError
            The screen was not run.

        """
        if name not in self.findings:
            raise UsageError(f"the screen {quote(name)} was not run{suggestion(name, self.findings)}")
        return tuple(int(row) for row in self.responses.items.index[self.findings[name].marked])

    def reasons(self) -> dict[int, str]:
        """Return row -> the screens that exclude it, for every row to be left out."""
        rows = self.responses.items.index[self._excluded()]
        found: dict[int, list[str]] = {int(row): [] for row in rows}
        for name, action in self.actions.items():
            if action == "exclude" and name in self.findings:
                for row in self.marked(name):
                    found[row].append(name)
        return {row: f"screened: {', '.join(names)}" for row, names in found.items()}

    def apply(self) -> Responses:
        """Return the answers without the respondents whom a screen with the action "exclude" marks.

        They are listed with the screens concerned in ``excluded``, so rows in = rows kept + rows excluded.

        Raises
        ------
        DataError
            Nobody is left, or an item no longer varies.

        """
        reasons = self.reasons()
        return self.responses.without(reasons) if reasons else self.responses

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, in words, a sentence per screen that marks somebody, and what could not be judged."""
        counts, n = self.counts, len(self.responses)
        said = [
            f"{row.screen}: {row.n_marked} of {row.n_judged} marked: {row.rule} ({row.source})."
            for row in counts.itertuples()
            if row.n_marked
        ]
        unjudged = [
            f"{row.screen}: {row.n_not_judged} of {n} could not be judged: {row.why_not}."
            if row.n_judged
            else f"{row.screen} could not run: {row.why_not}."
            for row in counts.itertuples()
            if row.n_not_judged
        ]
        gone = int(self._excluded().sum())
        return (*said, *unjudged, f"{n} respondents in, {n - gone} kept, {gone} excluded.")

    def _excluded(self) -> Any:
        """Return which rows a screen with the action "exclude" marks."""
        marks = [f.marked for name, f in self.findings.items() if self.actions[name] == "exclude"]
        return np.any([np.zeros(len(self.responses), dtype=np.bool_), *marks], axis=0)

    def __repr__(self) -> str:
        """Show what was found in a few lines."""
        lines = "\n  ".join(self.sentences)
        return f"<Screening of {self.responses.source.name}\n  {lines}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def screen(
    responses: Responses,
    actions: Mapping[str, Action] | None = None,
    *,
    thresholds: Mapping[str, float] | None = None,
) -> Screening:
    """Screen a survey for previews, duplicates, speed, patterns, contradictions, outliers and missing answers.

    Parameters
    ----------
    responses : Responses
        Read with ``duplicate_ids="keep"`` when duplicates are to be looked at rather than refused.
    actions : mapping of screen to {"skip", "check", "mark", "exclude"}, optional
        "check" counts, "mark" (the default of every screen) also shows who, "exclude" also leaves them out of
        ``Screening.apply()``.  Nothing is left out unless it is asked for here.
    thresholds : mapping of screen to number, optional
        Where a screen's own threshold is not meant; each is stated with its source in ``Screening.counts``.

    Raises
    ------
    UsageError
        Unknown screen or action, or a threshold that is no number.
    DataError
        A screen is asked to exclude, but the file has nothing that it could judge by.

    Examples
    --------
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> answers = read_responses(find_survey(), load_instrument())
    >>> found = screen(answers, {"mahalanobis": "exclude"}, thresholds={"mahalanobis": 0.02})
    >>> len(found.responses), len(found.apply()), list(found.apply().excluded["reason"].unique())
    (92, 91, ['screened: mahalanobis'])

    """
    actions, thresholds = dict(actions or {}), dict(thresholds or {})
    _refuse(actions, thresholds)
    chosen: dict[str, Action] = {entry.name: actions.get(entry.name, "mark") for entry in screens}
    evidence = gather(responses)
    findings = {
        name: _found(name, evidence, thresholds) for name, action in chosen.items() if action != "skip"
    }
    for name, finding in findings.items():
        if chosen[name] == "exclude" and np.isnan(finding.value).all():
            raise DataError(
                f"{responses.source.name}: the screen {name} cannot exclude anybody: {finding.unjudged}; "
                f"do not exclude by it{_map_instead(name)}"
            )
    return Screening(responses=responses, actions=chosen, findings=findings)


def _map_instead(name: str) -> str:
    if name not in COLUMN:
        return ""
    return f", or, where the file has such a column by another name, map it: --map {COLUMN[name]}=COLUMN"


def _refuse(actions: Mapping[str, str], thresholds: Mapping[str, float]) -> None:
    known = [entry.name for entry in screens]
    for name in (*actions, *thresholds):
        if name not in screens:
            raise UsageError(f"no screen {quote(name)}{suggestion(name, known)}; known: {', '.join(known)}")
    for name, action in actions.items():
        if action not in get_args(Action):
            raise UsageError(f"{name}: {quote(action)} is none of {', '.join(get_args(Action))}")
    for name, value in thresholds.items():
        if not np.isfinite(value):
            raise UsageError(f"{name}: the threshold {value} is not a finite number")


def _found(name: str, evidence: Evidence, thresholds: Mapping[str, float]) -> Finding:
    own = (thresholds[name],) if name in thresholds else ()
    finding: Finding = screens[name].function(evidence, *own)
    for values in (finding.value, finding.marked, *finding.details.values()):
        values.flags.writeable = False
    return finding
