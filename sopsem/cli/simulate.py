"""``sopsem simulate``: artificial data from a model."""

from pathlib import Path
from typing import Annotated

import typer

from sopsem.cli import fit_options as fo
from sopsem.cli.app import app
from sopsem.cli.inputs import Seed, echo
from sopsem.cli.model_text import model_text
from sopsem.cli.output_folder import write_folder
from sopsem.errors import UsageError
from sopsem.sem.simulation.simulate import simulate

__all__ = ["simulate_command"]


@app.command("simulate")
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
) -> None:
    """Draw artificial data from a model: a check of software and of sample sizes, never a finding."""
    sizes = tuple(_whole(part) for part in fo.listed(n))
    labels = fo.listed(groups) or ("",)
    frame = simulate(
        model_text(model),
        sizes[0] if len(sizes) == 1 else sizes,
        seed=seed,
        values=_pairs("--values", values),
        skewness=_shape("--skewness", skewness),
        kurtosis=_shape("--kurtosis", kurtosis),
        groups=labels,
        empirical=empirical,
    )
    text = frame.to_csv(index=False, lineterminator="\n")
    if out is None:
        echo(text)
    elif (failed := write_folder({out: text.encode("utf-8")}, out)) is not None:
        raise failed


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"--n has {text!r}; give whole numbers, e.g. --n 200 or --n 100,150") from None


def _pairs(option: str, text: str) -> dict[str, float]:
    """Return name -> number of a list such as a=1,b=2; the last = of a part counts, as names may hold one."""
    made = {}
    for part in fo.listed(text):
        name, _, number = part.rpartition("=")
        try:
            made[name.strip()] = float(number)
        except ValueError:
            raise UsageError(f"{option} has {part!r}; give name=number, e.g. b=0.3") from None
        if not name.strip():
            raise UsageError(f"{option} has {part!r} without a name; give name=number, e.g. b=0.3")
    return made


def _shape(option: str, text: str) -> float | dict[str, float] | None:
    """Return one number for all variables, or numbers by name."""
    if not text.strip():
        return None
    if "=" in text:
        return _pairs(option, text)
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{option} is {text!r}; give a number, or name=number,...") from None
