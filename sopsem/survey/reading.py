"""A survey file or frame read through its questionnaire."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from sopsem.errors import DataError, UsageError
from sopsem.survey.columns import match_columns
from sopsem.survey.factors import column_fault, factor_series, factor_texts
from sopsem.survey.formats import read_bytes, read_table
from sopsem.survey.frames import as_pandas, excluded_frame, float_frame, log_frame, matrix_hash
from sopsem.survey.instrument import Instrument
from sopsem.survey.intake import Checks, Intake, Taken, role_cells, take_in
from sopsem.survey.messages import enumerated, quote, quote_path
from sopsem.survey.metadata import metadata_frame
from sopsem.survey.responses import Responses, Source
from sopsem.survey.table import Table
from sopsem.survey.tools.recognise import named_layout

__all__ = ["read_responses", "responses_from_frame"]

Policy = Literal["refuse", "keep"]


def read_responses(
    path: str | Path,
    instrument: Instrument,
    *,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
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
    columns
        Question -> column of the file, where they have different names; also of what the file knows of the
        interview (`sopsem.survey.metadata`), such as ``{"duration_seconds": "time taken"}``.
    sheet
        The sheet of a workbook in which more than one holds data.
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
    table = read_table(path, raw, encoding=encoding, delimiter=delimiter, sheet=sheet)
    intake = table_intake(table, quote_path(path), columns or {})
    source = {
        "name": Path(path).name,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "format": table.format,
        "tool": table.tool,
        "sheet": table.sheet,
        "notes": table.notes,
    }
    return _responses(take_in(intake, instrument, checks), intake, instrument, checks, source)


def table_intake(table: Table, title: str, given: Mapping[str, str]) -> Intake:
    """Return the columns of a table as they go through the questionnaire."""
    where = f"{title}, sheet {quote(table.sheet)}" if table.sheet is not None else title
    return Intake(
        title=where,
        columns=table.columns,
        factors=[factor_texts(column) for column in table.cells],
        lines=table.lines,
        word=table.word,
        decimal_comma=table.decimal_comma,
        roles={role: table.columns.index(name) for role, name in table.roles.items()},
        headings=table.headings,
        aliases=table.aliases,
        given=given,
        value_labels=table.value_labels,
        missing=table.missing,
    )


def responses_from_frame(
    frame: Any,
    instrument: Instrument,
    *,
    columns: Mapping[str, str] | None = None,
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
    names = [str(name) for name in frame.columns]
    series = [frame.iloc[:, place] for place in range(frame.shape[1])]
    _refuse_frame(names, len(frame))
    layout = named_layout(names)
    intake = Intake(
        title="data frame",
        columns=names,
        factors=[factor_series(column) for column in series],
        lines=range(1, len(frame) + 1),
        word="row",
        decimal_comma=False,
        roles=layout.roles,
        aliases=layout.aliases,
        given=columns or {},
    )
    _refuse_types(intake, series, instrument)
    source = {
        "name": "data frame",
        "sha256": None,
        "encoding": None,
        "delimiter": None,
        "format": "frame",
        "tool": layout.tool,
        "sheet": None,
        "notes": layout.notes,
    }
    return _responses(take_in(intake, instrument, checks), intake, instrument, checks, source)


def _checks(duplicate_ids: str, constant_items: str) -> Checks:
    for name, value in (("duplicate_ids", duplicate_ids), ("constant_items", constant_items)):
        if value not in ("refuse", "keep"):
            raise UsageError(f"{name} is 'refuse' or 'keep', not {quote(value)}")
    return Checks(duplicate_ids=duplicate_ids == "refuse", constant_items=constant_items == "refuse")


def _refuse_frame(names: Sequence[str], n_rows: int) -> None:
    if not n_rows:
        raise DataError("data frame: 0 respondents: the frame has no rows")
    faults = [f"column {quote(name)} is there {n} times" for name, n in Counter(names).items() if n > 1]
    if faults:
        raise DataError(enumerated("data frame", faults))


def _refuse_types(intake: Intake, series: Sequence["pd.Series[Any]"], instrument: Instrument) -> None:
    match = match_columns(instrument, intake.header)
    used = (*match.items.values(), *match.optional.values())
    faults = [fault for at in used if (fault := column_fault(intake.columns[at], series[at]))]
    if faults:
        raise DataError(enumerated("data frame", faults))


def _responses(
    taken: Taken, intake: Intake, instrument: Instrument, checks: Checks, source: Mapping[str, Any]
) -> Responses:
    index = pd.RangeIndex(1, len(intake.lines) + 1, name="row")
    metadata, notes = metadata_frame(role_cells(intake, taken), index)
    where = Source(
        **source,
        matrix_sha256=matrix_hash(taken.items),
        n_rows=len(index),
        unused_columns=taken.match.unused,
        absent_columns=taken.match.absent,
    )
    return Responses(
        instrument=instrument,
        source=replace(where, notes=(*where.notes, *notes)),
        _items=float_frame(taken.items, index),
        _optional=float_frame(taken.optional, index),
        _respondents=pd.DataFrame(dict(taken.respondents), index=index, dtype=object),
        _metadata=metadata,
        _log=log_frame(taken.log),
        _excluded=excluded_frame([], [], []),
        _lines=intake.lines,
        _checks=checks,
    )
