"""What the commands on operational tables share: the tables of one unit, and what the data are."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.provenance import note_frame
from sopsem.errors import FileError, UsageError
from sopsem.executive.schema.tables import Tables, read_tables
from sopsem.report.operations.simulated_files import TRUTH
from sopsem.survey.messages import suggestion

__all__ = ["Unit", "folder_label", "folder_tables", "one_unit", "say", "unit_tables"]

Unit = Annotated[str | None, typer.Option(help="Which unit, where the tables hold several, e.g. U01.")]


def folder_label(folder: Path) -> str:
    """Return "synthetic data" for a folder that holds the truth behind simulated tables, else "".

    Raises
    ------
    FileError
        truth.json is there and is no JSON object.

    """
    path = folder / TRUTH
    if not path.is_file():
        return ""
    try:
        return str(json.loads(path.read_text("utf-8")).get("label", ""))
    except (ValueError, AttributeError) as error:
        raise FileError(f"{path}: not a JSON object; remove it or simulate the folder again") from error


def say(text: str) -> None:
    """Tell what is going on, where somebody watches."""
    if sys.stderr.isatty():
        typer.echo(text, err=True)


def unit_tables(folder: Path, unit: str | None, as_of: date | None = None) -> Tables:
    """Return the tables of one unit.

    Raises
    ------
    UsageError
        Several units and none named, or one that is not there.

    """
    return one_unit(folder_tables(folder, as_of), unit, folder)


def folder_tables(folder: Path, as_of: date | None = None) -> Tables:
    """Return the tables of all units of a folder, noted for the manifest."""
    tables = read_tables(folder, as_of=as_of)
    for name, table in tables.items():
        note_frame(name, table.frame)
    return tables


def one_unit(tables: Tables, unit: str | None, folder: Path) -> Tables:
    """Return the tables of one of the units of a folder.

    Raises
    ------
    UsageError
        Several units and none named, or one that is not there.

    """
    units = list(tables.units)
    if unit is None:
        if len(units) > 1:
            shown = ", ".join(units[:10]) + (" ..." if len(units) > 10 else "")
            raise UsageError(f"{folder} holds {len(units)} units ({shown}); name one: --unit {units[0]}")
        return tables
    if unit not in units:
        raise UsageError(f"--unit {unit}: the tables hold {', '.join(units[:10])}{suggestion(unit, units)}")
    return tables.of_unit(unit)
