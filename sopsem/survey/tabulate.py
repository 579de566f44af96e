"""Rows to a table: the header taken off as the survey tool writes it, and every row as wide as it must be."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from sopsem.errors import DataError
from sopsem.survey.messages import enumerated, places, quote
from sopsem.survey.table import Grid, Row, Table
from sopsem.survey.tools.layout import Layout
from sopsem.survey.tools.recognise import recognise

__all__ = ["header_faults", "tabulate"]


def tabulate(grid: Grid, title: str) -> Table:
    """Return the table of a grid that has at least one row.

    Raises
    ------
    DataError
        No rows below the header, columns without a name or with the same name, rows that are too long or too
        short.

    Examples
    --------
    >>> rows = [Row(line=1, fields=["a", "b"]), Row(line=2, fields=["1", "2"])]
    >>> tabulate(Grid(rows=rows, format="csv"), "a.csv").columns
    ('a', 'b')

    """
    layout = recognise(grid)
    body = grid.rows[layout.n_header :]
    filled = _first_values(layout.names, body)
    kept = [at for at, name in enumerate(layout.names) if name or at in filled]
    width = kept[-1] + 1 if kept else 0
    faults = [
        *_name_faults(grid, layout.names, filled),
        *_width_faults(grid, body, len(layout.names), width),
    ]
    if faults:
        raise DataError(enumerated(title, faults))
    if not body:
        raise DataError(f"{title}: 0 respondents: the file has a header and no rows")
    whole = tuple(zip(*(_padded(row.fields, width) for row in body), strict=True))
    cells, cleaned = _cleaned(tuple(whole[at] for at in kept), layout)
    columns = tuple(layout.names[at] for at in kept)
    return Table(
        columns=columns,
        cells=cells,
        lines=tuple(row.line for row in body),
        format=grid.format,
        tool=layout.tool,
        encoding=grid.encoding,
        delimiter=grid.delimiter,
        sheet=grid.sheet,
        word=grid.word,
        headings=tuple(layout.headings[at] for at in kept if at < len(layout.headings)),
        aliases=tuple(layout.aliases[at] for at in kept if at < len(layout.aliases)),
        roles={role: layout.names[at] for role, at in layout.roles.items() if layout.names[at]},
        missing=_missing(columns, cells, layout.missing),
        notes=tuple(note for note in (*grid.notes, *layout.notes, cleaned) if note),
    )


def _first_values(names: Sequence[str], body: Sequence[Row]) -> dict[int, int]:
    """Return the line of the first cell that is not blank in each nameless column; blank ones are left out."""
    nameless = {at for at, name in enumerate(names) if not name}
    filled: dict[int, int] = {}
    for row in body if nameless else ():
        for at, cell in enumerate(row.fields):
            if cell and at in nameless and cell.strip():
                filled.setdefault(at, row.line)
    return filled


def _name_faults(grid: Grid, names: Sequence[str], filled: Mapping[int, int]) -> Iterator[str]:
    for at, line in sorted(filled.items()):
        yield f"column {at + 1} has no name but holds values, the first in {grid.word} {line}"
    yield from header_faults(names)


def header_faults(columns: Sequence[str]) -> Iterator[str]:
    """List the names used twice.

    Examples
    --------
    >>> list(header_faults(["a", "b", "a"]))
    ["column name 'a' is used twice: columns 1 and 3; rename one"]

    """
    first: dict[str, int] = {}
    for position, name in enumerate(columns, start=1):
        if name and name in first:
            yield f"column name {quote(name)} is used twice: columns {first[name]} and {position}; rename one"
        first.setdefault(name, position)


def _width_faults(grid: Grid, body: Sequence[Row], expected: int, used: int) -> Iterator[str]:
    """Yield one line per width that is not the header's; a row may stop before the nameless empty columns."""
    wrong: dict[int, list[int]] = {}
    for row in body:
        found = len(row.fields)
        if found > expected or (grid.strict and found < used):
            wrong.setdefault(found, []).append(row.line)
    for found, lines in sorted(wrong.items()):
        word = "too many" if found > expected else "too few"
        yield f"{places(lines, grid.word)}: {word} cells: {found} where the header has {expected}"


def _padded(fields: Sequence[str], width: int) -> Sequence[str]:
    if len(fields) == width:
        return fields
    return fields[:width] if len(fields) > width else [*fields, *[""] * (width - len(fields))]


def _cleaned(cells: tuple[tuple[str, ...], ...], layout: Layout) -> tuple[tuple[tuple[str, ...], ...], str]:
    """Undo what the tool did to cells, and say in how many."""
    if layout.clean is None:
        return cells, ""
    after = tuple(tuple(map(layout.clean, column)) for column in cells)
    pairs = zip(itertools.chain(*cells), itertools.chain(*after), strict=True)
    changed = sum(before != now for before, now in pairs)
    return after, f"{layout.clean_note}: {changed} cells" if changed else ""


def _missing(
    columns: Sequence[str], cells: Sequence[Sequence[str]], known: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    if not known:
        return {}
    present = ({cell: known[cell] for cell in known.keys() & set(column)} for column in cells)
    return {name: found for name, found in zip(columns, present, strict=True) if found}
