"""The sheets of a codebook as rows: one for a CSV file, several for a workbook."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from html import unescape
from pathlib import Path

from sopsem.errors import FileError
from sopsem.survey.csv_text import csv_grid
from sopsem.survey.encoding import decode
from sopsem.survey.formats.archive import check_archive
from sopsem.survey.formats.door import read_local
from sopsem.survey.formats.sandbox import parse_apart
from sopsem.survey.formats.signatures import kind_of, refuse_misnamed
from sopsem.survey.messages import quote, quote_path
from sopsem.survey.table import Grid, Row

__all__ = ["README", "codebook_bytes", "codebook_sheets"]

LARGEST_CODEBOOK = 1_000_000  # bytes
TEXT, WORKBOOK = ("csv", "txt", "tsv"), "xlsx"
README = "read me"
MOST_SHEETS = 30
SHEET = re.compile(rb'<(?:\w+:)?sheet\b[^>]*?\bname="([^"<>]*)"')


def codebook_bytes(path: Path) -> bytes:
    """Read a codebook whole.

    Raises
    ------
    UsageError
        An address on a network.
    FileError
        Not there, not readable, no regular file.
    ResourceLimitError
        Larger than 1 MB.

    """
    return read_local(path, LARGEST_CODEBOOK)


def codebook_sheets(path: Path, raw: bytes, wanted: Sequence[str] = ()) -> Mapping[str, Grid]:
    """Return sheet name -> rows; the one sheet of a CSV file has no name.

    Of a workbook the sheets wanted are read, by default all but one called "read me".

    Raises
    ------
    FileError
        Neither CSV nor a workbook, or damaged.
    ResourceLimitError
        A workbook that unpacks to too much, or takes too long to read.

    """
    title, ending = quote_path(path), path.suffix.lower().removeprefix(".")
    if ending not in (*TEXT, WORKBOOK):
        raise FileError(
            f"{title}: no codebook ends in {quote(path.suffix)}; known: .toml, .csv, .xlsx, .sframe"
        )
    kind = kind_of(raw, title)
    refuse_misnamed(ending, kind, title)
    if ending in TEXT:
        return {"": csv_grid(decode(raw, title), title)}
    check_archive(raw, title)
    names = [name for name in sheet_names(raw, title) if (name in wanted if wanted else name != README)]
    return {name: _sheet(kind, raw, title, name) for name in names}


def sheet_names(raw: bytes, title: str) -> list[str]:
    """Return the names of the sheets of an .xlsx file that `check_archive` has passed.

    Raises
    ------
    FileError
        More sheets than a codebook has, or no list of sheets.

    """
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = archive.namelist()
        book = archive.read("xl/workbook.xml")[:LARGEST_CODEBOOK] if "xl/workbook.xml" in names else b""
    found = [unescape(name.decode("utf-8", "replace")) for name in SHEET.findall(book)]
    if not 0 < len(found) <= MOST_SHEETS:
        raise FileError(f"{title}: {len(found)} sheets; a codebook has from 1 to {MOST_SHEETS}")
    return found


def _sheet(kind: str, raw: bytes, title: str, name: str) -> Grid:
    found = parse_apart(kind, raw, title, name)
    columns = [[column["texts"][code] for code in column["codes"]] for column in found["columns"]]
    rows = [
        Row(line=line, fields=fields)
        for line, fields in zip(found["lines"], zip(*columns, strict=True), strict=True)
    ]
    return Grid(rows=rows, format=kind, sheet=name, word="row", strict=False)
