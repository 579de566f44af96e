"""Synthetic data that return a paper's printed statistics.

A twin checks software: whoever analyses it must print what the paper prints.  It is no evidence about the
paper's subject, because everything the paper does not print is free.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from types import MappingProxyType
from typing import Literal

import numpy as np
import pandas as pd

from sopsem.errors import ConvergenceError, UsageError
from sopsem.kernel import BACKEND
from sopsem.runs.blas import one_blas_thread
from sopsem.runs.identity import digest, platform_identity
from sopsem.runs.run_folder import opened, run_folder
from sopsem.sem.model.spec import ModelSpec
from sopsem.study.likert_search import Progress
from sopsem.study.published import PublishedStudy, load_study
from sopsem.study.study_parts import StudyModel
from sopsem.study.twin_background import background_columns
from sopsem.study.twin_maker import TwinMaker
from sopsem.study.twin_report import twin_report
from sopsem.study.twin_targets import twin_targets
from sopsem.survey import Instrument, load_instrument, shipped_instruments

__all__ = ["Twin", "twin", "twin_report"]

LOADINGS = (0.79, 0.75, 0.71, 0.75)
HIGHER_LOADINGS = (0.60, 0.75)


@dataclass(frozen=True, kw_only=True)
class Twin:
    """A synthetic data set and what it returns.

    Attributes
    ----------
    data : DataFrame
        The survey: respondent_id, background columns and the answers as given, reversed items not yet
        reversed.  An exact twin has continuous item values only.
    items : DataFrame
        The values that are analysed: reversed items reversed.
    targets : DataFrame
        id, printed, target, reached, within: every printed number that the data determine.
    history : DataFrame
        stage, round, deviation, statistic: the way to it.
    assumptions : mapping
        What the paper does not print and was assumed.

    """

    study: str
    algorithm: str
    seed: int
    data: pd.DataFrame
    items: pd.DataFrame
    targets: pd.DataFrame
    history: pd.DataFrame
    assumptions: Mapping[str, object]
    instrument: str

    def __repr__(self) -> str:
        """Say in one line what this is."""
        reached = int(self.targets["within"].sum())
        return (
            f"<SYNTHETIC twin of {self.study}: {self.algorithm}, seed {self.seed}, {self.items.shape[0]} x "
            f"{self.items.shape[1]}; {reached} of {len(self.targets)} printed numbers returned>"
        )


def twin(
    study: PublishedStudy | str = "sales_operations_alignment",
    *,
    algorithm: Literal["likert", "exact"] = "likert",
    seed: int = 0,
    progress: Progress | None = None,
    model: str | None = None,
    loadings: Sequence[float] = LOADINGS,
    higher_loadings: Sequence[float] = HIGHER_LOADINGS,
    factor_correlation: float = 0.3,
    means: tuple[float, float] = (3.6, 5.2),
    sds: tuple[float, float] = (1.2, 1.5),
    points: int = 7,
    instrument: Instrument | None = None,
    store: str | PathLike[str] | None = None,
    resume: bool = False,
) -> Twin:
    """Make data that return a study's printed statistics.

    Parameters
    ----------
    study : PublishedStudy or str
    algorithm : {"likert", "exact"}
        Integer answers that return every printed digit, or continuous normal data that return chi2, the chi2
        difference and SRMR exactly.
    seed : int
        Every random number comes from PCG64 generators seeded with (seed, stream).
    progress : callable, optional
        Called with stage, fraction done and a message.
    model : str, optional
        Model text in place of the study's, for another split of the items over the factors.
    loadings : sequence of float
        Standardized loadings of items, repeated over the items of each factor; one common factor, found
        from the printed CFI and TLI, multiplies all of them.
    higher_loadings : sequence of float
        Standardized loadings of factors on a higher factor, in the order of the model text.  A product of
        the first two between .35 and .55 gives bootstrap limits like those of the shipped study, whose text
        says that the second (market performance) dominates; its default is what items load, and the product
        .45.
    factor_correlation : float
        Correlation of exogenous factors that the model lets covary.
    means, sds : pair of float
        Range of the item means and standard deviations before rounding to answers, drawn uniformly.
    points : int
        Answers run from 1 to ``points`` where no questionnaire says otherwise.
    instrument : Instrument, optional
        The questionnaire; by default the shipped one with the same items, if there is one.
    store : path-like, optional
        Folder that keeps every finished round of the search for integer answers.
    resume : bool
        Continue the search in ``store``, if there is one; the result is that of a search in one go.

    Raises
    ------
    UsageError
        The study prints too little, an argument is out of range, or the store holds another run.
    FileError
        The store cannot be written.
    DataError, ModelError
        The printed numbers contradict each other or the assumptions.
    ConvergenceError
        The search did not arrive.

    Notes
    -----
    Cudeck and Browne (1992) for the covariance matrix (see ``exact_covariance``); exchanges of answers for
    integer data (see ``likert_search``).

    Examples
    --------
    >>> made = twin(algorithm="exact", seed=3)
    >>> made.items.shape, bool(made.targets["within"].all())
    ((92, 18), True)

    """
    study = load_study(study) if isinstance(study, str) else study
    _check(algorithm, seed, points, (*loadings, *higher_loadings), sds)
    if model is not None:
        study = study.model_copy(update={"model": StudyModel(text=model)})
    report = progress or _silent
    targets = twin_targets(study)
    assumptions = {
        "model": study.model.text if study.model is not None else "",
        "loadings": tuple(loadings),
        "higher_loadings": tuple(higher_loadings),
        "factor_correlation": factor_correlation,
        "means": means,
        "sds": sds,
    }
    with one_blas_thread():
        maker = TwinMaker.of(study, targets, loadings, higher_loadings, factor_correlation, seed)
        form = instrument or _matching_instrument(maker.spec)
        values, history = maker.exact(report)
        if algorithm == "likert":
            scale = (1, points) if form is None else _scale(form, maker.spec)
            identity = {
                "run": "twin",
                "study": digest(study.model_dump_json()),
                "seed": seed,
                "assumptions": digest(repr(assumptions)),
                "scale": list(scale),
                "backend": BACKEND,
                **platform_identity(),
            }
            with opened(run_folder(store, resume=resume), identity) as kept:
                values, history = maker.likert(values, history, means, sds, scale, report, kept)
        items = pd.DataFrame(values, columns=list(maker.spec.observed))
        report("check", 0.95, "refitting the model to the data")
        checked = twin_report(items, study, targets)
    _refuse_misses(checked)
    survey = items if algorithm == "exact" else _survey(study, items, form, maker.rng("background"))
    report("done", 1.0, "every printed number is returned")
    return Twin(
        study=study.name,
        algorithm=algorithm,
        seed=seed,
        data=survey,
        items=items,
        targets=checked,
        history=history,
        assumptions=MappingProxyType(assumptions | {"loading_factor": maker.factor}),
        instrument="" if form is None else f"{form.title} {form.version}",
    )


def _silent(stage: str, fraction: float, message: str) -> None:
    """Report nothing."""


def _refuse_misses(checked: pd.DataFrame) -> None:
    """Raise when a fit from scratch does not return every printed number, e.g. by a second, lower optimum."""
    if not checked["within"].all():
        lost = ", ".join(checked.loc[~checked["within"], "id"])
        raise ConvergenceError(f"the data do not return {lost} when refitted from scratch; try another seed")


def _check(
    algorithm: str, seed: int, points: int, loadings: Sequence[float], sds: tuple[float, float]
) -> None:
    if algorithm not in ("likert", "exact"):
        raise UsageError(f"algorithm is {algorithm!r}; choose 'likert' or 'exact'")
    if seed < 0:
        raise UsageError(f"seed is {seed}; give a whole number from 0")
    if points < 3:
        raise UsageError(f"points is {points}; a scale needs at least 3 answers")
    if not all(0.0 < value < 1.0 for value in loadings):
        raise UsageError(f"loadings are {', '.join(map(str, loadings))}; give values between 0 and 1")
    if not 0.0 < sds[0] <= sds[1]:
        raise UsageError(f"sds is {sds}; give two positive numbers, the smaller first")


def _matching_instrument(spec: ModelSpec) -> Instrument | None:
    """Return the shipped questionnaire with exactly these items."""
    forms = (load_instrument(name) for name in shipped_instruments())
    return next((form for form in forms if set(form.item_ids) == set(spec.observed)), None)


def _scale(form: Instrument, spec: ModelSpec) -> tuple[int, int]:
    """Return the lowest and highest answer, which all items of the model must share."""
    ends = {(form.scale_of(item).minimum, form.scale_of(item).maximum) for item in spec.observed}
    if len(ends) != 1:
        raise UsageError(f"the items of {form.title} have different scales, {sorted(ends)}; a twin needs one")
    return ends.pop()


def _survey(
    study: PublishedStudy, items: pd.DataFrame, form: Instrument | None, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the answers as given, with ids and background columns; reversed items are turned back."""
    order = list(items.columns) if form is None else list(form.item_ids)
    answers = items[order].astype(np.int64)
    for item in () if form is None else form.reversed_ids:
        if item in answers:
            low, high = form.scale_of(item).minimum, form.scale_of(item).maximum  # type: ignore[union-attr]
            answers[item] = low + high - answers[item]
    width = len(str(len(items)))
    ids = pd.Series([f"synthetic-{i:0{width}d}" for i in range(1, len(items) + 1)], name="respondent_id")
    return pd.concat([ids, background_columns(study, form, rng), answers], axis=1)
