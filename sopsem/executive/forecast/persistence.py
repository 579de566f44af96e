"""E30: how much of a surge lasts: the local level model, a shift of level, the chance that demand stays high."""

import math
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.statespace.structural import UnobservedComponents

from sopsem.executive.notices import Notice, few, warning
from sopsem.executive.plant import origin
from sopsem.executive.result import Result
from sopsem.executive.schema.periods import frequency_of, label_of, ordinal_of, periods_per_year
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, check_tables

__all__ = ["PersistenceResult", "demand_persistence", "level_model", "share_that_lasts"]

FEWEST, SEASONS = 16, 2
TINY = 1e-8


@dataclass(frozen=True, kw_only=True)
class PersistenceResult(Result):
    """What lasts of the changes of total demand.

    ``table``: period, demand, level (smoothed), shift_t (t ratio of the level's disturbance).
    ``forecast``: period, level, se and the chance of being above ``threshold``.
    ``summary``: var_noise, var_level, q, share_lasting, verdict, shifts.
    """

    forecast: pd.DataFrame


def share_that_lasts(q: float) -> float:
    """Return the share of a shock that is permanent, K = P / (1 + P), P = (q + sqrt(q^2 + 4q)) / 2 (Muth 1960).

    >>> round(share_that_lasts(1469 / 15099), 3), share_that_lasts(0.0)
    (0.267, 0.0)
    """
    if math.isinf(q):
        return 1.0
    p = (q + math.sqrt(q * q + 4 * q)) / 2
    return p / (1 + p)


@dataclass(frozen=True, kw_only=True)
class LevelModel:
    """A local level model that was fitted: variances, smoothed level and its disturbance's t ratios, forecasts."""

    var_noise: float
    var_level: float
    level: np.ndarray
    shift: np.ndarray
    ahead: np.ndarray
    ahead_se: np.ndarray


def level_model(y: np.ndarray, *, season: int = 0, horizon: int = 12) -> LevelModel:
    """Fit y_t = level_t + e_t, level_t = level_(t-1) + d_t by maximum likelihood, with a season where asked."""
    scale = float(y.std()) or 1.0
    model = UnobservedComponents(y / scale, level="llevel", seasonal=season or None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the likelihood is flat where a variance is zero
        warnings.simplefilter("ignore", RuntimeWarning)
        fitted = model.fit(disp=False, maxiter=500)
    named = dict(zip(model.param_names, fitted.params, strict=True))
    noise, moves = (float(named[n]) * scale**2 for n in ("sigma2.irregular", "sigma2.level"))
    smoothed = fitted.smoother_results
    disturbance = smoothed.smoothed_state_disturbance[0]
    spread = np.sqrt(np.clip(named["sigma2.level"] - smoothed.smoothed_state_disturbance_cov[0, 0], 0, None))
    shift = np.divide(disturbance, spread, out=np.zeros(len(y)), where=spread > TINY)
    last = float(fitted.filtered_state[0, -1])
    variance = float(fitted.filtered_state_cov[0, 0, -1])
    steps = np.arange(1, horizon + 1)
    return LevelModel(
        var_noise=noise,
        var_level=moves,
        level=smoothed.smoothed_state[0] * scale,
        shift=shift,
        ahead=np.full(horizon, last * scale),
        ahead_se=np.sqrt(variance + steps * float(named["sigma2.level"])) * scale,
    )


def demand_persistence(
    demand: Given,
    *,
    horizon: int = 12,
    threshold: float = math.nan,
    surge: float = math.nan,
    policy: Policy = DEFAULT_POLICY,
) -> PersistenceResult:
    """Return how much of a change of demand is expected to last.

    Parameters
    ----------
    demand : DataFrame or Table
        Total demand by period; with 24 or more periods a season is fitted too.
    horizon : int
        Periods ahead.
    threshold : float, optional
        Units per period, such as capacity: the chance that the level is above it.
    surge : float, optional
        A surge in units: the part expected to last is given.
    policy : Policy
        ``transient`` and ``lasting`` bounds of the verdict, ``break_t``.

    Returns
    -------
    PersistenceResult
        With fewer than 16 periods numbers are NaN (T13); a constant series has share 0.

    Examples
    --------
    >>> months = [f"{2024 + i // 12}-{i % 12 + 1:02d}" for i in range(20)]
    >>> flat = pd.DataFrame({"period": months, "product_id": "P", "sales_unit": "N", "quantity": 100})
    >>> demand_persistence(flat).summary["verdict"]
    'transient'

    """
    tables = check_tables({"demand": demand}, policy)
    total = tables["demand"].frame.groupby("period")["quantity"].sum().sort_index()
    y = total.to_numpy(float)
    bounds = policy["persist"]
    notices: list[Notice] = list(tables.notices)
    frequency = frequency_of(total.index[0])
    if len(y) < FEWEST:
        notices.append(few("persistence of demand", len(y), FEWEST, table="demand"))
        model = _nothing(y, horizon)
        share = math.nan
    elif y.std() <= TINY * max(1.0, abs(y.mean())):
        model, share = _nothing(y, horizon, level=float(y.mean())), 0.0
    else:
        season = periods_per_year(frequency)
        model = level_model(y, season=season if len(y) >= SEASONS * season else 0, horizon=horizon)
        share = share_that_lasts(model.var_level / model.var_noise if model.var_noise > 0 else math.inf)
        if model.var_noise <= TINY * y.var():
            notices.append(warning("T13", "no noise is left beside the level: every change seems to last"))
    shifts = [str(p) for p in total.index[1:][np.abs(model.shift[:-1]) > bounds["break_t"]]]
    table = pd.DataFrame(
        {"period": total.index, "demand": y, "level": model.level, "shift_t": np.r_[np.nan, model.shift[:-1]]}
    )
    summary = {
        "var_noise": model.var_noise,
        "var_level": model.var_level,
        "q": model.var_level / model.var_noise if model.var_noise > 0 else math.nan,
        "share_lasting": share,
        "lasting_uplift": share * surge,
        "verdict": _verdict(share, shifts, bounds["transient"], bounds["lasting"]),
        "shifts": ";".join(shifts),
        "n_periods": len(y),
    }
    last = ordinal_of(str(total.index[-1]))
    ahead = pd.DataFrame(
        {
            "period": [label_of(last + h, frequency) for h in range(1, horizon + 1)],
            "level": model.ahead,
            "se": model.ahead_se,
            "chance_above": stats.norm.sf(
                threshold, model.ahead, np.where(model.ahead_se > 0, model.ahead_se, TINY)
            ),
        }
    )
    return PersistenceResult(
        table=table,
        forecast=ahead,
        summary=summary,
        notices=notices,
        excluded=tables.excluded,
        provenance=origin("E30", "Muth 1960; Durbin & Koopman 2012", tables),
    )


def _nothing(y: np.ndarray, horizon: int, level: float = math.nan) -> LevelModel:
    nan = math.nan if math.isnan(level) else 0.0
    return LevelModel(
        var_noise=nan,
        var_level=nan,
        level=np.full(len(y), level),
        shift=np.zeros(len(y)),
        ahead=np.full(horizon, level),
        ahead_se=np.full(horizon, nan),
    )


def _verdict(share: float, shifts: list[str], transient: float, lasting: float) -> str:
    if math.isnan(share):
        return ""
    if share > lasting or shifts:
        return "lasting"
    return "transient" if share < transient else "mixed"
