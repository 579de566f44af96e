"""Which column of a file answers which question; names that almost match are named, never used."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sopsem.survey.instrument import Instrument
from sopsem.survey.messages import normalised, quote, suggestion

__all__ = ["ColumnMatch", "match_columns"]

# Cyrillic and Greek letters drawn like Latin ones (Unicode Technical Standard 39, confusables).
LOOK_ALIKES = str.maketrans(
    "асԁеһіјкӏорԛѕуԝхѵАВСЕНІЈКМОРЅТУХαγικνορτυωχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "acdehijklopqsywxvABCEHIJKMOPSTYXayikvoptuwxABEZHIKMNOPTYX",
)


@dataclass(frozen=True, kw_only=True)
class ColumnMatch:
    """Where each question is found; ``look_alike`` says that every fault is a name in foreign letters."""

    items: Mapping[str, int]
    optional: Mapping[str, int]
    background: Mapping[str, int]
    absent: tuple[str, ...]
    unused: tuple[str, ...]
    faults: tuple[str, ...]
    look_alike: bool


def match_columns(instrument: Instrument, columns: Sequence[str]) -> ColumnMatch:
    """Find the column of every question; a missing required item is a fault with the nearest name.

    Examples
    --------
    >>> from sopsem.survey.instrument import load_instrument
    >>> match = match_columns(load_instrument(), ["c\u043el1", "col2"])
    >>> match.faults[0]
    "item col1: no column 'col1', but 'c\u043el1' looks the same and has U+043E CYRILLIC SMALL LETTER O"

    """
    positions = {name: place for place, name in enumerate(columns)}
    wanted = {item: question.column or item for item, question in instrument.items.items()}
    about = {item: question.column or item for item, question in instrument.background.items()}
    required = {item: wanted[item] for item in instrument.item_ids}
    spare = [name for name in columns if name not in {*wanted.values(), *about.values()}]
    faults, foreign = [], []
    for item, column in required.items():
        if column not in positions:
            twin = _look_alike(column, spare)
            foreign.append(twin is not None)
            faults.append(f"item {item}: no column {quote(column)}{_hint(column, twin, spare)}")
    optional = {item: wanted[item] for item in instrument.optional_ids}
    return ColumnMatch(
        items=_found(required, positions),
        optional=_found(optional, positions),
        background=_found(about, positions),
        absent=tuple(name for name, column in {**optional, **about}.items() if column not in positions),
        unused=tuple(spare),
        faults=tuple(faults),
        look_alike=all(foreign) and bool(foreign),
    )


def _found(wanted: Mapping[str, str], positions: Mapping[str, int]) -> dict[str, int]:
    return {item: positions[column] for item, column in wanted.items() if column in positions}


def _hint(column: str, twin: str | None, spare: Iterable[str]) -> str:
    if twin is None:
        return suggestion(column, spare)
    foreign = next(c for c in twin if not c.isascii())
    name = unicodedata.name(foreign, "(a character without a name)")
    return f", but {quote(twin)} looks the same and has U+{ord(foreign):04X} {name}"


def _look_alike(column: str, spare: Iterable[str]) -> str | None:
    """Return a column that looks like this name but is written with other characters."""
    shape = _shape(column)
    return next((name for name in spare if not name.isascii() and _shape(name) == shape), None)


def _shape(name: str) -> str:
    visible = "".join(c for c in name if unicodedata.category(c) != "Cf")
    return normalised(unicodedata.normalize("NFKC", visible).translate(LOOK_ALIKES))
