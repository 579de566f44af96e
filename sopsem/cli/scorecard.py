"""``sopsem scorecard``: norms and model in one file."""

from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.answers import read_answers
from sopsem.cli.app import app
from sopsem.cli.column_map import ColumnMap, Sheet
from sopsem.cli.inputs import AsJson, InstrumentName, Survey, echo, echo_json
from sopsem.client.scorecard.making import make_scorecard
from sopsem.client.scorecard.scorecard import read_scorecard, write_scorecard
from sopsem.report.escape import terminal_text
from sopsem.report.scorecard_text import scorecard_text
from sopsem.survey import load_instrument

__all__ = ["scorecard"]

scorecard = typer.Typer(
    name="scorecard",
    help="A portable scorecard: model, norms and questionnaire in one file: make, show.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(scorecard, name="scorecard")

CardFile = Annotated[Path, typer.Argument(help="Scorecard file made by sopsem scorecard make.")]


@scorecard.command("make")
def make_command(
    out: Annotated[Path, typer.Option(help="The file to write, e.g. norm.scorecard.json.")],
    survey: Survey = None,
    instrument: InstrumentName = "sop_alignment",
    columns: ColumnMap = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
) -> None:
    """Fit the model to a norm sample once and keep estimates and norms.

    The file holds no answers of the norm sample.

    Example: sopsem scorecard make NORM.csv --out norm.scorecard.json
    """
    responses, label = read_answers(survey, load_instrument(instrument), columns, sheet)
    card = make_scorecard(responses, label=label)
    write_scorecard(card, out)
    typer.echo(terminal_text(f"written: {out}"), err=True)
    if as_json:
        echo_json(card.model_dump(mode="json", by_alias=True))
    else:
        echo(scorecard_text(card))


@scorecard.command("show")
def show_command(card_file: CardFile, as_json: AsJson = False) -> None:
    """Show what a scorecard scores and what its norms are: sopsem scorecard show norm.scorecard.json."""
    card = read_scorecard(card_file)
    if as_json:
        echo_json(card.model_dump(mode="json", by_alias=True))
    else:
        echo(scorecard_text(card))
