"""The options of long runs: how many workers, where finished work is kept, and whether to continue it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from sopsem.kernel import Kernel
from sopsem.report.escape import terminal_text
from sopsem.runs.chunk_store import DamagedChunkWarning
from sopsem.runs.processes import Processes

__all__ = ["KernelName", "Resume", "Store", "Workers", "long_run"]

Workers = Annotated[
    int | None,
    typer.Option(
        min=1, help="Worker processes; by default all processors when it pays. The results are the same."
    ),
]
KernelName = Annotated[
    Kernel, typer.Option("--kernel", help="What fits: numpy, numba (compiled), or auto: numba for long runs.")
]
Store = Annotated[
    Path | None,
    typer.Option(help="Folder that keeps finished work, so that a run that ends early loses little."),
]
Resume = Annotated[bool, typer.Option("--resume", help="Continue the run kept in --store.")]


@contextmanager
def long_run(store: Path | None, workers: int | None = None) -> Iterator[Processes | None]:
    """Give the executor asked for, None for the default; say how to continue a run that is interrupted."""
    try:
        with warnings.catch_warnings(), nullcontext() if workers is None else Processes(workers) as pool:
            warnings.simplefilter("always", DamagedChunkWarning)
            warnings.showwarning = _show
            yield pool
    except KeyboardInterrupt:
        if store is not None:
            where = terminal_text(str(store))
            typer.echo(
                f"sopsem: finished work is kept in {where}; the same command with --resume continues it",
                err=True,
            )
        raise


def _show(message: Warning | str, *_: object, **__: object) -> None:
    """Print a warning as a note, without the place in our code."""
    typer.echo(terminal_text(f"note: {message}"), err=True)
