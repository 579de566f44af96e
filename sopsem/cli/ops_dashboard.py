"""``sopsem ops dashboard``: one page on which a board sees whether sales and operations fit."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from sopsem.cli.inputs import AsJson, Seed, echo, echo_json
from sopsem.cli.ops import Folder, ops
from sopsem.cli.ops_folder import Unit, folder_label, say, unit_tables
from sopsem.cli.output_folder import require_writable, write_folder
from sopsem.executive.assessment import REPLAYED, assess
from sopsem.report.escape import terminal_text
from sopsem.report.operations.dashboard import dashboard_files
from sopsem.report.operations.panels import back_panels, front_panels
from sopsem.report.terminal import wrapped

__all__ = ["ops_dashboard_command"]


@ops.command("dashboard")
def ops_dashboard_command(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the files.")] = Path("dashboard"),
    layout: Annotated[
        Literal["A3", "slides"], typer.Option(help="Two A3 pages, or slides of four panels.")
    ] = "A3",
    unit: Unit = None,
    label: Annotated[
        str | None,
        typer.Option(help="What the data are, printed on every page; of simulated tables known."),
    ] = None,
    replayed: Annotated[
        int, typer.Option(min=1, help="Periods whose orders the order rule judges again; the longest part.")
    ] = REPLAYED,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Write the dashboard: dashboard.html for a screen, .pdf, .png and .svg for paper; its findings are printed.

    A panel whose table is missing is a card that says which file and columns would give it.

    Example: sopsem ops dashboard my_tables -o board
    """
    require_writable(out)
    tables = unit_tables(folder, unit)
    say("ops dashboard: every system and the pictures, about twenty seconds for three years of one plant")
    found = assess(tables, replayed=replayed, seed=seed)
    said = folder_label(folder) if label is None else label
    made = {
        out / f"dashboard{end}": made
        for end, made in dashboard_files(found, layout=layout, label=said).items()
    }
    panels = [panel.finding for panel in (*front_panels(found), *back_panels(found))]
    if as_json:
        findings = [{"finding": each.title, "shows": each.subtitle, "text": each.alt} for each in panels]
        echo_json({"label": said, "files": [path.name for path in made], "findings": findings})
    else:
        told = (f"- {terminal_text(each.title)}\n  {terminal_text(each.subtitle)}\n" for each in panels)
        echo(wrapped("".join(told)))
    if (failed := write_folder(made, out)) is not None:
        raise failed
