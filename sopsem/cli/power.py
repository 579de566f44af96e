"""``sopsem power``: power and precision by sample size, before there are data."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from sopsem.cli.app import app
from sopsem.cli.inputs import AsJson, Seed, echo, echo_json
from sopsem.cli.model_text import model_text
from sopsem.cli.number_lists import named_numbers, shape_option, whole_numbers
from sopsem.cli.output_folder import require_writable, write_folder
from sopsem.cli.progress import progress_bar
from sopsem.cli.run_options import KernelName, Resume, Store, Workers, long_run
from sopsem.errors import UsageError
from sopsem.report.power import power_files, power_json, power_text
from sopsem.study.power import power
from sopsem.study.published import load_study

__all__ = ["power_command"]


@app.command("power", epilog='Example: sopsem power --n 92,150,300 --free "performance ~ coordination=0.3"')
def power_command(
    model: Annotated[
        Path | None,
        typer.Argument(help="Text file with the model that is fitted; without it the model of --study."),
    ] = None,
    n: Annotated[str, typer.Option("--n", help="Sample sizes, e.g. 92,150,300.")] = "",
    free: Annotated[
        str, typer.Option(help="Line that only the full model has, and its true value: 'y ~ x=0.3'.")
    ] = "",
    values: Annotated[
        str, typer.Option(help="True values by label or name: y~x=0.3,f=~x2=0.8; else as in simulate.")
    ] = "",
    population: Annotated[
        Path | None, typer.Option(help="Text file with numbers (0.8*x1) whose samples are drawn instead.")
    ] = None,
    study: Annotated[
        str, typer.Option("--study", help="Shipped study or path of a TOML file; used without MODEL.")
    ] = "sales_operations_alignment",
    replications: Annotated[int, typer.Option(help="At every N.")] = 1000,
    seed: Seed = 1,
    target: Annotated[float | None, typer.Option(help="Power to find N for, e.g. 0.8.")] = None,
    width: Annotated[
        float | None, typer.Option(help="Width of the interval to find N for, e.g. 0.3.")
    ] = None,
    goal: Annotated[
        str, typer.Option(help="Test that N is for, as named in power.csv; else the difference test.")
    ] = "",
    equivalence: Annotated[
        float | None, typer.Option(help="Bound of the equivalence tests of standardized effects.")
    ] = None,
    interval_draws: Annotated[
        int, typer.Option(help="Draws of Monte Carlo intervals of the effects, 100 or more; 0: none.")
    ] = 0,
    alpha: Annotated[float, typer.Option(help="Of the tests.")] = 0.05,
    skewness: Annotated[str, typer.Option(help="Of all variables (1.5) or of some (a=1.5,b=-1).")] = "",
    kurtosis: Annotated[str, typer.Option(help="Excess kurtosis, likewise.")] = "",
    misfit: Annotated[float, typer.Option(help="RMSEA by which the population misses the full model.")] = 0.0,
    mimic: Annotated[Literal["amos"] | None, typer.Option(help="amos: chi2 with N - 1.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for figure, tables, JSON and manifest.")] = None,
    workers: Workers = None,
    store: Store = None,
    resume: Resume = False,
    kernel: KernelName = "auto",
    as_json: AsJson = False,
) -> None:
    """Say how often a study of N respondents would find what is there, and how precisely."""
    require_writable(out)
    source = _source(model, values, population, study)
    with long_run(store, workers) as executor, progress_bar("replications") as progress:
        result = power(
            n=whole_numbers("--n", n),
            **source,
            free=free or None,
            replications=replications,
            seed=seed,
            alpha=alpha,
            target=target,
            width=width,
            goal=goal,
            equivalence=equivalence,
            interval_draws=interval_draws,
            skewness=shape_option("--skewness", skewness),
            kurtosis=shape_option("--kurtosis", kurtosis),
            misfit=misfit,
            mimic=mimic,
            executor=executor,
            store=store,
            resume=resume,
            progress=progress,
            kernel=kernel,
        )
    failed = None if out is None else write_folder(power_files(result, out), out)
    if as_json:
        echo_json(power_json(result))
    else:
        echo(power_text(result))
    if failed is not None:
        raise failed


def _source(model: Path | None, values: str, population: Path | None, study: str) -> dict[str, Any]:
    """Return the model and its population as ``power`` takes them."""
    if model is not None:
        given = named_numbers("--values", values)
        return {
            "model": model_text(model),
            "values": given,
            "population": None if population is None else model_text(population),
        }
    if values or population is not None:
        raise UsageError("--values and --population go with a MODEL file; a study brings its own population")
    return {"model": load_study(study)}
