"""``sopsem ops simulate``: an enterprise whose true alignment is known, as tables and a survey."""

from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.inputs import AsJson, Seed, echo, echo_json
from sopsem.cli.ops import ops
from sopsem.cli.ops_folder import say
from sopsem.cli.output_folder import require_writable
from sopsem.errors import FileError
from sopsem.executive.simulate import simulate_enterprise
from sopsem.report.escape import terminal_text
from sopsem.report.operations.simulated_files import LABEL, enterprise_files
from sopsem.runs.atomic import write_all

__all__ = ["ops_simulate_command"]


@ops.command("simulate")
def ops_simulate_command(
    folder: Annotated[Path, typer.Argument(help="An empty folder, or one that is not there yet.")],
    units: Annotated[int, typer.Option(min=1, help="Plants, which differ in alignment.")] = 12,
    periods: Annotated[int, typer.Option(min=13, help="Months.")] = 36,
    respondents: Annotated[int, typer.Option(min=1, help="Respondents of the survey per plant.")] = 8,
    ahead: Annotated[int, typer.Option(min=0, help="Months after the last that are forecast too.")] = 6,
    null: Annotated[
        bool, typer.Option("--null", help="Operations do not depend on alignment: nothing should be found.")
    ] = False,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Write the tables of a simulated enterprise, survey.csv and truth.json: synthetic data, never a finding.

    Example: sopsem ops simulate synthetic_plants --units 12 --periods 36 --seed 7
    """
    require_writable(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise FileError(f"{folder}: it is not empty; choose an empty folder")
    say(f"ops simulate: {units} plants, about a second each")
    firm = simulate_enterprise(units, respondents, seed=seed, periods=periods, null=null, ahead=ahead)
    files = enterprise_files(firm, seed=seed, null=null)
    write_all({str(folder / name): content for name, content in files.items()})
    rows = {name: len(frame) for name, frame in firm.frames.items()}
    if as_json:
        echo_json({"label": LABEL, "files": list(files), "rows": {**rows, "survey": len(firm.survey)}})
        return
    echo(
        f"{LABEL}: {len(files)} files in {terminal_text(str(folder))}, {sum(rows.values()):,} rows of {units} plants\n"
    )
