"""``sopsem app``: the local page, in a process of its own so that no other command loads its libraries."""

import subprocess
import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from sopsem.cli.app import app
from sopsem.cli.inputs import AsJson
from sopsem.errors import UsageError

__all__ = ["app_command"]


@app.command("app")
def app_command(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes a free one.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Open a page on this machine: drop a survey, see screening, scores and model, download the report.

    The page is on 127.0.0.1 only and nothing leaves the machine. Open the address that is printed; Ctrl-C ends it.

    Example: sopsem app --port 8765
    """
    if find_spec("shiny") is None:
        raise UsageError("the local page needs the extra 'app': pip install 'sopsem[app]'")
    typer.echo("sopsem app: open the address below in a browser; Ctrl-C ends it", err=True)
    command = [sys.executable, "-m", "sopsem.app", str(port), *(["--json"] if as_json else [])]
    with subprocess.Popen(command) as process:  # noqa: S603 - our own module
        try:
            code = process.wait()
        except KeyboardInterrupt:
            code = process.wait()  # it got the same signal and removes its files
    raise typer.Exit(code)
