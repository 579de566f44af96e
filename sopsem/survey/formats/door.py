"""The door every file passes: local, regular, not too large, and what it holds read whole."""

import os
import re
import stat
from pathlib import Path

from sopsem.errors import FileError, ResourceLimitError, UsageError
from sopsem.survey.messages import quote_path, suggestion

__all__ = ["LARGEST_FILE", "beside", "inside", "read_local"]

LARGEST_FILE = 200_000_000  # bytes
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|\\\\")
PICKLED = (".pkl", ".pickle", ".joblib", ".npy", ".npz", ".dill")
NON_BLOCKING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_local(path: str | Path, limit: int = LARGEST_FILE) -> bytes:
    """Read a local regular file whole.

    Raises
    ------
    UsageError
        The path is an address on a network; nothing is ever fetched.
    FileError
        Missing, a directory, a pipe or device, not readable, or a pickle by its name.
    ResourceLimitError
        Larger than ``limit`` bytes.

    """
    title = quote_path(path)
    if URL.match(str(path)):
        raise UsageError(f"{title}: only local files are read; download it and give the path")
    if str(path).lower().endswith(PICKLED):
        raise FileError(f"{title}: a pickle can run code when it is opened; export the survey as CSV")
    try:
        if not Path(path).exists():
            raise FileError(f"{title}: no such file{beside(Path(path))}")
        _refuse_irregular(Path(path).stat().st_mode, title)
        return _read(Path(path), limit, title)
    except OSError as error:
        raise FileError(f"{title}: cannot be read: {error.strerror}") from error


def beside(path: Path) -> str:
    """Return ``, did you mean 'x'?`` with the file of the same folder whose name is most like this one, or nothing.

    >>> beside(Path("no such folder/survey.csv"))
    ''
    """
    folder = path.parent
    return suggestion(path.name, (each.name for each in folder.iterdir())) if folder.is_dir() else ""


def _refuse_irregular(mode: int, title: str) -> None:
    if not stat.S_ISREG(mode):  # reading a pipe or a device could wait or go on for ever
        kind = "a directory" if stat.S_ISDIR(mode) else "not a regular file"
        raise FileError(f"{title}: is {kind}; give the path of a survey file")


def _read(path: Path, limit: int, title: str) -> bytes:
    """Read what was opened, checked again: the path may have changed hands since it was looked at."""
    with open(os.open(path, os.O_RDONLY | NON_BLOCKING), "rb") as file:  # noqa: PTH123 - a descriptor
        _refuse_irregular(os.fstat(file.fileno()).st_mode, title)
        raw = b"" if os.fstat(file.fileno()).st_size > limit else file.read(limit + 1)
        if os.fstat(file.fileno()).st_size > limit or len(raw) > limit:
            raise ResourceLimitError(f"{title}: larger than the limit of {limit:,} bytes")
    return raw


def inside(folder: Path, name: str) -> Path:
    """Return the path of a file that another file names, which must stay in the folder, links and all.

    Raises
    ------
    FileError
        An absolute path, one that leaves the folder, or a symbolic link on the way.

    Examples
    --------
    >>> inside(Path("survey"), "../secret.csv")
    Traceback (most recent call last):
    sopsem.errors.FileError: '../secret.csv': a file named in 'survey' must stay in that folder

    """
    named = Path(name)
    home = folder.resolve()
    steps = [folder / Path(*named.parts[: k + 1]) for k in range(len(named.parts))]
    away = named.is_absolute() or not (home / named).resolve().is_relative_to(home)
    if away or not named.parts or ".." in named.parts or URL.match(name):
        raise FileError(f"{quote_path(name)}: a file named in {quote_path(folder)} must stay in that folder")
    if any(step.is_symlink() for step in steps):
        raise FileError(
            f"{quote_path(name)}: is a symbolic link, or lies behind one; put the file itself there"
        )
    return folder / named
