"""What the terminal shows for fits, draws, audits, validation and cross-checks: tables and sentences, no statistics."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.report.digits import bounded, decimals
from sopsem.report.render import render
from sopsem.report.table import Table
from sopsem.sem.bootstrap import Draws
from sopsem.sem.crosscheck import CrossCheck
from sopsem.sem.fit import Fit
from sopsem.sem.fit_indices import FIT_INDICES
from sopsem.sem.validation_result import Validation
from sopsem.study.audit import AuditReport

__all__ = ["audit_text", "crosscheck_text", "draw_text", "fit_text", "text_of", "validation_text"]

_HEADLINE = ("npar", "chisq", "df", "pvalue", "cfi", "tli", "rmsea", "rmsea_ci_lower", "rmsea_ci_upper", "srmr", "aic", "bic")


def text_of(*tables: Table, sentences: Iterable[str] = ()) -> str:
    """Return tables one below the other, and sentences as a list under them."""
    parts = [render(table, "text").decode("utf-8").rstrip() for table in tables]
    listed = "\n".join(f"- {sentence}" for sentence in sentences)
    return "\n\n".join([*parts, listed] if listed else parts) + "\n"


def audit_text(report: AuditReport) -> str:
    """Return every check of an audit with its numbers, what contradicts itself first."""
    order = {"inconsistent": 0, "consistent": 1, "undecidable": 2}
    frame = report.checks.assign(rank=[order[str(v)] for v in report.checks["verdict"]])
    frame = frame.sort_values("rank", kind="stable")
    table = Table(
        title=f"Audit of print: {report.study.title} (N = {report.study.n})",
        columns=("verdict", "check", "what", "computed", "printed"),
        rows=tuple((str(r.verdict), r.check, r.what, r.computed, r.printed) for r in frame.itertuples()),
    )
    counts = ", ".join(f"{n} {verdict}" for verdict, n in report.summary().items())
    said = [f"{r.check}: {r.explanation}" for r in frame.itertuples() if r.explanation]
    return text_of(table, sentences=[f"{counts}.", *said])


def fit_text(fit: Fit, measures: pd.Series, corrected: pd.DataFrame, estimates: pd.DataFrame) -> str:
    """Return a fit: measures, corrected tests, estimates, notes and certificate."""
    shown = [e for e in FIT_INDICES if e.name in _HEADLINE]
    fit_block = Table(
        title=f"Fit (N = {fit.n}, variances {fit.variance_policy})",
        columns=("measure", "value"),
        rows=tuple((e.label, decimals(e.digits)(measures[e.name])) for e in shown),
        alignment="lr",
    )
    tests = Table.from_frame(
        corrected[["test", "chisq", "df", "pvalue", "rmsea", "source"]],
        title="Exact-fit test, raw and corrected for the sample size",
        formats={"chisq": 2, "rmsea": bounded(3)},
    )
    columns = ["lhs", "op", "rhs", "label", "est", "se", "z", "pvalue", "ci_lower", "ci_upper", "std_all"]
    formats = {c: 3 for c in columns[4:] if c != "pvalue"}
    parameters = Table.from_frame(estimates[columns], title="Estimates", formats=formats)
    return text_of(fit_block, tests, parameters, sentences=[fit.status.value, *fit.notes, str(fit.certificate)])


def draw_text(draw: Draws, rows: NDArray[np.intp] | None, table: pd.DataFrame, index: int) -> str:
    """Return one draw made again: its rows, class and estimates beside those of the fit."""
    counts = draw.counts()
    outcome = counts.loc[counts["count"] > 0, "draw_class"].iloc[0]
    said = [f"Draw {index} of seed {draw.seed} ({draw.kind}): {outcome}{f' ({draw.reason[0]})' if draw.reason[0] else ''}."]
    if rows is not None:
        said.append(f"Rows of the data, from 1: {' '.join(str(int(r) + 1) for r in rows)}")
    shown = Table.from_frame(
        table, title="Estimates of the fit and of the draw", labels={"est": "fit"}, formats={"est": 4, "draw": 4}
    )
    return text_of(shown, sentences=said)


def validation_text(result: Validation) -> str:
    """Return the tables of construct validation and what they say."""
    three = bounded(3)
    limits = {"est": three, "ci_lower": three, "ci_upper": three}
    reliability = result.reliability[["factor", "label", "est", "ci_lower", "ci_upper"]]
    correlations = result.correlations[["factor1", "factor2", "est", "ci_lower", "ci_upper", "judgement"]]
    tables = [
        Table.from_frame(reliability, title="Reliability and convergent validity", formats=limits),
        Table.from_frame(
            result.fornell_larcker.reset_index() if result.fornell_larcker.index.name else result.fornell_larcker,
            title="Fornell-Larcker: root of AVE on the diagonal, |correlation| below it",
        ),
        _htmt_table(result),
        Table.from_frame(correlations, title="Factor correlations of the CFA (Rönkkö & Cho, 2022)", formats=limits),
    ]
    if not result.second_order.empty:
        columns = [c for c in ("factor", "label", "est", "ci_lower", "ci_upper") if c in result.second_order]
        tables.append(
            Table.from_frame(result.second_order[columns], title="Second-order reliability", formats=limits)
        )
    return text_of(*tables, sentences=result.sentences)


def _htmt_table(result: Validation) -> Table:
    columns = [c for c in ("construct1", "construct2", "coefficient", "est", "ci_lower", "ci_upper", "verdict") if c in result.htmt]
    three = bounded(3)
    formats = {c: three for c in ("est", "ci_lower", "ci_upper") if c in columns}
    return Table.from_frame(result.htmt[columns], title="Heterotrait-monotrait ratios", formats=formats)


def crosscheck_text(result: CrossCheck) -> str:
    """Return both programs' estimates, the largest difference, and what is not comparable."""
    six = decimals(6)
    table = Table.from_frame(
        result.estimates,
        title=f"Estimates: sopsem beside semopy {result.version}",
        formats={"sopsem": six, "semopy": six, "difference": lambda x: f"{float(x):.1e}"},  # type: ignore[arg-type]
    )
    said = [
        f"chi2 = N F: {result.chisq[0]:.6f} here, {result.chisq[1]:.6f} in semopy.",
        f"Largest difference of an estimate, relative to max(|estimate|, .1): {result.largest_difference:.1e}.",
        *result.notes,
        *(f"not comparable: semopy's {name} {why}" for name, why in result.not_comparable.items()),
    ]
    return text_of(table, sentences=said)
