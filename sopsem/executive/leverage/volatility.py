"""E17: how much earnings swing, and whether volume, unit margin or fixed cost swings them."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.leverage.operating import earnings
from sopsem.executive.notices import Notice, fault, few, refusal, warning
from sopsem.executive.plant import origin
from sopsem.executive.result import Result
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, check_tables

__all__ = ["VolatilityResult", "ebitda_volatility", "enterprise_value"]

FEWEST = 8


@dataclass(frozen=True, kw_only=True)
class VolatilityResult(Result):
    """EBITDA and its changes.

    ``table``: unit, period, ebitda, change and its parts volume, margin and fixed, which sum to it exactly.
    ``units``: unit, mean, sd, cv, downside, cv_revenue, ratio, and the share of the variance of changes that comes
    from each part (they sum to 1; a negative share offsets).
    """

    units: pd.DataFrame


def ebitda_volatility(financials: Given, *, policy: Policy = DEFAULT_POLICY) -> VolatilityResult:
    """Return the spread of EBITDA and the exact parts of its changes.

    With c = contribution / revenue, R = revenue, F = fixed cost and premiums, bars two-period means:
    change of EBITDA = c-bar x change of R (volume) + R-bar x change of c (margin) - change of F (fixed).
    Variance share of a part = cov(part, change) / var(change).

    Parameters
    ----------
    financials : DataFrame or Table
    policy : Policy

    Returns
    -------
    VolatilityResult
        With fewer than 8 periods every spread carries notice T13; a CV of a mean that is not positive is NaN.

    Examples
    --------
    >>> r, c = np.array([100, 110, 95, 120, 105, 90.0]), np.array([.40, .39, .42, .36, .40, .43])
    >>> money = pd.DataFrame({"period": [f"2025-0{i}" for i in range(1, 7)], "revenue": r, "variable_cost": r * (1 - c),
    ...                       "fixed_cost": [25, 25, 25, 28, 26, 25], "inventory": 0, "receivables": 0, "payables": 0})
    >>> found = ebitda_volatility(money).units.iloc[0]
    >>> [round(float(found[name]), 4) for name in ("cv", "share_volume", "share_margin", "share_fixed")]
    [0.0912, 1.7861, -0.7168, -0.0693]

    """
    tables = check_tables({"financials": financials}, policy)
    money = tables["financials"].frame
    e = earnings(money)
    parts = [_parts(own, e.loc[own.index]) for _, own in money.groupby("unit")]
    table = pd.concat(parts, ignore_index=True)
    rows: list[dict[str, object]] = []
    notices: list[Notice] = []
    for unit, own in table.groupby("unit"):
        rows.append({"unit": unit, **_spread(own)})
        if len(own) < FEWEST:
            notices.append(few(f"{unit}: spread of EBITDA", len(own), FEWEST, table="financials"))
        if own["ebitda"].mean() <= 0:
            message = f"{unit}: mean EBITDA is not positive: its CV is not given, see sd_of_revenue"
            notices.append(warning("T16", message, table="financials"))
    units = pd.DataFrame(rows)
    summary = {"n_units": len(units), "n_periods": len(table), "median_cv": float(units["cv"].median())}
    return VolatilityResult(
        table=table.drop(columns="revenue"),
        units=units,
        summary=summary,
        notices=[*tables.notices, *notices],
        excluded=tables.excluded,
        provenance=origin("E17", "exact two-period decomposition", tables),
    )


def _parts(money: pd.DataFrame, e: pd.DataFrame) -> pd.DataFrame:
    revenue = money["revenue"].to_numpy(float)
    ratio = np.divide(
        e["contribution"].to_numpy(float), revenue, out=np.zeros(len(revenue)), where=revenue > 0
    )
    mean_ratio, mean_revenue = (ratio[1:] + ratio[:-1]) / 2, (revenue[1:] + revenue[:-1]) / 2
    nothing = [math.nan]
    return pd.DataFrame(
        {
            "unit": money["unit"].to_numpy(),
            "period": money["period"].to_numpy(),
            "revenue": revenue,
            "ebitda": e["ebitda"].to_numpy(float),
            "change": np.r_[nothing, np.diff(e["ebitda"])],
            "volume": np.r_[nothing, mean_ratio * np.diff(revenue)],
            "margin": np.r_[nothing, mean_revenue * np.diff(ratio)],
            "fixed": np.r_[nothing, -np.diff(e["fixed"])],
        }
    )


def _spread(own: pd.DataFrame) -> dict[str, object]:
    value, revenue = own["ebitda"], own["revenue"]
    mean, sd = float(value.mean()), float(value.std(ddof=1))
    cv = sd / mean if mean > 0 else math.nan
    cv_revenue = float(revenue.std(ddof=1) / revenue.mean()) if revenue.mean() > 0 else math.nan
    below = np.clip(mean - value, 0, None)
    changes = own.dropna(subset="change")
    var = float(changes["change"].var(ddof=1)) if len(changes) > 1 else math.nan
    shares = {
        f"share_{part}": float(np.cov(changes[part], changes["change"], ddof=1)[0, 1]) / var
        if var > 0
        else math.nan
        for part in ("volume", "margin", "fixed")
    }
    return {
        "mean": mean,
        "sd": sd,
        "cv": cv,
        "downside": float(np.sqrt((below**2).mean())),
        "sd_of_revenue": sd / float(revenue.mean()) if revenue.mean() > 0 else math.nan,
        "cv_revenue": cv_revenue,
        "ratio": cv / cv_revenue if cv_revenue > 0 else math.nan,
        **shares,
        "n": len(own),
    }


def enterprise_value(*, cash_flow: float, discount_rate: float, growth: float = 0.0) -> dict[str, float]:
    """Return EV = cash flow / (k - g) and its change per point of k: a what-if, never an estimate of k.

    Raises
    ------
    DataError
        T34 when the discount rate is not above growth.

    Examples
    --------
    >>> enterprise_value(cash_flow=9.0, discount_rate=0.11, growth=0.02)["value"]
    100.0

    """
    if not discount_rate > growth:
        message = f"the discount rate {discount_rate:g} must be above growth {growth:g}"
        raise refusal([fault("T34", message)])
    value = cash_flow / (discount_rate - growth)
    return {"value": value, "per_point": cash_flow / (discount_rate + 0.01 - growth) - value}
