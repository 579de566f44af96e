"""One item's column to numbers: every cell read, every recode logged, every fault listed with its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sopsem.survey.cells import CellRules, Reading, read_cell
from sopsem.survey.factors import Factor
from sopsem.survey.instrument import Scale
from sopsem.survey.messages import places, quote

__all__ = ["CodedItem", "LogEntry", "Place", "code_item", "is_constant", "mixed_decimals", "reverse"]

FloatArray = npt.NDArray[np.float64]
DISTINCT = 5  # wrong values shown per item, so that one bad column does not hide the others
CONSTANT = 1e-12  # relative: 0.1 stored in many ways is still one value


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a column comes from: its question, its name in the file, and the line (or row) of each answer."""

    item: str
    column: str
    lines: Sequence[int]
    word: str  # "line" of a file, "row" of a frame

    def named(self) -> str:
        """Return ``item col1`` and, where it differs, the column's name."""
        return f"item {self.item}" + ("" if self.column == self.item else f" (column {quote(self.column)})")

    def at(self, rows: npt.NDArray[np.intp]) -> str:
        """Name the lines of these rows."""
        return places([self.lines[row] for row in rows], self.word)


@dataclass(frozen=True, kw_only=True)
class LogEntry:
    """One line of the audit log: what was changed, from what, to what, in how many cells, where."""

    item: str
    column: str
    rule: str
    before: str
    after: str
    n_cells: int
    rows: str


@dataclass(frozen=True, kw_only=True)
class CodedItem:
    """An item's numbers in the direction of its construct, NaN where missing, with its recodes and faults."""

    values: FloatArray
    log: tuple[LogEntry, ...]
    faults: tuple[str, ...]
    commas: tuple[str, ...]  # decimal marks met, as "'3,5' (line 4)"
    points: tuple[str, ...]
    hints: tuple[str, ...]  # what is said once for the file


def reverse(values: FloatArray, scale: Scale) -> FloatArray:
    """Turn codes round: lowest + highest code of the *scale* - value, never of the observed answers.

    Examples
    --------
    >>> reverse(np.array([1.0, 6.0]), Scale(codes={1: "no", 7: "yes"}))
    array([7., 2.])

    """
    return scale.minimum + scale.maximum - values


def is_constant(values: FloatArray) -> bool:
    """Say whether the answers given are all one value, up to rounding of doubles.

    Examples
    --------
    >>> is_constant(np.array([0.1, 0.1 + 1e-17, np.nan]))
    True

    """
    given = values[~np.isnan(values)]
    if given.size == 0:
        return False
    return bool(np.ptp(given) <= CONSTANT * np.abs(given).max())


def code_item(factor: Factor, rules: CellRules, place: Place, scale: Scale, *, reversed_: bool) -> CodedItem:
    """Read an item's column and reverse it where the questionnaire says so."""
    readings = [read_cell(text, rules) for text in factor.texts]
    values = np.array([reading.value for reading in readings], dtype=np.float64)[factor.codes]
    log = [*_recodes(factor, readings, place)]
    if reversed_:
        log.append(_reversal(values, scale, place))
        values = reverse(values, scale)
    return CodedItem(
        values=values,
        log=tuple(log),
        faults=tuple(_faults(factor, readings, place)),
        commas=tuple(_decimals(factor, readings, place, ",")),
        points=tuple(_decimals(factor, readings, place, ".")),
        hints=tuple(dict.fromkeys(reading.hint for reading in readings if reading.hint)),
    )


def _faults(factor: Factor, readings: Sequence[Reading], place: Place) -> Iterator[str]:
    bad = [position for position, reading in enumerate(readings) if reading.problem]
    for position in bad[:DISTINCT]:
        rows = factor.rows(position)
        cells = f" ({rows.size} cells)" if rows.size > 1 else ""
        yield f"{place.named()}, {place.at(rows)}{cells}: {readings[position].problem}"
    if len(bad) > DISTINCT:
        cells = factor.counts()[bad[DISTINCT:]].sum()
        yield f"{place.named()}: {len(bad) - DISTINCT} more values that cannot be read, in {cells} cells"


def _recodes(factor: Factor, readings: Sequence[Reading], place: Place) -> Iterator[LogEntry]:
    """Yield one entry per rule and value; spellings of one label share an entry."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for position, reading in enumerate(readings):
        if reading.rule:
            groups.setdefault((reading.rule, reading.source, reading.target), []).append(position)
        if reading.stripped:
            groups.setdefault(("spaces stripped", "with spaces", "without"), []).append(position)
        if reading.decimal == ",":
            groups.setdefault(("decimal comma", ",", "."), []).append(position)
    for (rule, before, after), positions in groups.items():
        rows = np.flatnonzero(np.isin(factor.codes, positions))
        yield log_entry(place, rule, before, after, rows)


def log_entry(place: Place, rule: str, before: str, after: str, rows: npt.NDArray[np.intp]) -> LogEntry:
    """Return the log line of a recode in these rows."""
    return LogEntry(
        item=place.item,
        column=place.column,
        rule=rule,
        before=before,
        after=after,
        n_cells=int(rows.size),
        rows=place.at(rows),
    )


def _reversal(values: FloatArray, scale: Scale, place: Place) -> LogEntry:
    after = f"{scale.minimum + scale.maximum} - x"
    return log_entry(place, "reversed", "x", after, np.flatnonzero(~np.isnan(values)))


def _decimals(factor: Factor, readings: Sequence[Reading], place: Place, mark: str) -> Iterator[str]:
    for position, reading in enumerate(readings):
        if reading.decimal == mark:
            yield f"{place.named()}, {place.at(factor.rows(position))}: {quote(factor.texts[position])}"


def mixed_decimals(coded: Sequence[CodedItem]) -> list[str]:
    """List the cells with a decimal point in a file that also writes decimal commas."""
    commas = [cell for item in coded for cell in item.commas]
    points = [cell for item in coded for cell in item.points]
    if not commas or not points:
        return []
    return [f"{cell} has a decimal point, but {commas[0]} has a decimal comma" for cell in points]
