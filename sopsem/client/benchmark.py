"""What a client is compared with: the scores of another survey, as they may be told."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.client.privacy.released import ReleasedTable, published_groups
from sopsem.errors import DataError
from sopsem.survey.responses import Responses
from sopsem.survey.scoring import construct_means

__all__ = ["Norms", "survey_norms"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Norms:
    """Scores of a benchmark: the table that may be told, and the scores of its people for percentiles.

    ``inputs_sha256`` is the hash of its answers; ``label`` says what they are, e.g. "synthetic data".  ``responses``
    are its answers where they are at hand, None where only the norms are.
    """

    name: str
    label: str
    n: int
    inputs_sha256: str
    table: ReleasedTable
    responses: Responses | None
    _scores: pd.DataFrame

    def percentile(self, construct: str, value: float) -> float:
        """Return how many of 100 people of the benchmark score lower than a value, ties counting half.

        NaN where the benchmark's own mean is hidden, or the value is missing.
        """
        told = self.table.of("all respondents")
        if np.isnan(value) or np.isnan(told.loc[construct, "q25"]):
            return float("nan")
        scores = self._scores[construct].dropna().to_numpy()
        return float(100.0 * ((scores < value).mean() + 0.5 * (scores == value).mean()))


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
    >>> norms.n, round(norms.percentile("coordination", 4.25))
    (92, 54)

    """
    scores = construct_means(responses)
    table = published_groups(responses, scores=scores)
    if len(responses) < table.rules.least_spread:
        raise DataError(
            f"the benchmark {name} has {len(responses)} respondents; quartiles and percentiles need "
            f"{table.rules.least_spread} or more"
        )
    return Norms(
        name=name,
        label=label,
        n=len(responses),
        inputs_sha256=responses.source.matrix_sha256,
        table=table,
        responses=responses,
        _scores=scores.means.copy(),
    )
