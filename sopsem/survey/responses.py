"""Checked answers of a survey, with a log of every recode; made in `sopsem.survey.reading`."""

import html
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.errors import DataError, UsageError
from sopsem.survey.frames import excluded_frame, float_frame
from sopsem.survey.instrument import Instrument
from sopsem.survey.intake import Checks, constant_faults
from sopsem.survey.messages import enumerated, places

__all__ = ["Responses", "Source"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the answers come from.

    ``sha256`` is the hash of the file's bytes (None for a frame), ``matrix_sha256`` that of the item names
    and the coded answers, so a file and a frame with the same answers agree in it.  ``format`` is the kind of
    file, ``tool`` the survey tool that wrote it, ``sheet`` the sheet that was read.
    """

    name: str
    sha256: str | None
    matrix_sha256: str
    encoding: str | None
    delimiter: str | None
    format: str
    tool: str
    sheet: str | None
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
    _metadata: pd.DataFrame
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
    def metadata(self) -> pd.DataFrame:
        """What the survey tool wrote about each interview, for screening.

        Columns, whatever the tool (see `sopsem.survey.metadata`): ``duration_seconds`` (float), ``is_preview`` and
        ``is_finished`` (nullable boolean), ``started`` and ``ended`` (datetime64), ``language`` and
        ``respondent_id`` (text); missing where the source does not say.
        """
        return self._metadata.copy(deep=False)

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
        >>> from sopsem.survey import load_instrument, responses_from_frame
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
            _metadata=self._metadata[keep],
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
