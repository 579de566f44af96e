"""``sopsem ops bridge``: what people perceive of alignment beside what the tables of the same units say."""

from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.bridge_survey import Categories, Questionnaire, UnitColumn, linked
from sopsem.cli.inputs import AsJson, echo, echo_json
from sopsem.cli.ops import Dayfirst, Decimal, Folder, Percent, ops
from sopsem.cli.ops_folder import folder_label, say
from sopsem.cli.provenance import note_frame
from sopsem.executive.schema.tables import read_tables
from sopsem.report.operations.bridge_text import bridge_text
from sopsem.survey.shipped import data_label

__all__ = ["bridge_command"]


@ops.command("bridge")
def bridge_command(
    folder: Folder,
    survey: Annotated[Path, typer.Option(help="Answers, a row per respondent, with a column of the unit.")],
    categories: Categories = None,
    instrument: Questionnaire = None,
    constructs: Annotated[
        list[str] | None,
        typer.Option("--construct", help="Items of a construct: NAME=COLUMN,COLUMN; repeatable."),
    ] = None,
    by: UnitColumn = "unit",
    role: Annotated[str, typer.Option(help="Column of the survey with the function.")] = "role",
    at: Annotated[
        str | None, typer.Option(help="Period of the survey: measures before and after it, e.g. 2025-06.")
    ] = None,
    halves: Annotated[
        bool, typer.Option(help="Measure both halves of the time for the reliability of the measures.")
    ] = True,
    seed: Annotated[
        int | None, typer.Option(help="Of permutations and draws; the policy's by default.")
    ] = None,
    decimal: Decimal = ".",
    dayfirst: Dayfirst = False,
    percent: Percent = False,
    as_json: AsJson = False,
) -> None:
    """Set a survey beside the tables of the same units: gaps, correlations, and what too few units do not allow.

    Example: sopsem ops bridge my_tables --survey survey.csv --categories 7
    """
    tables = read_tables(folder, decimal=decimal, dayfirst=dayfirst, percent=percent)
    for name, table in tables.items():
        note_frame(name, table.frame)
    say(f"ops bridge: {len(tables.units)} units, a few seconds each")
    found = linked(
        tables,
        survey,
        categories=categories,
        instrument=instrument,
        by=by,
        role=role,
        constructs=constructs,
        at=at,
        halves=halves,
        seed=seed,
    )
    label = folder_label(folder) or data_label(survey)
    if as_json:
        echo_json({"label": label, **found.to_dict()})
    else:
        echo(bridge_text(found, source_label=label))
