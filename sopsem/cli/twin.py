"""``sopsem twin``."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import Progress

from sopsem.cli.app import app
from sopsem.cli.choices import require_same_items
from sopsem.cli.inputs import AsJson, Seed, echo, echo_json
from sopsem.cli.output_folder import require_writable, write_folder
from sopsem.report.summaries import twin_text
from sopsem.study.published import PublishedStudy, load_study
from sopsem.study.twin import Twin, twin
from sopsem.study.twin_folder import twin_files
from sopsem.survey import Instrument, load_instrument

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
    instrument: Annotated[
        str | None,
        typer.Option(help="Questionnaire of the study's items; by default the shipped one that matches."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; its name should say synthetic twin.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make synthetic data that return a paper's printed numbers; proves software, never a finding."""
    require_writable(out)
    published = load_study(study)
    form = None if instrument is None else load_instrument(instrument)
    if form is not None and instrument is not None:
        require_same_items(published, form, instrument)
    made = _made(published, form, algorithm, seed)
    failed = None
    if out is not None:
        files = {out / name: text.encode("utf-8") for name, text in twin_files(made, out.name).items()}
        failed = write_folder(files, out)
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
    if failed is not None:
        raise failed


def _made(study: PublishedStudy, form: Instrument | None, algorithm: Algorithm, seed: int) -> Twin:
    """Run the search, with a bar on stderr where that is a terminal."""
    if not sys.stderr.isatty():
        return twin(study, instrument=form, algorithm=algorithm, seed=seed)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("twin", total=1.0)

        def report(stage: str, fraction: float, message: str) -> None:
            bar.update(task, completed=fraction, description=f"{stage}: {message}"[:60])

        return twin(study, instrument=form, algorithm=algorithm, seed=seed, progress=report)
