"""The bytes of a codebook, and its sheets as rows: one for a CSV file, several for a workbook."""

from collections.abc import Mapping
from pathlib import Path

from sopsem.errors import FileError, ResourceLimitError
from sopsem.survey.csv_text import csv_grid
from sopsem.survey.encoding import decode
from sopsem.survey.messages import quote, quote_path
from sopsem.survey.table import Grid

__all__ = ["LARGEST_CODEBOOK", "codebook_bytes", "codebook_sheets"]

LARGEST_CODEBOOK = 1_000_000  # bytes


def codebook_bytes(path: Path) -> bytes:
    """Read a codebook whole.

    Raises
    ------
    FileError
        Not there, not readable, no regular file.
    ResourceLimitError
        Larger than 1 MB.

    """
    title = quote_path(path)
    try:
        if path.exists() and not path.is_file():  # reading a pipe or a device could wait for ever
            raise FileError(f"{title}: is not a regular file; give the path of a codebook")
        with path.open("rb") as file:
            raw = file.read(LARGEST_CODEBOOK + 1)
    except OSError as error:
        raise FileError(f"{title}: cannot read the questionnaire: {error.strerror}") from error
    except ValueError as error:  # a NUL in the path
        raise FileError(f"{title}: not a usable path: {error}") from error
    if len(raw) > LARGEST_CODEBOOK:
        raise ResourceLimitError(f"{title}: larger than the limit of {LARGEST_CODEBOOK:,} bytes")
    return raw


def codebook_sheets(path: Path, raw: bytes) -> Mapping[str, Grid]:
    """Return sheet name -> rows; the one sheet of a CSV file has no name.

    Raises
    ------
    FileError
        Neither CSV nor a workbook, or damaged.

    """
    title, ending = quote_path(path), path.suffix.lower()
    if ending not in {".csv", ".txt", ".tsv"}:
        raise FileError(f"{title}: no codebook ends in {quote(ending)}; known: .toml, .csv, .xlsx, .sframe")
    return {"": csv_grid(decode(raw, title), title)}
