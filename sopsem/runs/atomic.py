"""Files written whole or not at all, and JSON that every reader accepts.

The bytes go to a temporary file beside the target, are forced to the disk, and then take the target's name in
one step.  A link at the target is replaced, never followed.
"""

import json
import math
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np

from sopsem.errors import FileError

__all__ = ["json_bytes", "write_all", "write_atomic"]

_PREFIX, _SUFFIX = ".sopsem-", ".partial"
_STALE_SECONDS = 3600.0


def write_atomic(path: str | os.PathLike[str], content: bytes) -> None:
    """Write one file whole or not at all.

    Parameters
    ----------
    path : path-like
        Missing folders are made; a link of that name is replaced by the file.
    content : bytes
        The whole file.

    Raises
    ------
    FileError
        When the folder cannot be written, the disk is full, or the target is a folder; an old file is intact.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> write_atomic(Path(folder.name, "a.txt"), b"whole")
    >>> Path(folder.name, "a.txt").read_bytes()
    b'whole'
    >>> folder.cleanup()

    """
    write_all({path: content})


def write_all(files: Mapping[str | os.PathLike[str], bytes]) -> None:
    """Write several files, all or none.

    All are staged on the disk before the first takes its place; if one cannot take its place, those before it
    are put back as they were.  Files take their places in the order given: put the one that vouches for the
    others last.

    Parameters
    ----------
    files : mapping of path-like to bytes
        Each file as a whole, by its path.

    Raises
    ------
    FileError
        When one of them cannot be written; then none is.

    """
    targets = {Path(path): content for path, content in files.items()}
    with ExitStack() as undo:
        try:
            for target in targets:
                _make_folder(target.parent, undo)
            staged = {target: _stage(target, content, undo) for target, content in targets.items()}
            kept = {target: _keep(target, undo) for target in targets}
            _place_all(staged, kept)
        except OSError as error:
            where = error.filename2 or error.filename or ", ".join(map(str, targets))
            raise FileError(
                f"cannot write {where}: {error.strerror or error}; nothing was written, choose another "
                "folder or make room"
            ) from error


def _make_folder(folder: Path, undo: ExitStack) -> None:
    """Make missing folders; those still empty when the writing failed go again."""
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    for part in reversed(missing):
        part.mkdir(exist_ok=True)
        undo.callback(_remove_if_empty, part)
    _sweep(folder)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _sweep(folder: Path) -> None:
    """Remove what a killed run left here; a young file may belong to a run that is still writing."""
    oldest = time.time() - _STALE_SECONDS
    for left in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        with suppress(OSError):
            if left.lstat().st_mtime < oldest:
                left.unlink()


def _temporary(target: Path, undo: ExitStack) -> Path:
    """Return a new name beside the target that is gone when the writing ends."""
    path = target.with_name(f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
    undo.callback(_remove, path)
    return path


def _remove(path: Path) -> None:
    """Remove a temporary file; a failure to do so must not hide the error that led here."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _stage(target: Path, content: bytes, undo: ExitStack) -> Path:
    """Write the bytes to a temporary file beside the target and force them to the disk."""
    if target.is_dir() and not target.is_symlink():
        raise IsADirectoryError(21, "it is a folder", str(target))
    path = _temporary(target, undo)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o666), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if target.is_file() and not target.is_symlink():
        shutil.copymode(target, path)
    return path


def _keep(target: Path, undo: ExitStack) -> Path | None:
    """Copy what stands at the target (a link as a link), so that it can be put back."""
    if not os.path.lexists(target):
        return None
    path = _temporary(target, undo)
    shutil.copy2(target, path, follow_symlinks=False)
    return path


def _place_all(staged: Mapping[Path, Path], kept: Mapping[Path, Path | None]) -> None:
    """Give every staged file its name; on failure or interruption put back those already placed."""
    with ExitStack() as back:
        for target, path in staged.items():
            path.replace(target)
            back.callback(_put_back, target, kept[target])
        for folder in {target.parent for target in staged}:
            _sync_folder(folder)
        back.pop_all()


def _put_back(target: Path, kept: Path | None) -> None:
    if kept is None:
        target.unlink(missing_ok=True)
    else:
        kept.replace(target)


def _sync_folder(folder: Path) -> None:
    """Force the new names to the disk where the system can (Windows cannot open a folder)."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def json_bytes(value: object) -> bytes:
    r"""Return JSON in ASCII, keys in their order, ending in a line feed; NaN and infinity become null.

    Parameters
    ----------
    value : object
        Mappings with text keys, sequences, NumPy arrays and scalars, text, numbers, booleans, None.

    Raises
    ------
    TypeError
        For any other object, naming the place.

    Examples
    --------
    >>> json_bytes({"cfi": float("nan"), "n": np.int64(92)})
    b'{\n  "cfi": null,\n  "n": 92\n}\n'

    """
    return (json.dumps(_plain_value(value, "value"), indent=2, allow_nan=False) + "\n").encode("ascii")


def _plain_value(value: object, place: str) -> object:
    """Return a value made of what JSON knows."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, list | tuple):
        return [_plain_value(part, f"{place}[{number}]") for number, part in enumerate(value)]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _plain_value(part, f"{place}.{key}") for key, part in value.items()}
    raise TypeError(
        f"{place} is a {type(value).__name__}; JSON holds texts, numbers, lists and text-keyed mappings"
    )
