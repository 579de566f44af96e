"""E19: days of cash tied up in stock and receivables, what a day is worth, and who pays late."""

import math
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from sopsem.executive.notices import Notice, warning
from sopsem.executive.plant import origin
from sopsem.executive.result import Result
from sopsem.executive.schema.periods import days_per_period, single_frequency
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, Tables, check_tables

__all__ = ["CashResult", "cash_cycle", "cash_days"]


@dataclass(frozen=True, kw_only=True)
class CashResult(Result):
    """Days of cash by unit and period.

    ``table``: unit, period, dio, dso, dpo, ccc, operating_cycle, turns, net_trade_cycle, and what one day less
    of each releases.  ``collection``: by sales unit, collection, terms and late days weighted by value, and how
    much longer its terms are than the usual ones.
    """

    collection: pd.DataFrame


def cash_days(
    *, inventory: float, receivables: float, payables: float, revenue: float, cogs: float, days: float = 365
) -> dict[str, float]:
    """Return the days of a set of balances and flows; a ratio with a zero total is NaN.

    DIO = inventory / COGS x days; DSO = receivables / revenue x days; DPO = payables / COGS x days;
    CCC = DIO + DSO - DPO; net trade cycle (Shin & Soenen 1998) = (inventory + receivables - payables) / revenue
    x days.

    >>> found = cash_days(inventory=2.5, receivables=1.8, payables=0.875, revenue=11.5, cogs=8.2)
    >>> {name: round(value, 1) for name, value in found.items() if name != "turns"}
    {'dio': 111.3, 'dso': 57.1, 'dpo': 38.9, 'operating_cycle': 168.4, 'ccc': 129.5, 'net_trade_cycle': 108.7}
    """
    dio = _days(inventory, cogs, days)
    dso = _days(receivables, revenue, days)
    dpo = _days(payables, cogs, days)
    return {
        "dio": dio,
        "dso": dso,
        "dpo": dpo,
        "operating_cycle": dio + dso,
        "ccc": dio + dso - dpo,
        "turns": cogs / inventory if inventory else math.nan,
        "net_trade_cycle": _days(inventory + receivables - payables, revenue, days),
    }


def _days(balance: float, flow: float, days: float) -> float:
    return balance / flow * days if flow else math.nan


def cash_cycle(
    financials: Given,
    orders: Given | None = None,
    *,
    average: Literal["two_point", "closing", "opening"] = "two_point",
    denominators: Literal["cogs", "sales"] = "cogs",
    trailing: int = 3,
    policy: Policy = DEFAULT_POLICY,
) -> CashResult:
    """Return the cash conversion cycle of every period.

    Parameters
    ----------
    financials : DataFrame or Table
    orders : DataFrame or Table, optional
        Terms, invoices and payments: who pays how late.
    average : {"two_point", "closing", "opening"}
        Balances: mean of opening and closing, or one of them; the first period has no opening balance.
    denominators : {"cogs", "sales"}
        What inventory and payables are divided by.
    trailing : int
        Flows are the mean of so many periods, annualised; fewer at the start.
    policy : Policy
        ``days_per_year``.

    Returns
    -------
    CashResult
        Notices T36 (no COGS: variable cost is used), T11 (a zero total).  A negative cycle is legitimate.

    Examples
    --------
    >>> money = pd.DataFrame({"period": ["2024-Q4", "2025-Q1"], "revenue": 11.5 / 4, "cogs": 8.2 / 4,
    ...     "variable_cost": 0, "fixed_cost": 0, "inventory": [2.0, 3.0], "receivables": [1.6, 2.0],
    ...     "payables": [0.75, 1.0]})
    >>> cash_cycle(money).table["ccc"].round(1).tolist()
    [nan, 129.5]

    """
    tables = check_tables({"financials": financials, "orders": orders}, policy)
    money = tables["financials"].frame
    notices: list[Notice] = list(tables.notices)
    year = policy["general"]["days_per_year"]
    period_days = days_per_period(single_frequency(list(money["period"].unique()), "financials"), year)
    base = _cost_base(money, denominators, notices)
    units = []
    for _, own in money.groupby("unit"):
        flow = base.loc[own.index].rolling(trailing, min_periods=1).mean() / period_days
        sales = own["revenue"].rolling(trailing, min_periods=1).mean() / period_days
        units.append(_unit_table(own, flow, sales, average, year))
    table = pd.concat(units, ignore_index=True)
    if table["ccc"].isna().sum() > len(units) * (average != "closing"):
        notices.append(warning("T11", "some period has no sales or no cost of sales: its days are not given"))
    collection = _collection(tables) if "orders" in tables else pd.DataFrame()
    last = table.groupby("unit").tail(1)
    summary = {
        "ccc": float(last["ccc"].mean()),
        "dio": float(last["dio"].mean()),
        "dso": float(last["dso"].mean()),
        "dpo": float(last["dpo"].mean()),
        "average": average,
        "n_periods": len(table),
    }
    if "orders" in tables:
        summary["best_possible_dso"] = _best_possible(tables, float(last["release_dso"].sum()))
    return CashResult(
        table=table,
        collection=collection,
        summary=summary,
        notices=notices,
        excluded=tables.excluded,
        provenance=origin("E19", "Ross, Westerfield & Jordan; Shin & Soenen 1998", tables),
    )


def _cost_base(money: pd.DataFrame, denominators: str, notices: list[Notice]) -> "pd.Series[float]":
    if denominators == "sales":
        return money["revenue"]
    lacking = int(money["cogs"].isna().sum())
    if lacking:
        message = f"no COGS in {lacking} of {len(money)} periods: variable cost is used"
        notices.append(warning("T36", message, table="financials", column="cogs"))
    return money["cogs"].fillna(money["variable_cost"])


def _unit_table(
    own: pd.DataFrame,
    cost_per_day: "pd.Series[float]",
    sales_per_day: "pd.Series[float]",
    average: str,
    year: float,
) -> pd.DataFrame:
    names = ["inventory", "receivables", "payables"]
    closing, opening = own[names], own[names].shift()
    held = {"closing": closing, "opening": opening, "two_point": (closing + opening) / 2}[average]
    cost, sales = cost_per_day.where(cost_per_day > 0), sales_per_day.where(sales_per_day > 0)
    dio, dso, dpo = held["inventory"] / cost, held["receivables"] / sales, held["payables"] / cost
    return pd.DataFrame(
        {
            "unit": own["unit"],
            "period": own["period"],
            "dio": dio,
            "dso": dso,
            "dpo": dpo,
            "operating_cycle": dio + dso,
            "ccc": dio + dso - dpo,
            "turns": cost * year / held["inventory"].where(held["inventory"] > 0),
            "net_trade_cycle": (held["inventory"] + held["receivables"] - held["payables"]) / sales,
            "release_dio": cost_per_day,
            "release_dso": sales_per_day,
            "release_dpo": cost_per_day,
        }
    )


def _collection(tables: Tables) -> pd.DataFrame:
    """Return by sales unit the days until payment, the terms, and what is late, weighted by value."""
    orders = tables["orders"].frame
    paid = orders[
        orders["paid_date"].notna() & orders["invoice_date"].notna() & orders["payment_terms_days"].notna()
    ]
    value = paid["price"] * paid["quantity"]
    weighted = pd.DataFrame(
        {
            "sales_unit": paid["sales_unit"],
            "value": value,
            "collection": value * (paid["paid_date"] - paid["invoice_date"]).dt.days,
            "terms": value * paid["payment_terms_days"],
        }
    )
    sums = weighted.groupby("sales_unit")[["value", "collection", "terms"]].sum()
    days = sums[["collection", "terms"]].div(sums["value"], axis=0)
    usual = float(paid["payment_terms_days"].median()) if len(paid) else math.nan
    return pd.DataFrame(
        {
            "collection_days": days["collection"],
            "terms_days": days["terms"],
            "late_days": days["collection"] - days["terms"],
            "terms_extension": days["terms"] - usual,
            "value": sums["value"],
            "n": paid.groupby("sales_unit").size(),
        }
    ).reset_index()


def _best_possible(tables: Tables, sales_per_day: float) -> float:
    """Return the DSO if nothing were overdue: invoices not yet due, on the newest date of the orders."""
    orders = tables["orders"].frame
    today = orders[["invoice_date", "paid_date", "delivered_date"]].max().max()
    due = orders["invoice_date"] + pd.to_timedelta(orders["payment_terms_days"], unit="D")
    unpaid = orders["invoice_date"].notna() & orders["paid_date"].isna() & (due >= today)
    current = float((orders["price"] * orders["quantity"])[unpaid].sum())
    return current / sales_per_day if sales_per_day else math.nan
