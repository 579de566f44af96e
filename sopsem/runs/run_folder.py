"""Where a long run keeps its chunks, and whether it continues: what the options ``store`` and ``resume`` mean."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from sopsem.errors import UsageError
from sopsem.runs.chunk_store import ChunkStore

__all__ = ["RunFolder", "opened", "run_folder", "stage_folder"]


@dataclass(frozen=True)
class RunFolder:
    """A folder for a run."""

    folder: Path
    resume: bool


def run_folder(store: str | PathLike[str] | None, *, resume: bool) -> RunFolder | None:
    """Return where a run is kept; None for a run that is not.

    Raises
    ------
    UsageError
        A run to be resumed, and no folder.

    Examples
    --------
    >>> run_folder(None, resume=False) is None
    True

    """
    if store is None:
        if resume:
            raise UsageError("resume needs the folder of the run to continue; name it with --store (store=)")
        return None
    return RunFolder(Path(store), resume)


def stage_folder(store: str | PathLike[str] | None, stage: str) -> Path | None:
    """Return the folder of one stage of a run; None for a run that is not kept.

    Examples
    --------
    >>> stage_folder("run", "full").as_posix()
    'run/full'

    """
    return None if store is None else Path(store) / stage


@contextmanager
def opened(kept: RunFolder | None, identity: Mapping[str, object]) -> Iterator[ChunkStore | None]:
    """Open the store of a run, or none; see ``ChunkStore`` for the errors."""
    if kept is None:
        yield None
        return
    with ChunkStore(kept.folder, identity, resume=kept.resume) as store:
        yield store
