"""Tables set against each other: keys that are in one and not in the other, capacity, frequencies, freshness."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, quote, warning
from sopsem.executive.schema.checking import Table, excluded_frame
from sopsem.executive.schema.periods import frequency_of
from sopsem.executive.schema.policy import Policy

__all__ = ["join_notices", "without_strangers"]

SHARE = 0.05  # of value; above it an unknown key is a fault
PERIODIC = ("capacity", "demand", "forecasts", "financials", "production")
# table, column -> the table whose key it must be in
FOREIGN = (
    ("routings", "product_id", "products"),
    ("routings", "resource_id", "resources"),
    ("capacity", "resource_id", "resources"),
    ("demand", "product_id", "products"),
    ("forecasts", "product_id", "products"),
    ("pipeline", "product_id", "products"),
    ("orders", "product_id", "products"),
    ("orders", "customer_id", "customers"),
    ("production", "product_id", "products"),
)
DATES = {"pipeline": "snapshot", "orders": "order_date", "forecasts": "issued"}


def join_notices(tables: Mapping[str, Table], policy: Policy, as_of: date | None) -> list[Notice]:
    """Return what is noticed between tables: T05, T08, T17, T20, T24."""
    strangers = [n for link in FOREIGN for n in _strangers(tables, *link)]
    routed = not any(n.severity == "E" and n.table == "routings" for n in strangers)
    return [
        *_one_frequency(tables),
        *strangers,
        *(_unrouted(without_strangers(tables)) if routed else ()),
        *_minutes(tables),
        *_dated(tables, policy, as_of),
    ]


def _one_frequency(tables: Mapping[str, Table]) -> Iterator[Notice]:
    kinds = {n: frequency_of(tables[n].frame["period"].iloc[0]) for n in PERIODIC if _rows(tables, n)}
    if len(set(kinds.values())) > 1:
        shown = ", ".join(f"{name}.csv by {kind}" for name, kind in kinds.items())
        yield fault("T08", f"one frequency for all tables: {shown}", table=next(iter(kinds)), column="period")


def _rows(tables: Mapping[str, Table], name: str) -> int:
    return len(tables[name]) if name in tables else 0


def _stranger_mask(tables: Mapping[str, Table], name: str, column: str, home: str) -> np.ndarray:
    frame, known = tables[name].frame, tables[home].frame
    if tables[name].units == tables[home].units and len(tables[home].units) == 1:
        return np.asarray((frame[column].notna() & ~frame[column].isin(known[column])).to_numpy())
    links = pd.MultiIndex.from_frame(frame[["unit", column]])
    mask = ~links.isin(pd.MultiIndex.from_frame(known[["unit", column]]))
    return np.asarray(mask & frame[column].notna().to_numpy())


def _strangers(tables: Mapping[str, Table], name: str, column: str, home: str) -> Iterator[Notice]:
    if name not in tables or home not in tables:
        return
    mask = _stranger_mask(tables, name, column, home)
    if not mask.any():
        return
    frame = tables[name].frame
    # a product that is not sold needs no routing; a resource that is not known may be the constraint
    share = 0.0 if (name, column) == ("routings", "product_id") else _share(frame, mask)
    first = sorted(frame[column][mask].unique())[:5]
    more = frame[column][mask].nunique() - len(first)
    shown = ", ".join(quote(k) for k in first) + (f" and {more} more" if more else "")
    absent, remedy = f"{column} {shown} is not in {home}.csv", "add it there"
    if frame[column][mask].isin(tables[home].frame[column]).all():
        others = f"of unit {_units(tables[home].frame)}, not of unit {_units(frame[mask])}"
        absent = f"{column} {shown} is in {home}.csv {others}"
        remedy = "write the same unit in both"
    if share > SHARE or mask.all():
        message = f"{absent}: {share or mask.mean():.0%} of {name}.csv; {remedy}"
        yield fault("T05", message, table=name, column=column)
    else:
        message = f"{absent}; rows left out: {mask.sum()} of {len(mask)}"
        yield warning("T05", message, table=name, column=column)


def _units(frame: pd.DataFrame) -> str:
    names = sorted(frame["unit"].unique())
    return ", ".join(map(quote, names[:5])) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _share(frame: pd.DataFrame, mask: np.ndarray) -> float:
    """Share of value: quantity x price, amount, quantity, or rows, whichever the table has."""
    if "amount" in frame:
        value = frame["amount"].fillna(0.0)
    elif "quantity" in frame:
        value = (frame["quantity"] * frame["price"] if "price" in frame else frame["quantity"]).abs()
    else:
        value = pd.Series(1.0, index=frame.index)
    total = float(value.sum())
    return float(value[mask].sum()) / total if total else float(mask.mean())


def without_strangers(tables: Mapping[str, Table]) -> dict[str, Table]:
    """Return the tables without the rows whose key no other table knows; they are listed as left out."""
    kept = dict(tables)
    for name, column, home in FOREIGN:
        if name in kept and home in kept:
            mask = _stranger_mask(kept, name, column, home)
            if mask.any():
                kept[name] = _left_out(kept[name], mask, f"{column} is not in {home}.csv")
    return kept


def _left_out(table: Table, mask: np.ndarray, reason: str) -> Table:
    """Rows are numbered as sorted by their key, for their place in the file is gone."""
    listed = [(int(i) + 1, "T05", reason) for i in np.flatnonzero(mask)]
    excluded = pd.concat([table.excluded, excluded_frame(table.name, listed)], ignore_index=True)
    return replace(table, frame=table.frame[~mask].reset_index(drop=True), excluded=excluded)


def _unrouted(tables: Mapping[str, Table]) -> Iterator[Notice]:
    """Notice products without a routing: they are not products that need no capacity."""
    if not {"products", "routings"} <= tables.keys():
        return
    products, routings = tables["products"].frame, tables["routings"].frame
    routed = pd.MultiIndex.from_frame(routings[["unit", "product_id"]])
    lacking = ~pd.MultiIndex.from_frame(products[["unit", "product_id"]]).isin(routed)
    if not lacking.any():
        return
    names = products["product_id"][lacking]
    share = float(lacking.mean())
    if "demand" in tables:
        demand = tables["demand"].frame.merge(
            products[["unit", "product_id", "price"]], on=["unit", "product_id"]
        )
        share = _share(demand, demand["product_id"].isin(names).to_numpy()) if len(demand) else share
    shown = ", ".join(quote(k) for k in sorted(names)[:5])
    message = f"no routing for product {shown}: {share:.1%} of value; add its hours, also if they are 0"
    make = fault if share > SHARE else warning
    yield make("T05", message, table="routings", column="product_id")


def _minutes(tables: Mapping[str, Table]) -> Iterator[Notice]:
    """Notice a unit that takes more hours than a resource has in a period."""
    if not {"resources", "routings"} <= tables.keys():
        return
    resources = tables["resources"].frame.assign(hours=lambda f: f["servers"] * f["scheduled_hours"])
    joined = tables["routings"].frame.merge(
        resources[["unit", "resource_id", "hours", "kind"]], on=["unit", "resource_id"]
    )
    effective = (joined["hours_per_unit"] + joined["setup_hours"] / joined["batch_size"]) / joined["yield"]
    bad = joined[(effective > joined["hours"]) & (joined["hours"] > 0)]
    if len(bad):
        first = bad.iloc[0]
        message = (
            f"product {quote(first['product_id'])} takes more of {quote(first['resource_id'])} per unit than the "
            f"{first['hours']:g} hours of a period ({len(bad)} such rows): minutes entered as hours?"
        )
        yield fault("T17", message, table="routings", column="hours_per_unit")


def _dated(tables: Mapping[str, Table], policy: Policy, as_of: date | None) -> Iterator[Notice]:
    if as_of is None:
        return
    today = pd.Timestamp(as_of)
    limit = policy["general"]["freshness_days"]
    for name, column in DATES.items():
        if _rows(tables, name):
            newest = tables[name].frame[column].max()
            if (today - newest).days > limit:
                message = f"the newest {column} is {newest:%Y-%m-%d}, more than {limit} days before {as_of}"
                yield warning("T20", message, table=name, column=column)
    if _rows(tables, "orders"):
        orders = tables["orders"].frame
        late = (
            orders["delivered_date"].isna()
            & (orders["promised_date"] < today)
            & (orders["status"] != "cancelled")
        )
        if late.any():
            message = (
                f"{int(late.sum())} open order lines are past their promise on {as_of}; they count as late"
            )
            yield warning("T24", message, table="orders", column="promised_date")
