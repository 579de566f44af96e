"""One plant as arrays: effective and available hours, contribution, market; every capacity system starts here."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, nearest, quote, refusal, warning
from sopsem.executive.result import Provenance
from sopsem.executive.schema.policy import Policy
from sopsem.executive.schema.tables import Given, Tables, check_tables

__all__ = [
    "Plant",
    "Structure",
    "available_hours",
    "effective_hours",
    "gather",
    "market",
    "origin",
    "plant_of",
    "plants_of",
    "require_one_unit",
    "structure_of",
    "unit_prices",
]

STRUCTURE = ("products", "resources", "routings")


def gather(policy: Policy, **given: Given | None) -> Tables:
    """Check the tables of a call together; all of one unit.

    Raises
    ------
    DataError
        As in ``check_tables``; T33 when there are several units.

    """
    return require_one_unit(check_tables(given, policy))


def require_one_unit(tables: Tables) -> Tables:
    """Return the tables when they are of one unit.

    Raises
    ------
    DataError
        T33 otherwise.

    """
    if len(tables.units) > 1:
        shown = ", ".join(tables.units[:5])
        message = f"{len(tables.units)} units ({shown}); take one: tables.of_unit({tables.units[0]!r})"
        raise refusal([fault("T33", message)])
    return tables


def origin(formula: str, source: str, tables: Tables) -> Provenance:
    """Return where a result is from."""
    return Provenance(formula=formula, source=source, policy=tables.policy.digest, inputs=tables.digest)


def effective_hours(tables: Tables) -> pd.DataFrame:
    """Return hours per good unit, resource x product: (hours + setup / batch) / yield; 0 where not used."""
    routings = tables["routings"].frame
    hours = (routings["hours_per_unit"] + routings["setup_hours"] / routings["batch_size"]) / routings[
        "yield"
    ]
    wide = routings.assign(hours=hours).pivot_table(index="resource_id", columns="product_id", values="hours")
    if "products" in tables:
        wide = wide.reindex(columns=[p for p in tables["products"].frame["product_id"] if p in wide.columns])
    return wide.fillna(0.0)


def available_hours(tables: Tables) -> pd.DataFrame:
    """Return the hours of every resource by period, without overtime.

    Scheduled less maintenance less downtime; where downtime is not reported, (scheduled - maintenance) x
    availability x efficiency.
    """
    frame = tables["capacity"].frame
    share = pd.Series(1.0, index=frame.index)
    if "resources" in tables:
        known = tables["resources"].frame.set_index("resource_id")
        share = frame["resource_id"].map(known["availability"] * known["efficiency"]).fillna(1.0)
    net = frame["scheduled_hours"] - frame["maintenance_hours"]
    hours = (net - frame["downtime_hours"]).where(frame["downtime_hours"].notna(), net * share)
    wide = frame.assign(hours=hours).pivot_table(index="period", columns="resource_id", values="hours")
    return wide.sort_index()


def market(tables: Tables, quantity: str = "demand") -> pd.DataFrame:
    """Return the units asked for, period x product, over all sales units; 0 where nobody asked."""
    frame = tables[quantity].frame
    wide = frame.pivot_table(index="period", columns="product_id", values="quantity", aggfunc="sum")
    return wide.fillna(0.0).sort_index()


def unit_prices(tables: Tables) -> pd.Series:
    """Return the price of every product: the average realised net price of its orders, else the list price."""
    products = tables["products"].frame.set_index("product_id")
    price = products["price"]
    if "orders" in tables:
        orders = tables["orders"].frame
        sold = orders[(orders["status"] != "cancelled") & (orders["quantity"] > 0)]
        totals = (
            sold.assign(value=sold["price"] * sold["quantity"])
            .groupby("product_id")[["value", "quantity"]]
            .sum()
        )
        price = (totals["value"] / totals["quantity"]).reindex(price.index).fillna(price)
    return price


@dataclass(frozen=True, kw_only=True)
class Plant:
    """A plant in one period: arrays by resource (R) and product (P)."""

    products: tuple[str, ...]
    resources: tuple[str, ...]
    hours: np.ndarray  # R x P
    available: np.ndarray  # R
    overtime: np.ndarray  # R, most hours
    overtime_cost: np.ndarray  # R, per hour
    price: np.ndarray  # P
    variable: np.ndarray  # P
    market: np.ndarray  # P, may be infinite
    least: np.ndarray  # P, contract minima
    notices: tuple[Notice, ...] = ()

    @property
    def contribution(self) -> np.ndarray:
        """Price less totally variable cost, per unit."""
        return np.asarray(self.price - self.variable)


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What does not change from period to period, worked out once: hours per unit, prices, hours by period."""

    hours: pd.DataFrame  # resource x product
    price: pd.Series  # by product
    available: pd.DataFrame  # period x resource
    usual: "pd.Series[float]"  # by resource, of resources.csv; NaN where it does not say
    supplied: np.ndarray  # by resource: whether it is an input of a supplier
    products: pd.DataFrame  # rows of products.csv by product


def structure_of(tables: Tables) -> Structure:
    """Return the structure of a plant; without capacity no period has hours of its own."""
    available = available_hours(tables) if "capacity" in tables else pd.DataFrame()
    hours = effective_hours(tables)
    usual, supplied = pd.Series(np.nan, index=hours.index), np.zeros(len(hours), dtype=bool)
    if "resources" in tables:
        known = tables["resources"].frame.set_index("resource_id")
        each = known["servers"] * known["scheduled_hours"] * known["availability"] * known["efficiency"]
        usual, supplied = (
            each.reindex(hours.index),
            (known["kind"].reindex(hours.index) == "supplier").to_numpy(),
        )
    return Structure(
        hours=hours,
        price=unit_prices(tables).loc[list(hours.columns)],
        available=available,
        usual=usual,
        supplied=supplied,
        products=tables["products"].frame.set_index("product_id").loc[list(hours.columns)],
    )


def plants_of(tables: Tables, demand: pd.DataFrame) -> dict[str, Plant]:
    """Return the plant in every period of demand (period x product)."""
    structure = structure_of(tables)
    return {str(p): plant_of(tables, str(p), demand.loc[p], structure=structure) for p in demand.index}


def plant_of(
    tables: Tables,
    period: str,
    demand: "pd.Series[float] | None",
    *,
    structure: Structure | None = None,
    supplier: bool = True,
    overtime: bool = False,
    min_sales: Mapping[str, float] | None = None,
) -> Plant:
    """Return the plant in a period.

    Parameters
    ----------
    tables : Tables
        products and routings; capacity, resources and orders where given.
    period : str
        Of capacity.
    demand : Series, optional
        Units by product; a product that is not in it has no limit but ``max_sales``.
    structure : Structure, optional
        Worked out before, when many periods are asked for.
    supplier : bool
        Whether supplier inputs limit the plan.
    overtime : bool
        Whether overtime may be used.
    min_sales : mapping, optional
        Contract minima instead of those of products.csv.

    Raises
    ------
    DataError
        T10: a resource without hours that every unit needs, or a product without limit that needs no resource.

    """
    fixed = structure or structure_of(tables)
    wide = fixed.hours
    notices: list[Notice] = []
    limits = _limits(fixed, period, supplier, notices)
    wide = wide.loc[limits.index]
    products = fixed.products
    most = _most_sold(products, demand, wide, notices)
    least = _least_sold(products, most, min_sales, notices)
    extra, cost = _overtime(tables, limits.index, overtime, notices)
    return Plant(
        products=tuple(wide.columns),
        resources=tuple(wide.index),
        hours=wide.to_numpy(float),
        available=limits.to_numpy(float),
        overtime=extra,
        overtime_cost=cost,
        price=fixed.price.to_numpy(float),
        variable=(products["material_cost"] + products["other_variable_cost"]).to_numpy(float),
        market=most,
        least=least,
        notices=tuple(notices),
    )


def _limits(fixed: Structure, period: str, supplier: bool, notices: list[Notice]) -> "pd.Series[float]":
    """Return the hours of each resource; those without any are no constraint, and that is said."""
    wide = fixed.hours
    hours = fixed.usual if supplier else fixed.usual[~fixed.supplied]
    if period in fixed.available.index:
        hours = fixed.available.loc[period].reindex(hours.index).fillna(hours)
    for name in hours.index[hours.isna()]:
        message = f"resource {quote(name)} has no hours in capacity.csv or resources.csv: it limits nothing"
        notices.append(warning("T36", message, table="capacity", column="resource_id"))
    empty = hours.index[(hours <= 0) & (wide.loc[hours.index].sum(axis=1) > 0)]
    if len(empty):
        message = f"resource {quote(empty[0])} has {hours[empty[0]]:g} hours in {period} and load on it"
        raise refusal([fault("T10", message, table="capacity", column="scheduled_hours")])
    return hours.dropna()


def _most_sold(
    products: pd.DataFrame, demand: "pd.Series[float] | None", wide: pd.DataFrame, notices: list[Notice]
) -> np.ndarray:
    asked = pd.Series(np.nan, index=products.index) if demand is None else demand.reindex(products.index)
    most = asked.fillna(products["max_sales"]).to_numpy(float)
    free = np.isnan(most)
    if free.any():
        names = [str(n) for n in products.index[free]]
        idle = [n for n in names if not (wide[n] > 0).any()]
        if idle:
            message = f"product {quote(idle[0])} has neither demand nor a resource that limits it"
            raise refusal([fault("T10", message, table="demand", column="quantity")])
        message = f"no demand and no max_sales for {', '.join(map(quote, names[:5]))}: taken as unlimited"
        notices.append(warning("T36", message, table="demand", column="quantity"))
    return np.where(free, np.inf, most)


def _least_sold(
    products: pd.DataFrame, most: np.ndarray, given: Mapping[str, float] | None, notices: list[Notice]
) -> np.ndarray:
    least = products["min_sales"].to_numpy(float)
    if given is not None:
        unknown = [name for name in given if name not in products.index]
        if unknown:
            near = nearest(str(unknown[0]), map(str, products.index))
            raise refusal([fault("T05", f"min_sales: there is no product {quote(unknown[0])}{near}")])
        least = np.array([float(given.get(str(name), 0.0)) for name in products.index])
        if not (least >= 0).all():
            message = f"min_sales is {least[~(least >= 0)][0]:g}; it must be 0 or more"
            raise refusal([fault("T06", message)])
    above = least > most
    if above.any():
        message = (
            f"contract minimum of {quote(products.index[above][0])} is above what was asked: demand is used"
        )
        notices.append(warning("T36", message, table="products", column="min_sales"))
    return np.asarray(np.minimum(least, most))


def _overtime(
    tables: Tables, names: pd.Index, wanted: bool, notices: list[Notice]
) -> tuple[np.ndarray, np.ndarray]:
    nothing = np.zeros(len(names))
    if not wanted or "resources" not in tables:
        return nothing, nothing
    known = tables["resources"].frame.set_index("resource_id").reindex(names)
    hours = (known["servers"] * known["overtime_hours_max"]).fillna(0.0).to_numpy(float)
    cost = known["overtime_cost_hour"].to_numpy(float)
    unpriced = (hours > 0) & np.isnan(cost)
    if unpriced.any():
        message = f"overtime of {quote(names[unpriced][0])} has no premium and is not used"
        notices.append(warning("T36", message, table="resources", column="overtime_cost_hour"))
    return np.where(unpriced, 0.0, hours), np.nan_to_num(cost)
