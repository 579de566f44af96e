"""The item sheet as one CSV file: the section stands in the first column."""

import csv
import io

from sopsem.errors import DataError
from sopsem.survey.codebooks.formula_cells import escaped, unescaped
from sopsem.survey.codebooks.rows import Record, records
from sopsem.survey.codebooks.sheet import COMMENT, SECTIONS, sheet_instrument, sheet_sections
from sopsem.survey.messages import enumerated
from sopsem.survey.questionnaire import Instrument
from sopsem.survey.table import Grid

__all__ = ["SECTION", "csv_sheet", "read_csv_sheet"]

SECTION = "section"
HEADER = (SECTION, *dict.fromkeys(name for columns in SECTIONS.values() for name in columns), COMMENT)


def csv_sheet(instrument: Instrument) -> bytes:
    r"""Return the item sheet as UTF-8 CSV with a byte order mark, as spreadsheets expect it.

    Examples
    --------
    >>> from sopsem.survey.instrument import load_instrument
    >>> csv_sheet(load_instrument()).splitlines()[1].startswith(b"questionnaire,title,")
    True

    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADER)
    for section, rows in sheet_sections(instrument).items():
        for row in rows:
            cells = {**row, SECTION: section}
            writer.writerow([escaped(cells.get(name, "")) for name in HEADER])
    return text.getvalue().encode("utf-8-sig")


def read_csv_sheet(grid: Grid, title: str) -> Instrument:
    """Return the questionnaire of an item sheet in CSV.

    Raises
    ------
    DataError
        With every fault and its line.

    """
    _, rows = records(grid, title)
    sections: dict[str, list[Record]] = {}
    faults = []
    for row in rows:
        cells = {name: unescaped(cell) for name, cell in row.cells.items()}
        section = cells.pop(SECTION, "").strip()
        if not section:
            faults.append(f"{row.place}: no section in column {SECTION!r}")
            continue
        sections.setdefault(section, []).append(Record(place=row.place, cells=cells))
    faults += list(_strays(sections))
    if faults:
        raise DataError(enumerated(title, faults))
    return sheet_instrument({section: (_used(rows), rows) for section, rows in sections.items()}, title)


def _used(rows: list[Record]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in rows for name in row.cells))


def _strays(sections: dict[str, list[Record]]) -> list[str]:
    """List cells filled in a column that belongs to other sections only."""
    return [
        f"{row.place}: column {name} does not belong to the section {section}"
        for section, rows in sections.items()
        if section in SECTIONS
        for row in rows
        for name in row.cells
        if name in HEADER and name not in (*SECTIONS[section], COMMENT)
    ]
