"""Periods as text that sorts in time: 2025-01 (month), 2025-W03 (ISO week), 2025-Q1 (quarter)."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from sopsem.errors import DataError
from sopsem.executive.notices import fault, quote, refusal

__all__ = [
    "FREQUENCIES",
    "days_per_period",
    "frequency_of",
    "label_of",
    "ordinal_of",
    "ordinals",
    "period_of_dates",
    "periods_per_year",
    "range_of",
    "single_frequency",
    "start_of",
]

PATTERN = re.compile(r"([0-9]{4})-(?:(0[1-9]|1[0-2])|W([0-5][0-9])|Q([1-4]))", re.ASCII)
FREQUENCIES = {"month": 12, "week": 52, "quarter": 4}
MONDAY = date(1, 1, 1).toordinal()  # 0001-01-01 was a Monday


@lru_cache(maxsize=4096)
def frequency_of(label: str) -> str:
    """Return month, week, quarter, or nothing for a text that is no period.

    >>> frequency_of("2025-W03"), frequency_of("2025-13")
    ('week', '')
    """
    found = PATTERN.fullmatch(label)
    if not found:
        return ""
    if found[3] and not _is_week(int(found[1]), int(found[3])):
        return ""
    return "month" if found[2] else "week" if found[3] else "quarter"


def _is_week(year: int, week: int) -> bool:
    return 1 <= week <= date(max(year, 1), 12, 28).isocalendar().week and year > 0


@lru_cache(maxsize=4096)
def ordinal_of(label: str) -> int:
    """Return a number that grows by 1 from a period to the next.

    >>> ordinal_of("2025-01") - ordinal_of("2024-12"), ordinal_of("2021-W01") - ordinal_of("2020-W53")
    (1, 1)
    """
    found = PATTERN.fullmatch(label)
    if not found or not frequency_of(label):
        message = f"{quote(label)} is no period; write 2025-01, 2025-W03 or 2025-Q1"
        raise refusal([fault("T03", message)])
    year = int(found[1])
    if found[2]:
        return 12 * year + int(found[2]) - 1
    if found[3]:
        return (date.fromisocalendar(year, int(found[3]), 1).toordinal() - MONDAY) // 7
    return 4 * year + int(found[4]) - 1


@lru_cache(maxsize=4096)
def label_of(ordinal: int, frequency: str) -> str:
    """Return the text of a period's number.

    >>> label_of(ordinal_of("2020-W53") + 1, "week"), label_of(ordinal_of("2025-Q4") + 1, "quarter")
    ('2021-W01', '2026-Q1')
    """
    if frequency == "week":
        year, week, _ = date.fromordinal(MONDAY + 7 * ordinal).isocalendar()
        return f"{year:04d}-W{week:02d}"
    per = FREQUENCIES[frequency]
    year, part = divmod(ordinal, per)
    return f"{year:04d}-{part + 1:02d}" if frequency == "month" else f"{year:04d}-Q{part + 1}"


@lru_cache(maxsize=4096)
def start_of(label: str) -> date:
    """Return the first day of a period.

    >>> start_of("2025-Q2")
    datetime.date(2025, 4, 1)
    """
    frequency, number = frequency_of(label), ordinal_of(label)
    if frequency == "week":
        return date.fromordinal(MONDAY + 7 * number)
    per = FREQUENCIES[frequency]
    year, part = divmod(number, per)
    return date(year, part * (12 // per) + 1, 1)


def ordinals(labels: "pd.Series[str]") -> np.ndarray:
    """Return the number of every label; each distinct label is read once."""
    codes, distinct = pd.factorize(labels)
    numbers: np.ndarray = np.array([ordinal_of(str(label)) for label in distinct], dtype=np.int64)
    return np.asarray(numbers[codes])


def range_of(labels: Iterable[str]) -> list[str]:
    """Return every period from the first to the last.

    >>> range_of(["2025-01", "2024-11"])
    ['2024-11', '2024-12', '2025-01']
    """
    distinct = sorted(set(labels))
    if not distinct:
        return []
    frequency = frequency_of(distinct[0])
    numbers = [ordinal_of(label) for label in distinct]
    return [label_of(n, frequency) for n in range(min(numbers), max(numbers) + 1)]


def period_of_dates(dates: "pd.Series[pd.Timestamp]", frequency: str) -> "pd.Series[str]":
    """Return the period each date is in, None where there is no date.

    >>> period_of_dates(pd.to_datetime(pd.Series(["2025-02-28", "2024-12-30"])), "week").tolist()
    ['2025-W09', '2025-W01']
    """
    days = dates.dt.normalize()
    codes, distinct = pd.factorize(days)
    texts = np.array([_label_of_day(day, frequency) for day in distinct] + [None], dtype=object)
    return pd.Series(texts[codes], index=dates.index, dtype=object)


def _label_of_day(day: pd.Timestamp, frequency: str) -> str:
    if frequency == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    if frequency == "month":
        return f"{day.year:04d}-{day.month:02d}"
    return f"{day.year:04d}-Q{(day.month + 2) // 3}"


def periods_per_year(frequency: str) -> int:
    """Return 12, 52 or 4.

    >>> periods_per_year("week")
    52
    """
    return FREQUENCIES[frequency]


def days_per_period(frequency: str, days_per_year: float = 365) -> float:
    """Return the days of a period: a month is a twelfth of a year, a week is seven days.

    >>> days_per_period("quarter")
    91.25
    """
    return 7.0 if frequency == "week" else days_per_year / FREQUENCIES[frequency]


def single_frequency(labels: Sequence[str], table: str) -> str:
    """Return the one frequency of labels that were checked.

    Raises
    ------
    DataError
        T08 when there are several.

    """
    found = sorted({frequency_of(label) for label in labels})
    if len(found) != 1:
        raise _mixed(found, table)
    return found[0]


def _mixed(found: list[str], table: str) -> DataError:
    return refusal([fault("T08", f"mixed frequencies: {', '.join(found)}; give one", table=table)])
