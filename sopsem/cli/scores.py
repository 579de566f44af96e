"""``sopsem scorecard``, ``sopsem score`` and ``sopsem gaps``: norms, new respondents, and two groups side by side."""

from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.app import app
from sopsem.cli.column_map import ColumnMap, Sheet, column_map
from sopsem.cli.inputs import AsJson, InstrumentName, Survey, echo, echo_json
from sopsem.cli.provenance import note_frame
from sopsem.client.gaps import perception_gaps
from sopsem.client.privacy.ledger import Ledger
from sopsem.client.scorecard.score import score
from sopsem.client.scorecard.scorecard import make_scorecard, read_scorecard, write_scorecard
from sopsem.client.scorecard.team_scores import team_scores
from sopsem.errors import UsageError
from sopsem.report.escape import terminal_text
from sopsem.report.frame_csv import frame_csv
from sopsem.report.score_text import gaps_text, scorecard_text, team_scores_text
from sopsem.runs.atomic import write_atomic
from sopsem.survey import Instrument, Responses, load_instrument, read_responses
from sopsem.survey.shipped import data_label, find_survey

__all__ = ["gaps_command", "score_command", "scorecard"]

scorecard = typer.Typer(
    name="scorecard",
    help="A portable scorecard: model, norms and questionnaire in one file: make, show.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(scorecard, name="scorecard")

CardFile = Annotated[Path, typer.Argument(help="Scorecard file made by sopsem scorecard make.")]
LedgerFile = Annotated[
    Path | None,
    typer.Option(help="File of what was published before; a report that differs by a few people is refused."),
]
Level = Annotated[float, typer.Option(min=0.5, max=0.999, help="Level of the intervals.")]


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
    responses, label = _answers(survey, load_instrument(instrument), columns, sheet)
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
    responses, label = _answers(survey, card.instrument, columns, sheet)
    scored = score(responses, card)
    teams = team_scores(
        scored, by or (), population=_numbers(people), level=level, ledger=_ledger(ledger, responses)
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


@app.command("gaps")
def gaps_command(
    survey: Survey = None,
    by: Annotated[str, typer.Option(help="Background question that tells the groups apart.")] = "department",
    groups: Annotated[str, typer.Option(help="Two of its answers: first minus second.")] = "sales,operations",
    level: Level = 0.95,
    check: Annotated[bool, typer.Option(help="Test first whether the groups answer alike.")] = True,
    instrument: InstrumentName = "sop_alignment",
    columns: ColumnMap = None,
    sheet: Sheet = None,
    ledger: LedgerFile = None,
    as_json: AsJson = False,
) -> None:
    """Where two groups see the same company differently: gaps with intervals, after a check of invariance.

    Example: sopsem gaps survey.csv --by department --groups sales,operations
    """
    first, comma, second = groups.partition(",")
    if not (comma and first.strip() and second.strip()) or "," in second:
        raise UsageError(
            f"--groups {groups}: give two answers with a comma between, such as sales,operations"
        )
    responses, label = _answers(survey, load_instrument(instrument), columns, sheet)
    found = perception_gaps(
        responses,
        by,
        (first.strip(), second.strip()),
        level=level,
        check=check,
        ledger=_ledger(ledger, responses),
    )
    if as_json:
        echo_json(
            {
                "by": by,
                "groups": list(found.groups),
                "level": level,
                "gaps": found.frame.to_dict("records"),
                "notes": list(found.notes),
                "data": {"file": responses.source.name, "label": label, "respondents": len(responses)},
            }
        )
    else:
        echo(gaps_text(found, source_label=label))


def _answers(
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


def _ledger(path: Path | None, responses: Responses) -> Ledger | None:
    return None if path is None else Ledger(path=path, report=responses.source.name)


def _numbers(given: list[str] | None) -> dict[str, int]:
    found = {}
    for text in given or ():
        name, _, number = text.rpartition("=")
        if not name or not number.isdecimal() or len(number) > 9 or name in found:
            raise UsageError(f"--population {text}: give each group once as GROUP=NUMBER, such as sales=40")
        found[name] = int(number)
    return found
