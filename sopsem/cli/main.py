"""``main``: run a command; every error is one message on stderr and a documented exit code."""

import os
import sys

import typer

from sopsem.cli import analyse, model, replicate, twin
from sopsem.cli.app import app
from sopsem.errors import SopsemError

__all__ = ["COMMANDS", "main"]

COMMANDS = (replicate, analyse, model, twin)  # importing a module registers its commands on ``app``
INTERRUPTED = 130


def main() -> None:
    """Run the command line; the process ends with the documented exit code."""
    try:
        app()
    except SopsemError as error:
        typer.echo(f"sopsem: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("sopsem: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # the reader of our output has gone (for example ``| head``): nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
