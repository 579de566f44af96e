"""The folder of ``--out``: tried before anything is computed, filled after, results shown in any case."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile

import typer

from sopsem.cli.inputs import SurveyData
from sopsem.errors import FileError
from sopsem.report.escape import terminal_text
from sopsem.report.frame_csv import frame_csv
from sopsem.runs.atomic import write_all

__all__ = ["require_writable", "survey_files", "write_folder"]


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
    """Write all files or none; the error is returned, so that the results can still be printed before it."""
    try:
        write_all({str(path): content for path, content in files.items()})
    except FileError as error:
        return error
    typer.echo(terminal_text(f"written: {folder}"), err=True)
    return None


def survey_files(data: SurveyData, folder: Path) -> dict[Path, bytes]:
    """Return the log of every recode and the rows left out, as CSV files in ``folder``."""
    return {
        folder / "recode_log.csv": frame_csv(data.responses.log),
        folder / "excluded_rows.csv": frame_csv(data.complete.excluded),
    }
