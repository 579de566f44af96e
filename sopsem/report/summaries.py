"""What the terminal shows for fits, draws, audits, validation and cross-checks: tables and sentences, no statistics."""

from textwrap import fill

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.report.digits import Formatter, bounded, decimals, interval, p_value
from sopsem.report.escape import terminal_text
from sopsem.report.table import Table
from sopsem.report.terminal import text_of
from sopsem.sem.constructs.validation_result import Validation
from sopsem.sem.crosscheck import CrossCheck
from sopsem.sem.effects.mediation import Mediation
from sopsem.sem.effects.sensitivity import Sensitivity
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.fit_indices import FIT_INDICES
from sopsem.sem.resampling.bootstrap import Draws
from sopsem.study.audit import AuditReport
from sopsem.study.twin import Twin

__all__ = [
    "audit_text",
    "crosscheck_text",
    "draw_text",
    "fit_text",
    "mediation_text",
    "twin_text",
    "validation_text",
]

_WIDTH = 110
_HEADLINE = (
    "npar",
    "chisq",
    "df",
    "pvalue",
    "cfi",
    "tli",
    "rmsea",
    "rmsea_ci_lower",
    "rmsea_ci_upper",
    "srmr",
    "aic",
    "bic",
    "chisq_scaled",
    "df_scaled",
    "pvalue_scaled",
    "cfi_scaled",
    "rmsea_scaled",
    "cfi_robust",
    "rmsea_robust",
)


def audit_text(report: AuditReport) -> str:
    """Return every check of an audit with its numbers and what follows, what contradicts itself first."""
    counts = ", ".join(f"{n} {verdict}" for verdict, n in report.summary().items())
    lines = [f"Audit of print: {report.study.title} (N = {report.study.n})", counts]
    for verdict in ("inconsistent", "consistent", "undecidable"):
        for r in report.checks[report.checks["verdict"] == verdict].itertuples():
            against = f"; printed {r.printed}" if r.printed else ""
            text = f"{r.check}: {r.what}. Computed {r.computed}{against}. {r.explanation}".rstrip()
            lines.append(fill(text, _WIDTH, initial_indent=f"{verdict:<13}", subsequent_indent=" " * 13))
    return "\n".join(terminal_text(line) for text in lines for line in text.splitlines()) + "\n"


def fit_text(fit: Fit, measures: pd.Series, corrected: pd.DataFrame, estimates: pd.DataFrame) -> str:
    """Return a fit: measures, corrected tests where there are any, estimates, notes and certificate."""
    shown = [e for e in FIT_INDICES if e.name in _HEADLINE and e.name in measures]
    sizes = zip(fit.spec.groups, (m.n for m in fit.data_moments), strict=True)
    groups = f"; {', '.join(f'{label} {n}' for label, n in sizes)}" if fit.n_groups > 1 else ""
    fit_block = Table(
        title=f"Fit (N = {fit.n}{groups}; {fit.settings.asked}, variances {fit.variance_policy})",
        columns=("measure", "value"),
        rows=tuple((e.label, decimals(e.digits)(measures[e.name])) for e in shown),
        alignment="lr",
    )
    blocks = [fit_block]
    if not corrected.empty:
        tests = Table.from_frame(
            corrected[["test", "chisq", "df", "pvalue", "rmsea", "source"]],
            title="Exact-fit test, raw and corrected for the sample size",
            formats={"chisq": 2, "rmsea": bounded(3)},
        )
        blocks.append(tests)
    numbers = ["est", "se", "z", "pvalue", "ci_lower", "ci_upper", "std_all"]
    columns = ["lhs", "op", "rhs", *(["group"] if fit.n_groups > 1 else []), "label", *numbers]
    formats = {c: 3 for c in numbers if c != "pvalue"}
    parameters = Table.from_frame(estimates[columns], title="Estimates", formats=formats)
    said = [fit.status.value, *fit.notes, str(fit.certificate)]
    return text_of(*blocks, parameters, sentences=said)


def draw_text(draw: Draws, rows: NDArray[np.intp] | None, table: pd.DataFrame, index: int) -> str:
    """Return one draw made again: its rows (from 1), class and estimates beside those of the fit."""
    counts = draw.counts()
    outcome = counts.loc[counts["count"] > 0, "draw_class"].iloc[0]
    said = [
        f"Draw {index} of seed {draw.seed} ({draw.kind}): {outcome}{f' ({draw.reason[0]})' if draw.reason[0] else ''}."
    ]
    if rows is not None:
        said.append(f"Rows of the data, from 1: {' '.join(map(str, rows.tolist()))}")
    shown = Table.from_frame(
        table,
        title="Estimates of the fit and of the draw",
        labels={"est": "fit"},
        formats={"est": 4, "draw": 4},
    )
    return text_of(shown, sentences=said)


def validation_text(result: Validation) -> str:
    """Return the tables of construct validation and what they say."""
    three = bounded(3)
    limits: dict[str, Formatter | int] = {"est": three, "ci_lower": three, "ci_upper": three}
    correlations = result.correlations[["factor1", "factor2", "est", "ci_lower", "ci_upper", "judgement"]]
    square = result.fornell_larcker.rename_axis("factor").reset_index()
    tables = [
        _by_factor(result.reliability, ("alpha", "omega", "ave_std"), "Reliability and convergent validity"),
        Table.from_frame(
            square,
            title="Fornell-Larcker: root of AVE on the diagonal, |correlation| below it",
        ),
        _htmt_table(result),
        Table.from_frame(
            correlations, title="Factor correlations of the CFA (Rönkkö & Cho, 2022)", formats=limits
        ),
    ]
    if not result.second_order.empty:
        names = tuple(result.second_order["coefficient"].unique())
        tables.append(_by_factor(result.second_order, names, "Second-order reliability"))
    return text_of(*tables, sentences=result.sentences)


def _by_factor(frame: pd.DataFrame, coefficients: tuple[str, ...], title: str) -> Table:
    """Return one row per factor, one column per coefficient, each an estimate with its interval."""
    three = bounded(3)
    labels = frame.drop_duplicates("coefficient").set_index("coefficient")["label"]
    cells = {
        (r.factor, r.coefficient): f"{three(r.est)} {interval(r.ci_lower, r.ci_upper, three)}"
        for r in frame.itertuples()
    }
    return Table(
        title=title,
        columns=("factor", *(str(labels[c]) for c in coefficients)),
        rows=tuple(
            (f, *(cells.get((f, c), "") for c in coefficients)) for f in dict.fromkeys(frame["factor"])
        ),
        alignment="l" + "r" * len(coefficients),
    )


def _htmt_table(result: Validation) -> Table:
    columns = [
        c
        for c in ("construct1", "construct2", "coefficient", "est", "ci_lower", "ci_upper", "verdict")
        if c in result.htmt
    ]
    three = bounded(3)
    formats: dict[str, Formatter | int] = {c: three for c in ("est", "ci_lower", "ci_upper") if c in columns}
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


def mediation_text(result: Mediation, sensitivity: Sensitivity) -> str:
    """Return effects, direct path, power and sensitivity models of a mediation, then the verdict in words."""
    three = bounded(3)
    routes = Table(
        title=f"Effects of {result.predictor} on {result.outcome}, standardized, direct path free",
        columns=("effect", "route", "est", f"{result.level:.0%} interval", "p"),
        rows=tuple(
            (
                r.kind.replace("_", " "),
                r.route,
                three(r.est_std),
                interval(r.ci_lower_std, r.ci_upper_std, three),
                p_value(3)(r.pvalue_std),
            )
            for r in result.routes.itertuples()
        ),
        alignment="llrrr",
    )
    direct = Table(
        title="The direct path: interval and equivalence test",
        columns=("method", "est", "interval", "90% interval", "bound", "equivalent to 0"),
        rows=tuple(
            (
                r.method,
                three(r.est_std),
                interval(r.ci_lower_std, r.ci_upper_std, three),
                interval(r.tost_lower, r.tost_upper, three),
                three(r.bound),
                "yes" if r.equivalent else "no",
            )
            for r in result.direct.itertuples()
        ),
        alignment="lrrrrl",
    )
    columns = list(sensitivity.table.columns)
    models = Table(
        title="Sensitivity to the specification",
        columns=("quantity", *(c.replace("_", " ") for c in columns)),
        rows=tuple(
            (str(name), *(decimals(_digits(str(name)))(v) for v in row))
            for name, *row in sensitivity.table.itertuples()
        ),
        alignment="l" + "r" * len(columns),
    )
    return text_of(routes, direct, models, sentences=[*result.sentences, *sensitivity.notes])


def _digits(name: str) -> int:
    """Return the decimals a quantity is shown with: those of its fit index, none for degrees of freedom."""
    return FIT_INDICES[name].digits if name in FIT_INDICES else 0 if name == "ddf" else 3


def twin_text(made: Twin) -> str:
    """Return the targets of a twin and what it reached."""
    four = decimals(4)
    frame = made.targets
    shown = Table.from_frame(
        frame, title="Printed numbers and what the twin returns", formats={"target": four, "reached": four}
    ).with_source("synthetic data")
    return text_of(
        shown,
        sentences=[
            "The data are synthetic: they prove that software returns the numbers, and nothing about the subject."
        ],
    )
