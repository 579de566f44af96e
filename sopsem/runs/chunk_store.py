"""A folder that keeps finished chunks, so that a run that was killed continues where it was.

``run.json`` says what is run; every chunk is one file, written whole or not at all, that begins with the SHA-256
of the run's identity, the chunk's number and its content: a damaged chunk, and one of another run, is seen.
"""

import hashlib
import io
import json
import os
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import FileError, UsageError
from sopsem.runs.atomic import json_bytes, write_atomic

if sys.platform != "win32":
    import fcntl

__all__ = ["Chunk", "ChunkStore", "DamagedChunkWarning"]

Chunk = Mapping[str, NDArray[Any]]
RUN, LOCK = "run.json", "run.lock"
FORMAT = "sopsem chunks 1"
DIGEST = hashlib.sha256().digest_size
REMEDY = "choose another folder, or remove this one"


class DamagedChunkWarning(UserWarning):
    """A chunk on disk is not what was written, and is made again."""


class ChunkStore:
    """The finished chunks of one run in a folder of their own.

    Parameters
    ----------
    folder : path-like
        Made if missing.
    identity : mapping
        All that the chunks depend on (model, data, seed, settings, versions), as texts, numbers and lists.
    resume : bool
        Whether a folder that holds this run already may be continued; a new folder is begun in any case.

    Raises
    ------
    UsageError
        The folder holds something else, another run, or a run that was not to be resumed; or a run is under way
        in it.
    FileError
        The folder cannot be read or written.

    Warns
    -----
    DamagedChunkWarning
        A chunk is torn or damaged; it is removed, so that it is made again.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with ChunkStore(folder.name, {"kind": "example", "seed": 1}) as store:
    ...     store.save(0, {"square": np.array([0, 1, 4])})
    >>> with ChunkStore(folder.name, {"kind": "example", "seed": 1}, resume=True) as store:
    ...     0 in store, 1 in store, store.load(0)["square"].tolist()
    (True, False, [0, 1, 4])
    >>> folder.cleanup()

    """

    def __init__(
        self, folder: str | os.PathLike[str], identity: Mapping[str, object], *, resume: bool = False
    ) -> None:
        """Open the folder and check what it holds."""
        self.folder = Path(folder)
        said = json_bytes({"format": FORMAT, **identity})
        self._key = hashlib.sha256(said).digest()
        self._numbers: set[int] = set()
        self._lock: int | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.folder)
            self._open(said, resume=resume)
        except OSError as error:
            self.close()
            raise FileError(
                f"cannot keep a run in {self.folder}: {error.strerror or error}; choose another folder"
            ) from error
        except UsageError:
            self.close()
            raise

    def _open(self, said: bytes, *, resume: bool) -> None:
        there = {path.name for path in self.folder.iterdir()}
        partial = {name for name in there if name.endswith(".partial")}
        if not there - partial - {LOCK}:
            write_atomic(self.folder / RUN, said)
        elif RUN not in there:
            raise UsageError(f"{self.folder} holds files that are no run of sopsem; {REMEDY}")
        elif not resume:
            raise UsageError(
                f"{self.folder} holds a run already; continue it with --resume (resume=True), or {REMEDY}"
            )
        else:
            self._require_same(said)
        for name in partial:  # of a run that was killed: nobody else writes here
            (self.folder / name).unlink(missing_ok=True)
        self._numbers = {
            int(path.stem.removeprefix("chunk-")) for path in sorted(self.folder.glob("chunk-*.dat"))
        }
        for number in sorted(self._numbers):
            if self._content(number) is None:
                self._discard(number)

    def _require_same(self, said: bytes) -> None:
        """Refuse the folder of another run, naming what differs."""
        try:
            found = dict(json.loads((self.folder / RUN).read_bytes()))
        except (ValueError, TypeError) as error:
            raise UsageError(
                f"{self.folder / RUN} is damaged, so this run cannot continue; {REMEDY}"
            ) from error
        wanted = json.loads(said)
        differing = [
            f"{name} is {_short(found.get(name))} there and {_short(wanted.get(name))} here"
            for name in dict.fromkeys([*wanted, *found])
            if found.get(name) != wanted.get(name)
        ]
        if differing:
            raise UsageError(
                f"{self.folder} holds another run: {'; '.join(differing)}. Give the same, or {REMEDY}"
            )

    def _path(self, number: int) -> Path:
        return self.folder / f"chunk-{number:08d}.dat"

    def _digest(self, number: int, content: bytes) -> bytes:
        return hashlib.sha256(self._key + number.to_bytes(8, "big") + content).digest()

    def _content(self, number: int) -> bytes | None:
        """Return what a chunk's file holds; None when it is not what was written."""
        whole = self._path(number).read_bytes()
        return whole[DIGEST:] if whole[:DIGEST] == self._digest(number, whole[DIGEST:]) else None

    def _discard(self, number: int) -> None:
        warnings.warn(
            f"{self._path(number)} is damaged or of another run; this chunk is made again",
            DamagedChunkWarning,
            stacklevel=2,
        )
        self._path(number).unlink()
        self._numbers.discard(number)

    def __contains__(self, number: int) -> bool:
        """Say whether a chunk (from 0) is kept."""
        return number in self._numbers

    def __len__(self) -> int:
        """Return how many chunks are kept."""
        return len(self._numbers)

    def load(self, number: int) -> dict[str, NDArray[Any]]:
        """Return a chunk that is kept.

        Raises
        ------
        FileError
            The file is gone, or was damaged since the store was opened.

        """
        try:
            content = self._content(number)
        except OSError as error:
            raise FileError(f"cannot read {self._path(number)}: {error.strerror or error}") from error
        if content is None:
            raise FileError(f"{self._path(number)} was damaged while the run was under way; resume the run")
        with np.load(io.BytesIO(content)) as arrays:
            return dict(arrays)

    def save(self, number: int, chunk: Chunk) -> None:
        """Keep a chunk, whole or not at all.

        Raises
        ------
        FileError
            It cannot be written, for example because the disk is full; the chunks before are intact.
        TypeError
            The chunk holds Python objects.

        """
        objects = [name for name, array in chunk.items() if array.dtype.hasobject]
        if objects:
            raise TypeError(
                f"{', '.join(objects)} hold Python objects; a chunk has numbers, booleans and text"
            )
        buffer = io.BytesIO()
        np.savez(buffer, **chunk)  # type: ignore[arg-type]
        content = buffer.getvalue()
        try:
            write_atomic(self._path(number), self._digest(number, content) + content)
        except FileError as error:
            raise FileError(
                f"{error}. The {len(self)} chunks before are intact: make room and continue with --resume "
                "(resume=True)"
            ) from error
        self._numbers.add(number)

    def close(self) -> None:
        """Let another run continue here."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()


def _short(value: object) -> str:
    """Return the value, or the beginning of a long one."""
    text = "absent" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:12]}..."


def _locked(folder: Path) -> int:
    """Open the lock of a folder for this process alone; a killed process holds it no more."""
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    if sys.platform != "win32":
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise UsageError(
                f"another run is under way in {folder}; wait for it, end it, or choose another folder"
            ) from error
    return handle
