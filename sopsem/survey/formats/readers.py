"""One reader per kind of file; which one is decided by the file's first bytes, and its ending must agree."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sopsem.errors import DataError, FileError, UsageError
from sopsem.registry import Registry
from sopsem.survey.csv_text import parse_csv
from sopsem.survey.encoding import decode
from sopsem.survey.formats.archive import check_archive, gunzip, single_file
from sopsem.survey.formats.door import LARGEST_FILE, read_local
from sopsem.survey.formats.sandbox import parse_apart
from sopsem.survey.formats.signatures import ENDINGS, kind_of, refuse_misnamed, refuse_other_kinds
from sopsem.survey.messages import enumerated, quote, quote_path
from sopsem.survey.table import Grid, Row, Table
from sopsem.survey.tabulate import header_faults, tabulate
from sopsem.survey.tools.recognise import named_layout

__all__ = ["Options", "formats", "read_bytes", "read_table"]

formats = Registry("survey file format")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a user may say about a file that it does not say itself."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


def read_bytes(path: str | Path, limit: int = LARGEST_FILE) -> bytes:
    """Read a local regular file whole, after checking that it may be a survey.

    Raises
    ------
    UsageError
        The path is an address on a network; nothing is ever fetched.
    FileError
        Missing, a directory, not readable, empty, or a file of a kind that is no survey (which is named).
    ResourceLimitError
        Larger than ``limit`` bytes.

    """
    raw = read_local(path, limit)
    refuse_other_kinds(raw, quote_path(path))
    return raw


def read_table(
    path: str | Path,
    raw: bytes,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Table:
    r"""Read the bytes of a survey file with the reader of its kind.

    Parameters
    ----------
    path
        The name of the file, whose ending must agree with its first bytes.
    raw
        What it holds.
    encoding, delimiter, sheet
        What to use instead of what the file shows.

    Raises
    ------
    FileError, DataError, ResourceLimitError
        As the reader finds; an ending without a reader, or one that belongs to another kind of file, is a
        FileError.
    UsageError
        An option that files of this kind do not have.

    Examples
    --------
    >>> read_table("a.csv", b"a,b\n1,2\n").columns
    ('a', 'b')

    """
    title = quote_path(path)
    ending = Path(path).suffix.lower().removeprefix(".")
    kind = kind_of(raw, title)
    if not any(ending in endings for endings in ENDINGS.values()):
        known = ", ".join(f".{each}" for endings in ENDINGS.values() for each in endings)
        raise FileError(
            f"{title}: no reader for files ending in {quote('.' + ending)}; known: {known}. Save the survey as CSV"
        )
    refuse_misnamed(ending, kind, title, raw)
    options = Options(encoding=encoding, delimiter=delimiter, sheet=sheet)
    if kind in ("zip", "gz"):
        return _unpacked(kind, path, raw, options)
    table: Table = formats[kind].function(raw, title, options)
    return table


def _unpacked(kind: str, path: str | Path, raw: bytes, options: Options) -> Table:
    """Read the one file in an archive; an archive in an archive is not opened."""
    title = quote_path(path)
    if kind == "gz":
        name, inner = Path(path).stem, gunzip(raw, title)
    else:
        check_archive(raw, title)
        name, inner = single_file(raw, title)
    refuse_other_kinds(inner, title)
    if kind_of(inner, title) in ("zip", "gz"):
        raise FileError(f"{title}: holds another archive; unpack it first")
    return read_table(
        name, inner, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet
    )


@formats.register("csv", label="comma, semicolon or tab separated text", source="RFC 4180")
def read_csv(raw: bytes, title: str, options: Options) -> Table:
    """Read delimited text; the delimiter is told from the header, or is what the line ``sep=;`` says."""
    _refuse_option(options, "sheet", title)
    return parse_csv(decode(raw, title, options.encoding), title, options.delimiter)


@formats.register("xlsx", label="Excel workbook", source="Office Open XML, ECMA-376; read by calamine")
def read_xlsx(raw: bytes, title: str, options: Options) -> Table:
    """Read one sheet of an Excel workbook."""
    check_archive(raw, title)
    return _read_sheet("xlsx", raw, title, options)


@formats.register("xls", label="Excel workbook before 2007", source="MS-XLS; read by calamine")
def read_xls(raw: bytes, title: str, options: Options) -> Table:
    """Read one sheet of an old Excel workbook."""
    return _read_sheet("xls", raw, title, options)


@formats.register("ods", label="OpenDocument workbook", source="OASIS OpenDocument; read by calamine")
def read_ods(raw: bytes, title: str, options: Options) -> Table:
    """Read one sheet of an OpenDocument workbook."""
    check_archive(raw, title)
    return _read_sheet("ods", raw, title, options)


@formats.register("sav", label="SPSS data", source="SPSS system file; read by ReadStat")
def read_sav(raw: bytes, title: str, options: Options) -> Table:
    """Read an SPSS file: raw codes, user-missing values kept and named."""
    return _read_data("sav", raw, title, options)


@formats.register("dta", label="Stata data", source="Stata .dta; read by ReadStat")
def read_dta(raw: bytes, title: str, options: Options) -> Table:
    """Read a Stata file: raw codes, extended missing values kept and named."""
    return _read_data("dta", raw, title, options)


@formats.register("parquet", label="Parquet columns", source="Apache Parquet; read by pyarrow")
def read_parquet(raw: bytes, title: str, options: Options) -> Table:
    """Read a Parquet file."""
    _refuse_option(options, "encoding", title)
    return _read_data("parquet", raw, title, options)


def _refuse_option(options: Options, name: str, title: str) -> None:
    if getattr(options, name) is not None:
        raise UsageError(f"{title}: a file of this kind has no {name}; leave {name}= out")


def _read_sheet(kind: str, raw: bytes, title: str, options: Options) -> Table:
    _refuse_option(options, "encoding", title)
    _refuse_option(options, "delimiter", title)
    found = parse_apart(kind, raw, title, options.sheet)
    columns = [_texts(column) for column in found["columns"]]
    rows = [
        Row(line=line, fields=fields)
        for line, fields in zip(found["lines"], zip(*columns, strict=True), strict=True)
    ]
    if not rows:
        raise DataError(f"{title}: 0 respondents: the sheet holds nothing")
    grid = Grid(rows=rows, format=kind, sheet=found["sheet"], word="row", strict=False, notes=_notes(found))
    return tabulate(grid, f"{title}, sheet {quote(found['sheet'])}")


def _read_data(kind: str, raw: bytes, title: str, options: Options) -> Table:
    _refuse_option(options, "delimiter", title)
    _refuse_option(options, "sheet", title)
    found = parse_apart(kind, raw, title, options.encoding)
    columns = found["columns"]
    names = tuple(column["name"] for column in columns)
    cells = tuple(_texts(column) for column in columns)
    if faults := list(header_faults(names)):
        raise DataError(enumerated(title, faults))
    if not cells or not cells[0]:
        raise DataError(f"{title}: 0 respondents: the file has no rows")
    layout = named_layout(names, tuple(column["heading"] for column in columns))
    return Table(
        columns=names,
        cells=cells,
        lines=range(1, len(cells[0]) + 1),
        format=kind,
        tool=layout.tool,
        encoding=found["encoding"],
        word="row",
        headings=layout.headings,
        aliases=layout.aliases,
        roles={role: names[at] for role, at in layout.roles.items()},
        value_labels=_by_column(columns, "labels"),
        missing=_by_column(columns, "missing"),
        notes=(*layout.notes, *_notes(found)),
    )


def _texts(column: Mapping[str, Any]) -> tuple[str, ...]:
    texts = column["texts"]
    return tuple(texts[code] for code in column["codes"])


def _by_column(columns: list[dict[str, Any]], key: str) -> dict[str, dict[str, str]]:
    return {column["name"]: column[key] for column in columns if column[key]}


def _notes(found: Mapping[str, Any]) -> tuple[str, ...]:
    unlimited = (
        "" if found["limited"] else "this system cannot limit the memory of the process that read the file"
    )
    return tuple(note for note in (*found.get("notes", ()), unlimited) if note)
