"""``sopsem report``: the page that a client is handed, with its Word file, workbook, JSON and manifest."""

from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.answers import LedgerFile, ledger_of
from sopsem.cli.app import app
from sopsem.cli.choices import require_variables
from sopsem.cli.column_map import ColumnMap, Sheet, column_map
from sopsem.cli.inputs import AsJson, InstrumentName, Seed, echo, echo_json
from sopsem.cli.output_folder import require_writable, write_folder
from sopsem.cli.progress import progress_bar
from sopsem.cli.provenance import note_frame
from sopsem.cli.run_options import Workers, long_run
from sopsem.client.benchmark import Norms, scorecard_norms, survey_norms
from sopsem.client.brief import brief
from sopsem.client.scorecard.scorecard import read_scorecard
from sopsem.errors import UsageError
from sopsem.report.client import operations as chapter_on_operations
from sopsem.report.client.assembly import client_document
from sopsem.report.client.numbers import document_json
from sopsem.report.client.report_files import client_files
from sopsem.report.client.report_text import report_text
from sopsem.report.escape import terminal_text
from sopsem.survey import Instrument, Responses, load_instrument, read_responses
from sopsem.survey.questionnaire import with_question
from sopsem.survey.shipped import data_label, find_survey

__all__ = ["report_command"]

SHIPPED = "synthetic_twin_0"


@app.command("report")
def report_command(
    survey: Annotated[str, typer.Argument(help="The client's survey: a file, folder or shipped name.")],
    against: Annotated[
        str | None,
        typer.Option(
            help="Benchmark: a survey file or folder, a shipped name, or a scorecard (JSON); "
            "for the shipped questionnaire synthetic_twin_0 by default."
        ),
    ] = None,
    client: Annotated[
        str | None, typer.Option(help="The client's name; by default that of the file.")
    ] = None,
    by: Annotated[str, typer.Option(help="Background question that tells the groups apart.")] = "department",
    groups: Annotated[str, typer.Option(help="Two of its answers, with a comma.")] = "sales,operations",
    outcome: Annotated[
        str | None, typer.Option(help="What is to be moved; by default the model's last outcome.")
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", help="Screen whose marked rows are left out, e.g. speeders; repeatable."),
    ] = None,
    comments: Annotated[
        str | None, typer.Option(help="Open question whose answers are shown; none by default.")
    ] = None,
    operations: Annotated[
        Path | None,
        typer.Option(help="Folder of operational tables (sopsem ops template): a chapter that compares."),
    ] = None,
    unit: Annotated[
        str, typer.Option(help="With --operations: question or column that says a respondent's unit.")
    ] = "unit",
    perceived: Annotated[
        str, typer.Option(help="With --operations: the construct that is perceived alignment.")
    ] = "alignment",
    ledger: LedgerFile = None,
    draws: Annotated[int, typer.Option(min=2, help="Bootstrap draws behind the levers.")] = 1000,
    seed: Seed = 1,
    instrument: InstrumentName = "sop_alignment",
    columns: ColumnMap = None,
    sheet: Sheet = None,
    workers: Workers = None,
    out: Annotated[Path | None, typer.Option(help="Folder; by default report_NAME in this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the client report: one page, a Word file, a workbook, and a manifest that traces every number.

    Only groups of 5 or more are told of (10 for intervals and quartiles); comments stay out unless asked for.

    With --operations a chapter sets what people perceive beside what the records of their units say, as far as the
    number of units allows.

    Example: sopsem report acme.csv --against synthetic_twin_0 --client Acme --exclude straight_lining --out acme_report
    """
    questionnaire = load_instrument(instrument)
    if outcome is not None:
        require_variables(questionnaire.model, outcome=outcome)
    benchmark = against or _usual(questionnaire, instrument)
    asked = questionnaire if operations is None else with_question(questionnaire, unit, "Business unit")
    path = find_survey(survey)
    folder = out or (None if as_json else Path(f"report_{path.stem}"))
    require_writable(folder)
    responses = _client(path, asked, columns, sheet)
    records = None if operations is None else chapter_on_operations.read_records(operations)
    if records is not None:
        note_frame("operations", records.measured.table)
    norms = _norms(benchmark, questionnaire)
    with long_run(None, workers) as executor, progress_bar("bootstrap") as progress:
        told = brief(
            responses,
            norms,
            name=client or path.stem,
            label=data_label(path),
            by=by,
            groups=_two(groups),
            outcome=outcome,
            screens=dict.fromkeys(exclude or (), "exclude"),
            comments=comments,
            units=None if records is None else records.asked(unit, perceived),
            ledger=ledger_of(ledger, responses),
            draws=draws,
            seed=seed,
            executor=executor,
            progress=progress,
        )
    document, failed = client_document(told, records), None
    if folder is not None:
        files = {folder / name: content for name, content in client_files(told, document).items()}
        failed = write_folder(files, folder)
    if as_json:
        echo_json(document_json(document))
    else:
        echo(report_text(document))
    if failed is not None:
        raise failed


def _client(path: Path, questionnaire: Instrument, given: list[str] | None, sheet: str | None) -> Responses:
    responses = read_responses(
        path, questionnaire, columns=column_map(given), sheet=sheet, duplicate_ids="keep"
    )
    note_frame("survey", responses.items)
    for note in responses.source.notes:
        typer.echo(terminal_text(f"note: {note}"), err=True)
    return responses


def _usual(questionnaire: Instrument, name: str) -> str:
    """Return the shipped benchmark, which only answers the shipped questionnaire."""
    if questionnaire.item_ids != load_instrument().item_ids:
        raise UsageError(
            f"--instrument {name} needs a benchmark of its own: give --against a survey that answers it, or a "
            "scorecard made of one (sopsem scorecard make)"
        )
    return SHIPPED


def _norms(against: str, questionnaire: Instrument) -> Norms:
    path = find_survey(against)
    if path.suffix == ".json":
        return scorecard_norms(read_scorecard(path), questionnaire)
    responses = read_responses(path, questionnaire, duplicate_ids="keep")
    note_frame("against", responses.items)
    for note in responses.source.notes:
        typer.echo(terminal_text(f"note: {path.name}: {note}"), err=True)
    return survey_norms(responses, name=path.stem, label=data_label(path))


def _two(groups: str) -> tuple[str, str]:
    names = [name.strip() for name in groups.split(",")]
    if len(names) != 2 or not all(names):
        raise UsageError(f"--groups {groups}: give two answers with a comma between, e.g. sales,operations")
    return names[0], names[1]
