"""E04: how much of what is booked the constraint can make, and how the rest piles up."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, few, refusal, warning
from sopsem.executive.plant import Plant, gather, market, origin, plants_of
from sopsem.executive.result import Result
from sopsem.executive.schema.checking import Table
from sopsem.executive.schema.periods import period_of_dates, range_of, single_frequency
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, Tables
from sopsem.executive.throughput.mix import program_of, solved

__all__ = ["BookingResult", "booking_reality"]

ILLUSORY = 0.05
SLOPE_FLOOR = 3


@dataclass(frozen=True, kw_only=True)
class BookingResult(Result):
    """Bookings beside what can be made.

    ``table``: period, booked, feasible, shipped (revenue), illusory (share), load, hours, backlog_hours,
    cover (periods of the constraint), clearing (periods at the present surplus), lead_time (periods).
    """


def booking_reality(
    bookings: Given,
    products: Given,
    routings: Given,
    capacity: Given,
    *,
    resources: Given | None = None,
    policy: Policy = DEFAULT_POLICY,
) -> BookingResult:
    """Return how much of every period's bookings the plant can make.

    Feasible revenue is that of the best mix with what was booked and what is still open as its market; the
    illusory share is 1 - feasible / booked.  The backlog of the constraint c in hours is
    K_t = max(0, K_{t-1} + sum a_cp booked_pt - H_ct), its cover K_t / H_ct, and the lead time that is true by
    Little's law K_t / (hours worked off per period).

    Parameters
    ----------
    bookings : DataFrame or Table
        orders (by order date; cancelled ones are left out and counted) or demand.
    products, routings, capacity, resources : DataFrame or Table
    policy : Policy

    Raises
    ------
    DataError
        T25 when demand is measured by shipments: they cannot show what was refused; T13 when every order is cancelled,
        T10 when no resource has hours.

    Examples
    --------
    >>> products = pd.DataFrame({"product_id": ["P", "Q"], "price": [90, 100], "material_cost": [45, 40]})
    >>> routings = pd.DataFrame({"product_id": ["P", "Q"], "resource_id": "B", "hours_per_unit": [15, 30]})
    >>> capacity = pd.DataFrame({"period": ["2025-W01"], "resource_id": "B", "scheduled_hours": 2400})
    >>> booked = pd.DataFrame({"period": "2025-W01", "product_id": ["P", "Q"], "sales_unit": "home",
    ...                        "quantity": [100, 50]})
    >>> found = booking_reality(booked, products, routings, capacity)
    >>> found.table[["booked", "feasible", "backlog_hours"]].values.tolist()
    [[14000.0, 12000.0, 600.0]]

    """
    name = _kind(bookings)
    tables = gather(
        policy,
        products=products,
        routings=routings,
        capacity=capacity,
        resources=resources,
        **{name: bookings},
    )
    notices = list(tables.notices)
    booked = _booked(tables, notices) if name == "orders" else _asked(tables)
    plants = plants_of(tables, booked)
    notices += [n for plant in plants.values() for n in plant.notices]
    table = _table(booked, plants)
    constraint = str(table.attrs.pop("constraint"))
    if name == "orders":
        frequency = single_frequency(list(booked.index), "orders")
        table["shipped"] = _shipped(tables, frequency).reindex(booked.index).fillna(0.0).to_numpy()
    growth = _slope(table["backlog_hours"].to_numpy(float))
    if len(table) < SLOPE_FLOOR:
        notices.append(few("growth of the backlog", len(table), SLOPE_FLOOR))
    summary = {
        "constraint": constraint,
        "periods_illusory": int((table["illusory"] > ILLUSORY).sum()),
        "illusory": 1 - float(table["feasible"].sum() / table["booked"].sum())
        if table["booked"].sum()
        else np.nan,
        "backlog_growth": growth,
        "n_periods": len(table),
    }
    return BookingResult(
        table=table,
        summary=summary,
        notices=notices,
        excluded=tables.excluded,
        provenance=origin("E04", "Little 1961; Goldratt 1990", tables),
    )


def _kind(bookings: Given) -> str:
    if isinstance(bookings, Table):
        return bookings.name
    return "orders" if "order_id" in bookings else "demand"


def _asked(tables: Tables) -> pd.DataFrame:
    if (tables["demand"].frame["measure"] == "shipments").any():
        message = (
            "demand is measured by shipments: they cannot show what was refused; give orders or requests"
        )
        raise refusal([fault("T25", message, table="demand", column="measure")])
    return market(tables)


def _booked(tables: Tables, notices: list[Notice]) -> pd.DataFrame:
    orders = tables["orders"].frame
    cancelled = orders["status"] == "cancelled"
    if cancelled.any():
        notices.append(
            warning("T36", f"{int(cancelled.sum())} cancelled order lines are not counted", table="orders")
        )
    periods = tables["capacity"].frame["period"]
    frequency = single_frequency(list(periods.unique()), "capacity")
    kept = orders[~cancelled]
    if kept.empty:
        message = "every order line is cancelled: nothing is booked"
        raise refusal([fault("T13", message, table="orders", column="status")])
    kept = kept.assign(period=period_of_dates(kept["order_date"], frequency))
    wide = kept.pivot_table(index="period", columns="product_id", values="quantity", aggfunc="sum")
    return wide.reindex(range_of(wide.index)).fillna(0.0)


def _shipped(tables: Tables, frequency: str) -> "pd.Series[float]":
    orders = tables["orders"].frame
    sold = orders[orders["delivered_date"].notna() & (orders["status"] != "cancelled")]
    units = sold["delivered_quantity"].fillna(sold["quantity"])
    return (sold["price"] * units).groupby(period_of_dates(sold["delivered_date"], frequency)).sum()


def _table(booked: pd.DataFrame, plants: dict[str, Plant]) -> pd.DataFrame:
    """Plan period after period: what could not be made is carried into the next one's market."""
    waiting: dict[str, float] = {}
    worth: dict[str, float] = {}
    rows, loads = [], []
    for period, plant in plants.items():
        units = booked.loc[period].reindex(plant.products).fillna(0.0).to_numpy(float)
        carried = np.array([waiting.get(p, 0.0) for p in plant.products])
        wanted = replace(plant, market=units + carried, least=np.zeros(len(units)))
        at = solved(wanted, program_of(wanted))
        x = at.z[: len(units)]
        waiting = dict(zip(plant.products, units + carried - x, strict=True))
        for r, value in zip(plant.resources, at.price * plant.available, strict=True):
            worth[r] = worth.get(r, 0.0) + float(value)
        loads.append({r: float(h) for r, h in zip(plant.resources, plant.hours @ units, strict=True)})
        rows.append(
            {"period": period, "booked": float(plant.price @ units), "feasible": float(plant.price @ x)}
        )
    if not worth:
        raise refusal([fault("T10", "no resource of the routings has hours", table="capacity")])
    table = pd.DataFrame(rows)
    table["shipped"] = np.nan
    table["illusory"] = 1 - table["feasible"] / table["booked"].where(table["booked"] > 0)
    constraint = max(worth, key=lambda name: (worth[name], _peak(name, plants, loads)))
    hours = np.array([plant.available[plant.resources.index(constraint)] for plant in plants.values()])
    load = np.array([one[constraint] for one in loads])
    return _backlog(table, load, hours, constraint)


def _peak(name: str, plants: dict[str, Plant], loads: list[dict[str, float]]) -> float:
    pairs = zip(plants.values(), loads, strict=True)
    return max(float(load[name] / plant.available[plant.resources.index(name)]) for plant, load in pairs)


def _backlog(table: pd.DataFrame, load: np.ndarray, hours: np.ndarray, constraint: str) -> pd.DataFrame:
    backlog, worked = np.zeros(len(load)), np.zeros(len(load))
    before = 0.0
    for t in range(len(load)):
        backlog[t] = max(0.0, before + load[t] - hours[t])
        worked[t] = before + load[t] - backlog[t]
        before = backlog[t]
    surplus = hours - load
    table["load"], table["hours"], table["backlog_hours"] = load, hours, backlog
    table["cover"] = backlog / hours
    with np.errstate(divide="ignore", invalid="ignore"):
        table["clearing"] = np.where(backlog == 0, 0.0, np.where(surplus > 0, backlog / surplus, np.inf))
        table["lead_time"] = np.where(worked > 0, backlog / worked, np.nan)
    table.attrs["constraint"] = constraint
    return table


def _slope(values: np.ndarray) -> float:
    """Return the least-squares growth per period."""
    if len(values) < SLOPE_FLOOR:
        return float("nan")
    return float(np.polyfit(np.arange(len(values)), values, 1)[0])
