"""Construct means of every respondent: the arithmetic of answered items, and how many of them there were.

References
----------
Schafer, J. L., & Graham, J. W. (2002). Missing data: our view of the state of the art. Psychological Methods, 7
(means of the available items, and when they mislead).

"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.errors import DataError, UsageError
from sopsem.survey.instrument import Instrument
from sopsem.survey.messages import quote, suggestion
from sopsem.survey.responses import Responses

__all__ = ["ConstructMeans", "construct_means", "construct_range", "scored_constructs"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ConstructMeans:
    """The construct means of respondents; two frames of one shape, rows as in ``responses.items``.

    Attributes
    ----------
    means : DataFrame
        n x constructs; NaN where fewer answers than ``needed`` were given.
    answered : DataFrame
        n x constructs, whole numbers: the items answered; of a construct of constructs, its parts with a mean.
    needed : dict
        Of every construct the answers that a mean needs.
    members : dict
        Of every construct its items, or its parts.
    ranges : dict
        Of every construct the lowest and highest mean there can be; (0, 100) after rescaling, NaN without codes.
    steps : dict
        Of every construct the least difference of two means of respondents who answered all; NaN without codes.

    """

    means: pd.DataFrame
    answered: pd.DataFrame
    needed: dict[str, int]
    members: dict[str, tuple[str, ...]]
    ranges: dict[str, tuple[float, float]]
    steps: dict[str, float]

    @property
    def withheld(self) -> pd.Series:
        """Of every construct the respondents without a mean; with those who have one they add up to all."""
        return self.means.isna().sum().rename("withheld")

    def __repr__(self) -> str:
        """Show the constructs, the respondents scored and those who answered too little."""
        lines = [f"<ConstructMeans of {len(self.means)} respondents"]
        for name, members in self.members.items():
            lost = int(self.means[name].isna().sum())
            rule = f"at least {self.needed[name]} of {len(members)} answered"
            lines.append(f"  {name}: {len(self.means) - lost} scored, {lost} not ({rule})")
        return "\n".join(lines) + ">"


def construct_means(
    responses: Responses, constructs: Sequence[str] | None = None, *, percent: bool = False
) -> ConstructMeans:
    """Return the mean of the answered items of every construct, per respondent.

    Parameters
    ----------
    responses : Responses
        Reversed items are reversed in it already (lowest + highest code of the scale - answer).
    constructs : sequence of str, optional
        By default those of ``scored_constructs``.
    percent : bool
        Rescale to 0-100: 100 (x - lowest code) / (highest code - lowest code).

    Returns
    -------
    ConstructMeans

    Raises
    ------
    UsageError
        A construct that the questionnaire does not have, or has no items for.
    DataError
        The items of a construct have different ranges, so that their mean has no metric (``percent=True`` has one);
        or ``percent`` and a scale without codes.

    Notes
    -----
    Mean of j answered items = sum / j, where j is at least ``instrument.answers_needed`` (``min_valid`` of the
    questionnaire; half of the items by default).  A construct of constructs is the mean of its parts' means, each
    part counting once however many items it has.

    Examples
    --------
    >>> from sopsem.survey import load_instrument, responses_from_frame
    >>> instrument = load_instrument()
    >>> answers = pd.DataFrame({item: [1.0, 4.0, 7.0] for item in instrument.item_ids})
    >>> answers.loc[0, ["col1", "col2", "col3"]] = np.nan
    >>> scores = construct_means(responses_from_frame(answers, instrument))
    >>> scores.means[["coordination", "conflict", "performance"]].to_numpy().tolist()
    [[nan, 4.0, 1.0], [4.0, 4.0, 4.0], [7.0, 4.0, 7.0]]
    >>> scores.answered["coordination"].tolist(), scores.needed["coordination"]
    ([1, 4, 4], 2)

    """
    instrument = responses.instrument
    wanted = _wanted(responses, constructs)
    items = pd.concat([responses.items, responses.optional_items], axis=1)
    columns = {name: items[name].to_numpy() for name in items.columns}
    ranges = {name: (0.0, 100.0) if percent else construct_range(instrument, name) for name in wanted}
    if percent:
        columns = {name: _percent(instrument, name, values) for name, values in columns.items()}
    known: dict[str, tuple[FloatArray, npt.NDArray[np.int64]]] = {}
    for name in wanted:
        known[name] = _mean(instrument, name, columns, len(items))
    return ConstructMeans(
        means=pd.DataFrame({name: mean for name, (mean, _) in known.items()}, index=items.index),
        answered=pd.DataFrame({name: count for name, (_, count) in known.items()}, index=items.index),
        needed={name: instrument.answers_needed(name) for name in wanted},
        members={name: _members(instrument, name) for name in wanted},
        ranges=ranges,
        steps={name: _step(instrument, name, columns, percent=percent) for name in wanted},
    )


def scored_constructs(responses: Responses) -> tuple[str, ...]:
    """Return the constructs that have answers, in the questionnaire's order; attention checks measure nothing.

    Examples
    --------
    >>> from sopsem.survey import load_instrument, responses_from_frame
    >>> instrument = load_instrument()
    >>> answers = pd.DataFrame({item: [1.0, 4.0] for item in instrument.item_ids})
    >>> scored_constructs(responses_from_frame(answers, instrument))
    ('coordination', 'conflict', 'alignment', 'internal', 'market', 'performance')

    """
    instrument = responses.instrument
    columns = {*responses.items.columns, *responses.optional_items.columns}
    checks = {name for name, item in instrument.items.items() if item.expected is not None}

    def has_answers(name: str) -> bool:
        parts = instrument.constructs[name].of
        if parts:
            return all(map(has_answers, parts))
        return bool(columns & set(instrument.items_of(name)) - checks)

    return tuple(filter(has_answers, instrument.constructs))


def construct_range(instrument: Instrument, construct: str) -> tuple[float, float]:
    """Return the lowest and highest mean a construct can have; NaN where its scales have no codes.

    Raises
    ------
    DataError
        Its items have different ranges.

    Examples
    --------
    >>> from sopsem.survey import load_instrument
    >>> construct_range(load_instrument(), "performance")
    (1.0, 7.0)

    """
    parts = instrument.constructs[construct].of
    if parts:
        found = {part: construct_range(instrument, part) for part in parts}
    else:
        found = {item: _item_range(instrument, item) for item in instrument.items_of(construct)}
    limits = {tuple(map(repr, limit)): limit for limit in found.values()}
    if len(limits) > 1:
        said = ", ".join(f"{name} {low:g} to {high:g}" for name, (low, high) in found.items())
        raise DataError(
            f"construct {construct}: a mean over answers of different ranges ({said}) has no metric; ask for "
            "percent=True, which brings each to 0-100 first"
        )
    return next(iter(limits.values()), (np.nan, np.nan))


def _item_range(instrument: Instrument, item: str) -> tuple[float, float]:
    scale = instrument.scale_of(item)
    return (float(scale.minimum), float(scale.maximum)) if scale.codes else (np.nan, np.nan)


def _wanted(responses: Responses, constructs: Sequence[str] | None) -> tuple[str, ...]:
    possible = scored_constructs(responses)
    if constructs is None:
        return possible
    for name in constructs:
        if name not in possible:
            raise UsageError(
                f"no construct {quote(name)} can be scored from {responses.source.name}"
                f"{suggestion(name, possible) or '.'} There are: {', '.join(possible)}"
            )
    return tuple(constructs)


def _members(instrument: Instrument, construct: str) -> tuple[str, ...]:
    return instrument.constructs[construct].of or instrument.items_of(construct)


def _step(
    instrument: Instrument, construct: str, columns: Mapping[str, FloatArray], *, percent: bool
) -> float:
    parts = instrument.constructs[construct].of
    if parts:
        steps = [_step(instrument, part, columns, percent=percent) for part in parts]
        return float(np.min(steps)) / len(parts)  # NaN stays NaN
    low, high = _item_range(instrument, instrument.items_of(construct)[0])
    answered = sum(item in columns for item in instrument.items_of(construct))
    return (100.0 / (high - low) if percent else 1.0 + 0.0 * low) / max(answered, 1)


def _percent(instrument: Instrument, item: str, values: FloatArray) -> FloatArray:
    low, high = _item_range(instrument, item)
    if np.isnan(low):
        raise DataError(f"item {item}: its scale has no codes, so there is no range to rescale to 0-100")
    return 100.0 * (values - low) / (high - low)


def _mean(
    instrument: Instrument, construct: str, columns: dict[str, FloatArray], n: int
) -> tuple[FloatArray, npt.NDArray[np.int64]]:
    """Return means (n,) and counts (n,), column by column: a row's bits do not depend on the rows around it."""
    members = _members(instrument, construct)
    total, count = np.zeros(n), np.zeros(n, dtype=np.int64)
    for member in members:
        if instrument.constructs[construct].of:
            values = _mean(instrument, member, columns, n)[0]
        else:
            values = columns.get(member, np.full(n, np.nan))
        given = ~np.isnan(values)
        total += np.where(given, values, 0.0)
        count += given
    enough = count >= max(1, instrument.answers_needed(construct))
    return np.where(enough, total / np.maximum(count, 1), np.nan), count
