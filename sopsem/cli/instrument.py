"""``sopsem instrument new | check | show | print``: the questionnaire itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from sopsem.cli.app import App, app
from sopsem.cli.fit_options import listed
from sopsem.cli.inputs import AsJson, echo, echo_json
from sopsem.errors import UsageError
from sopsem.report.escape import terminal_text
from sopsem.report.instrument_text import instrument_text, listed_text
from sopsem.report.item_workbook import instrument_bytes
from sopsem.report.questionnaire.page import questionnaire_page
from sopsem.report.questionnaire.word import questionnaire_word
from sopsem.runs.atomic import json_bytes, write_all
from sopsem.survey import load_instrument
from sopsem.survey.codebooks.carriers import carrier_bytes
from sopsem.survey.codebooks.frictionless import table_schema
from sopsem.survey.codebooks.imports import import_codebook
from sopsem.survey.codebooks.open_points import open_points
from sopsem.survey.codebooks.template import template_instrument, template_text
from sopsem.survey.questionnaire import plain_data

__all__ = ["check_command", "new_command", "print_command", "show_command"]

instrument = App(
    help="Make, check, show or print a questionnaire.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(instrument, name="instrument")

Name = Annotated[
    str, typer.Argument(metavar="INSTRUMENT", help="Shipped questionnaire, or TOML file or item sheet.")
]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]
PAPERS = {".html": questionnaire_page, ".docx": questionnaire_word}


@instrument.command("new")
def new_command(
    file: Annotated[Path, typer.Argument(help="File to write: .toml, .csv or .xlsx.")],
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Codebook to convert: REDCap CSV, XLSForm (.xlsx or survey.csv), .sframe, or ours."
        ),
    ] = None,
    items: Annotated[
        str, typer.Option(help="Questions of the source that are scale items, e.g. q1,q2.")
    ] = "",
    language: Annotated[str | None, typer.Option(help="Language of the source, e.g. de.")] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write a commented questionnaire to begin with, or convert another tool's codebook.

    What the other codebook does not say (reversed items, constructs, a model, ...) is listed, never guessed.

    Example: sopsem instrument new mine.toml --from dictionary.csv --language en
    """
    _refuse_overwriting([file], force=force)
    if source is None:
        content = (
            template_text().encode("utf-8")
            if file.suffix.lower() == ".toml"
            else instrument_bytes(template_instrument(), file)
        )
        notes: Sequence[str] = ()
    else:
        found = import_codebook(source, items=listed(items), language=language)
        notes = found.notes
        heading = [f"From {source.name} ({found.kind}); to be settled:", *notes] if notes else []
        content = instrument_bytes(found.instrument, file, heading)
    write_all({file: content})
    if as_json:
        echo_json({"written": str(file), "notes": list(notes)})
    typer.echo(listed_text([f"note: {note}" for note in notes]), err=True, nl=False)
    typer.echo(terminal_text(f"written: {file}"), err=True)


@instrument.command("check")
def check_command(name: Name, as_json: AsJson = False) -> None:
    """List all faults of a questionnaire, each with its place; without faults, what it leaves open.

    Example: sopsem instrument check mine.xlsx
    """
    checked = load_instrument(name)
    points = open_points(checked)
    if as_json:
        echo_json({"instrument": f"{checked.title} {checked.version}", "faults": [], "open": points})
        return
    echo(terminal_text(f"{checked.title} {checked.version}: no faults") + "\n" + listed_text(points))


@instrument.command("show")
def show_command(
    name: Name = "sop_alignment",
    as_json: AsJson = False,
    to: Annotated[
        Literal["text", "toml", "sheet", "frictionless"],
        typer.Option(help="Tables, TOML, item sheet (CSV) or Frictionless Table Schema (JSON)."),
    ] = "text",
) -> None:
    """Show a questionnaire, or write it to stdout in another form.

    Example: sopsem instrument show sop_alignment --to frictionless
    """
    shown = load_instrument(name)
    if as_json and to != "text":
        raise UsageError("--json and --to exclude each other; choose one")
    if as_json:
        echo_json(plain_data(shown))
    elif to == "text":
        echo(instrument_text(shown))
    elif to == "frictionless":
        echo(json_bytes(table_schema(shown)).decode("ascii"))
    else:
        content = carrier_bytes(shown, Path("a.toml" if to == "toml" else "a.csv"))
        echo(content.decode("utf-8"))


@instrument.command("print")
def print_command(
    name: Name = "sop_alignment",
    out: Annotated[
        list[Path] | None,
        typer.Option(
            help="File to write, .html or .docx; repeatable. By default questionnaire.html and .docx."
        ),
    ] = None,
    optional: Annotated[
        bool, typer.Option("--optional/--no-optional", help="Also the optional items.")
    ] = True,
    annotated: Annotated[
        bool, typer.Option("--annotated", help="For the makers: names, constructs, reverse marks, codes.")
    ] = False,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Print a questionnaire to be filled in: a page (HTML) and a Word file, in its own language.

    Example: sopsem instrument print mine.toml --out survey.html --out survey.docx
    """
    files = out or [Path("questionnaire.html"), Path("questionnaire.docx")]
    for file in files:
        if file.suffix.lower() not in PAPERS:
            raise UsageError(f"--out {file}: a questionnaire is printed to .html or .docx")
    _refuse_overwriting(files, force=force)
    printed = load_instrument(name)
    write_all({f: PAPERS[f.suffix.lower()](printed, optional=optional, annotated=annotated) for f in files})
    if as_json:
        echo_json({"written": [str(file) for file in files]})
    typer.echo(terminal_text(f"written: {', '.join(map(str, files))}"), err=True)


def _refuse_overwriting(files: Sequence[Path], *, force: bool) -> None:
    there = [str(file) for file in files if file.exists()]
    if there and not force:
        raise UsageError(f"{', '.join(there)}: there already; choose another name, or say --force")
