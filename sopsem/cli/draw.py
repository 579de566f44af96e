"""``sopsem draw``."""

from typing import Annotated

import typer

from sopsem.cli.app import app
from sopsem.cli.inputs import AsJson, InstrumentName, Seed, Survey, echo, echo_json, read_survey
from sopsem.cli.run_options import KernelName
from sopsem.errors import ConvergenceError
from sopsem.report.draw_text import draw_text
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.bootstrap import Kind, bootstrap, redo

__all__ = ["draw_command"]


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
