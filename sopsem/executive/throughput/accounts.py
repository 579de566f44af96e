"""E03: throughput, money tied up and operating expense, period by period; late money and held money."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.notices import few, warning
from sopsem.executive.plant import available_hours, gather, origin, unit_prices
from sopsem.executive.result import Result
from sopsem.executive.schema.periods import (
    days_per_period,
    label_of,
    ordinal_of,
    period_of_dates,
    single_frequency,
    start_of,
)
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, Tables

__all__ = ["ThroughputAccounts", "throughput_accounting", "throughput_money_days"]


@dataclass(frozen=True, kw_only=True)
class ThroughputAccounts(Result):
    """Throughput accounts by period.

    ``table``: period, throughput, inventory, expense, net_profit, roi, productivity, turns, and per hour of the
    constraint throughput_per_hour, expense_per_hour, tpar; tdd and idd are money-days.
    """


def throughput_accounting(
    products: Given,
    financials: Given,
    *,
    demand: Given | None = None,
    orders: Given | None = None,
    capacity: Given | None = None,
    resources: Given | None = None,
    constraint: str | None = None,
    policy: Policy = DEFAULT_POLICY,
) -> ThroughputAccounts:
    """Return throughput accounts by period.

    T = sum (price - v) sold; I = inventory + asset value; OE = fixed cost + overtime premium; NP = T - OE;
    ROI = NP / I; productivity = T / OE; turns = T / I; TPAR = (T / H) / (OE / H) of the constraint's hours H.
    TDD = sum over late orders of (price - v) x open units x days late, at the end of the period;
    IDD = inventory x days of the period.

    Parameters
    ----------
    products, financials : DataFrame or Table
    demand, orders : DataFrame or Table, optional
        What was sold: delivered orders by delivery date, or demand; one of them is needed.
    capacity, resources : DataFrame or Table, optional
        Hours of the constraint; asset values.
    constraint : str, optional
        From ``product_mix(...).constraint``.
    policy : Policy

    Raises
    ------
    MissingTable
        Neither orders nor demand.

    Examples
    --------
    >>> products = pd.DataFrame({"product_id": ["P", "Q"], "price": [90, 100], "material_cost": [45, 40]})
    >>> sold = pd.DataFrame({"period": "2025-W01", "product_id": ["P", "Q"], "sales_unit": "home",
    ...                      "quantity": [100, 30]})
    >>> money = pd.DataFrame({"period": ["2025-W01"], "revenue": 12000, "variable_cost": 5700, "fixed_cost": 6000,
    ...                       "inventory": 3000, "receivables": 0, "payables": 0})
    >>> throughput_accounting(products, money, demand=sold).table[["throughput", "net_profit", "roi"]].values.tolist()
    [[6300.0, 300.0, 0.1]]

    """
    tables = gather(
        policy,
        products=products,
        financials=financials,
        demand=demand,
        orders=orders,
        capacity=capacity,
        resources=resources,
    )
    money = tables["financials"].frame.set_index("period")
    frequency = single_frequency(list(money.index), "financials")
    earned = _throughput(tables, frequency).reindex(money.index).fillna(0.0)
    assets = float(tables["resources"].frame["asset_value"].sum()) if "resources" in tables else 0.0
    tied = money["inventory"] + assets
    expense = money["fixed_cost"] + money["overtime_premium"]
    profit = earned - expense
    hours = _hours(tables, constraint).reindex(money.index)
    late = throughput_money_days(tables, list(money.index))
    table = pd.DataFrame(
        {
            "throughput": earned,
            "inventory": tied,
            "expense": expense,
            "net_profit": profit,
            "roi": profit / tied.where(tied > 0),
            "productivity": earned / expense.where(expense > 0),
            "turns": earned / tied.where(tied > 0),
            "constraint_hours": hours,
            "throughput_per_hour": earned / hours,
            "expense_per_hour": expense / hours,
            "tpar": earned / expense.where(expense > 0) * hours / hours,
            "tdd": late,
            "idd": money["inventory"] * days_per_period(frequency, policy["general"]["days_per_year"]),
        }
    ).reset_index()
    notices = list(tables.notices)
    if (tied <= 0).any():
        notices.append(
            warning("T11", "no money tied up in some period: ROI is not given", table="financials")
        )
    if (earned < 0).any():
        notices.append(warning("T26", "throughput below zero in some period", table="products"))
    totals = table[["throughput", "expense", "net_profit"]].sum().to_dict()
    summary = {
        **totals,
        "constraint": constraint or "",
        "labour_is_variable": bool(policy["general"]["labour_is_variable"]),
        "sold_from": "orders" if "orders" in tables else "demand",
        "n_periods": len(table),
    }
    if len(table) < 2:
        notices.append(few("trend", len(table), 2, table="financials"))
    return ThroughputAccounts(
        table=table,
        summary=summary,
        notices=notices,
        excluded=tables.excluded,
        provenance=origin("E03", "Goldratt 1990; Corbett 1998; CIMA (TPAR)", tables),
    )


def _throughput(tables: Tables, frequency: str) -> "pd.Series[float]":
    frame = tables["products"].frame.set_index("product_id")
    variable = frame["material_cost"] + frame["other_variable_cost"]
    if "orders" in tables:
        orders = tables["orders"].frame
        sold = orders[(orders["status"] != "cancelled") & orders["delivered_date"].notna()]
        units = sold["delivered_quantity"].fillna(sold["quantity"])
        value = (sold["price"] - sold["product_id"].map(variable)) * units
        return value.groupby(period_of_dates(sold["delivered_date"], frequency)).sum()
    asked = tables["demand"].frame
    value = asked["product_id"].map(unit_prices(tables) - variable) * asked["quantity"]
    return value.groupby(asked["period"]).sum()


def _hours(tables: Tables, constraint: str | None) -> "pd.Series[float]":
    if constraint is None or "capacity" not in tables:
        return pd.Series(dtype=float)
    return available_hours(tables).get(constraint, pd.Series(dtype=float))


def throughput_money_days(tables: Tables, periods: list[str]) -> np.ndarray:
    """Return throughput-money-days late at the end of every period; NaN without orders.

    An order that was promised before the end and not delivered by then counts with its open units.
    """
    if "orders" not in tables:
        return np.full(len(periods), np.nan)
    orders = tables["orders"].frame
    orders = orders[orders["status"] != "cancelled"]
    frame = tables["products"].frame.set_index("product_id")
    variable = orders["product_id"].map(frame["material_cost"] + frame["other_variable_cost"])
    # of an order that is still open the part delivered so far is known only by its total
    partly = orders["delivered_quantity"].fillna(0.0).where(orders["delivered_date"].isna(), 0.0)
    worth = ((orders["price"] - variable) * (orders["quantity"] - partly)).to_numpy(float)
    ordered, promised = _days(orders["order_date"]), _days(orders["promised_date"])
    delivered = _days(orders["delivered_date"].fillna(pd.Timestamp.max.floor("s")))
    ends = _days(pd.Series([_end_of(p) for p in periods]))
    found = []
    for end in ends:
        late = (promised < end) & (delivered > end) & (ordered <= end)
        found.append(float((worth[late] * (end - promised[late])).sum()))
    return np.array(found)


def _days(dates: pd.Series) -> np.ndarray:
    return np.asarray(dates.to_numpy("datetime64[D]").astype(np.int64))


def _end_of(period: str) -> pd.Timestamp:
    frequency = single_frequency([period], "financials")
    return pd.Timestamp(start_of(label_of(ordinal_of(period) + 1, frequency))) - pd.Timedelta(days=1)
