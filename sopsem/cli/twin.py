"""``sopsem twin``."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import Progress

from sopsem.cli.app import app
from sopsem.cli.choices import require_same_items
from sopsem.cli.inputs import AsJson, Seed, echo, echo_json
from sopsem.cli.output_folder import require_writable, write_folder
from sopsem.cli.run_options import Resume, Store, long_run
from sopsem.report.study_text import twin_text
from sopsem.study.published import load_study
from sopsem.study.twin import twin
from sopsem.study.twin_folder import twin_files
from sopsem.survey import load_instrument

__all__ = ["twin_command"]

Algorithm = Literal["likert", "exact"]
Report = Callable[[str, float, str], None]


@app.command("twin", epilog="Example: sopsem twin my_study.toml --out synthetic_twin")
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
    store: Store = None,
    resume: Resume = False,
    as_json: AsJson = False,
) -> None:
    """Make synthetic data that return a paper's printed numbers; proves software, never a finding."""
    require_writable(out)
    published = load_study(study)
    form = None if instrument is None else load_instrument(instrument)
    if form is not None and instrument is not None:
        require_same_items(published, form, instrument)
    with long_run(store), _progress() as progress:
        made = twin(
            published,
            instrument=form,
            algorithm=algorithm,
            seed=seed,
            progress=progress,
            store=store,
            resume=resume,
        )
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


@contextmanager
def _progress() -> Iterator[Report | None]:
    """Give a callback that draws a bar on stderr; None where that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("twin", total=1.0)

        def report(stage: str, fraction: float, message: str) -> None:
            bar.update(task, completed=fraction, description=f"{stage}: {message}"[:60])

        yield report
