"""Teams and clients on a scorecard: their means with the error of sampling and of measurement, against the norm.

References
----------
Cochran, W. G. (1977). Sampling Techniques (3rd ed.). Wiley, ch. 2 (finite populations).

"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from sopsem.client.privacy.group_statistics import GROUP_STATISTICS
from sopsem.client.privacy.ledger import Ledger
from sopsem.client.privacy.released import ReleasedTable, published_groups
from sopsem.client.privacy.rules import RULES, PrivacyRules
from sopsem.client.scorecard.norms import Norm, place_of_mean
from sopsem.client.scorecard.score import Scored
from sopsem.errors import UsageError
from sopsem.survey.scoring import ConstructMeans

__all__ = ["TeamScores", "team_scores"]

SHOWN = (
    "by group scale n mean sd se_sampling se_measurement se ci_lower ci_upper norm_mean z t percentile withheld "
    "spread_withheld"
)


@dataclass(frozen=True, kw_only=True, eq=False)
class TeamScores:
    """Scores of groups as they may be printed.

    Attributes
    ----------
    constructs, factors : DataFrame
        One row per group and scale: by, group, scale, n, mean, sd, se_sampling, se_measurement, se (both together),
        ci_lower, ci_upper, norm_mean, z, t, percentile (of the printed mean, see ``place_of_mean``), withheld,
        spread_withheld.
        Means of ``factors`` are T scores: 50 is the norm mean, 10 the norm's SD.
    released : ReleasedTable
        The door that the construct means went through, with their quartiles.
    notes : tuple of str

    """

    constructs: pd.DataFrame
    factors: pd.DataFrame
    released: ReleasedTable
    notes: tuple[str, ...]


def team_scores(
    scored: Scored,
    by: str | Sequence[str] = (),
    *,
    population: Mapping[str, int] | None = None,
    level: float = 0.95,
    rules: PrivacyRules = RULES,
    ledger: Ledger | None = None,
) -> TeamScores:
    """Return the scores of everybody and of groups against the norm.

    Parameters
    ----------
    scored : Scored
    by : str or sequence of str
        Background questions that divide the respondents.
    population : mapping, optional
        How many people there are in a group ("all respondents" for the client as a whole), answered or not.
    level, rules, ledger
        As in ``published_groups``.

    Returns
    -------
    TeamScores

    Raises
    ------
    UsageError
        A population smaller than the respondents, or of a group that is not there.
    PrivacyError
        As in ``published_groups``.

    Notes
    -----
    The variance of n scores is that between people plus the variance e^2 of measurement: s^2 = b^2 + e^2.  Then
    se_measurement = e / sqrt(n), se_sampling = sqrt(max(s^2 - e^2, 0) / n (1 - n / N)) with N the people there are
    (Cochran, 1977; without N the factor is 1), se^2 = their squares' sum, and the interval is mean +- t(n - 1) se.
    All is computed from released numbers, so it tells nothing more.

    Examples
    --------
    >>> from sopsem.client.scorecard.score import score
    >>> from sopsem.client.scorecard.making import make_scorecard
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> answers = read_responses(find_survey(), load_instrument())
    >>> teams = team_scores(score(answers, make_scorecard(answers)), "department")
    >>> row = teams.constructs.query("group == 'sales' and scale == 'market'").iloc[0]
    >>> bool(row["se"] ** 2 - row["se_sampling"] ** 2 - row["se_measurement"] ** 2 < 1e-12)
    True

    """
    people = dict(population or {})
    means = published_groups(
        scored.responses, by, scores=scored.means, level=level, rules=rules, ledger=ledger
    )
    factors = published_groups(scored.responses, by, scores=_as_means(scored), level=level, rules=rules)
    factors = replace(factors, frame=_hidden_alike(factors.frame, means.frame))
    _check_population(people, means.frame)
    error = {name: float(each.median()) for name, each in scored.constructs.se.items()}
    factor_error = {name: float(each.median()) for name, each in scored.unshrunken_se.items()}
    norms = scored.card.constructs
    flat = {
        name: norm.model_copy(update={"mean": 50.0, "sd": 10.0}) for name, norm in scored.card.factors.items()
    }
    return TeamScores(
        constructs=_against(means, error, norms, people, level),
        factors=_against(factors, factor_error, flat, people, level).assign(percentile=np.nan),
        released=means,
        notes=(*scored.notes, *_population_notes(people), *means.notes),
    )


def _as_means(scored: Scored) -> ConstructMeans:
    """Return T scores in the form that the door takes; printed without decimals."""
    names = list(scored.unshrunken.columns)
    return ConstructMeans(
        means=scored.unshrunken,
        answered=scored.unshrunken.notna().astype(np.int64),
        needed=dict.fromkeys(names, 1),
        members=dict.fromkeys(names, ()),
        ranges=dict.fromkeys(names, (0.0, 100.0)),
        steps=dict.fromkeys(names, float("nan")),
    )


def _hidden_alike(factors: pd.DataFrame, means: pd.DataFrame) -> pd.DataFrame:
    """Hide of a factor what is hidden of the construct of its name: its answers would show in either."""
    key = ["by", "group", "construct"]
    known = means.set_index(key)[["withheld", "spread_withheld"]]
    found = factors.join(known.add_suffix("_there"), on=key)
    for column, numbers in (
        ("withheld", ["n", *GROUP_STATISTICS]),
        ("spread_withheld", GROUP_STATISTICS[1:]),
    ):
        there = found[f"{column}_there"].fillna("")
        found[list(numbers)] = found[list(numbers)].mask(there != "")
        found[column] = found[column].where(found[column] != "", there)
    return found[list(factors.columns)]


def _check_population(people: Mapping[str, int], frame: pd.DataFrame) -> None:
    largest = frame.groupby("group")["n"].max()
    for group, n in people.items():
        if group not in largest.index:
            known = ", ".join(largest.index)
            raise UsageError(f"population names the group {group!r}, which is not there; groups: {known}")
        if n < largest.fillna(0)[group]:
            raise UsageError(
                f"population says that {group!r} has {n} people, but more answered; correct the number"
            )


def _against(
    table: ReleasedTable,
    error: Mapping[str, float],
    norms: Mapping[str, Norm],
    people: Mapping[str, int],
    level: float,
) -> pd.DataFrame:
    frame = table.frame.rename(columns={"construct": "scale"}).drop(columns=["ci_lower", "ci_upper"])
    e = frame["scale"].map(error).where(frame["sd"].notna())
    known = frame["group"].map(people).astype(float)
    open_share = (1.0 - frame["n"] / known).fillna(1.0)
    frame["se_measurement"] = e / np.sqrt(frame["n"])
    frame["se_sampling"] = np.sqrt((frame["sd"] ** 2 - e**2).clip(lower=0.0) / frame["n"] * open_share)
    frame["se"] = np.hypot(frame["se_measurement"], frame["se_sampling"])
    half = stdtrit(frame["n"] - 1, (1 + level) / 2) * frame["se"]
    frame["ci_lower"], frame["ci_upper"] = frame["mean"] - half, frame["mean"] + half
    frame["norm_mean"] = frame["scale"].map({name: norm.mean for name, norm in norms.items()})
    for name in ("z", "t"):
        told = [
            float(getattr(norms[scale], name)(np.array([mean]))[0])
            for scale, mean in zip(frame["scale"], frame["mean"], strict=True)
        ]
        frame[name] = np.array(told, dtype=np.float64)
    frame["percentile"] = [
        place_of_mean(norms[scale], mean) for scale, mean in zip(frame["scale"], frame["mean"], strict=True)
    ]
    return frame[SHOWN.split()]


def _population_notes(people: Mapping[str, int]) -> tuple[str, ...]:
    if people:
        said = ", ".join(f"{group} {n}" for group, n in people.items())
        return (
            f"Sampling errors allow for the people there are ({said}): whoever has answered is not sampled.",
        )
    said = (
        "Intervals take the respondents for a sample of many. Where nearly all of a small team have answered, they "
        "are too wide: with the number of people there are (population) only the error of measurement stays."
    )
    return (said,)
