"""``sopsem simulate``: artificial data from a model."""

from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli import fit_options as fo
from sopsem.cli.app import app
from sopsem.cli.inputs import AsJson, Seed, echo, echo_json
from sopsem.cli.model_text import model_text
from sopsem.cli.number_lists import named_numbers, shape_option, whole_numbers
from sopsem.cli.output_folder import write_folder
from sopsem.sem.simulation.simulate import simulate

__all__ = ["simulate_command"]


@app.command("simulate", epilog="Example: sopsem simulate model.txt --n 200 --seed 1 --out data.csv")
def simulate_command(
    model: Annotated[
        Path,
        typer.Argument(
            help="Text file with a model; parameters without a value (0.8*x1) are 1 or 0, as in lavaan."
        ),
    ],
    n: Annotated[
        str, typer.Option("--n", help="Rows; with groups one number for all, or one each: 100,150.")
    ],
    seed: Seed = 1,
    values: Annotated[str, typer.Option(help="Values of parameters by label or name, e.g. b=0.3.")] = "",
    skewness: Annotated[str, typer.Option(help="Of all variables (1.5) or of some (a=1.5,b=-1).")] = "",
    kurtosis: Annotated[str, typer.Option(help="Excess kurtosis, likewise.")] = "",
    groups: Annotated[str, typer.Option(help="Labels of groups, e.g. men,women.")] = "",
    empirical: Annotated[bool, typer.Option(help="Sample moments exactly those of the model.")] = False,
    out: Annotated[Path | None, typer.Option(help="CSV file to write instead of showing it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Draw artificial data from a model: a check of software and of sample sizes, never a finding."""
    sizes = whole_numbers("--n", n)
    labels = fo.listed(groups) or ("",)
    frame = simulate(
        model_text(model),
        sizes[0] if len(sizes) == 1 else sizes,
        seed=seed,
        values=named_numbers("--values", values),
        skewness=shape_option("--skewness", skewness),
        kurtosis=shape_option("--kurtosis", kurtosis),
        groups=labels,
        empirical=empirical,
    )
    text = frame.to_csv(index=False, lineterminator="\n")
    if as_json:
        echo_json(
            {"label": "synthetic data", "columns": list(frame.columns), "rows": frame.to_numpy().tolist()}
        )
    elif out is None:
        echo(text)
    if out is not None and (failed := write_folder({out: text.encode("utf-8")}, out)) is not None:
        raise failed
