"""``sopsem quality`` and ``sopsem efa``: how well items measured, and how they group by themselves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import typer

from sopsem.cli.app import app
from sopsem.cli.column_map import ColumnMap, Sheet
from sopsem.cli.fit_options import listed
from sopsem.cli.inputs import AsJson, InstrumentName, Seed, Survey, echo, echo_json, read_survey
from sopsem.cli.output_folder import require_writable, write_folder
from sopsem.client.measurement_quality import measurement_quality
from sopsem.errors import UsageError
from sopsem.report.escape import terminal_text
from sopsem.report.quality_text import efa_files, efa_text, quality_files, quality_text
from sopsem.sem.exploratory.efa import efa
from sopsem.sem.exploratory.efa_result import EFA
from sopsem.survey.plain import read_numbers

__all__ = ["efa_command", "quality_command"]

RotationName = Annotated[
    Literal["oblimin", "geomin", "promax", "varimax", "none"],
    typer.Option("--rotation", help="Of the factors."),
]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for every table as CSV.")]
Analyses = Annotated[int, typer.Option("--draws", min=0, help="Random data sets of each parallel analysis.")]


@app.command("quality")
def quality_command(
    survey: Survey = None,
    threshold: Annotated[
        float, typer.Option(help="Share of answers at one end that makes a floor or ceiling effect.")
    ] = 0.15,
    rotation: RotationName = "oblimin",
    draws: Analyses = 200,
    seed: Seed = 1,
    drops: Annotated[
        bool, typer.Option("--drops/--no-drops", help="Refit the model without each item.")
    ] = True,
    instrument: InstrumentName = "sop_alignment",
    columns: ColumnMap = None,
    sheet: Sheet = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Describe items and scales: floor and ceiling, normality, KMO, factors, and the model without each item.

    Example: sopsem quality survey.csv --out quality
    """
    require_writable(out)
    data = read_survey(survey, instrument, columns, sheet)
    result = measurement_quality(
        data.responses,
        threshold=threshold,
        rotation=rotation,
        draws=max(draws, 1),
        seed=seed,
        drops=drops,
        mimic="amos",
    )
    error = None if out is None else write_folder({out / n: c for n, c in quality_files(result).items()}, out)
    if as_json:
        drop = result.drops
        echo_json(
            {
                "items": result.items.to_dict("records"),
                "constructs": result.scales.to_dict("records"),
                "normality": result.normality.to_dict("records"),
                "mardia": vars(result.mardia),
                "kmo": result.adequacy.overall,
                "efa": _efa_json(result.efa),
                "stray_items": result.strays.to_dict("records"),
                "item_drop": None
                if drop is None
                else {
                    k: getattr(drop, k).to_dict("records")
                    for k in ("reliability", "htmt", "paths", "refused")
                },
                "sentences": list(result.sentences),
                "data": data.source,
            }
        )
    else:
        echo(quality_text(result, source_label=data.label))
    if error is not None:
        raise error


@app.command("efa")
def efa_command(
    data: Annotated[Path, typer.Argument(help="CSV file with a header; empty cells are missing.")],
    factors: Annotated[
        int | None, typer.Option(min=1, help="Number of factors; by default that of parallel analysis.")
    ] = None,
    items: Annotated[
        str, typer.Option(help="Columns to use, e.g. a,b,c; by default all columns of numbers.")
    ] = "",
    method: Annotated[Literal["ml", "minres", "paf"], typer.Option(help="Of the extraction.")] = "ml",
    rotation: RotationName = "oblimin",
    starts: Annotated[int, typer.Option(min=1, help="Of the rotation.")] = 10,
    draws: Analyses = 200,
    seed: Seed = 1,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Explore how items group: number of factors, loadings, factor correlations, fit.

    Example: sopsem efa survey.csv --items col1,col2,col3,ali1,ali2,ali3 --rotation geomin
    """
    require_writable(out)
    frame = _chosen(read_numbers(data), listed(items))
    result = efa(frame, factors, method=method, rotation=rotation, starts=starts, seed=seed, draws=draws)
    error = None if out is None else write_folder({out / n: c for n, c in efa_files(result).items()}, out)
    if as_json:
        echo_json(_efa_json(result))
    else:
        echo(efa_text(result))
    if error is not None:
        raise error


def _chosen(frame: pd.DataFrame, items: Sequence[str]) -> pd.DataFrame:
    """Return the columns asked for, or those of numbers, saying which others are left out."""
    absent = [v for v in items if v not in frame.columns]
    if absent:
        known = ", ".join(map(str, frame.columns[:30]))
        raise UsageError(f"--items names no column of the file: {', '.join(absent)}; it has {known}")
    if items:
        return frame[list(items)]
    numbers = frame.select_dtypes("number")
    other = [str(c) for c in frame.columns if c not in numbers.columns]
    if other:
        typer.echo(terminal_text(f"columns without numbers, left out: {', '.join(other)}"), err=True)
    return numbers


def _efa_json(result: EFA) -> dict[str, object]:
    return {
        "n": result.n,
        "rows_excluded": result.rows_excluded,
        "n_factors": result.n_factors,
        "method": result.method,
        "rotation": result.rotation,
        "loadings": result.loadings.rename_axis("item").reset_index().to_dict("records"),
        "factor_correlations": result.factor_correlations.to_numpy().tolist(),
        "items": result.items.to_dict("records"),
        "variance": result.variance.to_dict("records"),
        "fit": result.fit.to_dict(),
        "suggested": result.suggested.to_dict("records"),
        "heywood": list(result.heywood),
        "sentences": list(result.sentences),
    }
