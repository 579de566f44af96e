"""SPSS and Stata files: raw codes, labels by code, and what the file itself declares missing."""

import datetime as dt
import io
from collections.abc import Callable, Mapping
from typing import Any

from sopsem.survey.formats.child.answer import Refusal, coded, labels_of, refuse_large, text_of
from sopsem.survey.formats.child.serve import serve

try:
    import pyreadstat
except ImportError:
    pyreadstat = None  # type: ignore[assignment]

__all__ = ["read_spss", "read_stata"]

SPSS_EPOCH = dt.datetime(1582, 10, 14)  # noqa: DTZ001 - both count from a local midnight
STATA_EPOCH = dt.datetime(1960, 1, 1)  # noqa: DTZ001
SPSS_DATES = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "YMDHMS")  # also the beginnings of DATETIME
Reader = Callable[[float], object]


def read_spss(raw: bytes, encoding: str | None) -> dict[str, Any]:
    """Return the variables of a .sav file; user-missing values are kept as they are and named."""
    data, meta = _pyreadstat().read_sav(io.BytesIO(raw), encoding=encoding, **OPTIONS)
    _check_size(data, meta)
    dated = {name: _spss_time for name, kind in meta.original_variable_types.items() if _spss_date(kind)}
    columns = []
    for name, values in data.items():
        labels = meta.variable_value_labels.get(name, {})
        ranges = meta.missing_ranges.get(name, [])
        missing = {value: _reason(value, labels) for value in set(values) if _within(value, ranges)}
        columns.append(_column(name, values, meta, missing, dated.get(name)))
    return {"columns": columns, "encoding": meta.file_encoding}


def read_stata(raw: bytes, encoding: str | None) -> dict[str, Any]:
    """Return the variables of a .dta file; the extended missing values .a to .z are kept and named."""
    data, meta = _pyreadstat().read_dta(io.BytesIO(raw), encoding=encoding, **OPTIONS)
    _check_size(data, meta)
    columns = []
    for name, values in data.items():
        marks = {mark for mark in meta.missing_user_values.get(name, []) if isinstance(mark, str)}
        labels = meta.variable_value_labels.get(name, {})
        shown = [f".{value}" if value in marks else value for value in values] if marks else values
        missing = {f".{mark}": str(labels.get(mark, f"extended missing .{mark}")) for mark in marks}
        kind = str(meta.original_variable_types.get(name, ""))
        columns.append(_column(name, shown, meta, missing, _stata_clock(kind)))
    return {"columns": columns, "encoding": meta.file_encoding}


OPTIONS = {"user_missing": True, "output_format": "dict", "disable_datetime_conversion": True}


def _pyreadstat() -> Any:
    if pyreadstat is None:
        raise Refusal("library", "pyreadstat")
    return pyreadstat


def _check_size(data: Mapping[str, Any], meta: Any) -> None:
    refuse_large(meta.number_rows or 0, meta.number_columns or 0)
    read = {len(values) for values in data.values()}
    if meta.number_rows is not None and read - {meta.number_rows}:
        raise Refusal("file", f"the file is cut short: {meta.number_rows} rows announced, {min(read)} found")


def _column(
    name: str, values: Any, meta: Any, missing: Mapping[Any, str], reader: Reader | None
) -> dict[str, Any]:
    if reader is not None:
        values = [reader(v) if isinstance(v, (int, float)) else v for v in values]
    return {
        "name": name,
        "heading": meta.column_names_to_labels.get(name) or "",
        "labels": labels_of(meta.variable_value_labels.get(name, {})),
        "missing": {text_of(value): reason for value, reason in missing.items()},
        **coded(values),
    }


def _within(value: Any, ranges: list[dict[str, Any]]) -> bool:
    """Say whether a value is in one of the ranges; of text only equal ends make a range."""
    if value is None or value == "":
        return False
    if isinstance(value, str):
        return any(value.strip() == str(each["lo"]).strip() for each in ranges)
    numbers = [each for each in ranges if not isinstance(each["lo"], str)]
    return any(each["lo"] <= value <= each["hi"] for each in numbers)


def _reason(value: object, labels: Mapping[Any, str]) -> str:
    return str(labels.get(value) or "declared missing in the file")


def _spss_date(kind: object) -> bool:
    return str(kind).upper().startswith(SPSS_DATES)


def _spss_time(seconds: float) -> object:
    return _moment(SPSS_EPOCH, seconds)


def _stata_clock(kind: str) -> Reader | None:
    if kind.startswith(("%tc", "%tC", "%-tc")):
        return lambda milliseconds: _moment(STATA_EPOCH, milliseconds / 1000)
    if kind.startswith(("%td", "%-td", "%d")):
        return lambda days: _moment(STATA_EPOCH, days * 86400)
    return None


def _moment(epoch: dt.datetime, seconds: float) -> object:
    """Return the time, or the number itself where there is no such time."""
    try:
        return epoch + dt.timedelta(seconds=round(seconds))
    except (OverflowError, ValueError):
        return seconds


if __name__ == "__main__":
    serve({"sav": read_spss, "dta": read_stata})
