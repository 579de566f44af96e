"""``sopsem inspect``: what a survey file is, and how a questionnaire would read it."""

from typing import Annotated

import typer

from sopsem.cli.app import app
from sopsem.cli.column_map import ColumnMap, Sheet, column_map
from sopsem.cli.inputs import AsJson, InstrumentName, echo, echo_json
from sopsem.report.inspection import inspection_text
from sopsem.survey import load_instrument
from sopsem.survey.inspection import Inspection, inspect_survey
from sopsem.survey.shipped import find_survey

__all__ = ["inspect_command"]


@app.command("inspect")
def inspect_command(
    file: Annotated[str, typer.Argument(help="Survey file of any kind, folder or shipped name.")],
    instrument: InstrumentName = "sop_alignment",
    column: ColumnMap = None,
    sheet: Sheet = None,
    encoding: Annotated[
        str | None, typer.Option(help="Text encoding, where the file's cannot be told.")
    ] = None,
    delimiter: Annotated[str | None, typer.Option(help="Delimiter, where it cannot be told.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a survey file is: tool, encoding, sheet, which columns answer which questions, what is missing.

    Nothing is changed and nothing is analysed.

    Example: sopsem inspect export.csv --map col1=Q1_1 --map col2=Q1_2
    """
    found = inspect_survey(
        find_survey(file),
        load_instrument(instrument),
        columns=column_map(column),
        sheet=sheet,
        encoding=encoding,
        delimiter=delimiter,
    )
    if as_json:
        echo_json(_plain(found))
    else:
        echo(inspection_text(found))


def _plain(found: Inspection) -> dict[str, object]:
    """Return the inspection as JSON knows it."""
    names = ("file", "sha256", "format", "tool", "encoding", "delimiter", "sheet", "instrument", "n_rows")
    frames = ("matches", "unmatched", "missing", "unknown_codes", "excluded")
    return {
        **{name: getattr(found, name) for name in names},
        "interviews": dict(found.interviews),
        "readable": found.readable,
        "faults": list(found.faults),
        "hints": list(found.hints),
        "notes": list(found.notes),
        **{name: getattr(found, name).to_dict("records") for name in frames},
    }
