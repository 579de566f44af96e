"""``sopsem score``: new respondents and teams on a scorecard."""

from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.answers import LedgerFile, Level, ledger_of, read_answers
from sopsem.cli.app import app
from sopsem.cli.column_map import ColumnMap, Sheet
from sopsem.cli.inputs import AsJson, Survey, echo, echo_json
from sopsem.client.scorecard.score import score
from sopsem.client.scorecard.scorecard import read_scorecard
from sopsem.client.scorecard.team_scores import team_scores
from sopsem.errors import UsageError
from sopsem.report.escape import terminal_text
from sopsem.report.frame_csv import frame_csv
from sopsem.report.score_text import team_scores_text
from sopsem.runs.atomic import write_atomic

__all__ = ["score_command"]


@app.command("score")
def score_command(
    card_file: Annotated[Path, typer.Option("--scorecard", help="Scorecard file.")],
    survey: Survey = None,
    by: Annotated[
        list[str] | None, typer.Option(help="Background question that divides; repeatable.")
    ] = None,
    people: Annotated[
        list[str] | None,
        typer.Option("--population", help="GROUP=NUMBER of people there are, answered or not; repeatable."),
    ] = None,
    level: Level = 0.95,
    columns: ColumnMap = None,
    sheet: Sheet = None,
    respondents: Annotated[
        Path | None,
        typer.Option(help="CSV file of every respondent's scores: personal data, not for a client."),
    ] = None,
    ledger: LedgerFile = None,
    as_json: AsJson = False,
) -> None:
    """Score new respondents on a scorecard without refitting; refused when items, codes or hash do not match.

    Shown are means of groups of five or more; the scores of single respondents only go to a file.

    Example: sopsem score CLIENT.csv --scorecard norm.scorecard.json --by department
    """
    card = read_scorecard(card_file)
    responses, label = read_answers(survey, card.instrument, columns, sheet)
    scored = score(responses, card)
    teams = team_scores(
        scored, by or (), population=_numbers(people), level=level, ledger=ledger_of(ledger, responses)
    )
    if respondents is not None:
        write_atomic(respondents, frame_csv(scored.table()))
        typer.echo(terminal_text(f"written: {respondents} (personal data)"), err=True)
    if as_json:
        echo_json(
            {
                "scorecard": {"sha256": card.sha256, "label": card.label, "sample": card.sample},
                "data": {"file": responses.source.name, "label": label, "respondents": len(responses)},
                "constructs": teams.constructs.to_dict("records"),
                "factors": teams.factors.to_dict("records"),
                "notes": list(teams.notes),
            }
        )
        return
    labels = {name: construct.label for name, construct in card.instrument.constructs.items()}
    echo(
        team_scores_text(
            teams, labels, level=level, source_label=label or (card.label and f"norms: {card.label}")
        )
    )


def _numbers(given: list[str] | None) -> dict[str, int]:
    found = {}
    for text in given or ():
        name, _, number = text.rpartition("=")
        if not name or not number.isdecimal() or len(number) > 9 or name in found:
            raise UsageError(f"--population {text}: give each group once as GROUP=NUMBER, such as sales=40")
        found[name] = int(number)
    return found
