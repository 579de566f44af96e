"""Of E07: how much longer than its processing an order is promised to take."""

import math

from sopsem.executive.notices import Notice, few, warning
from sopsem.executive.plant import effective_hours
from sopsem.executive.schema.periods import days_per_period, frequency_of
from sopsem.executive.schema.tables import Tables

__all__ = ["promised_flow_factor"]

FEWEST = 6


def promised_flow_factor(tables: Tables, resource: str) -> tuple[float, list[Notice]]:
    """Return the median of promised lead time / raw process time over order lines; NaN where orders do not say it.

    Lead time: days from order to promise x hours a server of the resource is scheduled for a day.  Raw process time:
    quantity x hours per unit, over every resource of the product's routing, one server each.

    Examples
    --------
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> found, notices = promised_flow_factor(simulate_manufacturer(0.5, seed=1).tables(), "MACH")
    >>> round(found, 2), notices
    (4.66, [])

    """
    if "orders" not in tables:
        return math.nan, []
    orders = tables["orders"].frame
    kept = orders[(orders["status"] != "cancelled") & (orders["quantity"] > 0)]
    raw = kept["product_id"].map(effective_hours(tables).sum()) * kept["quantity"]
    days = (kept["promised_date"] - kept["order_date"]).dt.days
    factor = (days * _hours_a_day(tables, resource) / raw.where(raw > 0)).dropna()
    if len(factor) < FEWEST:
        return math.nan, [
            few("promised lead times, policy's flow factor used", len(factor), FEWEST, table="orders")
        ]
    found = float(factor.median())
    if found > 1:
        return found, []
    message = f"half of the orders are promised within {found:.2g} times their process time: policy's flow factor used"
    return math.nan, [warning("T36", message, table="orders", column="promised_date")]


def _hours_a_day(tables: Tables, resource: str) -> float:
    """Return the hours a server is scheduled for on a day of the calendar."""
    known = tables["resources"].frame.set_index("resource_id")
    frequency = frequency_of(str(tables["capacity"].frame["period"].iloc[0]))
    days = days_per_period(frequency, tables.policy["general"]["days_per_year"])
    return float(known.loc[resource, "scheduled_hours"]) / days
