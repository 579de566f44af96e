"""A command whose options are on record while it runs, and that suggests the nearest name on a slip."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import typer
from typer.core import TyperCommand

from sopsem.survey.messages import suggestion

__all__ = ["RecordedCommand", "Run", "running"]

# the class of all errors in a command line, which typer gives no public name
USAGE_ERROR: Any = typer.BadParameter.__bases__[0]


@dataclass(kw_only=True)
class Run:
    """The command that runs now, and the hashes of the tables it has read so far."""

    command: str
    options: Mapping[str, Any]
    frames: dict[str, str] = field(default_factory=dict)


_RUNNING: ContextVar[Run | None] = ContextVar("running", default=None)


def running() -> Run | None:
    """Return the command that runs now, None outside of one.

    >>> running() is None
    True
    """
    return _RUNNING.get()


class RecordedCommand(TyperCommand):
    """A command whose options are known to what it prints and writes, and that suggests the nearest name on a slip."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line; an unknown option or choice is answered with the one that was probably meant."""
        try:
            return super().parse_args(ctx, args)
        except USAGE_ERROR as error:
            near = getattr(error, "possibilities", None)
            found = re.search(r"'([^']*)' is not one of (.*?)\.?$", error.message)
            if near:
                error.possibilities = None
                error.message = f"{error.message.rstrip('.')}, did you mean {', '.join(near)}?"
            elif found:
                error.message += suggestion(found[1], re.findall(r"'([^']*)'", found[2])).removeprefix(",")
            raise

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command with its options on record."""
        words = ctx.command_path.removeprefix(str(ctx.find_root().info_name)).strip()
        with _recording(Run(command=words, options=dict(ctx.params))):
            return super().invoke(ctx)


@contextmanager
def _recording(run: Run) -> Iterator[None]:
    token = _RUNNING.set(run)
    try:
        yield
    finally:
        _RUNNING.reset(token)
