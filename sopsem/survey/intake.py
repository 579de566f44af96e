"""All columns of a survey through its questionnaire in one pass, so that every problem is told at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from sopsem.errors import DataError, ModelError
from sopsem.survey.cells import label_faults, rules_for
from sopsem.survey.coding import CodedItem, LogEntry, Place, code_item, is_constant, log_entry, mixed_decimals
from sopsem.survey.columns import ColumnMatch, Header, match_columns
from sopsem.survey.factors import Factor
from sopsem.survey.instrument import Instrument
from sopsem.survey.messages import SHOWN, enumerated, quote

__all__ = ["Checks", "Intake", "Taken", "constant_faults", "look_through", "role_cells", "take_in"]

SHARED_IDS = (
    "an id belongs to one person: take the later rows out of the file (sopsem screen FILE lists them), or read "
    'them all in Python with duplicate_ids="keep"'
)
TextArray = npt.NDArray[np.object_]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Intake:
    """The columns of a source before anything is known about them."""

    title: str
    columns: Sequence[str]
    factors: Sequence[Factor]
    lines: Sequence[int]
    word: str
    decimal_comma: bool
    roles: Mapping[str, int]
    headings: Sequence[str] = ()
    aliases: Sequence[tuple[str, ...]] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def header(self) -> Header:
        """What the columns are matched by."""
        return Header(
            columns=self.columns,
            headings=self.headings,
            aliases=self.aliases,
            given=self.given,
            taken={self.columns[place] for place in self.roles.values()},
        )

    def place(self, question: str, position: int) -> Place:
        """Return the place of a question's column."""
        return Place(item=question, column=self.columns[position], lines=self.lines, word=self.word)


@dataclass(frozen=True, kw_only=True)
class Checks:
    """Which findings are refused and which are kept."""

    duplicate_ids: bool
    constant_items: bool


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What came in: codes per item, text per background question, the log, and the match of the columns."""

    items: Mapping[str, FloatArray]
    optional: Mapping[str, FloatArray]
    respondents: Mapping[str, TextArray]
    log: tuple[LogEntry, ...]
    match: ColumnMatch
    faults: tuple[str, ...]
    hints: tuple[str, ...]
    strange: tuple[
        tuple[str, str, int], ...
    ]  # background question, answer that its code book does not have, rows


@dataclass(frozen=True, kw_only=True)
class _About:
    """One background question's answers, and how often each one is that its code book does not have."""

    texts: TextArray
    log: tuple[LogEntry, ...]
    faults: tuple[str, ...]
    strange: Mapping[str, int]


def take_in(intake: Intake, instrument: Instrument, checks: Checks) -> Taken:
    """Code every item and keep every background answer as text, or refuse the source.

    Raises
    ------
    DataError
        With all problems of the source.
    ModelError
        When the only problems are column names written in foreign letters that look like the right ones.
    UsageError
        The column map names a question that is not asked.

    """
    taken = look_through(intake, instrument, checks)
    if taken.faults:
        only_names = taken.match.look_alike and len(taken.faults) == len(taken.match.faults)
        error = ModelError if only_names else DataError
        raise error(enumerated(intake.title, taken.faults, hints=taken.hints))
    return taken


def look_through(intake: Intake, instrument: Instrument, checks: Checks) -> Taken:
    """Do the same, but hand the problems out."""
    match = match_columns(instrument, intake.header)
    coded = {item: _coded(intake, instrument, item, place) for item, place in match.items.items()}
    extra = {item: _coded(intake, instrument, item, place) for item, place in match.optional.items()}
    about = {
        name: _about(intake, instrument, name, place, checks) for name, place in match.background.items()
    }
    parts: list[CodedItem | _About] = [*coded.values(), *extra.values(), *about.values()]
    faults = [*match.faults, *(fault for part in parts for fault in part.faults)]
    faults += mixed_decimals([*coded.values(), *extra.values()])
    # An item with unreadable cells is told about those, not also about what is left of it.
    clean = {item: column.values for item, column in coded.items() if not column.faults}
    faults += constant_faults(clean, refuse=checks.constant_items)
    return Taken(
        items={item: column.values for item, column in coded.items()},
        optional={item: column.values for item, column in extra.items()},
        respondents={name: column.texts for name, column in about.items()},
        log=tuple(entry for part in parts for entry in part.log),
        match=match,
        faults=tuple(faults),
        hints=(
            *match.hints,
            *(hint for item in (*coded.values(), *extra.values()) for hint in item.hints),
            *(SHARED_IDS for column in about.values() if column.faults),
        ),
        strange=tuple(
            (name, text, n) for name, column in about.items() for text, n in column.strange.items()
        ),
    )


def role_cells(intake: Intake, taken: Taken) -> dict[str, list[str]]:
    """Return the cells of each column about the interview: by the user's map, else as the tool names them."""
    return {
        role: intake.factors[at].spread().tolist()
        for role, at in {**intake.roles, **taken.match.roles}.items()
    }


def _coded(intake: Intake, instrument: Instrument, item: str, position: int) -> CodedItem:
    column = intake.columns[position]
    declared = intake.missing.get(column, {})
    rules = rules_for(instrument, item, decimal_comma=intake.decimal_comma, declared=declared)
    place = intake.place(item, position)
    reversed_ = instrument.items[item].reverse
    coded = code_item(intake.factors[position], rules, place, instrument.scale_of(item), reversed_=reversed_)
    other = [f"{place.named()}: {each}" for each in label_faults(intake.value_labels.get(column, {}), rules)]
    return replace(coded, faults=(*other, *coded.faults))


def constant_faults(items: Mapping[str, FloatArray], *, refuse: bool) -> list[str]:
    """List the items nobody answered and, unless they are kept, those with one answer from everybody.

    Examples
    --------
    >>> constant_faults({"a": np.array([2.0, 2.0])}, refuse=True)
    ['item a: all 2 answers are 2; an item that does not vary cannot be analysed']

    """
    faults = []
    for item, values in items.items():
        given = values[~np.isnan(values)]
        if given.size == 0:
            faults.append(f"item {item}: all answers missing")
        elif refuse and is_constant(values):
            same = f"all {given.size} answers are {given[0]:g}" if given.size > 1 else "only 1 answer"
            faults.append(f"item {item}: {same}; an item that does not vary cannot be analysed")
    return faults


def _about(intake: Intake, instrument: Instrument, name: str, position: int, checks: Checks) -> _About:
    """Keep a background column as text: spaces stripped, declared missing codes None, the rest untouched."""
    question = instrument.background[name]
    factor, place = intake.factors[position], intake.place(name, position)
    column = intake.columns[position]
    missing = {**intake.missing.get(column, {}), **instrument.missing}
    labels = intake.value_labels.get(column, {})
    bare = [labels.get(text, text.strip()) if text not in missing else text for text in factor.texts]
    kept = np.array([None if text in missing else text for text in bare], dtype=object)
    log = [*_background_log(factor, bare, missing, place)]
    known = {*question.codes, *question.codes.values(), *missing}
    strange = [k for k, text in enumerate(bare) if question.codes and text not in known]
    if strange:
        rows = np.flatnonzero(np.isin(factor.codes, strange))
        log.append(log_entry(place, "not in the code book", "text", "kept as it is", rows))
    texts: TextArray = kept[factor.codes]
    refuse = question.unique and checks.duplicate_ids
    return _About(
        texts=texts,
        log=tuple(log),
        faults=tuple(_duplicates(texts, place) if refuse else ()),
        strange=_how_often(factor, bare, strange),
    )


def _how_often(factor: Factor, bare: Sequence[str], chosen: Sequence[int]) -> dict[str, int]:
    """Return some answers with their numbers of rows; spellings that differ in spaces around count together."""
    counts: Counter[str] = Counter()
    for k in chosen:
        counts[bare[k]] += int((factor.codes == k).sum())
    return {text: n for text, n in counts.most_common() if n}


def _background_log(
    factor: Factor,
    bare: Sequence[str],
    missing: Mapping[str, str],
    place: Place,
) -> list[LogEntry]:
    log = []
    padded = [k for k, text in enumerate(factor.texts) if bare[k] and bare[k] == text.strip() != text]
    if padded:
        rows = np.flatnonzero(np.isin(factor.codes, padded))
        log.append(log_entry(place, "spaces stripped", "with spaces", "without", rows))
    for code, reason in missing.items():
        found = [k for k, text in enumerate(bare) if text == code]
        if found:
            rows = np.flatnonzero(np.isin(factor.codes, found))
            log.append(log_entry(place, "missing code", code, f"missing: {reason}", rows))
    labelled = [k for k, text in enumerate(factor.texts) if bare[k] != text.strip()]
    if labelled:
        rows = np.flatnonzero(np.isin(factor.codes, labelled))
        log.append(log_entry(place, "value label of the file", "code", "label", rows))
    return log


def _duplicates(ids: TextArray, place: Place) -> list[str]:
    """List the ids that several rows share."""
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(ids):
        if name is not None:
            rows.setdefault(name, []).append(row)
    shared = {name: found for name, found in rows.items() if len(found) > 1}
    faults = [
        f"{place.named()}, {place.at(np.array(found))}: id {quote(name)} is used {len(found)} times"
        for name, found in list(shared.items())[:SHOWN]
    ]
    if len(shared) > SHOWN:
        faults.append(f"{place.named()}: {len(shared) - SHOWN} more ids are used several times")
    return faults
