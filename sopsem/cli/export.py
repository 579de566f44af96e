"""``sopsem export``: a model as a script for another program."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from sopsem.cli import fit_options as fo
from sopsem.cli.app import app
from sopsem.cli.inputs import AsJson, echo, echo_json
from sopsem.cli.model_text import model_text
from sopsem.cli.output_folder import write_folder
from sopsem.cli.provenance import note_frame
from sopsem.sem.estimation.fit import fit
from sopsem.sem.export.lavaan import to_lavaan
from sopsem.sem.export.mplus import to_mplus
from sopsem.survey.plain import read_numbers

__all__ = ["export_command"]


@app.command("export", epilog="Example: sopsem export model.txt data.csv --to lavaan --out model.R")
def export_command(
    model: fo.ModelFile,
    data: fo.DataFile,
    to: Annotated[Literal["lavaan", "mplus"], typer.Option(help="The program to write for.")] = "lavaan",
    out: Annotated[
        Path | None,
        typer.Option(
            help="Script to write instead of showing it; for Mplus its data stand beside it as .dat."
        ),
    ] = None,
    group: fo.Group = None,
    group_label: fo.GroupLabel = "",
    group_equal: fo.GroupEqual = "",
    group_partial: fo.GroupPartial = "",
    estimator: fo.Estimator = None,
    se: fo.StandardErrors = None,
    test: fo.Test = None,
    missing: fo.Missing = None,
    auxiliary: fo.Auxiliary = "",
    ordered: fo.Ordered = "",
    parameterization: fo.Parameterization = None,
    cluster: fo.Cluster = None,
    mimic: fo.Mimic = None,
    std_lv: fo.StdLv = False,
    meanstructure: fo.MeanStructure = False,
    growth: fo.Growth = False,
    as_json: AsJson = False,
) -> None:
    """Write a complete script that fits the same model with lavaan or Mplus."""
    rows = fo.with_plain_labels(note_frame("data", read_numbers(data)), group, cluster)
    result = fit(
        model_text(model),
        rows,
        group=group,
        group_label=fo.listed(group_label) or None,
        group_equal=fo.listed(group_equal),
        group_partial=fo.listed(group_partial),
        estimator=estimator,
        se=se,
        test=test,
        missing=missing,
        auxiliary=fo.listed(auxiliary),
        ordered=fo.ordered_option(ordered),
        parameterization=parameterization or "delta",
        cluster=cluster,
        mimic=mimic,
        std_lv=std_lv,
        meanstructure=meanstructure or None,
        growth=growth,
    )
    if to == "lavaan":
        script = to_lavaan(result, str(data), group=group or "group", cluster=cluster or "cluster")
        files = {} if out is None else {out: script.encode("utf-8")}
    else:
        beside = Path("data.dat") if out is None else out.with_suffix(".dat")
        script, content = to_mplus(result, beside.name, data=rows, group=group, cluster=cluster)
        files = {} if out is None else {beside: content.encode("utf-8"), out: script.encode("utf-8")}
    if as_json:
        echo_json({"to": to, "script": script})
    elif out is None:
        echo(script)
    if out is not None and (failed := write_folder(files, out)) is not None:
        raise failed
