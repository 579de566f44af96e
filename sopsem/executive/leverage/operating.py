"""E16: how much profit moves when sales do, period by period and by regression."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from sopsem.executive.notices import Notice, few, warning
from sopsem.executive.plant import origin
from sopsem.executive.result import Result
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, check_tables

__all__ = ["LeverageResult", "earnings", "operating_leverage"]

NEAR, FEWEST = 0.02, 12


@dataclass(frozen=True, kw_only=True)
class LeverageResult(Result):
    """Leverage by unit and period.

    ``table``: unit, period, revenue, contribution, ebit, dol, dfl, dtl, per_percent (money per +1 % of sales),
    fixed_share, and the back-test predicted_change and actual_change of ebit.  ``regression``: unit, slope, se, n.
    """

    regression: pd.DataFrame


def earnings(money: pd.DataFrame) -> pd.DataFrame:
    """Return contribution, cash cost that is fixed or a premium, EBITDA and EBIT of every row of financials.

    EBITDA = revenue - variable cost - fixed cost - overtime, expedite, subcontract and penalty premiums;
    EBIT = EBITDA - depreciation.
    """
    premiums = money[["overtime_premium", "expedite_cost", "subcontract_cost", "penalty_cost"]].sum(axis=1)
    contribution = money["revenue"] - money["variable_cost"]
    fixed = money["fixed_cost"] + premiums
    ebitda = contribution - fixed
    return pd.DataFrame(
        {
            "contribution": contribution,
            "fixed": fixed,
            "ebitda": ebitda,
            "ebit": ebitda - money["depreciation"],
        }
    )


def operating_leverage(financials: Given, *, policy: Policy = DEFAULT_POLICY) -> LeverageResult:
    """Return the degrees of operating, financial and total leverage.

    DOL = contribution / EBIT; DFL = EBIT / (EBIT - interest); DTL = DOL x DFL.  Regression (Mandelker & Rhee
    1984): slope of ln EBIT on ln revenue with a trend, HC3 errors, where every EBIT is positive and n >= 12.

    Parameters
    ----------
    financials : DataFrame or Table
        Of one or several units.
    policy : Policy

    Returns
    -------
    LeverageResult
        Where EBIT is not positive DOL is NaN (T16); money per +1 % of sales is always given.

    Examples
    --------
    >>> money = pd.DataFrame({"period": ["2025-01"], "revenue": 100_000, "variable_cost": 60_000, "fixed_cost": 30_000,
    ...                       "inventory": 0, "receivables": 0, "payables": 0})
    >>> operating_leverage(money).table[["dol", "per_percent"]].values.tolist()
    [[4.0, 400.0]]

    """
    tables = check_tables({"financials": financials}, policy)
    money = tables["financials"].frame
    e = earnings(money)
    positive = e["ebit"] > 0
    after_interest = e["ebit"] - money["interest"]
    dol = (e["contribution"] / e["ebit"]).where(positive)
    dfl = (e["ebit"] / after_interest).where(positive & (after_interest > 0))
    change = money.groupby("unit")["revenue"].pct_change()
    before = e["ebit"].groupby(money["unit"]).shift()
    table = pd.DataFrame(
        {
            "unit": money["unit"],
            "period": money["period"],
            "revenue": money["revenue"],
            "contribution": e["contribution"],
            "ebit": e["ebit"],
            "dol": dol,
            "dfl": dfl,
            "dtl": dol * dfl,
            "per_percent": 0.01 * e["contribution"],
            "fixed_share": (e["fixed"] + money["depreciation"])
            / (e["fixed"] + money["depreciation"] + money["variable_cost"]),
            "predicted_change": dol.groupby(money["unit"]).shift() * change,
            "actual_change": ((e["ebit"] - before) / before).where(before > 0),
        }
    )
    regression, notices = _regressions(table)
    notices = [*_near_breakeven(table), *notices]
    totals = e.sum()
    whole = float(totals["contribution"] / totals["ebit"]) if totals["ebit"] > 0 else math.nan
    summary = {
        "dol": whole,
        "median_dol": float(dol.median()),
        "fixed_share": float(table["fixed_share"].mean()),
        "n_periods": len(table),
        "n_without_dol": int(dol.isna().sum()),
    }
    return LeverageResult(
        table=table,
        regression=regression,
        summary=summary,
        notices=[*tables.notices, *notices],
        excluded=tables.excluded,
        provenance=origin("E16", "Garrison; Mandelker & Rhee 1984", tables),
    )


def _near_breakeven(table: pd.DataFrame) -> list[Notice]:
    notices = []
    lost = int((table["ebit"] <= 0).sum())
    if lost:
        message = (
            f"no profit in {lost} of {len(table)} periods: leverage has no meaning there, see per_percent"
        )
        notices.append(warning("T16", message, table="financials"))
    near = int(((table["ebit"] > 0) & (table["ebit"] < NEAR * table["revenue"])).sum())
    if near:
        message = (
            f"profit is below {NEAR:.0%} of revenue in {near} periods: leverage is huge and unstable there"
        )
        notices.append(warning("T16", message, table="financials"))
    return notices


def _regressions(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Notice]]:
    rows, notices = [], []
    for unit, own in table.groupby("unit"):
        slope = se = math.nan
        if (own["ebit"] <= 0).any() or (own["revenue"] <= 0).any():
            notices.append(warning("T16", f"{unit}: no regression, some profit is not positive"))
        elif len(own) < FEWEST:
            notices.append(
                few(f"{unit}: regression of profit on sales", len(own), FEWEST, table="financials")
            )
        else:
            design = np.column_stack([np.ones(len(own)), np.log(own["revenue"]), np.arange(len(own))])
            fitted = OLS(np.log(own["ebit"].to_numpy(float)), design).fit(cov_type="HC3")
            slope, se = float(fitted.params[1]), float(fitted.bse[1])
        rows.append({"unit": unit, "slope": slope, "se": se, "n": len(own)})
    return pd.DataFrame(rows), notices
