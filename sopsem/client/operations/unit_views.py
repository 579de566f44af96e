"""What the people of every unit perceive, as it may be told, and whether a unit's mean stands for its people.

All numbers of units are released ones (``published_groups``), so what is computed from them tells nothing more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from sopsem.client.operations.between_units import agreement_within, intraclass
from sopsem.client.operations.measured_outcome import MeasuredOutcome, measured_outcome
from sopsem.client.privacy.grouping import EVERYBODY
from sopsem.client.privacy.released import ReleasedTable
from sopsem.errors import ConvergenceError, DataError, ModelError, UsageError
from sopsem.sem.model.spec import model_spec
from sopsem.survey.instrument import Instrument
from sopsem.survey.messages import quote, suggestion
from sopsem.survey.responses import Responses
from sopsem.survey.scoring import construct_means

__all__ = ["UnitViews", "UnitsAsked", "unit_views"]


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitsAsked:
    """The units that operations measured, and how the survey names them.

    Attributes
    ----------
    names : tuple of str
        Units with measures.
    question : str
        The background question whose answer is the respondent's unit.
    outcomes : DataFrame
        unit, outcome: one measured outcome of each; may be empty.
    outcome_label : str
    reliability : float
        Of the outcome; NaN where it is not known.
    predictor : str
        The construct that is perceived alignment.

    """

    names: tuple[str, ...]
    question: str = "unit"
    outcomes: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["unit", "outcome"]))
    outcome_label: str = ""
    reliability: float = float("nan")
    predictor: str = "alignment"


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitViews:
    """Perceptions by unit as they may be told.

    Attributes
    ----------
    question : str
        "" where all respondents are one unit.
    perceived : DataFrame
        unit x construct: released means, NaN where withheld.
    people : DataFrame
        unit, n (with a score of the predictor; NaN where withheld), withheld (why there is no mean).
    scales : DataFrame
        Index construct; label, minimum, maximum, favourable.
    agreement : DataFrame
        Index construct; units, rwg (the median of the units), icc1, icc2, of the people of units that are told of.
    predictor, performance : str
        Perceived alignment, and what the model says it leads to ("" without such a path).
    paths : MeasuredOutcome or None
        Without its fit, which holds the rows: no answer of a respondent is here.
    outcome_label : str
    path_reason : str
        Why there are no paths; "" where there are.
    refusal : str
        Why nothing is told by unit; "" where something is.

    """

    question: str
    perceived: pd.DataFrame
    people: pd.DataFrame
    scales: pd.DataFrame
    agreement: pd.DataFrame
    predictor: str
    performance: str
    paths: MeasuredOutcome | None
    outcome_label: str
    path_reason: str
    refusal: str


def unit_views(kept: Responses, told: ReleasedTable, asked: UnitsAsked) -> UnitViews:
    """Return the perceptions of the units that were measured, and the paths to the measured outcome.

    Parameters
    ----------
    kept : Responses
        The answers that are used.
    told : ReleasedTable
        Released with the question of ``asked`` among the groups, where the survey has it.
    asked : UnitsAsked

    Raises
    ------
    UsageError
        The respondents are of several units and ``told`` was released without them.

    Notes
    -----
    A survey without the question is that of the one unit that was measured; with several, nothing is told by unit.
    Where all respondents are one unit its numbers are those of everybody, so that nothing is told twice.
    The model with the measured outcome is fitted to all respondents, as every model of a report is.

    """
    instrument = kept.instrument
    there = asked.question in kept.respondents.columns and bool((told.frame["by"] == asked.question).any())
    sole = "" if there else _sole(kept, asked)
    refusal = _refusal(kept, asked, sole)
    if not (there or sole or refusal):
        raise UsageError(
            f"the table was released without the groups of {quote(asked.question)}; name it in by="
        )
    groups = {} if refusal else {sole: told.of(EVERYBODY)} if sole else _groups(told, asked.question)
    shown = [unit for unit, rows in groups.items() if (rows["withheld"] == "").any()]
    paths, reason = (None, refusal) if refusal else _paths(kept, asked, there=there)
    return UnitViews(
        question=asked.question if there else "",
        perceived=_means(groups, list(told.ranges)),
        people=_people(groups, asked.predictor),
        scales=_scales(instrument, told),
        agreement=_agreement(kept, asked.question, shown) if there and not refusal else _no_agreement(),
        predictor=asked.predictor,
        performance=_performance(instrument, asked.predictor),
        paths=paths,
        outcome_label=asked.outcome_label,
        path_reason=reason,
        refusal=refusal,
    )


def _sole(kept: Responses, asked: UnitsAsked) -> str:
    """Return the unit that all respondents are of; "" where they are of several, or nobody says."""
    people = kept.respondents
    if asked.question not in people.columns or people[asked.question].isna().all():
        return asked.names[0] if len(asked.names) == 1 else ""
    labels = people[asked.question]
    return str(labels.iloc[0]) if len(set(labels)) == 1 else ""


def _refusal(kept: Responses, asked: UnitsAsked, sole: str) -> str:
    constructs = kept.instrument.constructs
    if asked.predictor not in constructs:
        hint = suggestion(asked.predictor, constructs)
        return (
            f"The questionnaire has no construct {quote(asked.predictor)}{hint or '.'} "
            "Name the one that is perceived alignment."
        )
    people = kept.respondents.get(asked.question)
    if sole and (people is None or people.isna().all()):
        return ""
    if people is None or people.isna().all():
        return (
            f"Operations measured {len(asked.names)} units and the survey does not say which unit a respondent "
            f"belongs to: it has no column {quote(asked.question)}. Name the column that does."
        )
    answered = {str(label) for label in people.dropna()}
    if answered & set(asked.names):
        return ""
    return (
        f"No unit is in both: the survey has {_listed(sorted(answered))}, operations have {_listed(asked.names)}. "
        "Write the same names in both."
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(quote, names[:5])) + (" ..." if len(names) > 5 else "")


def _groups(told: ReleasedTable, question: str) -> dict[str, pd.DataFrame]:
    """Return the released rows of every unit by construct."""
    known = told.frame.loc[told.frame["by"] == question, "group"].unique()
    return {str(unit): told.of(str(unit), question) for unit in known}


def _means(groups: Mapping[str, pd.DataFrame], constructs: list[str]) -> pd.DataFrame:
    rows = {unit: rows["mean"].reindex(constructs) for unit, rows in groups.items()}
    return pd.DataFrame(rows, index=constructs, dtype=np.float64).T


def _people(groups: Mapping[str, pd.DataFrame], predictor: str) -> pd.DataFrame:
    rows = [
        (unit, rows.loc[predictor, "n"], rows.loc[predictor, "withheld"]) for unit, rows in groups.items()
    ]
    return pd.DataFrame(rows, columns=["unit", "n", "withheld"])


def _scales(instrument: Instrument, told: ReleasedTable) -> pd.DataFrame:
    rows = {
        name: (part.label, *told.ranges[name], "low" if part.higher_is == "worse" else "high")
        for name, part in instrument.constructs.items()
        if name in told.ranges
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["label", "minimum", "maximum", "favourable"])


def _no_agreement() -> pd.DataFrame:
    return pd.DataFrame(columns=["units", "rwg", "icc1", "icc2"])


def _agreement(kept: Responses, question: str, shown: Sequence[str]) -> pd.DataFrame:
    """Return agreement and intraclass correlations of every construct, over the people of units that are told of."""
    units = kept.respondents[question]
    inside = units.isin(shown).to_numpy()
    means = construct_means(kept).means
    rows = {}
    for construct in means.columns:
        score = means[construct]
        known = inside & score.notna().to_numpy()
        one, two = intraclass(score[known].to_numpy(), pd.factorize(units[known])[0])
        rows[construct] = (
            units[known].nunique(),
            _median_agreement(kept, construct, units[inside]),
            one,
            two,
        )
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(_no_agreement().columns))


def _median_agreement(kept: Responses, construct: str, units: "pd.Series[str]") -> float:
    """Return the median r_wg(J) of the units; NaN where items have no codes, or not all as many."""
    instrument = kept.instrument
    parts = instrument.constructs[construct].of or (construct,)
    items = [item for part in parts for item in instrument.items_of(part) if item in kept.items.columns]
    counts = {len(instrument.scale_of(item).codes) for item in items}
    whole = kept.items.loc[units.index, items].dropna()
    if len(counts) != 1 or min(counts) < 2 or whole.empty:
        return float("nan")
    found = [
        agreement_within(rows.to_numpy(), min(counts)) for _, rows in whole.groupby(units.loc[whole.index])
    ]
    return float(np.nanmedian(found)) if np.isfinite(found).any() else float("nan")


def _performance(instrument: Instrument, predictor: str) -> str:
    """Return the last outcome that the model draws an arrow to from the predictor, "" without one."""
    rows = model_spec(instrument.model) if instrument.model.strip() else ()
    ends = [row.lhs for row in rows if row.op == "~" and row.rhs == predictor]
    return ends[-1] if ends else ""


def _paths(kept: Responses, asked: UnitsAsked, *, there: bool) -> tuple[MeasuredOutcome | None, str]:
    """Return the paths to the reported and to the measured outcome, or why there are none."""
    performance = _performance(kept.instrument, asked.predictor)
    if not there:
        return None, "all respondents are one unit, and a measured outcome is one number per unit."
    if asked.outcomes.empty:
        return None, f"there is no {asked.outcome_label or 'measured outcome'} of the units."
    if not performance:
        return None, f"the questionnaire's model has no path from {asked.predictor} to a performance."
    try:
        if not asked.reliability > 0.0:
            return None, (
                "how reliable the measured outcome is cannot be told: its values in odd and even periods do not agree "
                "over the units, so a model would take noise for an outcome."
            )
        found = measured_outcome(
            kept.items.assign(unit=kept.respondents[asked.question]),
            asked.outcomes,
            model=kept.instrument.model,
            reliability=min(asked.reliability, 1.0),
            predictor=asked.predictor,
            performance=performance,
        )
    except (DataError, ModelError, ConvergenceError, UsageError) as error:
        return None, f"{error}."
    return replace(found, fit=None), ""
