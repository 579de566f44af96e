"""``sopsem ops report``: what an executive is handed, made from a folder of tables."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from sopsem.cli.bridge_survey import Categories, Questionnaire, UnitColumn, linked
from sopsem.cli.inputs import AsJson, Seed, echo, echo_json
from sopsem.cli.ops import Folder, ops
from sopsem.cli.ops_folder import Unit, folder_label, folder_tables, one_unit, say
from sopsem.cli.output_folder import require_writable, write_folder
from sopsem.errors import UsageError
from sopsem.executive.assessment import REPLAYED, assess
from sopsem.executive.bridge import Bridge
from sopsem.executive.schema.tables import Tables
from sopsem.report.client.document import Document
from sopsem.report.client.numbers import document_json
from sopsem.report.operations.report_markdown import ENDINGS, report_bytes, report_markdown
from sopsem.report.operations.report_roles import executive_report
from sopsem.report.terminal import wrapped

__all__ = ["ops_report_command", "report_targets"]


@ops.command("report")
def ops_report_command(
    folder: Folder,
    role: Annotated[
        Literal["board", "ceo", "cfo", "coo", "sales", "client"], typer.Option(help="The reader.")
    ] = "board",
    unit: Unit = None,
    label: Annotated[
        str | None,
        typer.Option(help="What the data are, printed with every part; of simulated tables known."),
    ] = None,
    survey: Annotated[
        Path | None,
        typer.Option(
            help="Answers of the units of the folder, a row per respondent: what people perceive becomes a part."
        ),
    ] = None,
    categories: Categories = None,
    instrument: Questionnaire = None,
    by: UnitColumn = "unit",
    replayed: Annotated[
        int, typer.Option(min=1, help="Periods whose orders the order rule judges again; the longest part.")
    ] = REPLAYED,
    seed: Seed = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File (.html, .docx, .md, .json), or folder for all of them."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the report for one reader: what is found, on what evidence, and what the tables cannot say.

    Without --out it is printed as Markdown. A system whose table is missing says which file and columns would give it.

    With --survey a part sets what people perceive beside what the tables of all units of the folder measure.

    Example: sopsem ops report my_tables --role cfo -o cfo.html
    """
    targets = report_targets(out, role)
    require_writable(None if out is None else (out.parent if out.suffix else out))
    whole = folder_tables(folder)
    tables = one_unit(whole, unit, folder)
    bridge = _bridge(whole, survey, categories=categories, instrument=instrument, by=by)
    say("ops report: every system, about ten seconds for three years of one plant")
    found = assess(tables, replayed=replayed, seed=seed)
    said = folder_label(folder) if label is None else label
    document = executive_report(found, role=role, bridge=bridge, label=said)
    _show(document, out, as_json=as_json)
    if out is not None:
        files = {path: report_bytes(document, path.suffix.lower()) for path in targets}
        if (failed := write_folder(files, out)) is not None:
            raise failed


def _bridge(
    tables: Tables, survey: Path | None, *, categories: int | None, instrument: str | None, by: str
) -> Bridge | None:
    if survey is None:
        if categories is not None or instrument is not None:
            raise UsageError("--categories and --instrument say how a survey is read: give --survey FILE too")
        return None
    say(f"ops report: {len(tables.units)} units measured for the survey, a few seconds each")
    return linked(tables, survey, categories=categories, instrument=instrument, by=by)


def report_targets(out: Path | None, role: str) -> list[Path]:
    """Return the files to write: the one that is named, or one of every kind in a folder.

    Raises
    ------
    UsageError
        A file of another kind.

    >>> [path.name for path in report_targets(Path("reports"), "board")]
    ['board.html', 'board.docx', 'board.md', 'board.json']

    """
    if out is None:
        return []
    if not out.suffix or out.is_dir():
        return [out / f"{role}{ending}" for ending in ENDINGS]
    if out.suffix.lower() not in ENDINGS:
        raise UsageError(
            f"--out {out}: name a file that ends in {', '.join(ENDINGS)}, or a folder for all of them"
        )
    return [out]


def _show(document: Document, out: Path | None, *, as_json: bool) -> None:
    if as_json:
        echo_json(document_json(document))
    elif out is None:
        echo(report_markdown(document))
    else:
        echo(wrapped("".join(f"{line.topic}: {line.sentence}\n" for line in document.summary)))
