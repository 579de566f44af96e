"""Orders as prices: in which period they are delivered, what they cost beyond the unit, what they displaced."""

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, warning
from sopsem.executive.result import EXCLUDED_COLUMNS
from sopsem.executive.scenario import Plan
from sopsem.executive.scenario.model import PlanModel
from sopsem.executive.schema.periods import frequency_of, period_of_dates
from sopsem.executive.schema.policy import Policy
from sopsem.executive.schema.tables import Tables

__all__ = ["judged_orders", "order_costs", "placed_orders"]

COLUMNS = (
    "order",
    "product",
    "period",
    "sales_unit",
    "quantity",
    "price",
    "hard_floor",
    "capacity_floor",
    "displacement_loss",
    "discount",
    "utilisation",
)


def placed_orders(tables: Tables, model: PlanModel) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the orders of the plan's products and periods, with the period of delivery; and those left out."""
    frame = tables.frame("orders")
    frame["period"] = period_of_dates(frame["promised_date"], frequency_of(model.periods[0]))
    reasons = np.select(
        [
            frame["status"] == "cancelled",
            frame["quantity"] <= 0,
            ~frame["product_id"].isin(model.products),
            ~frame["period"].isin(model.periods),
        ],
        ["cancelled", "no quantity", "product is not in the plan", "promised outside the plan's periods"],
        "",
    )
    out = reasons != ""
    # rows as in the checked table, from 1 with the header as row 1
    left = zip(np.flatnonzero(out) + 2, reasons[out], strict=True)
    rows = [("orders", int(row), "T36", str(reason)) for row, reason in left]
    return frame[~out].reset_index(drop=True), pd.DataFrame(rows, columns=list(EXCLUDED_COLUMNS))


def order_costs(
    placed: pd.DataFrame, products: tuple[str, ...], policy: Policy, notices: list[Notice]
) -> pd.DataFrame:
    """Return by product ``extra`` (expedite cost per unit) and ``share`` of price lost to credit.

    Share: PD x LGD + cost of capital x average days of payment terms / days of the year; 0 without terms.
    """
    costs = pd.DataFrame({"extra": 0.0, "share": 0.0}, index=list(products))
    if placed.empty:
        return costs
    money, year = policy["price"], policy["general"]["days_per_year"]
    sums = placed.groupby("product_id")[["expedite_cost", "quantity"]].sum()
    costs["extra"] = (sums["expedite_cost"] / sums["quantity"]).reindex(costs.index).fillna(0.0)
    timed = placed[placed["payment_terms_days"].notna()]
    value = timed["price"] * timed["quantity"]
    days = (value * timed["payment_terms_days"]).groupby(timed["product_id"]).sum()
    days = (days / value.groupby(timed["product_id"]).sum()).reindex(costs.index)
    share = money["pd"] * money["lgd"] + money["cost_of_capital"] * days / year
    costs["share"] = share.fillna(0.0)
    if days.isna().any():
        message = "no payment terms for some products: their floors are without the cost of credit"
        notices.append(warning("T36", message, table="orders", column="payment_terms_days"))
    return costs


def judged_orders(placed: pd.DataFrame, plan: Plan, costs: pd.DataFrame) -> pd.DataFrame:
    """Return every order against the floors of its period of delivery.

    ``displacement_loss``: (capacity floor - price) x quantity where it is positive.  ``discount``: (list price -
    price) x quantity.  ``utilisation``: of the fullest resource that the product needs.
    """
    if placed.empty:
        return pd.DataFrame({name: pd.Series(dtype=float) for name in COLUMNS})
    model = plan.model
    t = placed["period"].map({p: i for i, p in enumerate(model.periods)}).to_numpy(int)
    p = placed["product_id"].map({name: i for i, name in enumerate(model.products)}).to_numpy(int)
    keep = 1 - costs["share"].to_numpy()[p]
    paid = model.variable[t, p] + costs["extra"].to_numpy()[p]
    worth = (plan.hour_prices().to_numpy(float) @ model.hours)[t, p]
    price, quantity = placed["price"].to_numpy(float), placed["quantity"].to_numpy(float)
    floor = (paid + worth) / keep
    listed = placed["list_price"].fillna(placed["price"]).to_numpy(float)
    used = plan.resources["utilisation"].to_numpy(float).reshape(len(model.periods), -1)
    fullest = np.nanmax(np.where(model.hours.T[p] > 0, used[t], 0.0), axis=1, initial=0.0)
    values = (
        placed["order_id"],
        placed["product_id"],
        placed["period"],
        placed["sales_unit"],
        quantity,
        price,
        paid / keep,
        floor,
        np.clip(floor - price, 0, None) * quantity,
        (listed - price) * quantity,
        fullest,
    )
    return pd.DataFrame(dict(zip(COLUMNS, values, strict=True)))
