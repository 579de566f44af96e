"""Dates and times as survey tools write them.

ISO times are read.  Of times with slashes the order of day and month is read only where the column itself
proves it; nothing is guessed.  A zone written beside a time is used, so such times become UTC.
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["read_times"]

TimeArray = npt.NDArray[np.datetime64]

# "GMT+1" is one hour ahead of Greenwich; dateutil, after POSIX, reads it as one hour behind
GOOGLE = re.compile(
    r"(\d{4})/(\d{1,2})/(\d{1,2}) (\d{1,2}):(\d{2}):(\d{2})(?: ([AaPp])\.?[Mm]\.?)?"
    r" (?:GMT|UTC)([+-]\d{1,2})?(?::(\d{2}))?"
)
SLASHED = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?:,? (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
ZONE = re.compile(r"\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$")
NOT_A_TIME = np.datetime64("NaT", "s")
UNDATED = np.datetime64("1980-01-01T00:00:00")  # what LimeSurvey writes where answers are not dated


def read_times(texts: Sequence[str]) -> tuple[TimeArray, str]:
    """Return the times of a column (NaT where there is none) and what has to be said about them.

    Examples
    --------
    >>> read_times(["2020/10/30 3:08:44 PM GMT+1"])
    (array(['2020-10-30T14:08:44'], dtype='datetime64[s]'), 'times are UTC')
    >>> read_times(["13/04/2024 10:00"])[0]
    array(['2024-04-13T10:00:00'], dtype='datetime64[s]')
    >>> read_times(["05/04/2024 10:00"])
    (array(['NaT'], dtype='datetime64[s]'), 'day and month cannot be told apart, so its times are not read')

    """
    cells = [text.strip() for text in texts]
    google = [GOOGLE.fullmatch(cell) for cell in cells]
    slashed = [SLASHED.fullmatch(cell) for cell in cells] if not any(google) else []
    if any(google):
        times, note = np.array([_google(m) if m else NOT_A_TIME for m in google]), "times are UTC"
    elif any(slashed):
        times, note = _slashed([m.groups() if m else None for m in slashed])
    else:
        times, note = _iso(cells)
    unread = sum(1 for cell, time in zip(cells, times, strict=True) if cell and np.isnat(time))
    if unread and not note.startswith("day and month"):
        note = "; ".join(filter(None, [note, f"{unread} cells are not times that can be read"]))
    return np.where(times == UNDATED, NOT_A_TIME, times), note


def _iso(cells: Sequence[str]) -> tuple[TimeArray, str]:
    read = pd.to_datetime(pd.Series(cells, dtype=object), format="ISO8601", utc=True, errors="coerce")
    zoned = any(ZONE.search(cell) for cell in cells if len(cell) > len("2024-05-01T10:00"))
    times = read.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    return times, "times are UTC" if zoned else ""


def _google(found: re.Match[str]) -> np.datetime64:
    year, month, day, hour, minute, second, half, ahead, extra = found.groups()
    local = _moment((year, month, day), hour, minute, second, half)
    sign = -1 if str(ahead).startswith("-") else 1
    minutes = int(ahead or 0) * 60 + sign * int(extra or 0)
    return local - np.timedelta64(minutes * 60, "s")


def _slashed(found: Sequence[tuple[str, ...] | None]) -> tuple[TimeArray, str]:
    dates = [groups for groups in found if groups]
    day_first = any(int(groups[0]) > 12 for groups in dates)
    month_first = any(int(groups[1]) > 12 for groups in dates)
    if day_first == month_first:
        why = "day and month cannot be told apart" if not day_first else "day and month change places"
        note = f"{why}, so its times are not read"
        return np.full(len(found), NOT_A_TIME), note
    order = "day/month/year" if day_first else "month/day/year"
    times = [NOT_A_TIME if groups is None else _slashed_moment(groups, day_first) for groups in found]
    return np.array(times), f"dates are {order}, as the column shows"


def _slashed_moment(groups: tuple[str, ...], day_first: bool) -> np.datetime64:
    first, second, year, hour, minute, seconds, half = groups
    day, month = (first, second) if day_first else (second, first)
    whole = year if len(year) == 4 else f"20{year}"
    return _moment((whole, month, day), hour or "0", minute or "0", seconds or "0", half)


def _moment(
    date: tuple[str, str, str], hour: str, minute: str, second: str, half: str | None
) -> np.datetime64:
    """Return a time of the day; of a clock with AM and PM, 12 AM is midnight."""
    hours = int(hour) % 12 + 12 * (half.lower() == "p") if half else int(hour)
    year, month, day = (int(part) for part in date)
    try:
        return np.datetime64(f"{year:04}-{month:02}-{day:02}T{hours:02}:{int(minute):02}:{int(second):02}")
    except ValueError:
        return NOT_A_TIME
