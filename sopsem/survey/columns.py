"""Which column of a file answers which question; names that almost match are named, never used.

A question's column is the one the user's map gives, else the one of its name, else the one whose other exact
name (such as a sub-question's code) or whose question text is the question's own.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sopsem.errors import UsageError
from sopsem.survey.instrument import BackgroundQuestion, Instrument, Item
from sopsem.survey.look_alikes import foreign_letter, look_alike
from sopsem.survey.messages import normalised, quote, suggestion
from sopsem.survey.metadata import METADATA_ROLES

__all__ = ["ColumnMatch", "Header", "match_columns"]


@dataclass(frozen=True, kw_only=True)
class Header:
    """What is known of the columns of a source: names, question texts, other exact names.

    ``given`` is the user's map from question to column; ``taken`` are columns about the interview.
    """

    columns: Sequence[str]
    headings: Sequence[str] = ()
    aliases: Sequence[tuple[str, ...]] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    taken: Collection[str] = ()


@dataclass(frozen=True, kw_only=True)
class ColumnMatch:
    """Where each question is found, and how: by "map", "name", "other name" or "question text".

    ``roles`` are the columns about the interview (see `sopsem.survey.metadata`) that the map gives.

    ``hints`` say, once for all, what helps with columns that are missing; ``look_alike`` says that every fault
    is a name in foreign letters.
    """

    items: Mapping[str, int]
    optional: Mapping[str, int]
    background: Mapping[str, int]
    roles: Mapping[str, int]
    how: Mapping[str, str]
    absent: tuple[str, ...]
    unused: tuple[str, ...]
    faults: tuple[str, ...]
    hints: tuple[str, ...]
    look_alike: bool


@dataclass(frozen=True, kw_only=True)
class _Found:
    """Position and way of each question found so far, and what is wrong."""

    place: dict[str, int]
    how: dict[str, str]
    faults: list[str]


def match_columns(instrument: Instrument, header: Header) -> ColumnMatch:
    r"""Find the column of every question; a missing required item is a fault with the nearest name.

    Raises
    ------
    UsageError
        The map names a question that the questionnaire does not have.

    Examples
    --------
    >>> from sopsem.survey.instrument import load_instrument
    >>> match = match_columns(load_instrument(), Header(columns=["c\u043el1", "col2"]))
    >>> match.faults[0]
    "item col1: no column 'col1', but 'c\u043el1' looks the same and has U+043E CYRILLIC SMALL LETTER O"

    """
    wanted = {name: question.column or name for name, question in _questions(instrument).items()}
    _refuse_unknown(header.given, wanted)
    found = _by_map(header)
    _by_name(wanted, header, found)
    _by_wording(wanted, _texts(instrument), header, found)
    spare = [name for place, name in enumerate(header.columns) if place not in set(found.place.values())]
    missing = [n for n in instrument.item_ids if n not in found.place and n not in header.given]
    twins = {name: look_alike(wanted[name], spare) for name in missing}
    faults = [f"item {n}: no column {quote(wanted[n])}{_hint(wanted[n], twins[n], spare)}" for n in missing]
    return ColumnMatch(
        items=_among(instrument.item_ids, found.place),
        optional=_among(instrument.optional_ids, found.place),
        background=_among(instrument.background, found.place),
        roles=_among((role for role in METADATA_ROLES if role not in wanted), found.place),
        how=found.how,
        absent=tuple(n for n in (*instrument.optional_ids, *instrument.background) if n not in found.place),
        unused=tuple(name for name in spare if name not in header.taken),
        faults=(*found.faults, *_shared(found.place, header.columns), *faults),
        hints=tuple(_way_out(n) for n in missing[:1]),
        look_alike=not found.faults and bool(twins) and all(twins.values()),
    )


def _refuse_unknown(given: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    for name in given:
        if name not in wanted and name not in METADATA_ROLES:
            near = suggestion(name, [*wanted, *METADATA_ROLES])
            raise UsageError(
                f"the column map names {quote(name)}, which the questionnaire does not ask{near}"
            )


def _among(names: Iterable[str], place: Mapping[str, int]) -> dict[str, int]:
    return {name: place[name] for name in names if name in place}


def _questions(instrument: Instrument) -> dict[str, Item | BackgroundQuestion]:
    return {**instrument.items, **instrument.background}


def _texts(instrument: Instrument) -> dict[str, str]:
    """Return the text of every question that no other question has."""
    texts = {name: normalised(question.text) for name, question in _questions(instrument).items()}
    counts = Counter(texts.values())
    return {name: text for name, text in texts.items() if text and counts[text] == 1}


def _by_map(header: Header) -> _Found:
    positions = {name: place for place, name in enumerate(header.columns)}
    place = {name: positions[column] for name, column in header.given.items() if column in positions}
    faults = [
        f"question {name}: it is mapped to {quote(column)}, which is no column{suggestion(column, positions)}"
        for name, column in header.given.items()
        if column not in positions
    ]
    return _Found(place=place, how=dict.fromkeys(place, "map"), faults=faults)


def _by_name(wanted: Mapping[str, str], header: Header, found: _Found) -> None:
    positions = {name: place for place, name in enumerate(header.columns)}
    for name, column in wanted.items():
        if name not in header.given and column in positions:
            found.place[name], found.how[name] = positions[column], "name"


def _by_wording(wanted: Mapping[str, str], texts: Mapping[str, str], header: Header, found: _Found) -> None:
    """Find what is left by another exact name or by the question text; two candidates are a fault."""
    used = set(found.place.values())
    free = [place for place in range(len(header.columns)) if place not in used]
    names = _index(free, lambda place: header.aliases[place : place + 1])
    words = _index(free, lambda place: [_wordings(header, place)])
    for name, column in wanted.items():
        if name in found.place or name in header.given:
            continue
        for way, places in (
            ("other name", names.get(normalised(column), [])),
            ("question text", words.get(texts.get(name, ""), [])),
        ):
            if places:
                _take(name, way, places, header.columns, found)
                break


def _take(name: str, way: str, places: Sequence[int], columns: Sequence[str], found: _Found) -> None:
    if len(places) == 1:
        found.place[name], found.how[name] = places[0], way
        return
    shown = ", ".join(quote(columns[place]) for place in places[:3])
    found.faults.append(f"question {name}: {len(places)} columns have its {way} ({shown}); map it to one")


def _wordings(header: Header, place: int) -> tuple[str, ...]:
    """Return every text of a column that may be the question's."""
    others = [text for texts in header.aliases[place : place + 1] for text in texts]
    return (header.columns[place], *header.headings[place : place + 1], *others)


def _index(places: Iterable[int], texts: Callable[[int], Iterable[tuple[str, ...]]]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for place in places:
        words = {normalised(word) for each in texts(place) for word in each}
        for word in sorted(words - {""}):
            index.setdefault(word, []).append(place)
    return index


def _shared(found: Mapping[str, int], columns: Sequence[str]) -> list[str]:
    """List the columns that would answer several questions."""
    questions: dict[int, list[str]] = {}
    for name, place in found.items():
        questions.setdefault(place, []).append(name)
    return [
        f"column {quote(columns[place])} would answer the questions {', '.join(names)}; map each to its own"
        for place, names in questions.items()
        if len(names) > 1
    ]


def _hint(column: str, twin: str | None, spare: Iterable[str]) -> str:
    return suggestion(column, spare) if twin is None else f", but {foreign_letter(twin)}"


def _way_out(name: str) -> str:
    return (
        "rename the column, give its name as column = in the questionnaire, or map it: "
        f'--map {name}=COLUMN, in Python columns={{"{name}": "COLUMN"}}'
    )
