"""The item sheet: a questionnaire as rows that a consultant edits, in a spreadsheet or as CSV.

The names are those of the TOML file.  A workbook has one sheet per section with the columns below; a CSV file
has all of them below one another, with the section in its first column.  ``codes`` are the answers of a scale,
``choices`` those of a background question.  In any section a column ``comment`` is free for notes and is not
read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from sopsem.errors import DataError
from sopsem.survey.codebooks.rows import Record
from sopsem.survey.messages import enumerated, quote, suggestion
from sopsem.survey.questionnaire import Instrument, plain_data, questionnaire

__all__ = ["COMMENT", "SECTIONS", "sheet_instrument", "sheet_sections"]

COMMENT = "comment"
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "questionnaire": ("name", "value"),
    "missing": ("code", "label"),
    "scales": ("name", "stem"),
    "codes": ("name", "code", "label"),
    "constructs": (
        "name",
        "label",
        "definition",
        "higher_is",
        "of",
        "min_valid",
        "sources",
        "candidate_sources",
    ),
    "items": ("name", "text", "construct", "scale", "reverse", "optional", "column", "expected"),
    "background": ("name", "text", "column", "unique", "asked"),
    "choices": ("name", "code", "label"),
}
ABOUT = ("title", "version", "language", "instruction", "model")
YES, NO = {"yes", "true", "1", "x"}, {"no", "false", "0"}

Row = dict[str, str]


def sheet_sections(instrument: Instrument) -> dict[str, list[Row]]:
    """Return the rows of every section; a cell without text is left out.

    Raises
    ------
    DataError
        A source with a line break, which a list in a cell cannot hold.

    Examples
    --------
    >>> from sopsem.survey.instrument import load_instrument
    >>> sections = sheet_sections(load_instrument())
    >>> sections["items"][6]["name"], sections["items"][6]["reverse"], len(sections["codes"])
    ('con3', 'yes', 21)

    """
    data = plain_data(instrument)
    parts = {name: data.get(name, {}) for name in ("scales", "constructs", "items", "background")}
    return {
        "questionnaire": [{"name": key, "value": data[key]} for key in ABOUT if key in data],
        "missing": [{"code": code, "label": reason} for code, reason in data.get("missing", {}).items()],
        "scales": [_row(f"scales.{name}", name, part) for name, part in parts["scales"].items()],
        "codes": _code_rows(parts["scales"]),
        "constructs": [_row(f"constructs.{name}", name, part) for name, part in parts["constructs"].items()],
        "items": [_row(f"items.{name}", name, part) for name, part in parts["items"].items()],
        "background": [_row(f"background.{name}", name, part) for name, part in parts["background"].items()],
        "choices": _code_rows(parts["background"]),
    }


def _code_rows(parts: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    return [
        {"name": name, "code": code, "label": label}
        for name, part in parts.items()
        for code, label in part.get("codes", {}).items()
    ]


def _row(place: str, name: str, part: Mapping[str, Any]) -> Row:
    cells = {key: _cell(f"{place}.{key}", value) for key, value in part.items() if key != "codes"}
    return {"name": name, **{key: cell for key, cell in cells.items() if cell}}


def _cell(place: str, value: object) -> str:
    """Return a value as a cell: yes and no, a share as a percentage, a list one entry per line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{Decimal(repr(value)) * 100:f}%"
    if isinstance(value, list):
        broken = [entry for entry in value if len(entry.splitlines()) != 1]
        if broken:
            raise DataError(f"{place}: {quote(broken[0])} cannot stand in a sheet; make it one line of text")
        return "\n".join(value)
    return str(value)


def sheet_instrument(
    sections: Mapping[str, tuple[Sequence[str], Sequence[Record]]], title: str
) -> Instrument:
    """Return the questionnaire of an item sheet.

    Parameters
    ----------
    sections
        Section -> its column names and rows.

    Raises
    ------
    DataError
        Unknown sections, columns, or cells that do not say what their column needs; each with its place.

    """
    reader = _Reader()
    for section, (columns, rows) in sections.items():
        reader.section(section, columns, rows)
    reader.refuse_ownerless()
    if reader.faults:
        raise DataError(enumerated(title, reader.faults))
    return questionnaire(reader.data, title, reader.places)


class _Reader:
    """Collects the plain data of a questionnaire, the places of its parts, and the faults."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {"missing": {}}
        self.places: dict[str, str] = {}
        self.faults: list[str] = []

    def section(self, section: str, columns: Sequence[str], rows: Sequence[Record]) -> None:
        """Take in the rows of a section."""
        if section not in SECTIONS:
            where = rows[0].place if rows else f"sheet {quote(section)}"
            self.faults.append(
                f"{where}: no section {quote(section)}{suggestion(section, SECTIONS)}; known: {', '.join(SECTIONS)}"
            )
            return
        known = (*SECTIONS[section], COMMENT)
        self.faults += [
            f"section {section}: no column {quote(name)}{suggestion(name, known)}; known: {', '.join(known)}"
            for name in columns
            if name and name not in known
        ]
        for row in rows:
            self._row(section, row)

    def _row(self, section: str, row: Record) -> None:
        if section == "questionnaire":
            self._about(row)
        elif section == "missing":
            self._code(self.data["missing"], row, "missing")
        elif section in {"codes", "choices"}:
            self._codes("scales" if section == "codes" else "background", row)
        elif self._named(section, row):
            self.data.setdefault(section, {}).setdefault(row["name"], {}).update(self._values(section, row))

    def _about(self, row: Record) -> None:
        name = row["name"].strip()
        if name not in ABOUT:
            hint = suggestion(name, ABOUT)
            self.faults.append(f"{row.place}: no name {quote(name)}{hint}; known: {', '.join(ABOUT)}")
        elif name in self.data:
            self.faults.append(f"{row.place}: {name} stands twice")
        else:
            self.data[name] = row["value"]

    def _named(self, section: str, row: Record) -> bool:
        """Say whether a row has a name of its own, and remember where it stands."""
        key = f"{section}.{row['name']}"
        if not row["name"] or key in self.places:
            why = f"{quote(row['name'])} stands twice: {self.places[key]}" if row["name"] else "no name"
            self.faults.append(f"{row.place}: {section}: {why}")
            return False
        self.places[key] = row.place
        return True

    def _codes(self, kind: str, row: Record) -> None:
        """Take in an answer; its scale or question may stand further down."""
        part = self.data.setdefault(kind, {}).setdefault(row["name"], {})
        self._code(part.setdefault("codes", {}), row, f"{kind}.{row['name']}")

    def refuse_ownerless(self) -> None:
        """List the answers whose scale or question has no row of its own."""
        for kind, section in (("scales", "codes"), ("background", "choices")):
            known = [key.removeprefix(f"{kind}.") for key in self.places if key.startswith(f"{kind}.")]
            self.faults += [
                f"{section}: {quote(name)} has no row in {kind}{suggestion(name, known)}"
                for name in self.data.get(kind, {})
                if f"{kind}.{name}" not in self.places
            ]

    def _code(self, codes: dict[str, str], row: Record, owner: str) -> None:
        if row["code"] in codes:
            self.faults.append(f"{row.place}: {owner}: code {quote(row['code'])} stands twice")
        codes[row["code"]] = row["label"]

    def _values(self, section: str, row: Record) -> Iterator[tuple[str, Any]]:
        for column in SECTIONS[section][1:]:
            cell = row[column]
            if not cell.strip():
                continue
            try:
                yield column, READERS.get(column, str)(cell)
            except ValueError as error:
                self.faults.append(f"{row.place}, column {column}: {quote(cell)} is {error}")


def _truth(cell: str) -> bool:
    word = cell.strip().casefold()
    if word not in YES | NO:
        raise ValueError("neither yes nor no")
    return word in YES


def _whole(cell: str) -> int:
    bare = cell.strip()
    if not bare.removeprefix("-").isdecimal() or not bare.isascii():
        raise ValueError("no whole number")
    return int(bare)


def _share(cell: str) -> int | float:
    """Read a count (3) or a share (60 %, 0.6, or 0,6 as some countries write it)."""
    bare = cell.strip().replace(",", ".")
    try:
        if bare.endswith("%"):
            return float(Decimal(bare.removesuffix("%").strip()) / 100)
        return _whole(bare) if "." not in bare else float(Decimal(bare))
    except (ValueError, InvalidOperation):
        raise ValueError("neither a count such as 3 nor a share such as 60%") from None


def _lines(cell: str) -> list[str]:
    return [line.strip() for line in cell.splitlines() if line.strip()]


READERS: Mapping[str, Callable[[str], Any]] = {
    "reverse": _truth,
    "optional": _truth,
    "unique": _truth,
    "asked": _truth,
    "expected": _whole,
    "min_valid": _share,
    "of": _lines,
    "sources": _lines,
    "candidate_sources": _lines,
}
