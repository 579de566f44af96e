"""Delimited text to a table of cells, all of them text, with the line each row began on."""

import csv
import io
import itertools
import re
from collections.abc import Iterator

from sopsem.errors import FileError, ResourceLimitError, UsageError
from sopsem.survey.encoding import Decoded
from sopsem.survey.messages import quote
from sopsem.survey.table import Grid, Row, Table
from sopsem.survey.tabulate import tabulate

__all__ = ["csv_grid", "parse_csv"]

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}

# UTF-8 read as cp1252, UTF-8 or cp1252 read as MacRoman and saved again, and the mark of an unreadable letter
GARBLED = re.compile(
    "[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac|\u00e4\u00f3\u00f1|\u0152\u00e6|\u00ef\u00bb\u00bf|\ufffd"
)


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
    return tabulate(csv_grid(decoded, title, delimiter), title)


def csv_grid(decoded: Decoded, title: str, delimiter: str | None = None) -> Grid:
    r"""Return the rows of delimited text before it is known which of them are headers.

    Raises
    ------
    FileError, ResourceLimitError
        As `parse_csv`.

    Examples
    --------
    >>> [row.fields for row in csv_grid(Decoded(text="a;b\n1;2\n", encoding="utf-8"), "a.csv").rows]
    [('a', 'b'), ('1', '2')]

    """
    lines = list(io.StringIO(decoded.text, newline=""))
    declared, skipped = _declared_delimiter(lines)
    mark = _one_character(delimiter) or declared or _sniffed(lines[skipped:], title)
    rows = list(_rows(lines, skipped, mark, title))
    if not rows:
        raise FileError(f"{title}: the file is empty")
    return Grid(
        rows=rows,
        format="csv",
        encoding=decoded.encoding,
        delimiter=mark,
        notes=tuple(note for note in (decoded.note, _garbled(decoded.text)) if note),
    )


def _garbled(text: str) -> str:
    """Say whether the file came with letters that an earlier program read in a wrong encoding; they are kept."""
    found = GARBLED.search(text)
    return (
        f"some text was garbled before it came here, for example {quote(found[0])}, and is kept as it is"
        if found
        else ""
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


def _rows(lines: list[str], skipped: int, mark: str, title: str) -> Iterator[Row]:
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
            yield Row(line=start + 1, fields=tuple(map(seen.setdefault, fields, fields)))


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
