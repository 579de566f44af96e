"""What the survey tool wrote about each interview, in the same columns whatever the tool.

The interface of screening: ``Responses.metadata`` is a frame indexed like ``Responses.items`` that always has
the columns of `COLUMNS`, with missing values where the tool writes nothing:

=================  ===============  ==========================================================================
duration_seconds   float64          time taken; written by the tool, else from start and end
is_preview         boolean          a test run of the questionnaire's authors
is_finished        boolean          the respondent reached the end
started, ended     datetime64[s]    as the file's clock shows; UTC where the file writes the zone
language           object           the language answered in
respondent_id      object           the tool's own id
address            float64          a number for each network address, never the address itself
=================  ===============  ==========================================================================

Any file may also have columns of these names; they are read in the same way.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.survey.factors import factor_texts
from sopsem.survey.messages import quote
from sopsem.survey.times import read_times

__all__ = ["COLUMNS", "METADATA_ROLES", "metadata_frame"]

COLUMNS = (
    "duration_seconds",
    "is_preview",
    "is_finished",
    "started",
    "ended",
    "language",
    "respondent_id",
    "address",
)
# what a tool may write beside them: Qualtrics' status, channel and progress, LimeSurvey's date of submission
METADATA_ROLES = (*COLUMNS, "status", "channel", "progress", "submitted")

YES, NO = frozenset({"1", "1.0", "true", "yes"}), frozenset({"0", "0.0", "false", "no"})
# Qualtrics, response status: 1, 9, 17 are previews, 2 and 10 tests; the words are those of an English account
PREVIEW = frozenset({"1", "2", "9", "10", "17", "survey preview", "survey test", "preview", "test"})
GENUINE = frozenset(
    {
        *("0", "4", "8", "12", "16", "32", "40", "48"),
        *("ip address", "imported", "spam", "offline", "imported spam", "spoofed spam", "anonymous", "email"),
        *("qr", "social", "sms", "gl", "web", "smsinvite", "offlinesurvey", "personal", "personallink"),
    }
)
NUMBER = re.compile(r"\d{1,12}([.,]\d{1,9})?")

Answers = Sequence[str]
Booleans = npt.NDArray[np.object_]


def metadata_frame(roles: Mapping[str, Answers], index: pd.Index) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the interview frame and the notes about what could not be read.

    Parameters
    ----------
    roles
        The cells of each column that has a role, by role (see `METADATA_ROLES`).
    index
        The rows.

    Examples
    --------
    >>> frame, notes = metadata_frame({"status": ["0", "1"], "progress": ["100", "40"]}, pd.RangeIndex(2))
    >>> frame["is_preview"].tolist(), frame["is_finished"].tolist()
    ([False, True], [True, False])

    """
    notes: list[str] = []
    n = len(index)
    started, ended = _times("started", roles, n, notes), _times("ended", roles, n, notes)
    frame = pd.DataFrame(
        {
            "duration_seconds": _durations(roles.get("duration_seconds"), started, ended, notes),
            "is_preview": pd.array(_preview(roles, n, notes), dtype="boolean"),
            "is_finished": pd.array(_finished(roles, n, notes), dtype="boolean"),
            "started": started,
            "ended": ended,
            "language": _texts(roles.get("language"), n),
            "respondent_id": _texts(roles.get("respondent_id"), n),
            "address": _numbered(roles.get("address"), n),
        },
        index=index,
    )
    return frame, tuple(notes)


def _texts(cells: Answers | None, n: int) -> npt.NDArray[np.object_]:
    return np.array(
        [cell.strip() or None for cell in cells] if cells is not None else [None] * n, dtype=object
    )


def _numbered(cells: Answers | None, n: int) -> npt.NDArray[np.float64]:
    """Return a number per distinct text, in order of appearance: what is personal stays in the file."""
    numbers = pd.factorize(_texts(cells, n))[0].astype(np.float64)
    return np.where(numbers < 0, np.nan, numbers + 1)


def _times(role: str, roles: Mapping[str, Answers], n: int, notes: list[str]) -> npt.NDArray[np.datetime64]:
    if role not in roles:
        return np.full(n, np.datetime64("NaT", "s"))
    times, note = read_times(roles[role])
    if note:
        notes.append(f"when interviews {role}: {note}")
    return times


def _durations(
    cells: Answers | None,
    started: npt.NDArray[np.datetime64],
    ended: npt.NDArray[np.datetime64],
    notes: list[str],
) -> npt.NDArray[np.float64]:
    """Return seconds; a time that ran backwards is no duration."""
    if cells is None:
        gap = (ended - started).astype("timedelta64[s]")
        seconds = np.where(np.isnat(gap), np.nan, gap.astype(np.float64))
        return np.where(seconds >= 0, seconds, np.nan)
    bare = [cell.strip() for cell in cells]
    strange = {cell for cell in bare if cell and not NUMBER.fullmatch(cell)}
    if strange:
        notes.append(
            f"durations that are no number of seconds are missing, for example {quote(min(strange))}"
        )
    return np.array([float(c.replace(",", ".")) if NUMBER.fullmatch(c) else np.nan for c in bare])


def _preview(roles: Mapping[str, Answers], n: int, notes: list[str]) -> Booleans:
    """Tell test runs by the status, or by the channel where the status is in words that are not known."""
    explicit = _known("is_preview", roles, (YES, NO), n, notes)
    status = _known("status", roles, (PREVIEW, GENUINE), n, notes)
    channel = _known("channel", roles, (PREVIEW, GENUINE), n, notes)
    return _first_known(explicit, status, channel)


def _finished(roles: Mapping[str, Answers], n: int, notes: list[str]) -> Booleans:
    """Tell the finished by the tool's word, by a progress of 100, or by a date of submission."""
    explicit = _known("is_finished", roles, (YES, NO), n, notes)
    progress: list[bool | None] = [
        float(c.replace(",", ".")) >= 100 if NUMBER.fullmatch(c.strip()) else None
        for c in roles.get("progress", ())
    ] or [None] * n
    submitted: list[bool | None] = [bool(c.strip()) for c in roles.get("submitted", ())] or [None] * n
    return _first_known(explicit, progress, submitted)


def _known(
    role: str,
    roles: Mapping[str, Answers],
    words: tuple[frozenset[str], frozenset[str]],
    n: int,
    notes: list[str],
) -> Booleans:
    """Return True, False, or None for words that are not known; these are named."""
    if role not in roles:
        return np.full(n, None, dtype=object)
    yes, no = words
    factor = factor_texts(roles[role])
    bare = ["".join(text.split("\u00a0")).strip().casefold() for text in factor.texts]
    unknown = sorted({text for text in bare if text and text not in yes | no})
    if unknown:
        notes.append(
            f"{role}: {', '.join(map(quote, unknown[:3]))} is not known and says nothing; export it as numbers"
        )
    meaning = np.array([True if b in yes else False if b in no else None for b in bare], dtype=object)
    return meaning[factor.codes]


def _first_known(*columns: Iterable[bool | None]) -> Booleans:
    return np.array(
        [next((v for v in values if v is not None), None) for values in zip(*columns, strict=True)],
        dtype=object,
    )
