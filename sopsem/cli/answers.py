"""What commands on people share: all answers of a survey, incomplete ones too, and what was published before."""

from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.column_map import column_map
from sopsem.cli.provenance import note_frame
from sopsem.client.privacy.ledger import Ledger
from sopsem.report.escape import terminal_text
from sopsem.survey import Instrument, Responses, read_responses
from sopsem.survey.shipped import data_label, find_survey

__all__ = ["LedgerFile", "Level", "ledger_of", "read_answers"]

LedgerFile = Annotated[
    Path | None,
    typer.Option(help="File of what was published before; a report that differs by a few people is refused."),
]
Level = Annotated[float, typer.Option(min=0.5, max=0.999, help="Level of the intervals.")]


def read_answers(
    survey: str | None, instrument: Instrument, given: list[str] | None, sheet: str | None
) -> tuple[Responses, str]:
    """Return all answers of a survey, incomplete ones too, and what data they are."""
    path = find_survey(survey)
    responses = read_responses(path, instrument, columns=column_map(given), sheet=sheet)
    note_frame("survey", responses.items)
    label = data_label(path)
    for text in (
        f"{path.name}: {len(responses)} respondents",
        *(f"note: {n}" for n in responses.source.notes),
    ):
        typer.echo(terminal_text(text), err=True)
    return responses, label


def ledger_of(path: Path | None, responses: Responses) -> Ledger | None:
    """Return the ledger of ``--ledger`` for a report on these answers."""
    return None if path is None else Ledger(path=path, report=responses.source.name)
