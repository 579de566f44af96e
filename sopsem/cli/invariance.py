"""``sopsem invariance``: equal parameters over groups, level by level."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from sopsem.cli import fit_options as fo
from sopsem.cli.app import app
from sopsem.cli.inputs import AsJson, echo, echo_json
from sopsem.cli.model_text import model_text
from sopsem.cli.provenance import note_frame
from sopsem.report.group_summaries import invariance_text
from sopsem.sem.invariance.ladder import invariance
from sopsem.sem.invariance.partial import partial_invariance
from sopsem.survey.plain import read_numbers

__all__ = ["invariance_command"]


@app.command("invariance", epilog="Example: sopsem invariance data.csv --model model.txt --group region")
def invariance_command(
    data: Annotated[Path, typer.Argument(help="CSV file with a header; empty cells are missing.")],
    model: Annotated[Path, typer.Option(help="Text file with a model in lavaan syntax.")],
    group: Annotated[str, typer.Option(help="Column of groups.")],
    group_label: fo.GroupLabel = "",
    group_partial: fo.GroupPartial = "",
    levels: Annotated[
        str, typer.Option(help="configural,metric,scalar,strict,structural; ordered: also thresholds.")
    ] = "",
    partial: Annotated[
        str | None, typer.Option(help="Level in which to search for exceptions, e.g. scalar (exploratory).")
    ] = None,
    criterion: Annotated[
        Literal["pvalue", "delta_cfi"], typer.Option(help="What makes a level tenable in that search.")
    ] = "pvalue",
    min_group_size: Annotated[
        int | None, typer.Option(help="Rows that every group must have; at least variables + 1.")
    ] = None,
    estimator: fo.Estimator = None,
    missing: fo.Missing = None,
    ordered: fo.Ordered = "",
    parameterization: fo.Parameterization = None,
    cluster: fo.Cluster = None,
    std_lv: fo.StdLv = False,
    as_json: AsJson = False,
) -> None:
    """Test measurement invariance over groups, level by level, with what each criterion says."""
    ladder = invariance(
        model_text(model),
        fo.with_plain_labels(note_frame("data", read_numbers(data)), group, cluster),
        group,
        levels=fo.listed(levels) or None,
        ordered=fo.ordered_option(ordered),
        group_label=fo.listed(group_label) or None,
        group_partial=fo.listed(group_partial),
        min_group_size=min_group_size,
        parameterization=parameterization,
        estimator=estimator,
        missing=missing,
        cluster=cluster,
        std_lv=std_lv,
    )
    search = None if partial is None else partial_invariance(ladder, partial, criterion=criterion)
    if not as_json:
        echo(invariance_text(ladder, search))
        return
    found: dict[str, Any] = {
        "groups": dict(ladder.sizes),
        "levels": ladder.frame.to_dict("records"),
        "criteria": ladder.criteria.to_dict("records"),
        "sentences": list(ladder.sentences),
    }
    if search is not None:
        found["search"] = {
            "level": search.level,
            "tenable": search.tenable,
            "freed": list(search.freed),
            "steps": search.steps.to_dict("records"),
            "sentences": list(search.sentences),
        }
    echo_json(found)
