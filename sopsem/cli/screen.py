"""``sopsem screen``: who may have answered without care, twice or not at all."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from sopsem.cli.app import app
from sopsem.cli.column_map import ColumnMap, Sheet, column_map
from sopsem.cli.inputs import AsJson, InstrumentName, Survey, echo, echo_json
from sopsem.cli.output_folder import require_writable, write_folder
from sopsem.client.screened_paths import screened_paths
from sopsem.errors import UsageError
from sopsem.report.escape import terminal_text
from sopsem.report.screening_text import screening_files, screening_json, screening_text
from sopsem.survey import load_instrument, read_responses
from sopsem.survey.screening.screening import screen
from sopsem.survey.shipped import data_label, find_survey

__all__ = ["screen_command"]


@app.command("screen")
def screen_command(
    survey: Survey = None,
    actions: Annotated[
        list[str] | None,
        typer.Option(
            "--screen", help="NAME=skip, check, mark or exclude, e.g. speeders=exclude; repeatable."
        ),
    ] = None,
    thresholds: Annotated[
        list[str] | None, typer.Option("--threshold", help="NAME=NUMBER, e.g. speeders=1.5; repeatable.")
    ] = None,
    paths: Annotated[
        bool, typer.Option("--paths", help="Fit the model again without the marked rows.")
    ] = False,
    instrument: InstrumentName = "sop_alignment",
    columns: ColumnMap = None,
    sheet: Sheet = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the tables (CSV) and a page (HTML).")] = None,
    as_json: AsJson = False,
) -> None:
    """Screen for previews, duplicates, speed, straight lines, contradictions, outliers, missing answers.

    Nothing is left out unless a screen is set to exclude.

    Example: sopsem screen survey.csv --screen previews=exclude --screen speeders=exclude --paths --out screened
    """
    require_writable(out)
    path = find_survey(survey)
    responses = read_responses(
        path, load_instrument(instrument), columns=column_map(columns), sheet=sheet, duplicate_ids="keep"
    )
    label = data_label(path)
    for note in responses.source.notes:
        typer.echo(terminal_text(f"note: {note}"), err=True)
    result = screen(responses, _pairs("--screen", actions), thresholds=_numbers("--threshold", thresholds))
    moved = screened_paths(result) if paths else None
    error = None
    if out is not None:
        files = screening_files(result, moved, source_label=label)
        error = write_folder({out / name: content for name, content in files.items()}, out)
    if as_json:
        echo_json({**screening_json(result, moved), "file": path.name, "label": label})
    else:
        echo(screening_text(result, moved, source_label=label))
    if error is not None:
        raise error


def _pairs(option: str, given: Sequence[str] | None) -> dict[str, Any]:
    """Return NAME=VALUE options as a mapping; a name given twice is refused."""
    pairs: dict[str, str] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not (name and equals and value) or name in pairs:
            why = "is given twice" if name in pairs else "is not of the form NAME=VALUE"
            raise UsageError(f"{option} {text}: {name if name in pairs else 'it'} {why}")
        pairs[name] = value
    return pairs


def _numbers(option: str, given: Sequence[str] | None) -> dict[str, float]:
    numbers = {}
    for name, text in _pairs(option, given).items():
        try:
            numbers[name] = float(text)
        except ValueError:
            numbers[name] = math.nan
        if not math.isfinite(numbers[name]):
            raise UsageError(f"{option} {name}={text}: {text} is not a number")
    return numbers
