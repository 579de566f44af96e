"""``sopsem diagram``: the path diagram of a model."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from sopsem.cli import fit_options as fo
from sopsem.cli.app import app
from sopsem.cli.column_map import ColumnMap, Sheet
from sopsem.cli.inputs import AsJson, echo, echo_json
from sopsem.cli.model_data import DataOrNone, ModelOrNone, Stars, SurveyInstead, read_model_data
from sopsem.cli.output_folder import require_writable, write_folder
from sopsem.errors import ConvergenceError, UsageError
from sopsem.report.diagram import DIAGRAM_FORMATS, path_diagram
from sopsem.sem.estimation.fit import fit

__all__ = ["diagram_command"]


@app.command("diagram")
def diagram_command(
    model: ModelOrNone = None,
    data: DataOrNone = None,
    survey: SurveyInstead = None,
    instrument: Annotated[str | None, typer.Option(help="Instrument whose labels are printed.")] = None,
    columns: ColumnMap = None,
    sheet: Sheet = None,
    out: Annotated[
        Path | None,
        typer.Option(help="File to write: .svg, .png, .pdf or .dot; without it DOT text is shown."),
    ] = None,
    items: Annotated[bool, typer.Option(help="Draw the items.")] = True,
    loadings: Annotated[bool, typer.Option(help="Write the numbers at the items.")] = True,
    standardized: Annotated[bool, typer.Option(help="Standardized estimates, or raw ones.")] = True,
    intercepts: Annotated[bool, typer.Option("--intercepts", help="Write intercepts and means.")] = False,
    stars: Stars = False,
    insignificant: Annotated[
        Literal["dashed", "grey", "plain"], typer.Option(help="How arrows with p of .05 or more are drawn.")
    ] = "dashed",
    colors: Annotated[bool, typer.Option("--colors", help="Positive blue, negative red.")] = False,
    digits: Annotated[int, typer.Option(min=1, max=6, help="Decimals.")] = 2,
    title: Annotated[str, typer.Option(help="Printed above.")] = "",
    group: fo.Group = None,
    group_label: fo.GroupLabel = "",
    group_equal: fo.GroupEqual = "",
    estimator: fo.Estimator = None,
    missing: fo.Missing = None,
    ordered: fo.Ordered = "",
    cluster: fo.Cluster = None,
    mimic: fo.Mimic = None,
    std_lv: fo.StdLv = False,
    meanstructure: fo.MeanStructure = False,
    growth: fo.Growth = False,
    as_json: AsJson = False,
) -> None:
    """Draw the path diagram of a model; several groups get a panel each.

    Example: sopsem diagram model.txt data.csv --out model.svg
    """
    kind = "dot" if out is None else out.suffix.lower().removeprefix(".")
    if kind not in DIAGRAM_FORMATS:
        raise UsageError(f"--out {out}: choose the ending .{', .'.join(DIAGRAM_FORMATS)}")
    if out is not None:
        require_writable(out.parent)
    given = read_model_data(model, data, survey, instrument, columns, sheet)
    result = fit(
        given.model,
        fo.with_plain_labels(given.rows, group, cluster),
        group=group,
        group_label=fo.listed(group_label) or None,
        group_equal=fo.listed(group_equal),
        estimator=estimator,
        missing=missing,
        ordered=fo.ordered_option(ordered),
        cluster=cluster,
        mimic=mimic,
        std_lv=std_lv,
        meanstructure=meanstructure or None,
        growth=growth,
    )
    drawn = path_diagram(
        result,
        labels=given.labels,
        items=items,
        loadings=loadings,
        standardized=standardized,
        with_stars=stars,
        intercepts=intercepts,
        insignificant=insignificant,
        colors=colors,
        digits=digits,
        title=title,
        source_label=given.source_label,
    )
    failed = None if out is None else write_folder({out: drawn.content(kind)}, out)
    if as_json:
        width, height = map(float, drawn.figure.get_size_inches())
        echo_json({"text": drawn.alt, "dot": drawn.dot, "width_inches": width, "height_inches": height})
    elif out is None:
        echo(drawn.dot)
    if failed is not None:
        raise failed
    if result.improper or not result.status.converged:
        raise typer.Exit(ConvergenceError.exit_code)
