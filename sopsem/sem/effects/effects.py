"""Direct, indirect and total effects found from the model, raw and standardized, with intervals.

Total effects are (I - B)^-1 - I (Bollen, 1987); a specific indirect effect is the product of the paths along
one route.  Standardization uses model-implied standard deviations, recomputed in every draw.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.distributions import norm_ppf, norm_sf
from sopsem.sem.effects.effect_values import effect_slopes, effect_values
from sopsem.sem.effects.routes import Effect, find_effects
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.resampling.bootstrap import Draws
from sopsem.sem.resampling.statistic_intervals import statistic_intervals

__all__ = ["Effect", "effect_values", "effects", "find_effects"]

Array = NDArray[np.float64]
STEP = 1e-5
SLOPE = 1e-8  # a smaller numerical slope is 0


def effects(
    fit: Fit,
    draws: Draws | None = None,
    *,
    kind: str | None = None,
    level: float = 0.95,
    rule: str = "weibull",
) -> pd.DataFrame:
    """Return every effect, raw and standardized, each with interval and p.

    Parameters
    ----------
    fit : Fit
    draws : Draws, optional
        Bootstrap draws of the fit; without them standard errors are by the delta method and intervals are
        Wald's.
    kind : str, optional
        Interval: percentile (default), bc (default under ``mimic="amos"``), bca, normal, basic, studentized.
    level, rule
        Confidence level; end-point rule (see ``intervals``).

    Returns
    -------
    DataFrame
        Columns effect kind outcome predictor route (after ``group`` where there are several), then est se
        ci_lower ci_upper pvalue and the same for the standardized effect (est_std ...), and with draws the
        Monte-Carlo standard errors mc_lower mc_upper mc_pvalue (and ..._std) and n_draws, n_draws_std: the draws
        with a value.  A draw whose implied variance of the outcome is negative has a raw effect but no
        standardized one.

    Raises
    ------
    UsageError
        Draws of another fit; BC, BCa or studentized limits where they are refused (see ``policies.require_intact``).

    Notes
    -----
    With draws, p is by inversion of the interval: 1 - p is the level whose interval has an end at 0.

    """
    if draws is not None and not draws.belong_to(fit):
        raise UsageError("these draws belong to another fit; pass the fit that was bootstrapped")
    if fit.n_groups == 1:
        return _table(fit, draws, _kind(fit, kind), level, rule)
    tables = []
    for number, label in enumerate(fit.spec.groups, start=1):
        own = None if draws is None else draws.of_group(number)
        table = _table(fit.of_group(number), own, _kind(fit, kind), level, rule)
        table.insert(0, "group", label)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _table(fit: Fit, draws: Draws | None, kind: str, level: float, rule: str) -> pd.DataFrame:
    """Return the effects of one group."""
    wanted = find_effects(fit.spec)
    frame = pd.DataFrame(
        [(e.name, e.kind, e.outcome, e.predictor, " > ".join(e.route)) for e in wanted],
        columns=["effect", "kind", "outcome", "predictor", "route"],
    )
    if draws is None:
        raw, standard = (_delta(fit, wanted, level, standardized=s) for s in (False, True))
    else:
        both = _bootstrapped(fit, draws, wanted, kind, level, rule)
        raw, standard = both[: len(wanted)], both[len(wanted) :].reset_index(drop=True)
    return pd.concat([frame, raw, standard.add_suffix("_std")], axis=1)


def _kind(fit: Fit, kind: str | None) -> str:
    return kind if kind is not None else "bc" if fit.mimic == "amos" else "percentile"


def _delta(fit: Fit, wanted: list[Effect], level: float, *, standardized: bool) -> pd.DataFrame:
    theta = fit.kernel_theta
    k = len(theta)
    points = np.concatenate([theta[None], theta + STEP * np.eye(k), theta - STEP * np.eye(k)])
    values = effect_values(fit.spec, fit.model, points, wanted, standardized=standardized)
    slope = (values[1 : k + 1] - values[k + 1 :]).T / (2.0 * STEP)
    se = _standard_errors(slope, fit.kernel_vcov)
    half = norm_ppf(0.5 + level / 2.0) * se
    est = values[0]
    return pd.DataFrame(
        {
            "est": est,
            "se": se,
            "ci_lower": est - half,
            "ci_upper": est + half,
            "pvalue": 2.0 * norm_sf(np.abs(est / se)),
        }
    )


def _standard_errors(slope: Array, vcov: Array) -> Array:
    """Return sqrt(diag(J V J')); NaN where an effect rests on a parameter without information."""
    variance = np.einsum("ij,jk,ik->i", slope, np.nan_to_num(vcov), slope)
    lost = (np.abs(slope) > SLOPE) @ np.isnan(np.diag(vcov))
    return np.sqrt(np.where((variance > 0.0) & ~lost, variance, np.nan))


def _bootstrapped(
    fit: Fit, draws: Draws, wanted: list[Effect], kind: str, level: float, rule: str
) -> pd.DataFrame:
    """Return a row for each raw effect, then one for each standardized one."""

    def values_at(theta: Array) -> Array:
        both = [effect_values(fit.spec, fit.model, theta, wanted, standardized=s) for s in (False, True)]
        return np.concatenate(both, axis=1)

    def slopes_at(theta: Array) -> Array:
        both = [effect_slopes(fit.model, theta, wanted, standardized=s) for s in (False, True)]
        return np.concatenate(both, axis=1)

    return statistic_intervals(draws, values_at, slopes_at, kind=kind, level=level, rule=rule)
