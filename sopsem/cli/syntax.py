"""``sopsem syntax``: what a model text means."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from sopsem.cli.app import app
from sopsem.cli.inputs import AsJson, echo, echo_json
from sopsem.cli.model_text import model_text
from sopsem.errors import FileError
from sopsem.report.terminal import wrapped
from sopsem.sem.model.describe import describe_model
from sopsem.sem.model.semopy_syntax import semopy_to_lavaan
from sopsem.sem.model.spec import model_spec

__all__ = ["syntax_command"]


def _text_or_file(given: str) -> str:
    """Return the model text of an argument that is text itself or names a file."""
    if any(mark in given for mark in ("~", "\n", "<-", "=")) and not Path(given).is_file():
        return given
    path = Path(given)
    if not path.is_file():
        raise FileError(f"{given}: there is no such file, and it is no model text (no ~ in it)")
    return model_text(path)


@app.command("syntax", epilog='Example: sopsem syntax "f =~ a + b + c; y ~ f" --table')
def syntax_command(
    model: Annotated[str, typer.Argument(help="Model text, or a file that holds it.")],
    groups: Annotated[int, typer.Option(min=1, max=100, help="Number of groups.")] = 1,
    group_equal: Annotated[
        str, typer.Option(help="Kinds of parameters equal over groups, e.g. loadings,intercepts.")
    ] = "",
    std_lv: Annotated[bool, typer.Option(help="Scale factors by variance 1.")] = False,
    meanstructure: Annotated[bool, typer.Option(help="Estimate intercepts.")] = False,
    dialect: Annotated[Literal["lavaan", "semopy"], typer.Option(help="Syntax of the text.")] = "lavaan",
    table: Annotated[bool, typer.Option("--table", help="Print the parameter table too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Explain a model in words: factors, paths, what is added automatically and why."""
    text = _text_or_file(model)
    spec = model_spec(
        semopy_to_lavaan(text) if dialect == "semopy" else text,
        groups=[str(g + 1) for g in range(groups)] if groups > 1 else ("",),
        group_equal=[kind.strip() for kind in group_equal.split(",")],
        std_lv=std_lv,
        meanstructure=meanstructure,
    )
    if as_json:
        echo_json({"description": describe_model(spec), "table": spec.table().to_dict("records")})
        return
    echo(wrapped(describe_model(spec)))
    if table:
        echo("\n" + spec.table().to_string(index=False, na_rep="") + "\n")
