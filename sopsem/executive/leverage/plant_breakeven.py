"""E15 from tables: the breakeven point of the last year, and of the years it could have been."""

import math
from dataclasses import replace

import pandas as pd

from sopsem.executive.leverage.recalibration import RecalibrationResult, recalibrate_breakeven
from sopsem.executive.notices import few
from sopsem.executive.plant import available_hours, effective_hours, origin, require_one_unit
from sopsem.executive.schema.periods import frequency_of, period_of_dates, periods_per_year, range_of
from sopsem.executive.schema.tables import Tables

__all__ = ["plant_breakeven"]

STEP = 0.05  # of price and of variable cost
FIXED_STEP = 0.10


def plant_breakeven(tables: Tables, constraint: str | None = None) -> RecalibrationResult:
    """Return the breakeven point of the last twelve months of accounts, and what would move it.

    Price is what was invoiced and agreed per unit, quantity what was ordered, fixed cost that of the accounts, all of
    the last year (list price and demand where there are no orders).  The worlds beside it: prices 5 % lower, variable
    cost 5 % higher, fixed cost 10 % higher, and the mix of the year before where there is one.

    Parameters
    ----------
    tables : Tables
        products and financials of one unit, orders or demand; routings and capacity for hours of the constraint.
    constraint : str, optional
        The resource whose hours are counted.

    Returns
    -------
    RecalibrationResult
        T13 with less than a year of accounts.

    Raises
    ------
    DataError
        T33 for several units; T06 when nothing was sold; MissingTable without products, financials, or orders and
        demand.

    Examples
    --------
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> found = plant_breakeven(simulate_manufacturer(0.5, 24, seed=1).tables(), "MACH")
    >>> found.table["scenario"].tolist()[:3], bool(found.table["units"].iloc[1] > found.table["units"].iloc[0])
    (['as it is', 'prices 5% lower', 'variable cost 5% higher'], True)

    """
    require_one_unit(tables)
    money = tables["financials"].frame
    periods = range_of(money["period"])
    length = periods_per_year(frequency_of(periods[0]))
    year, before = periods[-length:], periods[-2 * length : -length]
    now, then = _sold(tables, year), _sold(tables, before)
    base = _base(tables, now, year, constraint)
    fixed = float(str(base["fixed_cost"]))
    worlds: dict[str, dict[str, object]] = {
        f"prices {STEP:.0%} lower": {"price": -STEP},
        f"variable cost {STEP:.0%} higher": {"variable_cost": STEP},
        f"fixed cost {FIXED_STEP:.0%} higher": {"fixed_cost": FIXED_STEP * fixed},
    }
    if len(before) == length and then["quantity"].sum() > 0:
        worlds["the mix of the year before"] = {"mix": then["quantity"].to_dict()}
    found = recalibrate_breakeven(base, worlds)
    return _of_year(found, tables, year, length)


def _of_year(found: RecalibrationResult, tables: Tables, year: list[str], length: int) -> RecalibrationResult:
    """Return the result with the tables it is from, and the year it is of."""
    short = [few("a year of accounts", len(year), length, table="financials")] if len(year) < length else []
    return replace(
        found,
        table=found.table.replace({"scenario": {"base": "as it is"}}),
        summary={**found.summary, "first": year[0], "last": year[-1], "n_periods": len(year)},
        notices=[*short, *found.notices],
        provenance=origin("E15", found.provenance.source, tables),
    )


def _sold(tables: Tables, periods: list[str]) -> pd.DataFrame:
    """Return price and quantity of every product that was ordered in some periods."""
    products = tables["products"].frame.set_index("product_id")
    if "orders" not in tables:
        asked = tables["demand"].frame
        own = asked[asked["period"].isin(periods)]
        quantity = own.groupby("product_id")["quantity"].sum()
        return pd.DataFrame({"price": products["price"], "quantity": quantity}).fillna({"quantity": 0.0})
    orders = tables["orders"].frame
    orders = orders[orders["status"] != "cancelled"]
    frequency = frequency_of(str(tables["financials"].frame["period"].iloc[0]))
    own = orders[period_of_dates(orders["order_date"], frequency).isin(periods)]
    quantity = own.groupby("product_id")["quantity"].sum()
    value = (own["quantity"] * own["price"]).groupby(own["product_id"]).sum()
    price = (value / quantity.where(quantity > 0)).reindex(products.index).fillna(products["price"])
    return pd.DataFrame({"price": price, "quantity": quantity.reindex(products.index).fillna(0.0)})


def _base(tables: Tables, sold: pd.DataFrame, year: list[str], constraint: str | None) -> dict[str, object]:
    products = tables["products"].frame.set_index("product_id")
    money = tables["financials"].frame
    fixed = float(money.loc[money["period"].isin(year), "fixed_cost"].sum())
    variable = products["material_cost"] + products["other_variable_cost"]
    base: dict[str, object] = {
        "price": sold["price"].to_dict(),
        "variable_cost": variable.to_dict(),
        "quantity": sold["quantity"].to_dict(),
        "fixed_cost": fixed,
    }
    if constraint is None or "routings" not in tables or "capacity" not in tables:
        return base
    hours, available = effective_hours(tables), available_hours(tables)
    if constraint not in hours.index or constraint not in available.columns:
        return base
    per_unit = hours.loc[constraint].reindex(products.index).fillna(0.0)
    own = float(available.loc[available.index.isin(year), constraint].sum())
    return {**base, "hours": per_unit.to_dict(), "available_hours": own if own > 0 else math.nan}
