"""Making a scorecard: the model is fitted to a norm sample once; scoring needs nothing of this."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sopsem import __version__
from sopsem.client.scorecard.norms import Norm, norm_of
from sopsem.client.scorecard.scorecard import Scorecard, canonical_hash
from sopsem.client.scorecard.scoring_model import Parameter, ScoringModel
from sopsem.errors import ConvergenceError, DataError, ModelError, PrivacyError
from sopsem.sem.constructs.reliability import alpha
from sopsem.sem.constructs.score_parts import linear_scores
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import Fit, Status, fit
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.survey.responses import Responses
from sopsem.survey.scoring import ConstructMeans, construct_means
from sopsem.survey.shipped import data_label

__all__ = ["make_scorecard", "scoring_model"]


def make_scorecard(responses: Responses, *, model: str | None = None, label: str | None = None) -> Scorecard:
    """Fit the model to a norm sample once, and keep its estimates and the norms.

    Parameters
    ----------
    responses : Responses
        The norm sample.
    model : str, optional
        By default the questionnaire's model.
    label : str, optional
        What the data are; by default "synthetic data" where the file's name says so.

    Returns
    -------
    Scorecard

    Raises
    ------
    DataError
        The questionnaire has no model, and none is given.
    PrivacyError
        Fewer than 40 respondents.
    ModelError, ConvergenceError
        The model cannot be scored, or its solution is improper.

    Notes
    -----
    Maximum likelihood with intercepts; with missing answers full information (all respondents with an answer).

    Examples
    --------
    >>> from sopsem.survey import load_instrument, read_responses
    >>> from sopsem.survey.shipped import find_survey
    >>> card = make_scorecard(read_responses(find_survey(), load_instrument()))
    >>> card.label, card.model.n, card.constructs["alignment"].mean
    ('synthetic data', 92, 4.413)

    """
    instrument = responses.instrument
    text = instrument.model if model is None else model
    if not text.strip():
        raise DataError(
            f"questionnaire {instrument.title!r} has no model text; add model = ... to it, or give one, so that factor "
            "scores have a model"
        )
    items = responses.items
    gaps = bool(items.isna().to_numpy().any())
    fitted = scoring_model(fit(text, items, meanstructure=True, missing="ml" if gaps else None))
    means = construct_means(responses)
    card = Scorecard(
        label=data_label(Path(responses.source.name)) if label is None else label,
        made_with=__version__,
        sample=responses.source.name,
        rows=len(responses),
        instrument=instrument,
        model=fitted,
        constructs={name: _construct_norm(means, responses, name) for name in means.means.columns},
        factors=_factor_norms(fitted, items),
    )
    return card.model_copy(update={"sha256": canonical_hash(card.content())})


def _construct_norm(means: ConstructMeans, responses: Responses, name: str) -> Norm:
    items = pd.concat([responses.items, responses.optional_items, means.means], axis=1)
    parts = items[[part for part in means.members[name] if part in items.columns]].dropna()
    reliability = float(alpha(parts.cov().to_numpy())) if parts.shape[1] > 1 and len(parts) > 2 else None
    try:
        return norm_of(means.means[name].to_numpy(), alpha=reliability, limits=means.ranges[name])
    except PrivacyError as error:
        raise PrivacyError(f"construct {name}: {error}") from None


def _factor_norms(model: ScoringModel, items: pd.DataFrame) -> dict[str, Norm]:
    values = items[list(model.observed)].to_numpy()
    scores = linear_scores(model.parts, values, "regression", incomplete=True)[0]
    return {name: norm_of(scores[:, place]) for place, name in enumerate(model.latent)}


def scoring_model(fitted: Fit) -> ScoringModel:
    """Return the model of a fit, ready to score.

    Raises
    ------
    ModelError
        Several groups, ordered variables, observed predictors or composites: their scores need more than a list of
        parameters; or no intercepts.
    ConvergenceError
        The solution is improper, or there is none.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.normal(size=(60, 1)) + rng.normal(size=(60, 3)), columns=list("abc"))
    >>> model = scoring_model(fit("f =~ a + b + c", data, meanstructure=True))
    >>> model.latent, model.parts.covariance.shape
    (('f',), (3, 3))

    """
    spec = fitted.spec
    regressed = {name for row in spec if row.op == "~" for name in (row.lhs, row.rhs)}
    faults = [
        text
        for wrong, text in (
            (fitted.n_groups > 1, "several groups"),
            (fitted.groups[0].moments.ordinal is not None, "ordered variables"),
            (bool(spec.composites), "composites"),
            (bool(regressed & set(spec.observed)), "regressions of observed variables"),
            (fitted.implied[0].mu is None, "no intercepts"),
            (not spec.latent, "no factor"),
        )
        if wrong
    ]
    if faults:
        raise ModelError(
            f"a scorecard cannot be made of a model with {', '.join(faults)}; give a model of factors with intercepts "
            "(fit(..., meanstructure=True))"
        )
    if fitted.status is not Status.CONVERGED:
        raise ConvergenceError(
            f"no scorecard is made of this solution: {fitted.status.value} Leave out or merge factors, or collect more "
            "answers"
        )
    rows = estimates(fitted)
    rows = rows[rows["op"].isin(["=~", "~", "~~", "~1"])]
    measures = fit_indices(fitted)
    return ScoringModel(
        text=spec.text,
        observed=tuple(spec.observed),
        latent=tuple(spec.latent),
        parameters=_parameters(rows[["lhs", "op", "rhs", "est"]].itertuples(index=False, name=None)),
        n=fitted.n,
        fit={
            name: round(float(measures[name]), 4) for name in ("chisq", "df", "cfi", "tli", "rmsea", "srmr")
        },
    )


def _parameters(rows: Sequence[tuple[str, str, str, float]]) -> tuple[Parameter, ...]:
    return tuple(Parameter(lhs=lhs, op=op, rhs=rhs, est=float(est)) for lhs, op, rhs, est in rows)
