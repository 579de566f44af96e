"""``sopsem ops``: the tables of the executive part; a group of commands of its own."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.app import App, NamedCommands, app
from sopsem.cli.inputs import AsJson, echo, echo_json
from sopsem.errors import FileError
from sopsem.executive.schema.tables import Tables, read_tables
from sopsem.executive.schema.template import WARNINGS, template_files
from sopsem.report.escape import terminal_text
from sopsem.runs.atomic import write_all

__all__ = ["ops"]

ops = App(
    name="ops",
    cls=NamedCommands,
    help="Alignment from operations and finance: check tables, report, decide on orders, demo.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(ops, name="ops")

Folder = Annotated[Path, typer.Argument(help="Folder of the tables: products.csv, orders.csv ...")]
Decimal = Annotated[str, typer.Option(help="Decimal mark of the numbers: . or ,")]
Dayfirst = Annotated[bool, typer.Option("--dayfirst", help="Dates are day/month/year.")]
Percent = Annotated[bool, typer.Option("--percent", help="Probabilities are from 0 to 100.")]


@ops.command("template")
def template_command(folder: Folder, as_json: AsJson = False) -> None:
    """Write every table with one example row, policy.toml and schema.json: sopsem ops template my_tables.

    A file that is there already is never written over.
    """
    files = {folder / name: text.encode("utf-8") for name, text in template_files().items()}
    there = [path.name for path in files if path.exists()]
    if there:
        raise FileError(f"{folder}: {', '.join(there)} there already; choose an empty folder")
    write_all({str(path): content for path, content in files.items()})
    if as_json:
        echo_json({"files": [path.name for path in files], "warnings": list(WARNINGS)})
        return
    echo(f"{len(files)} files in {terminal_text(str(folder))}; README.txt explains every column\n")
    for text in WARNINGS:
        echo(f"! {text}\n")


@ops.command("check")
def check_command(
    folder: Folder,
    decimal: Decimal = ".",
    dayfirst: Dayfirst = False,
    percent: Percent = False,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day to judge by.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check the tables of a folder against each other: sopsem ops check my_tables.

    Ends in 0 when they can be used (with notices), in 4 with every fault listed.
    """
    day = None if as_of is None else as_of.date()
    tables = read_tables(folder, as_of=day, decimal=decimal, dayfirst=dayfirst, percent=percent)
    if as_json:
        echo_json(_record(tables))
        return
    echo("\n".join(map(terminal_text, _lines(tables))) + "\n")


def _record(tables: Tables) -> dict[str, object]:
    counts = {
        name: {"rows": table.given, "used": len(table), "units": list(table.units)}
        for name, table in tables.items()
    }
    return {
        "tables": counts,
        "policy": tables.policy.digest,
        "notices": [notice.to_dict() for notice in tables.notices],
        "excluded": tables.excluded.to_dict("records"),
    }


def _lines(tables: Tables) -> list[str]:
    width = max(map(len, tables))
    lines = [
        f"{name:<{width}}  {table.given:>9,} rows, {len(table):,} used, {table.given - len(table):,} left out"
        for name, table in tables.items()
    ]
    noticed = [f"W-{notice.code} {notice.where}: {notice.message}" for notice in tables.notices]
    return [*lines, "", f"policy {tables.policy.digest}", *noticed, "" if noticed else "nothing to notice"]
