"""Checked answers: a survey file or frame read through its questionnaire, with a log of every recode."""

import hashlib
import html
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.errors import DataError, UsageError
from sopsem.survey.factors import column_fault, factor_series, factor_texts
from sopsem.survey.formats import read_bytes, read_table
from sopsem.survey.frames import as_pandas, excluded_frame, float_frame, log_frame, matrix_hash
from sopsem.survey.instrument import Instrument
from sopsem.survey.intake import Checks, Intake, Taken, constant_faults, take_in
from sopsem.survey.messages import enumerated, places, quote, quote_path

__all__ = ["Responses", "Source", "read_responses", "responses_from_frame"]

Policy = Literal["refuse", "keep"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the answers come from.

    ``sha256`` is the hash of the file's bytes (None for a frame), ``matrix_sha256`` that of the item names
    and the coded answers, so a file and a frame with the same answers agree in it.
    """

    name: str
    sha256: str | None
    matrix_sha256: str
    encoding: str | None
    delimiter: str | None
    n_rows: int
    unused_columns: tuple[str, ...]
    absent_columns: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Responses:
    """The answers of a survey, coded and checked; made by `read_responses` or `responses_from_frame`.

    All frames share the index ``row``, the number of the respondent in the source from 1.  They stand on
    read-only arrays and are handed out as copies-on-write: a caller can change only a copy.
    """

    instrument: Instrument
    source: Source
    _items: pd.DataFrame
    _optional: pd.DataFrame
    _respondents: pd.DataFrame
    _log: pd.DataFrame
    _excluded: pd.DataFrame
    _lines: Sequence[int]
    _checks: Checks

    @property
    def items(self) -> pd.DataFrame:
        """The required items, n x k float64, in the questionnaire's order; reversed items are reversed."""
        return self._items.copy(deep=False)

    @property
    def optional_items(self) -> pd.DataFrame:
        """The optional items that the source has, coded like the required ones."""
        return self._optional.copy(deep=False)

    @property
    def respondents(self) -> pd.DataFrame:
        """The background answers and ids as text, None where missing."""
        return self._respondents.copy(deep=False)

    @property
    def log(self) -> pd.DataFrame:
        """Every recode: item, column, rule, from, to, n_cells, rows (the first twenty)."""
        return self._log.copy(deep=False)

    @property
    def excluded(self) -> pd.DataFrame:
        """The rows left out so far: row, line (of the file, or row of the frame), reason."""
        return self._excluded.copy(deep=False)

    @property
    def lines(self) -> tuple[int, ...]:
        """The line of the file (the row of the frame) on which each respondent stands."""
        return tuple(self._lines[row - 1] for row in self._items.index)

    def __len__(self) -> int:
        """Count the respondents."""
        return len(self._items)

    def complete(self) -> "Responses":
        """Return the respondents who answered every required item; the others are listed in ``excluded``.

        Raises
        ------
        DataError
            Nobody is left, or an item no longer varies among those who are.

        """
        gaps = self._items.isna()
        lost = gaps.any(axis=1)
        if lost.all():
            raise DataError(f"{self.source.name}: no respondent answered every item, so no row is complete")
        names = self._items.columns
        reasons = {
            int(row): f"missing: {', '.join(names[gap])}"
            for row, gap in zip(gaps.index[lost], gaps.to_numpy()[lost], strict=True)
        }
        return self._keep(~lost.to_numpy(), reasons, "complete rows")

    def without(self, reasons: Mapping[int, str]) -> "Responses":
        """Return the answers without some respondents, who are listed with their reasons in ``excluded``.

        Parameters
        ----------
        reasons
            Row (as in the index of ``items``) -> why it is left out.

        Raises
        ------
        UsageError
            A row that is not there.
        DataError
            Nobody is left, or an item no longer varies among those who are.

        Examples
        --------
        >>> from sopsem.survey.instrument import load_instrument
        >>> frame = pd.DataFrame({item: [1, 4, 7] for item in load_instrument().item_ids})
        >>> answers = responses_from_frame(frame, load_instrument()).without({2: "a test"})
        >>> len(answers), answers.excluded.to_dict("records")
        (2, [{'row': 2, 'line': 2, 'reason': 'a test'}])

        """
        unknown = sorted(set(reasons) - set(self._items.index))
        if unknown:
            raise UsageError(f"{self.source.name}: there is no {places(unknown, 'row')} to leave out")
        return self._keep(~self._items.index.isin(list(reasons)), reasons, "rows kept")

    def _keep(self, keep: npt.NDArray[np.bool_], reasons: Mapping[int, str], what: str) -> "Responses":
        if not keep.any():
            raise DataError(f"{self.source.name}: all {len(self)} respondents are left out")
        items = self._items[keep]
        columns = {name: items[name].to_numpy() for name in items.columns}
        extra = {name: self._optional[name].to_numpy()[keep] for name in self._optional.columns}
        faults = constant_faults(columns, refuse=self._checks.constant_items)
        if faults:
            raise DataError(enumerated(f"{self.source.name}, {keep.sum()} {what} of {len(self)}", faults))
        rows = [int(row) for row in self._items.index[~keep]]
        gone = excluded_frame(rows, [self._lines[row - 1] for row in rows], [reasons[row] for row in rows])
        return replace(
            self,
            _items=float_frame(columns, items.index),
            _optional=float_frame(extra, items.index),
            _respondents=self._respondents[keep],
            _excluded=pd.concat([self._excluded, gone], ignore_index=True),
        )

    def __repr__(self) -> str:
        """Show the source, the counts and the recodes in a few lines."""
        left_out = f", {len(self._excluded)} excluded" if len(self._excluded) else ""
        lines = [
            f"<Responses {self.source.name}: {len(self)} respondents{left_out}, {self._items.shape[1]} items",
            f"  missing answers: {int(self._items.isna().to_numpy().sum())}",
        ]
        counts: Counter[str] = Counter()
        for rule, cells in zip(self._log["rule"], self._log["n_cells"], strict=True):
            counts[rule] += cells
        lines += [f"  {rule}: {cells} cells" for rule, cells in counts.items()]
        lines += [f"  note: {note}" for note in self.source.notes]
        return "\n".join(lines) + ">"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def read_responses(
    path: str | Path,
    instrument: Instrument,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    duplicate_ids: Policy = "refuse",
    constant_items: Policy = "refuse",
) -> Responses:
    r"""Read a survey file through its questionnaire.

    Parameters
    ----------
    path
        A local file; nothing is fetched.
    instrument
        The questionnaire (see `load_instrument`).
    encoding, delimiter
        Given only when the file's own cannot be told.
    duplicate_ids, constant_items
        Whether rows that share a respondent id, and items that everybody answered alike, are refused or kept.

    Raises
    ------
    UsageError, FileError, ResourceLimitError
        The path, the file or its size is not acceptable.
    DataError
        Cells, columns or rows break a rule; all of them are listed, the first twenty in full.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sopsem.survey.instrument import load_instrument
    >>> instrument = load_instrument()
    >>> rows = [",".join(instrument.item_ids), ",".join("1" * 18), ",".join("2" * 18)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "survey.csv"
    ...     _ = file.write_text("\n".join(rows))
    ...     answers = read_responses(file, instrument)
    >>> answers.items[["con2", "con3"]].to_numpy().tolist()
    [[1.0, 7.0], [2.0, 6.0]]

    """
    checks = _checks(duplicate_ids, constant_items)
    raw = read_bytes(path)
    table = read_table(path, raw, encoding=encoding, delimiter=delimiter)
    intake = Intake(
        title=quote_path(path),
        columns=table.columns,
        factors=[factor_texts(column) for column in table.cells],
        lines=table.lines,
        word="line",
        decimal_comma=table.delimiter == ";",
    )
    source = {
        "name": Path(path).name,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "notes": table.notes,
    }
    return _responses(take_in(intake, instrument, checks), intake, instrument, checks, source)


def responses_from_frame(
    frame: Any,
    instrument: Instrument,
    *,
    duplicate_ids: Policy = "refuse",
    constant_items: Policy = "refuse",
) -> Responses:
    """Read a data frame through its questionnaire, by the same rules as a file; rows are counted from 1.

    Missing cells (NaN, None, NA) are the missing code ``""``.  Nullable, Arrow and boolean columns give the
    same numbers as float64 ones; a polars frame is taken as it is.

    Raises
    ------
    UsageError
        Neither a pandas nor a polars frame.
    DataError
        As for a file; also an unordered categorical, whose internal codes mean nothing.

    Examples
    --------
    >>> from sopsem.survey.instrument import load_instrument
    >>> instrument = load_instrument()
    >>> frame = pd.DataFrame({item: [1, 4, 7] for item in instrument.item_ids})
    >>> responses_from_frame(frame, instrument).items["con4"].tolist()
    [7.0, 4.0, 1.0]

    """
    checks = _checks(duplicate_ids, constant_items)
    frame = as_pandas(frame)
    columns = [str(name) for name in frame.columns]
    series = [frame.iloc[:, place] for place in range(frame.shape[1])]
    _refuse_frame(columns, series, instrument, len(frame))
    intake = Intake(
        title="data frame",
        columns=columns,
        factors=[factor_series(column) for column in series],
        lines=range(1, len(frame) + 1),
        word="row",
        decimal_comma=False,
    )
    source = {"name": "data frame", "sha256": None, "encoding": None, "delimiter": None, "notes": ()}
    return _responses(take_in(intake, instrument, checks), intake, instrument, checks, source)


def _checks(duplicate_ids: str, constant_items: str) -> Checks:
    for name, value in (("duplicate_ids", duplicate_ids), ("constant_items", constant_items)):
        if value not in ("refuse", "keep"):
            raise UsageError(f"{name} is 'refuse' or 'keep', not {quote(value)}")
    return Checks(duplicate_ids=duplicate_ids == "refuse", constant_items=constant_items == "refuse")


def _refuse_frame(
    columns: Sequence[str], series: Sequence["pd.Series[Any]"], instrument: Instrument, n_rows: int
) -> None:
    if not n_rows:
        raise DataError("data frame: 0 respondents: the frame has no rows")
    used = {question.column or name for name, question in instrument.items.items()}
    faults = [f"column {quote(name)} is there {n} times" for name, n in Counter(columns).items() if n > 1]
    found = (column_fault(name, column) for name, column in zip(columns, series, strict=True) if name in used)
    faults += [fault for fault in found if fault]
    if faults:
        raise DataError(enumerated("data frame", faults))


def _responses(
    taken: Taken, intake: Intake, instrument: Instrument, checks: Checks, source: Mapping[str, Any]
) -> Responses:
    index = pd.RangeIndex(1, len(intake.lines) + 1, name="row")
    respondents = pd.DataFrame(dict(taken.respondents), index=index, dtype=object)
    return Responses(
        instrument=instrument,
        source=Source(
            **source,
            matrix_sha256=matrix_hash(taken.items),
            n_rows=len(index),
            unused_columns=taken.match.unused,
            absent_columns=taken.match.absent,
        ),
        _items=float_frame(taken.items, index),
        _optional=float_frame(taken.optional, index),
        _respondents=respondents,
        _log=log_frame(taken.log),
        _excluded=excluded_frame([], [], []),
        _lines=intake.lines,
        _checks=checks,
    )
