"""What a result was made from, told in its manifest: command, options, hashes of what was read, versions.

``sopsem verify`` runs the same command again from it, so everything that decides a number is in it, and nothing that
does not: where results go, how many workers helped.
"""

import os
import platform
import sys
from collections.abc import Mapping
from hashlib import file_digest, sha256
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sopsem import __version__
from sopsem.cli.recorded import running
from sopsem.errors import SopsemError
from sopsem.kernel import BACKEND
from sopsem.runs.atomic import json_bytes
from sopsem.runs.identity import digest
from sopsem.survey.shipped import find_survey

__all__ = ["note_frame", "run_manifest", "seal_of", "sealed"]

NO_RESULT = frozenset({"as_json", "out", "workers", "store", "resume"})  # these change no number
PACKAGES = ("numpy", "scipy", "pandas", "matplotlib")
SHIPPED = {"instrument": "instruments", "study": "study/published"}
SEAL = "sha256_result"


def note_frame(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Put the hash of a table that was read on record, and return the table; text counts as text, numbers as float64.

    >>> note_frame("data", pd.DataFrame({"a": [1, 2]}))["a"].tolist()
    [1, 2]
    """
    run = running()
    if run is not None:
        run.frames[name] = frame_digest(frame)
    return frame


def frame_digest(frame: pd.DataFrame) -> str:
    """Return the hash of a table: its column names, then its columns in their order.

    >>> frame_digest(pd.DataFrame({"a": [1]})) == frame_digest(pd.DataFrame({"a": [1.0]}))
    True
    """
    parts: list[Any] = []
    for name in frame.columns:
        numbers = pd.api.types.is_numeric_dtype(frame[name])
        content = frame[name].to_numpy(dtype=np.float64) if numbers else "\x1f".join(map(str, frame[name]))
        parts += [str(name), content]
    return digest(*parts)


def run_manifest() -> dict[str, object]:
    """Return command, options, inputs, versions and platform of the command that runs now; {} outside of one."""
    run = running()
    if run is None:
        return {}
    folder = _folder(run.options.get("out"))
    options = {k: _told(v, folder) for k, v in sorted(run.options.items()) if k not in NO_RESULT}
    return {
        "command": run.command,
        "options": options,
        "tables": {name: {"sha256_matrix": found} for name, found in run.frames.items()},
        **surroundings(run.options),
    }


def surroundings(options: Mapping[str, Any]) -> dict[str, object]:
    """Return what is known before anything is computed: hashes of the files that options name, versions, platform.

    >>> surroundings({"study": "political_democracy"})["inputs"]["study"]["file"]
    'political_democracy.toml'
    """
    return {
        "inputs": _inputs(options),
        "versions": versions(),
        "backend": BACKEND,
        "platform": f"{sys.platform} {platform.machine()}",
    }


def versions() -> dict[str, str]:
    """Return the versions that numbers may depend on.

    >>> sorted(versions())
    ['matplotlib', 'numpy', 'pandas', 'python', 'scipy', 'sopsem']
    """
    return {
        "python": platform.python_version(),
        "sopsem": __version__,
        **{name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _folder(out: object) -> Path:
    """Return the folder that paths are told from: that of the result, or the one we are in."""
    if not isinstance(out, str | Path):
        return Path.cwd()
    path = Path(out).absolute()
    return path.parent if path.suffix else path


def _told(value: object, folder: Path) -> object:
    """Return an option as JSON knows it; a file is told by its way from the result, so that both can move together."""
    if isinstance(value, list | tuple):
        return [_told(one, folder) for one in value]
    if _is_file(value):
        try:
            return Path(os.path.relpath(str(value), folder)).as_posix()
        except ValueError:  # another drive
            return Path(str(value)).name
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _is_file(value: object) -> bool:
    try:
        return isinstance(value, str | Path) and Path(value).exists()
    except (OSError, ValueError):  # a text too long for a path, or with a NUL
        return False


def _inputs(options: Mapping[str, Any]) -> dict[str, object]:
    """Return name and hash of every file that the options name, shipped ones included."""
    found = {k: _source(k, v) for k, v in sorted(options.items()) if k not in NO_RESULT}
    return {
        name: {"file": path.name, "sha256": _hash(path)} for name, path in found.items() if path is not None
    }


def _source(name: str, value: object) -> Path | None:
    """Return the file that an option names, or None."""
    if name == "survey":
        try:
            path = find_survey(value)  # type: ignore[arg-type]
        except SopsemError:
            return None
        return path if path.is_file() else None
    if _is_file(value) and Path(str(value)).is_file():
        return Path(str(value))
    shipped = Path(str(resources.files("sopsem"))) / SHIPPED.get(name, "") / f"{value}.toml"
    return shipped if name in SHIPPED and isinstance(value, str) and shipped.is_file() else None


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def seal_of(result: Mapping[str, Any]) -> str:
    """Return the hash of a result but for its seal.

    >>> seal_of({"a": 1}) == seal_of({"a": 1, "manifest": {"sha256_result": "any"}})
    False
    >>> seal_of({"a": 1, "manifest": {}}) == seal_of({"a": 1, "manifest": {"sha256_result": "any"}})
    True
    """
    manifest = result.get("manifest")
    if isinstance(manifest, Mapping):
        result = {**result, "manifest": {k: v for k, v in manifest.items() if k != SEAL}}
    return sha256(json_bytes(result)).hexdigest()


def sealed(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result with the manifest of the command that runs now, and the seal over all of it."""
    known = result.get("manifest")
    manifest = {**run_manifest(), **(known if isinstance(known, Mapping) else {})}
    whole = {**result, "manifest": manifest} if manifest else dict(result)
    return {**whole, "manifest": {**manifest, SEAL: seal_of(whole)}} if manifest else whole
