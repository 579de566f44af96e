"""``sopsem method``: method variance, and how much of it would matter."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from sopsem.cli.app import app
from sopsem.cli.column_map import ColumnMap, Sheet
from sopsem.cli.fit_options import listed
from sopsem.cli.inputs import AsJson, InstrumentName, Survey, echo, echo_json, read_survey
from sopsem.cli.output_folder import require_writable, write_folder
from sopsem.errors import UsageError
from sopsem.report.method_text import method_files, method_text
from sopsem.sem.constructs.method.method_check import MethodCheck, method_check

__all__ = ["method_command"]


@app.command("method")
def method_command(
    survey: Survey = None,
    marker: Annotated[
        str, typer.Option(help="Items of an a-priori marker that the file holds, e.g. mrk1,mrk2,mrk3.")
    ] = "",
    sign: Annotated[
        Literal["same", "reversed"],
        typer.Option(
            help="same: the method lifts all items; reversed: it acts the other way on reversed items."
        ),
    ] = "same",
    instrument: InstrumentName = "sop_alignment",
    columns: ColumnMap = None,
    sheet: Sheet = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for every table as CSV.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask what one source can do: common factor, markers, and the share at which each path would vanish.

    Example: sopsem method survey.csv --marker mrk1,mrk2,mrk3
    """
    require_writable(out)
    data = read_survey(survey, instrument, columns, sheet)
    items = data.responses.items.join(data.responses.optional_items)
    wanted = listed(marker)
    absent = [v for v in wanted if v not in items.columns]
    if absent:
        raise UsageError(
            f"--marker {','.join(absent)}: no such item in the survey; it has {', '.join(map(str, items.columns))}"
        )
    turned = [v for v in data.instrument.reversed_ids if v in data.responses.items.columns]
    result = method_check(
        data.instrument.model,
        items,
        marker=wanted,
        opposite=turned if sign == "reversed" else (),
        mimic="amos",
    )
    error = None if out is None else write_folder({out / n: c for n, c in method_files(result).items()}, out)
    if as_json:
        echo_json(_as_json(result) | {"data": data.source})
    else:
        echo(method_text(result, source_label=data.label))
    if error is not None:
        raise error


def _as_json(result: MethodCheck) -> dict[str, object]:
    common, correlation, marker = result.common_factor, result.marker_correlation, result.cfa_marker
    return {
        "tipping_points": result.paths.table.to_dict("records"),
        "tolerated": result.paths.tolerated,
        "tipping_points_constructs": result.constructs.table.to_dict("records"),
        "common_factor": {
            k: getattr(common, k).to_dict("records") for k in ("models", "tests", "loadings", "paths")
        },
        "marker_correlation": {
            "choices": correlation.markers.to_dict("records"),
            "adjusted": correlation.adjusted.to_dict("records"),
        },
        "cfa_marker": None
        if marker is None
        else {
            k: getattr(marker, k).to_dict("records")
            for k in ("models", "tests", "loadings", "reliability", "correlations")
        },
        "sentences": list(result.sentences),
    }
