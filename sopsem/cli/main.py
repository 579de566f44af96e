"""``main``: run a command; every error is one message on stderr and a documented exit code."""

import os
import sys

import typer

from sopsem.cli.app import app
from sopsem.cli.terminal_encoding import make_output_safe
from sopsem.errors import SopsemError

__all__ = ["main"]

INTERRUPTED = 130


def main() -> None:
    """Run the command line; the process ends with the documented exit code."""
    make_output_safe()
    try:
        app()
    except SopsemError as error:
        typer.echo(f"sopsem: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("sopsem: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except SystemExit as ended:
        # typer turns Ctrl-C inside a command into this exit code and says nothing
        if ended.code == INTERRUPTED:
            typer.echo("sopsem: interrupted", err=True)
        raise
    except BrokenPipeError:
        # the reader of our output has gone (for example ``| head``): nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
