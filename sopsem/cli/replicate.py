"""``sopsem replicate``, ``sopsem audit`` and ``sopsem draw``."""

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
from sopsem.report.draw_text import draw_text
from sopsem.report.replication import replication_json, replication_text
from sopsem.report.replication_files import replication_files
from sopsem.report.study_text import audit_text
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import Kind, bootstrap, redo
from sopsem.study.audit import audit
from sopsem.study.published import load_study
from sopsem.study.replicate import Replication, replicate
from sopsem.survey import load_instrument

__all__ = ["audit_command", "draw_command", "replicate_command"]

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


@app.command("audit", epilog="Example: sopsem audit my_study.toml")
def audit_command(
    study: Annotated[
        str, typer.Argument(help="Shipped study or path of a TOML file.")
    ] = "sales_operations_alignment",
    as_json: AsJson = False,
) -> None:
    """Check a paper's printed numbers against each other, from the print alone."""
    report = audit(load_study(study))
    if as_json:
        echo_json(
            {
                "study": report.study.name,
                "summary": report.summary(),
                "checks": report.checks.to_dict("records"),
            }
        )
    else:
        echo(audit_text(report))


@app.command("draw", epilog="Example: sopsem draw responses.csv --seed 42 --index 317")
def draw_command(
    survey: Survey = None,
    seed: Seed = 1,
    index: Annotated[int, typer.Option("--index", min=0, help="Number of the draw, from 0.")] = 0,
    kind: Annotated[Kind, typer.Option(help="How rows are drawn.")] = "case",
    kernel: KernelName = "auto",
    instrument: InstrumentName = "sop_alignment",
    as_json: AsJson = False,
) -> None:
    """Make one bootstrap draw again: its rows, class and estimates."""
    data = read_survey(survey, instrument)
    main = fit(data.instrument.model, data.responses.items, mimic="amos")
    draws = bootstrap(main, data.responses.items, draws=1, seed=seed, kind=kind, kernel=kernel)
    one = redo(draws, index)
    picked = draws.resampler.rows_of(index)
    rows = None if picked is None else data.complete.items.index.to_numpy()[picked]  # rows of the survey
    table = estimates(main)[["lhs", "op", "rhs", "est"]].assign(draw=one.rows[0])
    if as_json:
        echo_json(
            {
                "seed": seed,
                "index": index,
                "draw_class": one.counts().query("count > 0")["draw_class"].iloc[0],
                "reason": one.reason[0],
                "rows": None if rows is None else [int(r) for r in rows],
                "estimates": table.to_dict("records"),
            }
        )
    else:
        echo(draw_text(one, rows, table, index))
    if not one.used.all():
        raise typer.Exit(ConvergenceError.exit_code)
