"""What the screens look at: the codes as they were ticked, the grids they stood in, and the tool's own notes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.survey.coding import reverse
from sopsem.survey.instrument import Instrument
from sopsem.survey.responses import Responses

__all__ = ["Contrast", "Evidence", "gather"]

FloatArray = npt.NDArray[np.float64]
SMALLEST_GRID = 3  # two equal answers are no line


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """A construct with plain and reversed items: their columns in ``ticked``, and the middle of each scale."""

    construct: str
    plain: tuple[int, ...]
    turned: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """The answers as screens need them; n rows, k required items.

    ``ticked`` (n, k) are the codes as the respondent ticked them, in the questionnaire's order, reversed items
    *not* turned round, NaN where nothing was answered; ``middles`` (k,) the middle of each item's scale, NaN
    without codes.  ``grids`` are the runs of three or more neighbouring items with one scale.  ``expected``
    gives for each attention item the answers and the right one.  ``metadata`` is the tool's own record
    (durations in seconds, previews, ...), ``ids`` the respondents' ids, None where there are none.
    """

    ticked: FloatArray
    items: tuple[str, ...]
    middles: FloatArray
    grids: tuple[tuple[int, ...], ...]
    contrasts: tuple[Contrast, ...]
    expected: Mapping[str, tuple[FloatArray, int]]
    metadata: pd.DataFrame
    ids: pd.Series | None

    @property
    def answered(self) -> npt.NDArray[np.intp]:
        """How many of the required items each respondent answered."""
        return np.asarray(np.count_nonzero(~np.isnan(self.ticked), axis=1))


def gather(responses: Responses) -> Evidence:
    """Return what the screens need to know of a survey.

    Examples
    --------
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> evidence = gather(read_responses(find_survey(), load_instrument()))
    >>> evidence.ticked.shape, [len(grid) for grid in evidence.grids], evidence.contrasts[0].construct
    ((92, 18), [12, 3, 3], 'conflict')

    """
    instrument = responses.instrument
    items = tuple(responses.items.columns)
    unique = [
        name
        for name, q in instrument.background.items()
        if q.unique and name in responses.respondents.columns
    ]
    return Evidence(
        ticked=_ticked(responses.items, instrument),
        items=items,
        middles=np.array([_middle(instrument, item) for item in items]),
        grids=_grids(instrument, items),
        contrasts=_contrasts(instrument, items),
        expected=_expected(responses),
        metadata=responses.metadata,
        ids=responses.respondents[unique[0]] if unique else None,
    )


def _ticked(frame: pd.DataFrame, instrument: Instrument) -> FloatArray:
    """Undo the reversal of the answers."""
    ticked: FloatArray = frame.to_numpy(dtype=np.float64, copy=True)
    for place, item in enumerate(frame.columns):
        if instrument.items[item].reverse:
            ticked[:, place] = reverse(ticked[:, place], instrument.scale_of(item))
    return ticked


def _middle(instrument: Instrument, item: str) -> float:
    scale = instrument.scale_of(item)
    return (scale.minimum + scale.maximum) / 2 if scale.codes else np.nan


def _grids(instrument: Instrument, items: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    runs: list[list[int]] = []
    for place, item in enumerate(items):
        if place and instrument.items[item].scale == instrument.items[items[place - 1]].scale:
            runs[-1].append(place)
        else:
            runs.append([place])
    return tuple(tuple(run) for run in runs if len(run) >= SMALLEST_GRID)


def _contrasts(instrument: Instrument, items: tuple[str, ...]) -> tuple[Contrast, ...]:
    found = []
    for construct in instrument.constructs:
        places = [place for place, item in enumerate(items) if instrument.items[item].factor == construct]
        turned = tuple(place for place in places if instrument.items[items[place]].reverse)
        plain = tuple(place for place in places if place not in turned)
        if turned and plain:
            found.append(Contrast(construct=construct, plain=plain, turned=turned))
    return tuple(found)


def _expected(responses: Responses) -> dict[str, tuple[FloatArray, int]]:
    instrument = responses.instrument
    asked = {name: q.expected for name, q in instrument.items.items() if q.expected is not None}
    frames = (responses.items, responses.optional_items)
    return {
        name: (_ticked(frame[[name]], instrument)[:, 0], right)
        for name, right in asked.items()
        for frame in frames
        if name in frame.columns
    }
