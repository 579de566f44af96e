"""``sopsem drivers``: what moves an outcome most, and how sure the order is."""

from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli.app import app
from sopsem.cli.choices import require_variables
from sopsem.cli.column_map import ColumnMap, Sheet
from sopsem.cli.inputs import AsJson, InstrumentName, Seed, Survey, echo, echo_json, read_survey
from sopsem.cli.output_folder import require_writable, write_folder
from sopsem.cli.progress import progress_bar
from sopsem.cli.run_options import Workers, long_run
from sopsem.client.drivers import drivers
from sopsem.report.driver_text import driver_files, drivers_text
from sopsem.sem.resampling.policies import Policy
from sopsem.survey import load_instrument

__all__ = ["drivers_command"]


@app.command("drivers")
def drivers_command(
    survey: Survey = None,
    outcome: Annotated[
        str | None, typer.Option(help="What is to be moved; by default the model's last outcome.")
    ] = None,
    draws: Annotated[int, typer.Option(min=2, help="Bootstrap draws.")] = 1000,
    seed: Seed = 1,
    policy: Annotated[Policy, typer.Option(help="What becomes of improper draws.")] = "keep",
    instrument: InstrumentName = "sop_alignment",
    columns: ColumnMap = None,
    sheet: Sheet = None,
    workers: Workers = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for tables (CSV, HTML) and the map (PNG, SVG).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Rank what moves an outcome: importance with interval, performance today, and how often each is first.

    Example: sopsem drivers survey.csv --outcome performance --out drivers
    """
    if outcome is not None:
        require_variables(load_instrument(instrument).model, outcome=outcome)
    require_writable(out)
    data = read_survey(survey, instrument, columns, sheet)
    with long_run(None, workers) as executor, progress_bar("bootstrap") as progress:
        result = drivers(
            data.responses,
            outcome=outcome,
            draws=draws,
            seed=seed,
            policy=policy,
            executor=executor,
            progress=progress,
        )
    error = None
    if out is not None:
        error = write_folder(
            {out / n: c for n, c in driver_files(result, source_label=data.label).items()}, out
        )
    if as_json:
        echo_json(
            {
                "outcome": result.outcome,
                "performance": dict(zip(("est", "ci_lower", "ci_upper"), result.performance, strict=True)),
                "drivers": result.table.to_dict("records"),
                "ranks": result.rank_shares.to_dict("records"),
                "draws": result.counts.to_dict("records"),
                "sentences": list(result.sentences),
                "data": data.source,
            }
        )
    else:
        echo(drivers_text(result, source_label=data.label))
    if error is not None:
        raise error
