"""Delimited text to a table of cells, all of them text, with the line each row began on."""

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from sopsem.errors import DataError, FileError, ResourceLimitError, UsageError
from sopsem.survey.encoding import Decoded
from sopsem.survey.messages import enumerated, places, quote

__all__ = ["Table", "parse_csv"]

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}


@dataclass(frozen=True, kw_only=True)
class Table:
    """The cells of a file: ``cells[j][i]`` is the text of column j in the row that begins on ``lines[i]``.

    ``headings`` are the question texts of a second header row where the survey tool writes one.
    """

    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    encoding: str
    delimiter: str
    headings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Record:
    line: int
    fields: list[str]


def parse_csv(decoded: Decoded, title: str, delimiter: str | None = None) -> Table:
    r"""Read comma, semicolon or tab separated text strictly.

    Raises
    ------
    FileError
        Empty file, a quote that is never closed, text after a closing quote, a delimiter that cannot be told.
    DataError
        No rows, columns without a name or with the same name, rows that are too long or too short.

    Examples
    --------
    >>> table = parse_csv(Decoded(text="a;b\n1;2\n", encoding="utf-8"), "a.csv")
    >>> table.columns, table.cells, table.delimiter
    (('a', 'b'), (('1',), ('2',)), ';')

    """
    lines = list(io.StringIO(decoded.text, newline=""))
    declared, skipped = _declared_delimiter(lines)
    mark = _one_character(delimiter) or declared or _sniffed(lines[skipped:], title)
    records = list(_records(lines, skipped, mark, title))
    if not records:
        raise FileError(f"{title}: the file is empty")
    header, body, headings, notes = _split_header(records)
    columns, width = _columns(header, body)
    _refuse(title, [*_header_faults(columns), *_width_faults(body, len(header.fields), width)])
    if not body:
        raise DataError(f"{title}: 0 respondents: the file has a header and no rows")
    return Table(
        columns=columns,
        cells=tuple(zip(*(r.fields[:width] for r in body), strict=True)),
        lines=tuple(r.line for r in body),
        encoding=decoded.encoding,
        delimiter=mark,
        headings=headings[:width],
        notes=tuple(note for note in (decoded.note, *notes) if note),
    )


def _one_character(delimiter: str | None) -> str | None:
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n\0 '):
        raise UsageError(f"a delimiter is one character, for example ';', not {quote(delimiter)}")
    return delimiter


def _declared_delimiter(lines: list[str]) -> tuple[str | None, int]:
    """Return the delimiter of Excel's first line ``sep=;`` and how many lines to skip."""
    first = lines[0].strip("\r\n").strip('"') if lines else ""
    declared = len(first) == len("sep=;") and first.lower().startswith("sep=")
    return (first[-1], 1) if declared else (None, 0)


def _sniffed(lines: list[str], title: str) -> str:
    """Choose the delimiter that the header line has most of, outside quotes; a tie is refused."""
    header = next((line for line in lines if line.strip()), "")
    outside = "".join(header.split('"')[::2])
    counts = {mark: outside.count(mark) for mark in DELIMITERS}
    best = max(counts.values())
    winners = [mark for mark, count in counts.items() if count == best]
    if best and len(winners) > 1:
        named = " and ".join(DELIMITERS[mark] for mark in winners)
        raise FileError(f"{title}: the first line has as many {named} marks; give delimiter=")
    return winners[0]


def _records(lines: list[str], skipped: int, mark: str, title: str) -> Iterator[_Record]:
    """Yield the rows that are not blank; equal cells share one string, so large files stay small."""
    reader = csv.reader(itertools.islice(lines, skipped, None), delimiter=mark, strict=True)
    seen: dict[str, str] = {}
    while True:
        start = reader.line_num + skipped
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise _unreadable(error, lines, start, mark, title) from error
        if fields is None:
            return
        if fields:
            yield _Record(line=start + 1, fields=[seen.setdefault(cell, cell) for cell in fields])


def _unreadable(error: csv.Error, lines: list[str], start: int, mark: str, title: str) -> Exception:
    opened = _open_quote(lines, start, mark)
    if opened:
        return FileError(f"{title}: the quote that opens on line {opened} is never closed")
    if "field limit" in str(error):
        limit = csv.field_size_limit()
        return ResourceLimitError(f"{title}: line {start + 1} has a cell of more than {limit:,} characters")
    rule = 'inside a quoted cell a quote is written ""'
    return FileError(f"{title}: line {start + 1}: text follows a closing quote; {rule}")


def _open_quote(lines: list[str], start: int, mark: str) -> int:
    """Return the line (from 1) of a quote that opens a cell and is never closed, or 0."""
    opened, closed, at_start = 0, 0, True
    for number, line in enumerate(lines[start:], start=start + 1):
        for character in line:
            quoting = character == '"'
            if quoting and opened:
                opened, closed = 0, opened
            elif quoting and (closed or at_start):  # "" inside a quoted cell, or a new one
                opened, closed = closed or number, 0
            else:
                closed = 0
            at_start = not opened and character in (mark, "\n", "\r")
    return opened


def _split_header(records: list[_Record]) -> tuple[_Record, list[_Record], tuple[str, ...], list[str]]:
    """Take the header off; the three header rows of Qualtrics are known by ``"ImportId"`` in the third."""
    third = records[2].fields if len(records) > 2 else []
    if any(third) and all('"ImportId"' in cell for cell in third if cell):
        note = "three header rows (Qualtrics): names from the first, question texts kept from the second"
        return records[0], records[3:], tuple(records[1].fields), [note]
    return records[0], records[1:], (), []


def _columns(header: _Record, body: list[_Record]) -> tuple[tuple[str, ...], int]:
    """Return the column names; nameless columns at the end that are empty in every row are left out."""
    names = [name.strip() for name in header.fields]
    width = len(names)
    while width and not names[width - 1] and not _holds_values(body, width - 1):
        width -= 1
    return tuple(names[:width]), width


def _holds_values(body: list[_Record], position: int) -> bool:
    return any(cell.strip() for record in body for cell in record.fields[position : position + 1])


def _header_faults(columns: tuple[str, ...]) -> Iterator[str]:
    first: dict[str, int] = {}
    for position, name in enumerate(columns, start=1):
        if not name:
            yield f"column {position} has no name but holds values"
        elif name in first:
            yield f"column name {quote(name)} is used twice: columns {first[name]} and {position}; rename one"
        first.setdefault(name, position)


def _width_faults(body: list[_Record], expected: int, used: int) -> Iterator[str]:
    """Yield one line per width that is not the header's; a row may stop before the nameless empty columns."""
    wrong: dict[int, list[int]] = {}
    for record in body:
        found = len(record.fields)
        if not used <= found <= expected:
            wrong.setdefault(found, []).append(record.line)
    for found, lines in sorted(wrong.items()):
        word = "too many" if found > expected else "too few"
        yield f"{places(lines)}: {word} cells: {found} where the header has {expected}"


def _refuse(title: str, faults: list[str]) -> None:
    if faults:
        raise DataError(enumerated(title, faults))
