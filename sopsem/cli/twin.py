"""``sopsem twin``."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import Progress

from sopsem.cli.app import app
from sopsem.cli.inputs import AsJson, Seed, echo, echo_json
from sopsem.report.atomic import write_all
from sopsem.report.summaries import twin_text
from sopsem.study.published import load_study
from sopsem.study.twin import Twin, twin
from sopsem.study.twin_folder import twin_files

__all__ = ["twin_command"]

Algorithm = Literal["likert", "exact"]


@app.command("twin")
def twin_command(
    study: Annotated[
        str, typer.Argument(help="Shipped study or path of a TOML file.")
    ] = "sales_operations_alignment",
    algorithm: Annotated[
        Algorithm,
        typer.Option(help="likert: integer answers, printed digits; exact: continuous, exact values."),
    ] = "likert",
    seed: Seed = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; its name should say synthetic twin.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make synthetic data that return a paper's printed numbers; proves software, never a finding."""
    made = _made(study, algorithm, seed)
    if out is not None:
        write_all({out / name: text.encode("utf-8") for name, text in twin_files(made, out.name).items()})
        typer.echo(f"written: {out}", err=True)
    if as_json:
        echo_json(
            {
                "label": "synthetic data",
                "seed": seed,
                "algorithm": algorithm,
                "targets": made.targets.to_dict("records"),
            }
        )
    else:
        echo(twin_text(made))


def _made(study: str, algorithm: Algorithm, seed: int) -> Twin:
    """Run the search, with a bar on stderr where that is a terminal."""
    if not sys.stderr.isatty():
        return twin(load_study(study), algorithm=algorithm, seed=seed)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("twin", total=1.0)

        def report(stage: str, fraction: float, message: str) -> None:
            bar.update(task, completed=fraction, description=f"{stage}: {message}"[:60])

        return twin(load_study(study), algorithm=algorithm, seed=seed, progress=report)
