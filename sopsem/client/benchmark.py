"""What a client is compared with: the scores of another survey, as they may be told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.client.privacy.released import published_groups
from sopsem.client.privacy.rules import RULES
from sopsem.client.scorecard.norms import LEAST_NORM, norm_of, place_of_mean
from sopsem.client.scorecard.scorecard import Scorecard, schema_differences
from sopsem.errors import DataError
from sopsem.survey.instrument import Instrument
from sopsem.survey.messages import enumerated
from sopsem.survey.responses import Responses
from sopsem.survey.scoring import construct_means

__all__ = ["Norms", "scorecard_norms", "survey_norms"]

EVERYBODY = "all respondents"
Percentile = Callable[[float], float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Norms:
    """Scores of a benchmark.

    Attributes
    ----------
    name, label : str
        What it is called; what its data are, e.g. "synthetic data".
    n : int
        Respondents.
    inputs_sha256 : str
        Hash of its answers, or of its file.
    scores : DataFrame
        Index construct; mean, q25, q75 as they may be told, NaN where hidden.
    responses : Responses or None
        Its answers, where they are at hand.

    """

    name: str
    label: str
    n: int
    inputs_sha256: str
    scores: pd.DataFrame
    responses: Responses | None
    _percentiles: Mapping[str, Percentile]

    def percentile(self, construct: str, value: float) -> float:
        """Return how many of 100 people of the benchmark score lower than a printed mean, ties counting half.

        A whole number, that of a scorecard of the same benchmark (``place_of_mean``); of a benchmark too small for a
        scorecard, counted.  NaN where the benchmark's own quartiles are hidden, or the value is missing.
        """
        if np.isnan(value) or np.isnan(self.scores.loc[construct, "q25"]):
            return float("nan")
        return self._percentiles[construct](value)


def survey_norms(responses: Responses, *, name: str, label: str = "") -> Norms:
    """Return the norms of a survey: means, quartiles and percentiles of all its respondents.

    Raises
    ------
    DataError
        Fewer than ten people answered: their quartiles would tell of single answers.

    Examples
    --------
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> norms = survey_norms(read_responses(find_survey(), load_instrument()), name="twin")
    >>> norms.n, norms.percentile("coordination", 4.25)
    (92, 50.0)

    """
    if len(responses) < RULES.least_spread:
        raise DataError(
            f"the benchmark {name} has {len(responses)} respondents; quartiles and percentiles need "
            f"{RULES.least_spread} or more"
        )
    means = construct_means(responses)
    told = published_groups(responses, scores=means).of(EVERYBODY)
    return Norms(
        name=name,
        label=label,
        n=len(responses),
        inputs_sha256=responses.source.matrix_sha256,
        scores=told[["mean", "q25", "q75"]],
        responses=responses,
        _percentiles={
            str(each): _percentile(means.means[each].dropna().to_numpy(), means.ranges[str(each)])
            for each in told.index
        },
    )


def scorecard_norms(card: Scorecard, instrument: Instrument) -> Norms:
    """Return the norms of a scorecard: the benchmark without the benchmark's answers.

    Raises
    ------
    DataError
        The card was made with another questionnaire; every difference is listed.

    Examples
    --------
    >>> from sopsem.client.scorecard.making import make_scorecard
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> card = make_scorecard(read_responses(find_survey(), load_instrument()))
    >>> norms = scorecard_norms(card, load_instrument())
    >>> norms.name, norms.label, norms.n
    ('synthetic_twin_0', 'synthetic data', 92)

    """
    if faults := schema_differences(card, instrument):
        raise DataError(enumerated(f"the scorecard of {card.sample} is of another questionnaire", faults))
    rows = {name: (norm.mean, norm.quartiles[0], norm.quartiles[2]) for name, norm in card.constructs.items()}
    scores = pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "q25", "q75"])
    return Norms(
        name=Path(card.sample).stem,
        label=card.label,
        n=card.rows,
        inputs_sha256=card.sha256,
        scores=scores.round(RULES.decimals),
        responses=None,
        _percentiles={name: partial(place_of_mean, norm) for name, norm in card.constructs.items()},
    )


def _percentile(scores: npt.NDArray[np.float64], limits: tuple[float, float]) -> Percentile:
    if len(scores) < LEAST_NORM or np.ptp(scores) == 0.0:
        return _mid_rank(scores)
    return partial(place_of_mean, norm_of(scores, limits=limits))


def _mid_rank(scores: npt.NDArray[np.float64]) -> Percentile:
    def percentile(value: float) -> float:
        return float(np.rint(100.0 * ((scores < value).mean() + 0.5 * (scores == value).mean())))

    return percentile
