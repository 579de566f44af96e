"""Every file of a replication: tables in five formats, one self-contained page, figures, JSON, manifest.

The files are returned as bytes, so that the caller writes all of them or none.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from sopsem.report.canvas import figure_bytes
from sopsem.report.draws_panel import draws_panel
from sopsem.report.figures import bootstrap_distributions, forest_plot
from sopsem.report.markup import Picture, Section, html_page
from sopsem.report.path_diagram import path_diagram
from sopsem.report.render import render
from sopsem.report.replication import (
    cells_table,
    convention_report,
    data_label,
    draws_table,
    effects_table,
    fit_table,
    policy_report,
    replication_json,
)
from sopsem.report.table import Table
from sopsem.runs.atomic import json_bytes
from sopsem.sem.estimation.estimates import r_squared, standardized
from sopsem.sem.resampling.bootstrap import DrawStatus
from sopsem.study.replicate import Replication

__all__ = ["replication_figures", "replication_files"]

_FORMATS = {"csv": "csv", "markdown": "md", "latex": "tex", "docx": "docx", "html": "html"}


def _tables(result: Replication) -> dict[str, Table]:
    return {
        "effects": effects_table(result),
        "fit": fit_table(result),
        "cells": cells_table(result),
        "draws": draws_table(result),
        "policies": policy_report(result),
        "conventions": convention_report(result),
    }


def _short(name: str) -> str:
    outcome, predictor = name.rsplit(":", maxsplit=1)[-1].split("~")
    return f"{predictor} → {outcome}"


def _printed(result: Replication) -> pd.DataFrame:
    """Return the paper's numbers by effect: est, lower, upper (NaN where not printed)."""
    cells = result.study.cells().set_index("id")["value"]
    names = list(result.effect_draws.columns)
    return pd.DataFrame(
        {
            column: [cells.get(f"{prefix}:{n}", np.nan) for n in names]
            for column, prefix in (("est", "effect"), ("lower", "ci_lower"), ("upper", "ci_upper"))
        },
        index=names,
    )


def replication_figures(result: Replication) -> dict[str, tuple[object, str]]:
    """Return name -> (matplotlib Figure, what it shows in one sentence)."""
    label = data_label(result)
    printed = _printed(result)
    ours = result.interval_kinds[
        result.interval_kinds["kind"] == result.interval_kinds["kind"].iloc[0]
    ].set_index("effect")
    points = result.cells.set_index("id")["computed"]
    points = pd.Series({n: points[f"effect:{n}"] for n in printed.index})
    forest = pd.DataFrame(
        {
            "label": [_short(n) for n in printed.index],
            "est": points.to_numpy(),
            "ci_lower": ours.loc[printed.index, "lower"].to_numpy(),
            "ci_upper": ours.loc[printed.index, "upper"].to_numpy(),
            "printed_est": printed["est"].to_numpy(),
            "printed_lower": printed["lower"].to_numpy(),
            "printed_upper": printed["upper"].to_numpy(),
        }
    )
    solution = standardized(result.fit)
    labels = {n: _short(n) for n in printed.index}
    draws = f"{len(result.draws):,} draws, policy {result.draws.policy}"
    return {
        "path_diagram": (
            path_diagram(solution, r_squared(result.fit), source_label=label),
            "Path diagram with standardized estimates and R2; dashed paths are not significant.",
        ),
        "path_diagram_structure": (
            path_diagram(solution, r_squared(result.fit), items=False, source_label=label),
            "Structural part of the model with standardized estimates.",
        ),
        "forest": (
            forest_plot(forest, source_label=label, caption=f"Ours: percentile interval from {draws}."),
            "Every effect with its interval, ours beside the paper's.",
        ),
        "bootstrap": (
            bootstrap_distributions(
                result.effect_draws,
                points,
                result.interval_kinds,
                printed=printed[["lower", "upper"]].dropna(),
                labels=labels,
                source_label=label,
            ),
            "Bootstrap distribution of every effect with percentile and bias-corrected intervals.",
        ),
        "draws": (_panel(result, printed), "How the draws ended, and the widest effect under each policy."),
    }


def _panel(result: Replication, printed: pd.DataFrame) -> object:
    """Draw the accounting of the draws, with the effect whose interval the policies move most."""
    counts = result.kept.counts()
    classes = counts[counts["count"] > 0].set_index("draw_class")["count"]
    widths = result.policies.groupby("effect")["ci_upper"].agg(lambda x: x.max() - x.min())
    effect = str(widths.idxmax())
    rows = result.policies[result.policies["effect"] == effect]
    intervals = rows.rename(columns={"n_draws": "n", "ci_lower": "lower", "ci_upper": "upper"})
    limits = printed.loc[effect, ["lower", "upper"]]
    return draws_panel(
        classes,
        result.kept.improper_counts(),
        intervals[["policy", "n", "lower", "upper"]],
        n_draws=len(result.kept),
        effect=_short(effect),
        printed=(float(limits["lower"]), float(limits["upper"])) if limits.notna().all() else None,
        source_label=data_label(result),
    )


def _page(result: Replication, tables: dict[str, Table], figures: dict[str, tuple[bytes, str]]) -> str:
    def picture(name: str) -> Picture:
        content, alt = figures[name]
        return Picture(content=content, alt=alt, caption=alt)

    improper = int((result.kept.status == DrawStatus.IMPROPER).sum())
    sections = [
        Section(
            heading="The paper's table beside ours",
            content=(*result.sentences[:2], tables["effects"], picture("forest")),
        ),
        Section(heading="Fit", content=(tables["fit"],)),
        Section(heading="What to know", content=tuple(result.sentences[2:])),
        Section(heading="The model", content=(picture("path_diagram"),)),
        Section(
            heading="Bootstrap",
            content=(
                f"{improper} of {len(result.kept)} draws are improper.",
                tables["draws"],
                picture("draws"),
                tables["policies"],
                picture("bootstrap"),
            ),
        ),
        Section(heading="Conventions", content=(tables["conventions"],)),
        Section(heading="Every printed number", content=(tables["cells"],)),
        Section(
            heading="How this was made",
            content=(
                f"Study: {result.study.source}.",
                "manifest.json beside this page holds the hashes of data and model, the seed, settings and versions.",
            ),
        ),
    ]
    return html_page(f"Replication: {result.study.title}", sections, source_label=data_label(result))


def replication_files(result: Replication, folder: Path) -> dict[Path, bytes]:
    """Return path -> bytes of every file of a replication in ``folder``."""
    tables = _tables(result)
    files: dict[Path, bytes] = {
        folder / f"{name}.{ending}": render(tables[name], kind)
        for name in ("effects", "fit", "cells")
        for kind, ending in _FORMATS.items()
    }
    files |= {folder / f"{name}.csv": render(tables[name], "csv") for name in ("draws", "policies")}
    full = convention_report(result, len(result.conventions))
    files[folder / "conventions.csv"] = render(full, "csv")
    pictures: dict[str, tuple[bytes, str]] = {}
    for name, (figure, alt) in replication_figures(result).items():
        svg = figure_bytes(figure, "svg")  # type: ignore[arg-type]
        pictures[name] = (svg, alt)
        files[folder / f"{name}.svg"] = svg
        files[folder / f"{name}.png"] = figure_bytes(figure, "png")  # type: ignore[arg-type]
    files[folder / "report.html"] = _page(result, tables, pictures).encode("utf-8")
    files[folder / "result.json"] = json_bytes(replication_json(result))
    files[folder / "manifest.json"] = json_bytes(dict(result.manifest))
    return files
