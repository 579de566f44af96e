"""New respondents on a scorecard: construct means and factor scores, each with its error and its place in the norm."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sopsem.client.scorecard.norms import Norm
from sopsem.client.scorecard.scorecard import Scorecard, schema_differences
from sopsem.errors import DataError
from sopsem.sem.constructs.score_parts import linear_scores
from sopsem.survey.messages import enumerated
from sopsem.survey.responses import Responses
from sopsem.survey.scoring import ConstructMeans, construct_means

__all__ = ["ScaleScores", "Scored", "score"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ScaleScores:
    """Scores of respondents on several scales: frames of one shape, rows as in ``responses.items``.

    Attributes
    ----------
    scores, se : DataFrame
    z, t : DataFrame
        (score - norm mean) / norm SD, and 50 + 10 z.
    percentile : DataFrame
        Norm respondents below, in percent.

    """

    scores: pd.DataFrame
    se: pd.DataFrame
    z: pd.DataFrame
    t: pd.DataFrame
    percentile: pd.DataFrame

    @classmethod
    def on(cls, norms: Mapping[str, Norm], scores: pd.DataFrame, se: pd.DataFrame) -> "ScaleScores":
        """Return scores with their places in the norms."""

        def each(name: str) -> pd.DataFrame:
            found = {scale: getattr(norms[scale], name)(scores[scale].to_numpy()) for scale in scores.columns}
            return pd.DataFrame(found, index=scores.index)

        return cls(scores=scores, se=se, z=each("z"), t=each("t"), percentile=each("percentile"))


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """Respondents scored on a scorecard.  These are data about persons: nothing here may be shown to a client.

    Attributes
    ----------
    constructs : ScaleScores
        Means of items; ``se`` is the standard error of measurement.
    factors : ScaleScores
        Regression factor scores, drawn towards the norm mean; ``se`` is their posterior SD.
    means : ConstructMeans
        With the answered items of each respondent.
    unshrunken : DataFrame
        Bartlett factor scores as T scores: what means of groups are made of.
    unshrunken_se : DataFrame
    responses : Responses
    card : Scorecard
    notes : tuple of str

    """

    constructs: ScaleScores
    factors: ScaleScores
    means: ConstructMeans
    unshrunken: pd.DataFrame
    unshrunken_se: pd.DataFrame
    responses: Responses
    card: Scorecard
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        """Show how many were scored on what, and no scores."""
        counts = ", ".join(
            f"{name} {int(each.notna().sum())}" for name, each in self.constructs.scores.items()
        )
        return "\n".join(
            [
                f"<Scored {len(self.responses)} respondents of {self.responses.source.name}: {counts}",
                *self.notes,
            ]
        )

    def table(self) -> pd.DataFrame:
        """Return one row per respondent: of each scale score, se, t, percentile; of each construct its answers.

        Columns are ``alignment``, ``alignment_se``, ``alignment_t``, ``alignment_percentile``,
        ``alignment_answered``, and ``factor_alignment``, ...; ids come first.
        """
        unique = [n for n, question in self.responses.instrument.background.items() if question.unique]
        ids = [name for name in unique if name in self.responses.respondents.columns]
        columns: dict[str, pd.Series] = {name: self.responses.respondents[name] for name in ids}
        for prefix, scale in (("", self.constructs), ("factor_", self.factors)):
            for name in scale.scores.columns:
                head = f"{prefix}{name}"
                columns[head] = scale.scores[name]
                columns |= {
                    f"{head}_{what}": getattr(scale, what)[name] for what in ("se", "t", "percentile")
                }
                if not prefix:
                    columns[f"{head}_answered"] = self.means.answered[name]
        return pd.DataFrame(columns)


def score(responses: Responses, card: Scorecard) -> Scored:
    """Score respondents on a scorecard without fitting anything.

    Parameters
    ----------
    responses : Responses
        Answers to the card's questionnaire; read them with ``card.instrument``.
    card : Scorecard

    Returns
    -------
    Scored

    Raises
    ------
    DataError
        The questionnaire of the answers differs in items, texts, codes, reversal or rules; all differences are
        listed.

    Notes
    -----
    Standard error of measurement of a mean of j of k items: SD sqrt(1 - alpha) sqrt(k / j) with SD and alpha of the
    norm (Lord & Novick, 1968); of a mean of m constructs sqrt(sum of their squared errors) / m.
    Factor scores: regression, E(eta | answers given), se sqrt(diag(Phi - C Sigma^-1 C')) of the items answered; also
    for respondents with gaps.  A respondent's scores depend on nobody else, to the last bit.

    Examples
    --------
    >>> from sopsem.client.scorecard.making import make_scorecard
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> answers = read_responses(find_survey(), load_instrument())
    >>> scored = score(answers, make_scorecard(answers))
    >>> bool(abs(scored.factors.scores["alignment"].mean()) < 1e-6), scored.constructs.t["alignment"].mean().round(2)
    (True, np.float64(50.0))

    """
    if faults := schema_differences(card, responses.instrument):
        raise DataError(
            enumerated(f"{responses.source.name}: the answers do not match the scorecard", faults)
        )
    means = construct_means(responses, [name for name in card.constructs if _answered(responses, name)])
    values = responses.items[list(card.model.observed)].to_numpy()
    factors = list(card.model.latent)
    regression, spread = linear_scores(card.model.parts, values, "regression", incomplete=True)
    free, free_spread = linear_scores(card.model.parts, values, "bartlett", incomplete=True)
    latent_sd = np.sqrt(np.diag(card.model.parts.factor_covariance))
    enough = _enough(means, factors)

    def frame(array: Floats) -> pd.DataFrame:
        return pd.DataFrame(array, index=responses.items.index, columns=factors)

    return Scored(
        constructs=ScaleScores.on(card.constructs, means.means, _measurement_error(means, card)),
        factors=ScaleScores.on(card.factors, frame(regression), frame(spread)),
        means=means,
        unshrunken=frame(50.0 + 10.0 * (free - card.model.parts.factor_mean) / latent_sd).where(enough),
        unshrunken_se=frame(10.0 * free_spread / latent_sd).where(enough),
        responses=responses,
        card=card,
        notes=_notes(card),
    )


def _answered(responses: Responses, construct: str) -> bool:
    parts = responses.instrument.constructs[construct].of
    columns = {*responses.items.columns, *responses.optional_items.columns}
    return bool(parts) or bool(columns & set(responses.instrument.items_of(construct)))


def _enough(means: ConstructMeans, factors: list[str]) -> pd.DataFrame:
    """Say who answered enough of a factor's construct; a factor without a construct of its name asks nothing."""
    given = {f: means.means[f].notna() if f in means.means else True for f in factors}
    return pd.DataFrame(given, index=means.means.index)


def _measurement_error(means: ConstructMeans, card: Scorecard) -> pd.DataFrame:
    found: dict[str, pd.Series] = {}
    for name in sorted(means.means.columns, key=lambda each: bool(card.instrument.constructs[each].of)):
        parts = card.instrument.constructs[name].of
        if parts:
            own = pd.DataFrame({part: found[part] for part in parts})
            error = np.sqrt((own**2).sum(axis=1)) / own.notna().sum(axis=1).clip(lower=1)
            whole = (
                own.notna().eq(pd.DataFrame({part: means.means[part].notna() for part in parts})).all(axis=1)
            )
            found[name] = error.where(whole & means.means[name].notna())
        else:
            full, answered = len(means.members[name]), means.answered[name].clip(lower=1)
            alpha, sd = card.constructs[name].alpha, card.constructs[name].sd
            error = (
                sd * np.sqrt(max(1.0 - alpha, 0.0)) * np.sqrt(full / answered)
                if alpha is not None
                else np.nan
            )
            found[name] = pd.Series(error, index=means.means.index).where(means.means[name].notna())
    return pd.DataFrame({name: found[name] for name in means.means.columns})


def _notes(card: Scorecard) -> tuple[str, ...]:
    label = f"The norms are made of {card.label}: they describe no real companies." if card.label else ""
    shrunken = (
        "Factor scores of single respondents are regression scores: drawn towards the norm mean, the more so the fewer "
        "items were answered. Means of groups are made of Bartlett scores, which are not."
    )
    return tuple(filter(None, (label, shrunken)))
