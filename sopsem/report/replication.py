"""The replication report: tables, terminal text and JSON made from a finished ``Replication``; nothing is computed."""

from textwrap import fill
from typing import TYPE_CHECKING

import pandas as pd

from sopsem.report.digits import count, decimals, interval, p_value, percent
from sopsem.report.table import Table
from sopsem.report.terminal import table_text
from sopsem.study.conventions import best_conventions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sopsem.study.replicate import Replication

__all__ = [
    "cells_table",
    "convention_report",
    "data_label",
    "draws_table",
    "effects_table",
    "fit_table",
    "policy_report",
    "replication_json",
    "replication_text",
]

_FIT_NAMES = {
    "chisq": "chi2",
    "df": "df",
    "npar": "free parameters",
    "pvalue": "p",
    "dchisq": "chi2 difference, direct path freed",
    "dpvalue": "p of the difference",
    "cfi": "CFI",
    "tli": "TLI",
    "rmsea": "RMSEA",
    "srmr": "SRMR",
}


def _decimals(text: str) -> int:
    return len(text.partition(".")[2].strip())


def _like_print(value: float, text: str) -> str:
    """Show a recomputed number with the decimals of the print, and one more where it does not agree."""
    return decimals(_decimals(text))(value)


def fit_table(result: "Replication") -> Table:
    """Return the paper's fit block beside ours."""
    cells = result.cells[~result.cells["id"].str.contains(":")]
    rows = tuple(
        (
            _FIT_NAMES.get(c.id, c.id),
            c.printed,
            _like_print(c.computed, c.printed),
            decimals(4)(c.computed),
            c.verdict,
        )
        for c in cells.itertuples()
    )
    return Table(
        title="Fit",
        columns=("", "printed", "recomputed", "unrounded", "verdict"),
        rows=rows,
        alignment="lrrrl",
        source_label=data_label(result),
    )


def effects_table(result: "Replication") -> Table:
    """Return the paper's table of total effects beside ours."""
    cells = result.cells.set_index("id")
    names = [i.removeprefix("effect:") for i in cells.index if i.startswith("effect:")]
    number = decimals(3)

    def printed(name: str, prefix: str) -> str:
        key = f"{prefix}:{name}"
        return str(cells.loc[key, "printed"]) if key in cells.index else ""

    def ours(name: str, prefix: str) -> float:
        key = f"{prefix}:{name}"
        return float(cells.loc[key, "computed"]) if key in cells.index else float("nan")

    rows = []
    for name in names:
        outcome, predictor = name.split(":")[-1].split("~")
        judged = [
            cells.loc[k, "verdict"]
            for k in (f"{p}:{name}" for p in ("effect", "ci_lower", "ci_upper", "p"))
            if k in cells.index
        ]
        bad = [v for v in judged if v in ("differs", "outside Monte-Carlo error")]
        rows.append(
            (
                f"{predictor} → {outcome}",
                printed(name, "effect"),
                f"[{printed(name, 'ci_lower')}, {printed(name, 'ci_upper')}]",
                printed(name, "p"),
                number(ours(name, "effect")),
                interval(ours(name, "ci_lower"), ours(name, "ci_upper"), number),
                p_value(3)(ours(name, "p")),
                f"{len(judged) - len(bad)} of {len(judged)}",
            )
        )
    return Table(
        title=f"{_effects_name(result)}: the paper's table beside ours",
        columns=(
            "effect",
            "paper",
            "its interval",
            "its p",
            "ours",
            f"our {result.interval}",
            "our p",
            "agree",
        ),
        rows=tuple(rows),
        notes=(
            (
                f"{len(result.draws):,} draws, seed {result.draws.seed}, policy {result.draws.policy}, end-point rule "
                f"{result.rule}; p by interval inversion. Intervals and p agree when they differ by less than three "
                "Monte-Carlo standard errors, estimates when they round to the print."
            ),
        ),
        alignment="lrrrrrrr",
        source_label=data_label(result),
    )


def _effects_name(result: "Replication") -> str:
    kinds = {row.kind for _, row in result.study.effect_rows()}
    name = f"{kinds.pop()} effects" if len(kinds) == 1 else "effects"
    return f"Standardized {name}" if result.study.effects.standardized else name.capitalize()


def cells_table(result: "Replication") -> Table:
    """Return every printed number with its verdict."""
    frame = result.cells[["id", "printed", "computed", "lower", "upper", "verdict", "distance"]]
    four = decimals(4)
    return Table.from_frame(
        frame,
        title="Every printed number beside the recomputed one",
        labels={"id": "number", "lower": "agrees from", "upper": "to", "distance": "Monte-Carlo distance"},
        formats={"computed": four, "lower": four, "upper": four, "distance": decimals(1)},
        notes=(
            "The distance is that from the rounding interval of the print, in standard errors of the difference.",
        ),
        source_label=data_label(result),
    )


def policy_report(result: "Replication") -> Table:
    """Return the intervals under every policy for improper draws, from the same draws."""
    frame = result.policies
    number = decimals(3)
    rows = tuple(
        (
            r.effect.replace("~", " ~ "),
            r.policy,
            interval(r.ci_lower, r.ci_upper, number),
            p_value(3)(r.pvalue),
            count(r.n_draws),
        )
        for r in frame.sort_values("effect", kind="stable").itertuples()
    )
    return Table(
        title="What improper draws do: percentile intervals under each policy",
        columns=("effect", "policy", "95% percentile", "p", "draws"),
        rows=rows,
        notes=(
            (
                "keep: all draws that converged; drop: improper draws left out; bound: improper draws refitted with "
                "variances at or above 0; redraw: improper draws replaced by further draws."
            ),
        ),
        alignment="llrrr",
        source_label=data_label(result),
    )


def convention_report(result: "Replication", rows: int = 12) -> Table:
    """Return the conventions that explain the paper best."""
    frame = result.conventions
    best = best_conventions(frame)
    shown = frame.head(rows)
    said = "; ".join(f"{name}: {', '.join(choices)}" for name, choices in best.items())
    return Table(
        title="Which conventions explain the printed numbers",
        columns=(
            "multiplier",
            "interval",
            "end-point rule",
            "policy",
            "fit",
            "bootstrap",
            "rms distance",
            "note",
        ),
        rows=tuple(
            (
                r.multiplier,
                r.interval,
                r.rule,
                r.policy,
                f"{r.fit_matched} of {r.fit_cells}",
                f"{r.bootstrap_matched} of {r.bootstrap_cells}" if r.bootstrap_cells else "",
                decimals(2)(r.rms_distance),
                r.note,
            )
            for r in shown.itertuples()
        ),
        notes=(
            (
                f"Print does not rule out: {said}. {len(frame)} combinations were "
                "tried; a combination that another matches as well cannot be told apart from print."
            ),
        ),
        alignment="llllrrrl",
        source_label=data_label(result),
    )


def draws_table(result: "Replication") -> Table:
    """Return the classes of the draws; they add up to B."""
    frame = result.kept.counts()
    return Table.from_frame(
        frame,
        title=f"How the {len(result.kept):,} draws ended",
        labels={"draw_class": "class"},
        formats={"count": count, "share": percent(1)},
        source_label=data_label(result),
    )


def data_label(result: "Replication") -> str:
    """Return what the data are, e.g. synthetic data; "" when nothing is said."""
    data = result.manifest["data"]
    return str(data.get("label", "")) if isinstance(data, dict) else ""


def replication_text(result: "Replication") -> str:
    """Return what the terminal shows: the paper's table beside ours, fit, draws, conventions, and what to know."""
    tables: Sequence[Callable[[Replication], Table]] = (effects_table, fit_table, draws_table)
    parts = [
        "\n".join(
            [f"{result.study.title}: N = {result.fit.n}", *(fill(s, 100) for s in result.sentences[:2])]
        )
    ]
    parts += [table_text(make(result)).rstrip() for make in tables]
    if 1.0 - float(result.kept.counts().loc[0, "share"]) > 0.05:
        parts.append(table_text(policy_report(result)).rstrip())
    if data_label(result):  # for other respondents the paper's conventions explain nothing
        parts.append(table_text(convention_report(result, 4)).rstrip())
    parts.append(
        "\n".join(fill(s, 100, initial_indent="- ", subsequent_indent="  ") for s in result.sentences[2:])
    )
    return "\n\n".join(parts) + "\n"


def replication_json(result: "Replication") -> dict[str, object]:
    """Return the one object of ``sopsem replicate --json``."""

    def records(frame: pd.DataFrame) -> list[dict[str, object]]:
        return [
            dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)
        ]

    return {
        "cells": records(result.cells),
        "manifest": dict(result.manifest),
        "status": result.fit.status.name.lower(),
        "improper": [str(one) for one in result.fit.improper],
        "draws": records(result.kept.counts()),
        "policies": records(result.policies),
        "conventions": records(result.conventions),
        "best_conventions": best_conventions(result.conventions),
        "corrected_tests": records(result.corrected),
        "sentences": list(result.sentences),
    }
