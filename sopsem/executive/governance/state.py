"""The state of a plant on a day, from its tables: only what was known then."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias

import numpy as np
import pandas as pd

from sopsem.executive.capacity.corridor import utilization_corridor
from sopsem.executive.governance.book import OrderBook
from sopsem.executive.governance.order import Customer, State
from sopsem.executive.notices import Notice, fault, quote, refusal, warning
from sopsem.executive.plant import (
    Structure,
    available_hours,
    effective_hours,
    market,
    plant_of,
    require_one_unit,
    structure_of,
)
from sopsem.executive.schema.periods import (
    frequency_of,
    label_of,
    ordinal_of,
    period_of_dates,
    periods_per_year,
)
from sopsem.executive.schema.tables import Tables
from sopsem.executive.throughput.mix import program_of, solved

__all__ = ["Prices", "Standing", "build_state", "hour_prices", "newest_order_day", "standing", "state_on"]

Prices: TypeAlias = Mapping[str, float] | pd.DataFrame
RECENT = 12  # periods whose average demand prices an hour


def build_state(
    tables: Tables,
    as_of: date,
    *,
    lambda_: Prices | None = None,
    upper: Mapping[str, float] | None = None,
    headroom: np.ndarray | None = None,
    horizon: int = 12,
    same_day: bool = True,
) -> State:
    """Return what is known on a day.

    Hours are planned ones (downtime of the future is not known); the load is that of open orders by promised period,
    net of stock, what is overdue in the first one.

    Parameters
    ----------
    tables : Tables
        products, routings, capacity and orders; resources, demand, production, customers and financials where given.
    as_of : date
    lambda_ : mapping of str to float or DataFrame, optional
        Price of an hour by resource, or by period (rows) and resource as a plan over several periods gives it, the
        last one carried on; by default that of the best mix at the average demand of the last 12 periods.
    upper : mapping of str to float, optional
        Upper end of each corridor; by default that of ``utilization_corridor`` with the policy's numbers.
    headroom : array, draws x horizon, optional
        Cash above the buffer.
    horizon : int
        Periods.
    same_day : bool
        Whether orders of the day itself are part of what is known.

    Raises
    ------
    MissingTable
        T01.
    DataError
        T33 for several units, T05 for a resource in lambda_ or upper that is not known.

    """
    require_one_unit(tables)
    return state_on(
        standing(tables, lambda_, upper), as_of, headroom=headroom, horizon=horizon, same_day=same_day
    )


def newest_order_day(tables: Tables) -> date:
    """Return the day of the newest order: what was known then is what the tables know.

    Raises
    ------
    MissingTable
        T01 without orders.

    """
    newest: date = tables["orders"].frame["order_date"].max().date()
    return newest


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What does not change from day to day, worked out once."""

    tables: Tables
    frequency: str
    unit_hours: pd.DataFrame  # resource x product
    planned: pd.DataFrame  # period x resource
    upper: Mapping[str, float]
    variable: Mapping[str, float]
    lever: "pd.Series[float]"  # by resource
    lever_cost: "pd.Series[float]"
    lambda_: Prices | None
    book: OrderBook
    structure: Structure
    credit: Mapping[str, Customer]  # before anything is owed
    notices: tuple[Notice, ...]
    months: dict[tuple[str, int], "_Month"] = field(default_factory=dict)  # as they are asked for

    @property
    def resources(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(str(r) for r in self.unit_hours.index)

    def month(self, first: str, horizon: int) -> "_Month":
        """Return what is the same on every day of a period."""
        if (first, horizon) not in self.months:
            self.months[first, horizon] = _month(self, first, horizon)
        return self.months[first, horizon]


@dataclass(frozen=True, kw_only=True)
class _Month:
    """What is the same on every day of a period: hours and their prices (resource x period), stock at its start."""

    periods: tuple[str, ...]
    hours: np.ndarray
    lambda_: np.ndarray
    stock: Mapping[str, float]
    revenue: float
    notices: tuple[Notice, ...]


def _month(fixed: Standing, first: str, horizon: int) -> _Month:
    notices: list[Notice] = []
    tables, resources = fixed.tables, fixed.resources
    periods = tuple(label_of(ordinal_of(first) + h, fixed.frequency) for h in range(horizon))
    stock = _stock(tables, first, notices)
    hours = _hours_of(fixed.planned, resources, periods, notices)
    prices = hour_prices(tables, first, notices, fixed.structure) if fixed.lambda_ is None else fixed.lambda_
    return _Month(
        periods=periods,
        hours=hours,
        lambda_=_lambdas(prices, resources, periods, notices),
        stock=stock,
        revenue=_revenue(tables, first, fixed.frequency),
        notices=tuple(notices),
    )


def standing(tables: Tables, lambda_: Prices | None, upper: Mapping[str, float] | None) -> Standing:
    """Return what holds on every day; arguments as in ``build_state``."""
    notices: list[Notice] = []
    unit_hours = effective_hours(tables)
    resources = tuple(str(r) for r in unit_hours.index)
    _known((*(() if lambda_ is None else lambda_), *(upper or {})), resources)
    lever, lever_cost = _overtime(tables, resources, notices)
    goods = tables["products"].frame.set_index("product_id")
    variable = goods["material_cost"] + goods["other_variable_cost"]
    return Standing(
        tables=tables,
        frequency=frequency_of(str(tables["capacity"].frame["period"].iloc[0])),
        unit_hours=unit_hours,
        planned=_planned(tables),
        upper=upper if upper is not None else _uppers(tables, resources, notices),
        variable={str(k): float(v) for k, v in variable.items()},
        lever=lever,
        lever_cost=lever_cost,
        lambda_=lambda_,
        book=OrderBook.of(tables["orders"].frame),
        structure=structure_of(tables),
        credit=_credit(tables),
        notices=tuple(notices),
    )


def state_on(
    fixed: Standing, as_of: date, *, headroom: np.ndarray | None, horizon: int, same_day: bool
) -> State:
    """Return the state of a day."""
    resources = fixed.resources
    first = str(period_of_dates(pd.Series([pd.Timestamp(as_of)]), fixed.frequency).iloc[0])
    month = fixed.month(first, horizon)
    lines = fixed.book.on(as_of, same_day=same_day)
    waiting, owed = lines.net_of(month.stock), lines.owed()
    unit_hours = {str(p): fixed.unit_hours[p].to_numpy(float) for p in fixed.unit_hours.columns}
    committed, movable = waiting.loads(unit_hours, len(resources), month.periods)
    return State(
        as_of=as_of,
        periods=month.periods,
        resources=resources,
        hours=month.hours,
        committed=committed,
        movable=movable,
        lambda_=month.lambda_,
        lever=np.repeat(fixed.lever.to_numpy()[:, None], horizon, axis=1),
        lever_cost=np.repeat(fixed.lever_cost.to_numpy()[:, None], horizon, axis=1),
        upper=np.array([fixed.upper.get(r, 1.0) for r in resources]),
        unit_hours=unit_hours,
        variable=fixed.variable,
        stock=waiting.stock,
        customers={
            name: replace(known, receivables=owed.get(name, 0.0)) for name, known in fixed.credit.items()
        },
        revenue=month.revenue,
        headroom=np.zeros((0, 0)) if headroom is None else np.asarray(headroom, dtype=float),
        newest=lines.newest,
        notices=tuple(dict.fromkeys((*fixed.notices, *month.notices))),
    )


def _known(names: tuple[str, ...], resources: tuple[str, ...]) -> None:
    strange = sorted(set(names) - set(resources))
    if strange:
        message = f"resource {quote(strange[0])} is in no routing; there are {', '.join(resources[:10])}"
        raise refusal([fault("T05", message, table="routings", column="resource_id")])


def _lambdas(
    price: Prices, resources: tuple[str, ...], periods: tuple[str, ...], notices: list[Notice]
) -> np.ndarray:
    """Return the price of an hour, resource x period; a resource without one is free."""
    if not isinstance(price, pd.DataFrame):
        return np.repeat([[float(price.get(r, 0.0))] for r in resources], len(periods), axis=1)
    wide = price.reindex(index=sorted({*price.index, *periods}), columns=list(resources))
    lacking = [p for p in periods if p not in price.index]
    if lacking:
        message = (
            f"no price of an hour for {len(lacking)} periods from {lacking[0]}: the one before is carried on"
        )
        notices.append(warning("T36", message))
    return np.asarray(wide.ffill().fillna(0.0).loc[list(periods)].to_numpy(float).T)


def _overtime(
    tables: Tables, resources: tuple[str, ...], notices: list[Notice]
) -> "tuple[pd.Series[float], pd.Series[float]]":
    """Return overtime hours of a period and their premium; overtime without a premium is no lever."""
    nothing = pd.Series(0.0, index=list(resources))
    if "resources" not in tables:
        return nothing, nothing
    known = tables["resources"].frame.set_index("resource_id").reindex(list(resources))
    hours = (known["servers"] * known["overtime_hours_max"]).fillna(0.0).astype(float)
    cost = known["overtime_cost_hour"].astype(float)
    unpriced = (hours > 0) & cost.isna()
    if unpriced.any():
        message = f"overtime of {quote(hours.index[unpriced][0])} has no premium and is no lever"
        notices.append(warning("T36", message, table="resources", column="overtime_cost_hour"))
    return hours.where(~unpriced, 0.0), cost.fillna(0.0)


def hour_prices(
    tables: Tables, first: str, notices: list[Notice], structure: Structure | None = None
) -> dict[str, float]:
    """Return the price of an hour at the average demand of the periods before ``first``; 0 where it is not known."""
    if "demand" in tables:
        asked = market(tables)
        before = asked[asked.index < first].tail(RECENT)
        if len(before):
            plant = plant_of(tables, first, before.mean(), min_sales={}, structure=structure)
            at = solved(plant, program_of(plant))
            return {r: max(0.0, float(p)) for r, p in zip(plant.resources, at.price, strict=True)}
    notices.append(warning("T36", "no demand before that day: hours are taken as free", table="demand"))
    return {}


def _uppers(tables: Tables, resources: tuple[str, ...], notices: list[Notice]) -> dict[str, float]:
    limits = tables.policy["capacity"]
    known = tables["resources"].frame.set_index("resource_id") if "resources" in tables else pd.DataFrame()
    if known.empty:
        message = "no resources: one server and exponential times are taken for the corridor"
        notices.append(warning("T36", message, table="resources"))
    ends = {}
    for r in resources:
        row = known.loc[r] if r in known.index else {"servers": 1, "scv_arrival": 1.0, "scv_process": 1.0}
        corridor = utilization_corridor(
            servers=int(row["servers"]),
            scv_arrival=float(row["scv_arrival"]),
            scv_process=float(row["scv_process"]),
            flow_factor_max=limits["flow_factor_max"],
            cv_load=limits["cv_load"],
            alpha=limits["alpha"],
            fixed_cost=0.0,
            contribution_per_hour=1.0,
            hours=1.0,
        )
        ends[r] = corridor.number("upper")
    return ends


def _planned(tables: Tables) -> pd.DataFrame:
    """Return planned hours, period x resource: downtime is not known before."""
    capacity = tables["capacity"]
    plain = replace(capacity, frame=capacity.frame.assign(downtime_hours=np.nan))
    return available_hours(replace(tables, tables={**dict(tables), "capacity": plain}))


def _hours_of(
    planned: pd.DataFrame, resources: tuple[str, ...], periods: tuple[str, ...], notices: list[Notice]
) -> np.ndarray:
    """Return planned hours by resource and period; after the table's end a resource's usual hours."""
    usual = planned.mean()
    wide = planned.reindex(index=list(periods), columns=list(resources))
    if wide.isna().to_numpy().any():
        message = "capacity.csv does not reach over the horizon: average hours are taken after it"
        notices.append(warning("T36", message, table="capacity", column="period"))
    filled = wide.fillna(usual.reindex(list(resources)))
    lacking = filled.columns[filled.isna().any()]
    if len(lacking):
        message = f"resource {quote(lacking[0])} has no hours in capacity.csv"
        raise refusal([fault("T10", message, table="capacity", column="resource_id")])
    return np.asarray(filled.to_numpy(float).T)


def _stock(tables: Tables, first: str, notices: list[Notice]) -> dict[str, float]:
    if "production" not in tables:
        notices.append(warning("T36", "no production.csv: no stock is counted", table="production"))
        return {}
    frame = tables["production"].frame
    before = frame[frame["period"] < first]
    last = before[before["period"] == before["period"].max()]
    return {str(k): float(v) for k, v in last.set_index("product_id")["closing_stock"].items()}


def _credit(tables: Tables) -> dict[str, Customer]:
    if "customers" not in tables:
        return {}
    return {
        str(row["customer_id"]): Customer(
            limit=float(row["credit_limit"]),
            max_terms=float(row["max_terms_days"]),
            on_stop=bool(row["on_stop"]),
        )
        for row in tables["customers"].frame.to_dict("records")
    }


def _revenue(tables: Tables, first: str, frequency: str) -> float:
    """Return the revenue of a year: the average of closed periods of the last year, times periods per year."""
    if "financials" not in tables:
        return float("nan")
    per = periods_per_year(frequency)
    frame = tables["financials"].frame
    closed = frame[frame["period"] < first].sort_values("period").tail(per)
    return float(closed["revenue"].mean() * per) if len(closed) else float("nan")
