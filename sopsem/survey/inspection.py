"""What a survey file is and how a questionnaire would read it, before anything is refused."""

import hashlib
import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.survey.formats import read_bytes, read_table
from sopsem.survey.frames import excluded_frame
from sopsem.survey.instrument import Instrument
from sopsem.survey.intake import Checks, Taken, look_through, role_cells
from sopsem.survey.messages import nearest, quote_path
from sopsem.survey.metadata import metadata_frame
from sopsem.survey.reading import table_intake
from sopsem.survey.table import Table

__all__ = ["Inspection", "inspect_survey"]

STRICT = Checks(duplicate_ids=True, constant_items=True)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Inspection:
    """What a file is, which columns answer which questions, what is missing, what would be left out or refused.

    ``matches`` has one row per question: question, kind (required, optional, background), column, heading, how
    ("map", "name", "other name", "question text", "" where there is none) and suggestion, a column with a
    similar name that is never used unless the user maps it.  ``unmatched`` has the columns that answer no
    question, with the role that the tool gives them.  ``missing`` counts missing answers by question and
    reason.  ``excluded`` lists the rows that are not complete.  ``interviews`` counts previews and unfinished
    interviews, NaN where the file does not say.  ``unknown_codes`` lists background answers that are in no code
    book.  ``faults`` is what `read_responses` would refuse.
    """

    file: str
    sha256: str
    format: str
    tool: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    instrument: str
    n_rows: int
    interviews: Mapping[str, float]
    faults: tuple[str, ...]
    hints: tuple[str, ...]
    notes: tuple[str, ...]
    _matches: pd.DataFrame
    _unmatched: pd.DataFrame
    _missing: pd.DataFrame
    _excluded: pd.DataFrame
    _unknown: pd.DataFrame

    @property
    def readable(self) -> bool:
        """Whether `read_responses` would take the file as it is."""
        return not self.faults

    @property
    def matches(self) -> pd.DataFrame:
        """One row per question: question, kind, column, heading, how, suggestion."""
        return self._matches.copy(deep=False)

    @property
    def unmatched(self) -> pd.DataFrame:
        """One row per column that answers no question: column, heading, role."""
        return self._unmatched.copy(deep=False)

    @property
    def missing(self) -> pd.DataFrame:
        """One row per question and reason: question, reason, n."""
        return self._missing.copy(deep=False)

    @property
    def excluded(self) -> pd.DataFrame:
        """The rows that an analysis of complete answers leaves out: row, line, reason."""
        return self._excluded.copy(deep=False)

    @property
    def unknown_codes(self) -> pd.DataFrame:
        """Background answers that the code book does not have, kept as they are: question, answer, n, suggestion."""
        return self._unknown.copy(deep=False)

    def __repr__(self) -> str:
        """Show what the file is and the counts in a few lines."""
        found = (self._matches["how"] != "").sum()
        lines = [
            f"<Inspection {self.file}: {self.format}, {self.tool}; {self.n_rows} rows",
            f"  {found} of {len(self._matches)} questions found, {len(self._unmatched)} columns answer none",
            f"  {int(self._missing['n'].sum())} missing answers, {len(self._excluded)} rows not complete",
            f"  {len(self.faults)} problems",
        ]
        return "\n".join(lines) + ">"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def inspect_survey(
    path: str | Path,
    instrument: Instrument,
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Inspection:
    r"""Say what a survey file is and how the questionnaire would read it.

    Parameters
    ----------
    path, instrument, columns, sheet, encoding, delimiter
        As `sopsem.read_responses` takes them.

    Raises
    ------
    UsageError, FileError, ResourceLimitError
        The path, the file or its size is not acceptable.
    DataError
        The file has no table: a row too long or too short, a column without a name, no rows.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from sopsem.survey.instrument import load_instrument
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "survey.csv"
    ...     _ = file.write_text("col1;Col2\n5;6\n8;7\n")
    ...     found = inspect_survey(file, load_instrument())
    >>> found.delimiter, found.matches.suggestion[1]
    (';', 'Col2')
    >>> found.faults[-1]
    "item col1, line 3: 8 is not a code of the scale 'agreement' (1 to 7)"

    """
    raw = read_bytes(path)
    table = read_table(path, raw, encoding=encoding, delimiter=delimiter, sheet=sheet)
    intake = table_intake(table, quote_path(path), columns or {})
    taken = look_through(intake, instrument, STRICT)
    about, notes = metadata_frame(role_cells(intake, taken), pd.RangeIndex(len(table.lines)))
    return Inspection(
        file=Path(path).name,
        sha256=hashlib.sha256(raw).hexdigest(),
        format=table.format,
        tool=table.tool,
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.sheet,
        instrument=f"{instrument.title} {instrument.version}",
        n_rows=len(table.lines),
        interviews={
            "previews": _count(about["is_preview"]),
            "unfinished": _count(~about["is_finished"]),
        },
        faults=taken.faults,
        hints=tuple(dict.fromkeys(taken.hints)),
        notes=(*table.notes, *notes),
        _matches=_matches(instrument, table, taken),
        _unmatched=_unmatched(table, taken),
        _missing=_missing(taken),
        _excluded=_excluded(table, taken),
        _unknown=_unknown(instrument, taken),
    )


def _count(flags: pd.Series) -> float:
    return float("nan") if flags.isna().all() else float(flags.sum())


def _matches(instrument: Instrument, table: Table, taken: Taken) -> pd.DataFrame:
    found = {**taken.match.items, **taken.match.optional, **taken.match.background}
    kinds = {
        **dict.fromkeys(instrument.item_ids, "required"),
        **dict.fromkeys(instrument.optional_ids, "optional"),
        **dict.fromkeys(instrument.background, "background"),
    }
    rows = [
        {
            "question": name,
            "kind": kind,
            "column": table.columns[found[name]] if name in found else "",
            "heading": "".join(table.headings[found[name] : found[name] + 1]) if name in found else "",
            "how": taken.match.how.get(name, ""),
            "suggestion": "" if name in found else _suggested(instrument, name, table, taken),
        }
        for name, kind in kinds.items()
    ]
    return pd.DataFrame(rows, dtype=object)


def _suggested(instrument: Instrument, name: str, table: Table, taken: Taken) -> str:
    """Return the spare column whose name, or else whose text, is most like the question's; never applied."""
    question = instrument.items.get(name) or instrument.background[name]
    spare = {column: place for place, column in enumerate(table.columns) if column in taken.match.unused}
    by_text: dict[str, str] = {}
    for column, place in spare.items():
        others = [text for texts in table.aliases[place : place + 1] for text in texts]
        for text in (*table.headings[place : place + 1], *others):
            by_text.setdefault(text, column)
    name_like = nearest(question.column or name, spare)
    text_like = nearest(question.text, [*by_text, *spare])
    return name_like or (by_text.get(text_like, text_like) if text_like else "")


def _unmatched(table: Table, taken: Taken) -> pd.DataFrame:
    used = {*taken.match.items.values(), *taken.match.optional.values(), *taken.match.background.values()}
    roles = {column: role for role, column in table.roles.items() if role not in taken.match.roles}
    roles |= {table.columns[place]: role for role, place in taken.match.roles.items()}
    rows = [
        {
            "column": column,
            "heading": "".join(table.headings[place : place + 1]),
            "role": roles.get(column, ""),
        }
        for place, column in enumerate(table.columns)
        if place not in used
    ]
    return pd.DataFrame(rows, columns=["column", "heading", "role"], dtype=object)


def _missing(taken: Taken) -> pd.DataFrame:
    """Count missing answers by question and reason, from the log of what was read as missing."""
    rows = [
        {"question": entry.item, "reason": entry.after.removeprefix("missing: "), "n": entry.n_cells}
        for entry in taken.log
        if entry.after.startswith("missing: ")
    ]
    frame = pd.DataFrame(rows, columns=["question", "reason", "n"])
    return frame.groupby(["question", "reason"], sort=False, as_index=False)["n"].sum()


def _unknown(instrument: Instrument, taken: Taken) -> pd.DataFrame:
    rows = [
        {
            "question": name,
            "answer": text,
            "n": n,
            "suggestion": nearest(text, codes := instrument.background[name].codes)
            or nearest(text, codes.values())
            or "",
        }
        for name, text, n in taken.strange
    ]
    return pd.DataFrame(rows, columns=["question", "answer", "n", "suggestion"])


def _excluded(table: Table, taken: Taken) -> pd.DataFrame:
    names = list(taken.items)
    if not names:
        return excluded_frame([], [], [])
    gaps = np.column_stack([np.isnan(values) for values in taken.items.values()])
    lost = np.flatnonzero(gaps.any(axis=1))
    reasons = [f"missing: {', '.join(_of(names, gaps[row]))}" for row in lost]
    return excluded_frame([int(row) + 1 for row in lost], [table.lines[int(row)] for row in lost], reasons)


def _of(names: list[str], gap: npt.NDArray[np.bool_]) -> Iterator[str]:
    return (name for name, missing in zip(names, gap, strict=True) if missing)
