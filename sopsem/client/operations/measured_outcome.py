"""A path to performance that respondents report, beside the same path to an outcome that was measured.

Where one person says both how aligned the company is and how well it does, whatever colours all of that person's
answers counts as an effect.  A measured outcome has no such part: the difference of the two paths is the size of
common-source inflation.

References
----------
Bollen, K. A. (1989). Structural Equations with Latent Variables. Wiley, ch. 5 (one indicator of known reliability).
Podsakoff, P. M., MacKenzie, S. B., Lee, J.-Y., & Podsakoff, N. P. (2003). Common method biases in behavioral
research. Journal of Applied Psychology, 88 (outcomes from another source).

"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtr, stdtrit

from sopsem.client.operations.between_units import intraclass
from sopsem.errors import ConvergenceError, DataError, UsageError
from sopsem.sem.constructs.reliability import reliability as scale_reliability
from sopsem.sem.estimation.fit import Fit, fit
from sopsem.sem.estimation.standardize import standardized_jacobian, standardized_rows
from sopsem.sem.model.parameter_table import ModelSpec
from sopsem.sem.model.spec import model_spec
from sopsem.survey.messages import quote, suggestion

__all__ = ["LEAST_UNITS", "MeasuredOutcome", "measured_outcome"]

Floats = npt.NDArray[np.float64]

LEAST_UNITS = 30
LATENT, COLUMN = "measured", "measured_outcome"
KINDS = ("reported", "measured", "difference")
CONTRASTS = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, -1.0]])


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasuredOutcome:
    """The path from a predictor to performance as reported, as measured, and their difference.

    Attributes
    ----------
    paths : DataFrame
        Rows reported, measured, difference; columns path, est, se, ci_lower, ci_upper, pvalue: standardized (SDs of
        the outcome per SD of the predictor), robust to respondents of one unit being alike.
    predictor, performance : str
    units, respondents : int
        Used.
    reliability : float
        Of the measured outcome, taken as known.
    ceiling : float
        The largest path to an outcome of units that can be: the square root of the share of the predictor's variance
        that is between units, because people of one unit have one outcome.
    excluded : mapping of reason to rows
        Rows given = respondents + these.
    fit : Fit or None
        Of both outcomes in one model; None in a report, because it holds the rows.
    level : float
    notes : tuple of str

    """

    paths: pd.DataFrame
    predictor: str
    performance: str
    units: int
    respondents: int
    reliability: float
    ceiling: float
    excluded: Mapping[str, int]
    fit: Fit | None
    level: float
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Copy the frame and make the rest read-only."""
        object.__setattr__(self, "paths", self.paths.copy())
        object.__setattr__(self, "excluded", MappingProxyType(dict(self.excluded)))

    def __repr__(self) -> str:
        """Show the paths and what must be said with them."""
        head = f"{self.predictor} -> {self.performance}: {self.units} units, {self.respondents} respondents"
        return "\n".join([head, self.paths.round(3).to_string(index=False), *self.notes])


def measured_outcome(
    survey: pd.DataFrame,
    outcomes: pd.DataFrame,
    *,
    model: str,
    reliability: float,
    predictor: str = "alignment",
    performance: str = "performance",
    unit: str = "unit",
    outcome: str = "outcome",
    level: float = 0.95,
) -> MeasuredOutcome:
    r"""Fit a model with a measured outcome beside the reported one and compare the paths from a predictor.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent: the unit and the items of the model, reversed items reversed.
    outcomes : DataFrame
        One row per unit: the unit and what was measured there.
    model : str
        The questionnaire's model, in which ``performance ~ predictor + ...``.
    reliability : float
        Of what was measured, above 0 and up to 1, e.g. from odd against even periods.
    predictor, performance : str
        Two factors of the model.
    unit, outcome : str
        Columns.
    level : float
        Of the intervals.

    Raises
    ------
    UsageError
        A column, factor or number that cannot be.
    DataError
        Fewer than 30 units with answers and an outcome; a unit with two outcomes; an outcome that is the same in
        all units.
    ModelError, ConvergenceError
        As in ``fit``.

    Notes
    -----
    To the model is added ``measured =~ 1 y``, ``y ~~ (1 - reliability) var(y) y`` (Bollen, 1989), a path to
    ``measured`` from all that send one to performance, and the covariance of both residuals.  Standard errors are
    those of the sandwich with scores summed by unit; of the difference J V J' (delta method); intervals and p-values
    use Student's t with units - 2 degrees of freedom.  In simulated worlds (``analysis/benchmarks``) the 95% intervals
    of paths and difference held the truth in 91 to 93 of 100 samples of 30 units and in 92 to 95 of 60 or 120.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> level, unit = rng.normal(size=40), np.repeat(np.arange(40), 6)
    >>> own, mood = rng.normal(size=(2, 240))
    >>> items = {f"{k}{i}": level[unit] + own + (0.5 + (k == "p")) * mood + rng.normal(size=240)
    ...          for k in "ap" for i in range(3)}
    >>> survey = pd.DataFrame(items | {"unit": unit})
    >>> found = measured_outcome(survey, pd.DataFrame({"unit": range(40), "outcome": level}), reliability=0.9,
    ...     model="alignment =~ a0 + a1 + a2\nperformance =~ p0 + p1 + p2\nperformance ~ alignment")
    >>> found.units, found.respondents, bool(found.paths["est"][2] > 0)
    (40, 240, True)

    """
    spec = _checked(model, reliability, predictor, performance, level)
    rows, excluded = _rows(survey, outcomes, spec, unit, outcome)
    error = (1.0 - reliability) * float(rows[COLUMN].var(ddof=0))
    fitted = fit(_with_measured(model, spec, performance, error), rows, cluster=unit)
    if not fitted.status.converged:
        raise ConvergenceError(
            f"the model with a measured outcome did not converge on {fitted.n} rows: {fitted.status.value}"
        )
    units = int(rows[unit].nunique())
    ceiling = _ceiling(fitted, rows, unit, predictor)
    return MeasuredOutcome(
        paths=_paths(fitted, predictor, performance, units - 2, level),
        predictor=predictor,
        performance=performance,
        units=units,
        respondents=len(rows),
        reliability=float(reliability),
        ceiling=ceiling,
        excluded=excluded,
        fit=fitted,
        level=level,
        notes=_notes(fitted, reliability, ceiling),
    )


def _checked(model: str, reliability: float, predictor: str, performance: str, level: float) -> ModelSpec:
    if not 0.0 < reliability <= 1.0 or not 0.0 < level < 1.0:
        raise UsageError(
            f"reliability is {reliability} and level {level}; reliability is above 0 and up to 1, level between 0 and 1"
        )
    spec = model_spec(model)
    for name in (predictor, performance):
        if name not in spec.latent:
            raise UsageError(
                f"the model has no factor {quote(name)}{suggestion(name, spec.latent) or '.'} "
                f"Factors: {', '.join(spec.latent)}"
            )
    if predictor not in _predictors(spec, performance):
        raise UsageError(f"the model has no path {performance} ~ {predictor}, so there is nothing to compare")
    taken = {LATENT, COLUMN} & {*spec.latent, *spec.observed}
    if taken:
        raise UsageError(f"the model has a variable called {', '.join(sorted(taken))}; give it another name")
    return spec


def _predictors(spec: ModelSpec, performance: str) -> list[str]:
    return [row.rhs for row in spec if row.op == "~" and row.lhs == performance]


def _with_measured(model: str, spec: ModelSpec, performance: str, error: float) -> str:
    lines = (
        f"{LATENT} =~ 1*{COLUMN}",
        f"{COLUMN} ~~ {error!r}*{COLUMN}",
        f"{LATENT} ~ {' + '.join(_predictors(spec, performance))}",
        f"{performance} ~~ {LATENT}",
    )
    return "\n".join([model, *lines])


def _rows(
    survey: pd.DataFrame, outcomes: pd.DataFrame, spec: ModelSpec, unit: str, outcome: str
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return the complete respondents of units with an outcome, and how many are left out for what."""
    for where, frame, wanted in (
        ("survey", survey, [unit, *spec.observed]),
        ("outcomes", outcomes, [unit, outcome]),
    ):
        absent = [name for name in wanted if name not in frame.columns]
        if absent:
            raise UsageError(f"{where} has no column {', '.join(map(quote, absent))}")
    known = outcomes.dropna(subset=[outcome])
    if known[unit].duplicated().any():
        twice = known.loc[known[unit].duplicated(), unit].iloc[0]
        raise DataError(f"unit {quote(twice)} has more than one measured outcome; give one row per unit")
    value = survey[unit].map(known.set_index(unit)[outcome].astype(float))
    gaps = survey[list(spec.observed)].isna().any(axis=1)
    reasons = {
        "no unit given": survey[unit].isna(),
        "unit without a measured outcome": survey[unit].notna() & value.isna(),
        "an item is missing": value.notna() & gaps,
    }
    rows = survey.loc[value.notna() & ~gaps, [unit, *spec.observed]].assign(**{COLUMN: value})
    _enough(rows, unit)
    return rows.reset_index(drop=True), {
        name: int(lost.sum()) for name, lost in reasons.items() if lost.any()
    }


def _enough(rows: pd.DataFrame, unit: str) -> None:
    units = rows[unit].nunique()
    if units < LEAST_UNITS:
        raise DataError(
            f"a model with a measured outcome needs {LEAST_UNITS} units that have both answers and an outcome, and "
            f"there are {units}: an outcome is one number per unit, so more respondents do not help. Compare the "
            "units one by one, or wait until there are more"
        )
    if rows[COLUMN].nunique() < 2:
        raise DataError("the measured outcome is the same in all units, so nothing can be related to it")


def _paths(fitted: Fit, predictor: str, performance: str, df: int, level: float) -> pd.DataFrame:
    """Return both standardized paths and their difference, with errors by the delta method."""
    (group,) = fitted.groups
    named = [(row.lhs, row.op, row.rhs) for row in fitted.spec.parameters]
    at = [named.index((end, "~", predictor)) for end in (performance, LATENT)]
    values = CONTRASTS @ standardized_rows(group.spec, group.model, fitted.kernel_theta[None])[0, at]
    slopes = CONTRASTS @ standardized_jacobian(group.spec, group.model, fitted.kernel_theta)[at]
    se = np.sqrt(np.diag(slopes @ fitted.kernel_vcov @ slopes.T))
    half = float(stdtrit(df, 0.5 + level / 2.0)) * se
    return pd.DataFrame(
        {
            "path": KINDS,
            "est": values,
            "se": se,
            "ci_lower": values - half,
            "ci_upper": values + half,
            "pvalue": 2.0 * stdtr(df, -np.abs(values / se)),
        }
    )


def _ceiling(fitted: Fit, rows: pd.DataFrame, unit: str, predictor: str) -> float:
    """Return sqrt(ICC(1) / omega) of the predictor's scale: item error is in its total variance only."""
    table = scale_reliability(fitted).set_index("factor")
    items = str(table.loc[predictor, "items"]).split()
    share, _ = intraclass(rows[items].mean(axis=1).to_numpy(float), pd.factorize(rows[unit])[0])
    return float(np.sqrt(np.clip(share / float(table.loc[predictor, "omega"]), 0.0, 1.0)))


def _notes(fitted: Fit, reliability: float, ceiling: float) -> tuple[str, ...]:
    said = [f"The solution is improper: {one}." for one in fitted.improper]
    said.append(
        f"The reliability of the measured outcome, {reliability:.2f}, is taken as known; standard errors allow for "
        "respondents of one unit being alike."
    )
    said.append(
        f"People of one unit share one outcome, so the measured path could be at most {ceiling:.2f} here. The "
        "difference holds common-source inflation and, where views differ within units, this limit as well."
    )
    return tuple(said)
