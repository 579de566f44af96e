"""Sheets of a codebook as rows of named cells, whatever file they stand in."""

from collections.abc import Mapping
from dataclasses import dataclass

from sopsem.errors import DataError
from sopsem.survey.messages import enumerated, quote
from sopsem.survey.table import Grid

__all__ = ["Record", "records"]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One row: where it stands, and its filled cells by the name of the column."""

    place: str
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a cell, empty text where the column or the cell is not there."""
        return self.cells.get(column, "")


def records(grid: Grid, title: str) -> tuple[tuple[str, ...], list[Record]]:
    """Return the column names of a sheet and its rows; rows without a filled cell are skipped.

    Cells beyond the header must be empty; names and cells keep their case, names lose spaces around them.

    Raises
    ------
    DataError
        A name that stands twice in the header, or a cell outside every column.

    """
    if not grid.rows:
        return (), []
    where = f"sheet {quote(grid.sheet)}, " if grid.sheet else ""
    names = tuple(name.strip() for name in grid.rows[0].fields)
    while names and not names[-1]:
        names = names[:-1]
    faults = [
        f"{where}column {quote(n)} stands twice in the header"
        for n in dict.fromkeys(names)
        if n and names.count(n) > 1
    ]
    found = []
    for row in grid.rows[1:]:
        place = f"{where}{grid.word} {row.line}"
        filled = [(at, cell) for at, cell in enumerate(row.fields) if cell.strip()]
        outside = [cell for at, cell in filled if at >= len(names) or not names[at]]
        faults += [f"{place}: {quote(cell)} stands in a column without a name" for cell in outside]
        cells = {names[at]: cell for at, cell in filled if at < len(names)}
        if cells:
            found.append(Record(place=place, cells=cells))
    if faults:
        raise DataError(enumerated(title, faults))
    return names, found
