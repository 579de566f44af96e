"""Survey files by type: a registry of readers, and the door every file passes first.

A new file format is one function here, registered under its file ending.
"""

import re
from pathlib import Path

from sopsem.errors import FileError, ResourceLimitError, UsageError
from sopsem.registry import Registry
from sopsem.survey.csv_text import parse_csv
from sopsem.survey.encoding import decode
from sopsem.survey.messages import quote, quote_path
from sopsem.survey.table import Table

__all__ = ["LARGEST_FILE", "formats", "read_bytes", "read_table"]

LARGEST_FILE = 200_000_000  # bytes

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|\\\\")
PICKLED = (".pkl", ".pickle", ".joblib", ".npy", ".npz", ".dill")
SIGNATURES = (
    (b"PK\x03\x04", "a zip archive, probably an Excel workbook (.xlsx) or an OpenDocument sheet"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or another Office file"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ\x00", "an xz archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7-zip archive; unpack it first"),
    (b"$FL", "an SPSS file (.sav)"),
    (b"<stata_dta>", "a Stata file (.dta)"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"SQLite format 3", "a SQLite database"),
    (b"{\\rtf", "an RTF document"),
)
PICKLE_OPCODE = b"\x80"
MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<head")

formats = Registry("survey file format")


@formats.register("csv", label="comma, semicolon or tab separated text", source="RFC 4180")
def read_csv(raw: bytes, title: str, *, encoding: str | None = None, delimiter: str | None = None) -> Table:
    """Read delimited text; the delimiter is told from the header, or is what the line ``sep=;`` says."""
    return parse_csv(decode(raw, title, encoding), title, delimiter)


formats.register("txt", label="as csv", source="RFC 4180")(read_csv)
formats.register("tsv", label="as csv, usually tab separated", source="IANA media types")(read_csv)


def read_table(
    path: str | Path, raw: bytes, *, encoding: str | None = None, delimiter: str | None = None
) -> Table:
    r"""Read the bytes of a survey file with the reader of its ending.

    Raises
    ------
    FileError, DataError
        As the reader finds; an ending without a reader is a FileError that names the known ones.

    Examples
    --------
    >>> read_table("a.csv", b"a,b\n1,2\n").columns
    ('a', 'b')

    """
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending not in formats:
        raise FileError(
            f"{quote_path(path)}: no reader for files ending in {quote('.' + ending)}; "
            f"known: {', '.join('.' + entry.name for entry in formats)}. Save the survey as CSV"
        )
    table: Table = formats[ending].function(raw, quote_path(path), encoding=encoding, delimiter=delimiter)
    return table


def read_bytes(path: str | Path, limit: int = LARGEST_FILE) -> bytes:
    """Read a local regular file whole, after checking that it may be a survey.

    Raises
    ------
    UsageError
        The path is an address on a network; nothing is ever fetched.
    FileError
        Missing, a directory, not readable, empty, or a binary file (which is named).
    ResourceLimitError
        Larger than ``limit`` bytes.

    """
    if URL.match(str(path)):
        raise UsageError(f"{quote_path(path)}: only local files are read; download it and give the path")
    if str(path).lower().endswith(PICKLED):
        raise FileError(
            f"{quote_path(path)}: a pickle can run code when it is opened; export the survey as CSV"
        )
    raw = _read(Path(path), limit)
    _refuse_binary(raw, quote_path(path))
    return raw


def _read(path: Path, limit: int) -> bytes:
    title = quote_path(path)
    try:
        if not path.exists():
            raise FileError(f"{title}: no such file")
        if not path.is_file():  # reading a pipe or a device could wait or go on for ever
            kind = "a directory" if path.is_dir() else "not a regular file"
            raise FileError(f"{title}: is {kind}; give the path of a survey file")
        if path.stat().st_size > limit:
            raise ResourceLimitError(f"{title}: larger than the limit of {limit:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"{title}: cannot be read: {error.strerror}") from error


def _refuse_binary(raw: bytes, title: str) -> None:
    if not raw.strip():
        raise FileError(f"{title}: the file is empty")
    for signature, kind in SIGNATURES:
        if raw.startswith(signature):
            raise FileError(f"{title}: this is not delimited text but {kind}; export the survey as CSV")
    if raw.startswith(PICKLE_OPCODE) and raw[1:2] in b"\x02\x03\x04\x05":
        raise FileError(f"{title}: a Python pickle can run code when it is opened; export the survey as CSV")
    if raw.lstrip()[:15].lower().startswith(MARKUP):
        raise FileError(f"{title}: this is not delimited text but a web page or XML; export as CSV")
