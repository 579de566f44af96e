"""The folder of ``--out``: tried before anything is computed, filled after, results shown in any case."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile

import typer

from sopsem.cli.inputs import SurveyData
from sopsem.cli.provenance import run_manifest, sealed
from sopsem.errors import FileError
from sopsem.report.escape import terminal_text
from sopsem.report.frame_csv import frame_csv
from sopsem.runs.atomic import json_bytes, write_all

__all__ = ["require_writable", "survey_files", "write_folder"]

MANIFEST = "manifest.json"


def require_writable(folder: Path | None) -> None:
    """Raise FileError when files cannot be written to a folder; folders made to find out are gone again.

    >>> require_writable(None)
    """
    if folder is None:
        return
    try:
        with ExitStack() as undo:
            for part in reversed([p for p in (folder, *folder.parents) if not p.exists()]):
                part.mkdir()
                undo.callback(part.rmdir)
            undo.enter_context(TemporaryFile(dir=folder))
    except OSError as error:
        why = error.strerror or error
        raise FileError(f"--out {folder}: cannot be written ({why}); choose another folder") from error


def write_folder(files: Mapping[Path, bytes], folder: Path) -> FileError | None:
    """Write all files or none; the error is returned, so that the results can still be printed before it.

    A folder gets a ``manifest.json`` that names the command and vouches for every file in it.
    """
    try:
        write_all({str(path): content for path, content in _vouched(files, folder).items()})
    except FileError as error:
        return error
    typer.echo(terminal_text(f"written: {folder}"), err=True)
    return None


def _vouched(files: Mapping[Path, bytes], folder: Path) -> dict[Path, bytes]:
    """Return the files of a folder with their manifest as the last, since it vouches for the others."""
    if folder in files or not run_manifest():
        return dict(files)
    others = {path: content for path, content in files.items() if path != folder / MANIFEST}
    others = {
        path: _sealed(content) if path.suffix == ".json" else content for path, content in others.items()
    }
    hashes = {p.relative_to(folder).as_posix(): sha256(c).hexdigest() for p, c in others.items()}
    known = json.loads(files.get(folder / MANIFEST, b"{}"))
    whole = sealed({"manifest": {**known, "files": hashes}})["manifest"]
    return {**others, folder / MANIFEST: json_bytes(whole)}


def _sealed(content: bytes) -> bytes:
    """Return a JSON file with its seal, when it is a result with a manifest."""
    value = json.loads(content)
    return json_bytes(sealed(value)) if isinstance(value, dict) and "manifest" in value else content


def survey_files(data: SurveyData, folder: Path) -> dict[Path, bytes]:
    """Return the log of every recode and the rows left out, as CSV files in ``folder``."""
    return {
        folder / "recode_log.csv": frame_csv(data.responses.log),
        folder / "excluded_rows.csv": frame_csv(data.complete.excluded),
    }
