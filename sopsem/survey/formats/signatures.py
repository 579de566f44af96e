"""What kind of file some bytes are, by how they begin; never by the name alone."""

import io
import zipfile

from sopsem.errors import FileError

__all__ = ["ENDINGS", "SIGNATURES", "kind_of", "refuse_misnamed", "refuse_other_kinds"]

# kind -> endings a file of that kind may have
ENDINGS = {
    "csv": ("csv", "txt", "tsv", "tab", "dat"),
    "xlsx": ("xlsx", "xlsm"),
    "xls": ("xls",),
    "ods": ("ods",),
    "sav": ("sav", "zsav"),
    "dta": ("dta",),
    "parquet": ("parquet", "pq"),
    "zip": ("zip",),
    "gz": ("gz",),
}
WORDS = {
    "csv": "delimited text",
    "xlsx": "an Excel workbook (.xlsx)",
    "xls": "an old Excel workbook (.xls)",
    "ods": "an OpenDocument workbook (.ods)",
    "sav": "an SPSS file (.sav)",
    "dta": "a Stata file (.dta)",
    "parquet": "a Parquet file",
    "zip": "a zip archive",
    "gz": "a gzip archive",
}
READABLE = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),
    (b"<stata_dta>", "dta"),
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gz"),
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
BOOK_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
SIGNATURES = (
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ\x00", "an xz archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7-zip archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"\x1c\x00\x00\x00\x00\x00\x00\x00ENCRYPTEDSAV", "an SPSS file with a password; save it without one"),
    (b"HEADER RECORD*******", "a SAS transport file"),
    (b"ASCII SPSS PORT FILE", "an SPSS portable file (.por); save it as .sav"),
    (b"ARROW1", "an Arrow file"),
    (b"RDX", "R data (.RData)"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"GIF8", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy file"),
    (b"SQLite format 3", "a SQLite database"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
SAMPLE = 1000  # bytes
PICKLE_OPCODE = b"\x80"
MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<head", b"<meta", b"<style", b"<script", b"<!--")
BOM = b"\xef\xbb\xbf"


def refuse_other_kinds(raw: bytes, title: str) -> None:
    """Raise FileError for empty files and kinds of file that are no survey, naming what they are."""
    if not raw.removeprefix(BOM).strip():
        raise FileError(f"{title}: the file is empty")
    for signature, kind in SIGNATURES:
        if raw.startswith(signature):
            raise FileError(f"{title}: this is not a survey file but {kind}; export the survey as CSV")
    if raw.startswith(PICKLE_OPCODE) and raw[1:2] in b"\x02\x03\x04\x05":
        raise FileError(f"{title}: a Python pickle can run code when it is opened; export the survey as CSV")
    if raw.removeprefix(BOM).lstrip()[:15].lower().startswith(MARKUP):
        raise FileError(f"{title}: this is not a survey file but a web page or XML; export it as CSV")


def kind_of(raw: bytes, title: str) -> str:
    """Return the kind of a file, a key of ``ENDINGS``; text is "csv".

    Raises
    ------
    FileError
        An Office file that is no workbook, or one with a password.

    Examples
    --------
    >>> kind_of(b"a,b", "a.csv"), kind_of(b"$FL2@(#)", "a.sav")
    ('csv', 'sav')

    """
    if raw.startswith(OLD_OFFICE):
        return _old_office(raw, title)
    kind = next((kind for signature, kind in READABLE if raw.startswith(signature)), None)
    if kind == "zip":
        return _zip_kind(raw, title)
    # Stata before version 13: release 104 to 115, byte order 1 or 2, file type 1, a padding byte of 0
    old_stata = len(raw) > 3 and 104 <= raw[0] <= 115 and raw[1] in (1, 2) and raw[2:4] == b"\x01\x00"
    return kind or ("dta" if old_stata else "csv")


def _old_office(raw: bytes, title: str) -> str:
    if ENCRYPTED_PACKAGE in raw:
        raise FileError(f"{title}: the workbook is protected with a password; save it without one")
    if not any(name in raw for name in BOOK_STREAMS):
        raise FileError(f"{title}: this is an old Office file, but no workbook; export the survey as CSV")
    return "xls"


def _zip_kind(raw: bytes, title: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise FileError(f"{title}: the zip archive or workbook is damaged or cut short: {error}") from error
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        return "ods"
    for part, said in (("word/", "a Word document"), ("ppt/", "slides"), ("xl/", "an Excel binary workbook")):
        if any(name.startswith(part) for name in names):
            raise FileError(f"{title}: this is {said}; save the survey as .xlsx or CSV")
    return "zip"


def refuse_misnamed(ending: str, kind: str, title: str, raw: bytes = b"") -> None:
    """Raise FileError where the ending says another kind than the bytes."""
    if ending in ENDINGS[kind]:
        return
    said = next((WORDS[k] for k, endings in ENDINGS.items() if ending in endings), f"a {'.' + ending} file")
    if kind == "csv" and _no_text(raw):
        raise FileError(f"{title}: the name says {said}, but it does not begin like one; the file is damaged")
    raise FileError(
        f"{title}: the name says {said}, but this is {WORDS[kind]}; name it {'.' + ENDINGS[kind][0]}"
    )


def _no_text(raw: bytes) -> bool:
    """Say whether bytes that begin like no kind of file hold controls that no text has."""
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    return not marked and any(byte < 9 or 13 < byte < 27 for byte in raw[:SAMPLE])
