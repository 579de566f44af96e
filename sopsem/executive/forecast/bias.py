"""E25: who is optimistic, how steadily, more so at quarter end, and whether a correction would have helped."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.linear_model import OLS

from sopsem.executive.forecast.joined import by_period, join_forecasts, main_step, open_forecasts
from sopsem.executive.forecast.measures import accuracy, theil, tracking_signal
from sopsem.executive.notices import Notice, few
from sopsem.executive.plant import origin
from sopsem.executive.result import Result
from sopsem.executive.schema.periods import start_of
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given

__all__ = ["BiasResult", "forecast_bias"]

FEWEST = 8
PERMUTATIONS = 9999


@dataclass(frozen=True, kw_only=True)
class BiasResult(Result):
    """Bias by unit and sales unit.

    ``table``: unit, sales_unit, optimism, bias_t, bias_p (Newey-West), signal (last tracking signal),
    first_breach (period), quarter_end (optimism there less elsewhere), quarter_end_p, theil shares, factor
    (correction), wape_before and wape_after out of sample, corrects (whether it helped), n.
    ``path``: unit, sales_unit, period, forecast, actual, optimism, signal, signal_smoothed.
    """

    path: pd.DataFrame


def forecast_bias(
    forecasts: Given,
    demand: Given,
    *,
    step: str | None = None,
    lag: int | None = None,
    seed: int = 0,
    policy: Policy = DEFAULT_POLICY,
) -> BiasResult:
    """Return the bias of every sales unit's forecast; positive is optimism.

    optimism = sum (f - a) / sum a by totals of a period; tracking signal as in ``tracking_signal``; mean of relative
    errors with Newey-West errors, lag floor(n^(1/3)); quarter-end gap by permutation of periods.  Correction: the
    factor sum a / sum f of the unit so far, pulled to that of all units with weight n / (n + n0); out of sample.

    Parameters
    ----------
    forecasts, demand : DataFrame or Table
    step : str, optional
        Consensus by default, else the last step.
    lag : int, optional
    seed : int
        Of the permutations.
    policy : Policy
        ``ts_limit``, ``ts_alpha``, ``shrink_periods``, ``min_periods``.

    Examples
    --------
    >>> months = [f"2025-{m:02d}" for m in range(1, 7)]
    >>> demand = pd.DataFrame({"period": months, "product_id": "P", "sales_unit": "N",
    ...                        "quantity": [90, 95, 115, 100, 125, 140]})
    >>> forecasts = pd.DataFrame({"period": months, "issued": "2024-12", "product_id": "P", "sales_unit": "N",
    ...                           "step": "sales", "quantity": [100, 100, 100, 110, 110, 110]})
    >>> forecast_bias(forecasts, demand).table["signal"].round(2).tolist()
    [-2.47]

    """
    tables = open_forecasts(forecasts, demand, policy)
    rules = policy["forecast"]
    joined, notices = join_forecasts(tables, rules["lag"] if lag is None else lag)
    chosen = main_step(joined, step)
    own = joined[joined["step"] == chosen]
    pooled = by_period(own)
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    rows, paths = [], []
    for (unit, sales_unit), cells in own.groupby(["unit", "sales_unit"], sort=True):
        totals = by_period(cells)
        name = f"{unit} {sales_unit}"
        path = _path(totals, rules["ts_alpha"])
        row, noticed = _row(name, totals, path, pooled, rules, rng)
        rows.append({"unit": unit, "sales_unit": sales_unit, **row})
        paths.append(path.assign(unit=unit, sales_unit=sales_unit))
        notices += noticed
    table = pd.DataFrame(rows)
    whole = accuracy(pooled["actual"].to_numpy(), pooled["forecast"].to_numpy())
    summary = {
        "step": chosen,
        "optimism": whole["optimism"],
        "persistence": _persistence(own),
        "units_in_breach": int((table["first_breach"] != "").sum()),
        "n_periods": len(pooled),
        "seed": seed,
    }
    return BiasResult(
        table=table,
        path=pd.concat(paths, ignore_index=True),
        summary=summary,
        notices=[*tables.notices, *notices],
        excluded=tables.excluded,
        provenance=origin("E25", "Trigg 1964; Theil 1966; Newey & West 1987", tables),
    )


def _path(totals: pd.DataFrame, alpha: float) -> pd.DataFrame:
    actual, forecast = totals["actual"].to_numpy(float), totals["forecast"].to_numpy(float)
    return pd.DataFrame(
        {
            "period": totals.index,
            "forecast": forecast,
            "actual": actual,
            "optimism": np.divide(
                forecast - actual, actual, out=np.full(len(actual), np.nan), where=actual > 0
            ),
            "signal": tracking_signal(actual, forecast),
            "signal_smoothed": tracking_signal(actual, forecast, method="smoothed", alpha=alpha),
        }
    )


def _row(
    name: str,
    totals: pd.DataFrame,
    path: pd.DataFrame,
    pooled: pd.DataFrame,
    rules: "object",
    rng: np.random.Generator,
) -> tuple[dict[str, object], list[Notice]]:
    limits: dict[str, float] = dict(rules)  # type: ignore[call-overload]
    actual, forecast = totals["actual"].to_numpy(float), totals["forecast"].to_numpy(float)
    n = len(actual)
    breach = path["period"][path["signal"].abs() > limits["ts_limit"]]
    t, p = _bias_test(actual, forecast)
    gap, gap_p = _quarter_end(totals, rng)
    before, after = _corrected(totals, pooled, limits["shrink_periods"], int(limits["min_periods"]))
    parts = theil(actual, forecast) if n > 1 else dict.fromkeys(("bias", "slope", "residual"), math.nan)
    enough = n >= limits["min_periods"]
    row = {
        "optimism": accuracy(actual, forecast)["optimism"] if enough else math.nan,
        "bias_t": t,
        "bias_p": p,
        "signal": float(path["signal"].iloc[-1]),
        "first_breach": "" if breach.empty else str(breach.iloc[0]),
        "quarter_end": gap,
        "quarter_end_p": gap_p,
        **{f"theil_{part}": parts[part] for part in ("bias", "slope", "residual")},
        "factor": _factor(totals, pooled, limits["shrink_periods"]),
        "wape_before": before,
        "wape_after": after,
        "corrects": bool(after < before),
        "n": n,
    }
    notices = [few(f"{name}: bias test", n, FEWEST, table="forecasts")] if n < FEWEST else []
    return row, notices


def _bias_test(actual: np.ndarray, forecast: np.ndarray) -> tuple[float, float]:
    """Return t and p of the mean relative error with Newey-West errors; NaN below 8 periods."""
    n, scale = len(actual), float(actual.mean())
    if n < FEWEST or scale <= 0:
        return math.nan, math.nan
    error = (forecast - actual) / scale
    if np.ptp(error) <= 1e-12 * (1 + np.abs(error).max()):
        return math.nan, math.nan
    lags = math.floor(n ** (1 / 3) + 1e-9)
    fitted = OLS(error, np.ones(n)).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    return float(fitted.tvalues[0]), float(fitted.pvalues[0])


def _quarter_end(totals: pd.DataFrame, rng: np.random.Generator) -> tuple[float, float]:
    """Return optimism in the last month of quarters less that elsewhere, with its permutation p."""
    actual, error = totals["actual"].to_numpy(float), (totals["forecast"] - totals["actual"]).to_numpy(float)
    last = np.array([len(p) == 7 and p[5].isdigit() and start_of(p).month % 3 == 0 for p in totals.index])
    if last.sum() < 2 or (~last).sum() < 2 or (actual <= 0).any():
        return math.nan, math.nan

    ratio = error / actual
    gap = float(ratio[last].mean() - ratio[~last].mean())
    drawn = rng.permuted(np.tile(last, (PERMUTATIONS, 1)), axis=1)
    inside = (drawn * ratio).sum(axis=1) / last.sum()
    outside = (~drawn * ratio).sum(axis=1) / (~last).sum()
    extreme = np.abs(inside - outside) >= abs(gap) - 1e-12
    return gap, float((extreme.sum() + 1) / (PERMUTATIONS + 1))


def _factor(totals: pd.DataFrame, pooled: pd.DataFrame, n0: float) -> float:
    """Return the unit's sum a / sum f, pulled to that of all units with weight n / (n + n0)."""
    if totals["forecast"].sum() <= 0 or pooled["forecast"].sum() <= 0:
        return 1.0
    own = float(totals["actual"].sum() / totals["forecast"].sum())
    everyone = float(pooled["actual"].sum() / pooled["forecast"].sum())
    weight = len(totals) / (len(totals) + n0)
    return weight * own + (1 - weight) * everyone


def _corrected(totals: pd.DataFrame, pooled: pd.DataFrame, n0: float, floor: int) -> tuple[float, float]:
    """Return WAPE before and after a correction that knows only earlier periods."""
    if len(totals) <= floor:
        return math.nan, math.nan
    later = totals.iloc[floor:]
    factors = [
        _factor(totals.iloc[:i], pooled[pooled.index < totals.index[i]], n0)
        for i in range(floor, len(totals))
    ]
    actual, forecast = later["actual"].to_numpy(float), later["forecast"].to_numpy(float)
    return accuracy(actual, forecast)["wape"], accuracy(actual, forecast * np.array(factors))["wape"]


def _persistence(own: pd.DataFrame) -> float:
    """Return the rank correlation of the sales units' optimism in the first and the second half."""
    periods = sorted(own["period"].unique())
    half = periods[len(periods) // 2]
    sums = (
        own.assign(late=own["period"] >= half)
        .groupby(["unit", "sales_unit", "late"])[["forecast", "actual"]]
        .sum()
    )
    optimism = (sums["forecast"] / sums["actual"].where(sums["actual"] > 0) - 1).reset_index(name="optimism")
    wide = optimism.pivot_table(index=["unit", "sales_unit"], columns="late", values="optimism").dropna()
    if len(wide) < 3 or wide.shape[1] < 2:
        return math.nan
    return float(stats.spearmanr(wide[False], wide[True]).statistic)
