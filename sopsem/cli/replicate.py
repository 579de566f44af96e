"""``sopsem replicate``."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.app import app
from sopsem.cli.choices import require_study_items
from sopsem.cli.column_map import ColumnMap, Sheet
from sopsem.cli.inputs import (
    AsJson,
    DrawCount,
    InstrumentName,
    Seed,
    Survey,
    SurveyData,
    echo,
    echo_json,
    read_survey,
)
from sopsem.cli.output_folder import require_writable, survey_files, write_folder
from sopsem.cli.progress import progress_bar
from sopsem.cli.provenance import run_manifest
from sopsem.cli.run_options import KernelName, Resume, Store, Workers, long_run
from sopsem.errors import ConvergenceError
from sopsem.report.replication import replication_json, replication_text
from sopsem.report.replication_files import replication_files
from sopsem.study.published import load_study
from sopsem.study.replicate import Replication, replicate
from sopsem.survey import load_instrument

__all__ = ["replicate_command"]

Study = Annotated[str, typer.Option("--study", help="Shipped study or path of a TOML file.")]


@app.command(
    "replicate", epilog="Example: sopsem replicate responses.csv --draws 1000 --seed 1 --out results"
)
def replicate_command(
    survey: Survey = None,
    draws: DrawCount = None,
    seed: Seed = 1,
    policy: Annotated[str, typer.Option(help="Improper draws: keep, drop, bound or redraw.")] = "keep",
    interval: Annotated[
        str, typer.Option(help="percentile, bc, bca, normal, basic or studentized.")
    ] = "percentile",
    rule: Annotated[
        str, typer.Option(help="End points: weibull, floor, inverse_cdf, normal_interp.")
    ] = "weibull",
    out: Annotated[Path | None, typer.Option(help="Folder for tables, report, figures and manifest.")] = None,
    study: Study = "sales_operations_alignment",
    instrument: InstrumentName = "sop_alignment",
    columns: ColumnMap = None,
    sheet: Sheet = None,
    workers: Workers = None,
    store: Store = None,
    resume: Resume = False,
    kernel: KernelName = "auto",
    as_json: AsJson = False,
) -> None:
    """Run the study on a survey and print the paper's table beside ours."""
    require_writable(out)
    published = load_study(study)
    require_study_items(published, load_instrument(instrument), instrument)
    data = read_survey(survey, instrument, columns, sheet)
    with long_run(store, workers) as executor, progress_bar("bootstrap") as progress:
        result = replicate(
            data.responses.items,
            published,
            draws=draws,
            seed=seed,
            policy=policy,
            interval=interval,
            rule=rule,
            executor=executor,
            progress=progress,
            store=store,
            resume=resume,
            source=data.source,
            kernel=kernel,
        )
    _give(replace(result, manifest={**run_manifest(), **result.manifest}), data, out, as_json=as_json)
    if not result.acceptable:
        raise typer.Exit(ConvergenceError.exit_code)


def _give(result: Replication, data: SurveyData, out: Path | None, *, as_json: bool) -> None:
    """Write the files, and print the result even if they cannot be written."""
    failed = None
    if out is not None:
        failed = write_folder({**survey_files(data, out), **replication_files(result, out)}, out)
    if as_json:
        echo_json(replication_json(result))
    else:
        echo(replication_text(result))
    if failed is not None:
        raise failed
