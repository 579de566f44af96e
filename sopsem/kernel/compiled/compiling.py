"""How functions are compiled: once for this machine, kept on disk, free of Python while they run."""

import hashlib
import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numba

__all__ = ["compiled", "woven"]


def _cache_folder() -> str:
    """Return this user's folder for code compiled from exactly these sources with these versions.

    Numba looks at the file of a function only; here a function is made of others, so all of them name the folder.
    """
    sources = b"".join(p.read_bytes() for p in sorted(Path(__file__).parent.glob("*.py")))
    versions = f"{numba.__version__} {version('numpy')} {sys.version}"
    name = hashlib.sha256(sources + versions.encode()).hexdigest()[:16]
    if sys.platform == "win32":
        home = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return str(home / "sopsem" / f"compiled-{name}")


def _can_be_written(folder: str) -> bool:
    """Say whether code can be kept there; where it cannot, every process compiles for itself."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def compiled(function: Callable[..., Any], inline: str = "never") -> Any:
    """Compile a function on its first call; the machine code is kept in the user's cache folder."""
    outermost = function.__name__ == "search"  # its code holds that of all others
    kept = outermost and _can_be_written(_FOLDER)
    settings: Any = numba.config
    before, settings.CACHE_DIR = settings.CACHE_DIR, _FOLDER
    options: Any = {
        "inline": inline,
        "cache": kept,
        "nogil": True,
        "error_model": "numpy",
        "boundscheck": False,
        "no_cpython_wrapper": not outermost,
        "no_cfunc_wrapper": True,
    }
    try:
        return numba.njit(function, **options)
    finally:
        settings.CACHE_DIR = before


def woven(function: Callable[..., Any]) -> Any:
    """Compile a function as part of those that call it: what is called from one place needs no code of its own."""
    return compiled(function, inline="always")


_FOLDER = _cache_folder()
