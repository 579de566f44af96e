"""E07: the range in which a resource is best loaded: fixed cost covered below, dates kept above."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm

from sopsem.executive.capacity.promises import promised_flow_factor
from sopsem.executive.notices import Notice, fault, few, quote, refusal, warning
from sopsem.executive.plant import (
    Plant,
    available_hours,
    effective_hours,
    market,
    origin,
    plant_of,
)
from sopsem.executive.result import Provenance, Result
from sopsem.executive.schema.tables import Tables
from sopsem.executive.throughput.mix import program_of, solved

__all__ = [
    "Corridor",
    "breakdown_scv",
    "flow_factor",
    "plant_corridor",
    "utilization_corridor",
]

SOURCE = "Kingman 1961; Sakasegawa 1977; Hopp & Spearman 2011, ch. 8"
FEWEST = 6


@dataclass(frozen=True, kw_only=True)
class Corridor(Result):
    """The corridor and how it was kept.

    ``table``: period, utilisation, status (below, inside, above, over-capacity), hours_above; empty where no
    periods were given.  ``summary``: lower, upper, their parts (lower_best_first, congestion, guard), the binding
    reason, empty, share_inside, longest_excursion, hours_above, upper_per_scv (change of the upper end per unit of
    variability).
    """


def flow_factor(utilisation: float, variability: float, servers: int = 1) -> float:
    """Return cycle time / process time: 1 + V u^(sqrt(2(m+1)) - 1) / (m (1 - u)).

    >>> round(flow_factor(0.8, 1.0), 3), flow_factor(1.0, 1.0)
    (5.0, inf)
    """
    if utilisation >= 1:
        return math.inf
    power = math.sqrt(2 * (servers + 1)) - 1
    return 1 + variability * float(utilisation**power) / (servers * (1 - utilisation))


def breakdown_scv(
    scv: float, *, mtbf: float, mttr: float, process_time: float, repair_scv: float = 1.0
) -> float:
    """Return the squared coefficient of variation with breakdowns: c0^2 + (1 + cr^2) A (1 - A) mttr / t0.

    >>> round(breakdown_scv(0.05, mtbf=744, mttr=248, process_time=15), 2)
    6.25
    """
    up = mtbf / (mtbf + mttr)
    return scv + (1 + repair_scv) * up * (1 - up) * mttr / process_time


def _congestion(variability: float, servers: int, limit: float) -> float:
    """Return the utilisation at which the flow factor reaches its limit."""
    if variability <= 0:
        return 1.0
    if servers == 1:
        return (limit - 1) / (limit - 1 + variability)
    return float(brentq(lambda u: flow_factor(u, variability, servers) - limit, 1e-9, 1 - 1e-12))


def utilization_corridor(
    *,
    servers: int = 1,
    scv_arrival: float = 1.0,
    scv_process: float = 1.0,
    flow_factor_max: float = 5.0,
    cv_load: float = 0.10,
    alpha: float = 0.05,
    fixed_cost: float,
    contribution_per_hour: float,
    hours: float,
    target_profit: float = 0.0,
    best_first: float = math.nan,
    utilisation: "pd.Series[float] | None" = None,
    available: "pd.Series[float] | None" = None,
) -> Corridor:
    """Return the corridor of a resource from numbers; ``plant_corridor`` takes them from tables.

    Upper: the smaller of the congestion bound, flow factor(u) = its limit with V = (c_a^2 + c_e^2) / 2, and the
    guard 1 / (1 + z_(1-alpha) cv_load).  Lower: (fixed cost + target) / (contribution per hour x hours).

    Parameters
    ----------
    servers, scv_arrival, scv_process
        Of the resource.
    flow_factor_max : float
        Promised lead time / raw process time, above 1.
    cv_load, alpha : float
        Variation of the load around its plan, and the chance allowed that it passes capacity.
    fixed_cost, contribution_per_hour, hours, target_profit : float
        Of one period; contribution per hour of this resource at the current mix.
    best_first : float, optional
        Utilisation at breakeven when the best products are made first.
    utilisation, available : Series, optional
        By period: status and excursions are then given.

    Returns
    -------
    Corridor
        Notice T18 when it is empty: no loading is both profitable and dependable.

    Raises
    ------
    DataError
        T34 for an argument that cannot be.

    Examples
    --------
    >>> found = utilization_corridor(scv_arrival=0.75, scv_process=0.75, fixed_cost=6000,
    ...                              contribution_per_hour=2.625, hours=2400)
    >>> round(found.summary["lower"], 3), round(found.summary["upper"], 3), found.codes()
    (0.952, 0.842, ('T18',))

    """
    wrong = _wrong(servers, flow_factor_max, cv_load, alpha, hours)
    if wrong:
        raise refusal([fault("T34", wrong)])
    v = (scv_arrival + scv_process) / 2
    congestion = _congestion(v, int(servers), flow_factor_max)
    guard = 1 / (1 + float(norm.ppf(1 - alpha)) * cv_load)
    upper = min(congestion, guard)
    earning = contribution_per_hour * hours
    lower = (fixed_cost + target_profit) / earning if earning > 0 else math.inf
    notices: list[Notice] = []
    if lower >= upper:
        message = (
            f"empty corridor: breakeven at {lower:.3f}, dependable up to {upper:.3f}; levers are variability, the "
            "lead time promised, fixed cost, price and capacity"
        )
        notices.append(warning("T18", message))
    table, kept = _kept(utilisation, available, lower, upper)
    summary = {
        "lower": lower,
        "lower_best_first": best_first,
        "upper": upper,
        "congestion": congestion,
        "guard": guard,
        "binding": "congestion" if congestion <= guard else "uncertainty of the load",
        "empty": lower >= upper,
        "variability": v,
        "flow_factor_max": flow_factor_max,
        "upper_per_scv": _slope(v, int(servers), flow_factor_max) if congestion <= guard else 0.0,
        **kept,
    }
    inputs = ",".join(f"{x:.12g}" for x in (servers, v, flow_factor_max, cv_load, alpha, lower))
    return Corridor(
        table=table,
        summary=summary,
        notices=notices,
        provenance=Provenance(formula="E07", source=SOURCE, policy="", inputs=inputs),
    )


def _wrong(servers: float, flow_factor_max: float, cv_load: float, alpha: float, hours: float) -> str:
    checks = {
        f"servers is {servers:g}; it must be a whole number from 1": servers >= 1 and servers == int(servers),
        f"flow_factor_max is {flow_factor_max:g}; it must be above 1": flow_factor_max > 1,
        f"cv_load is {cv_load:g}; it must be 0 or more": cv_load >= 0,
        f"alpha is {alpha:g}; it must be between 0 and 1": 0 < alpha < 1,
        f"hours is {hours:g}; it must be above 0": hours > 0,
    }
    return next((message for message, holds in checks.items() if not holds), "")


def _slope(v: float, servers: int, limit: float) -> float:
    """Return the change of the congestion bound per unit of variability."""
    if v <= 0:
        return 0.0
    step = 1e-6 * v
    return (_congestion(v + step, servers, limit) - _congestion(v - step, servers, limit)) / (2 * step)


def _kept(
    utilisation: "pd.Series[float] | None", available: "pd.Series[float] | None", lower: float, upper: float
) -> tuple[pd.DataFrame, dict[str, object]]:
    if utilisation is None:
        empty = pd.DataFrame(
            {n: pd.Series(dtype=object) for n in ("period", "utilisation", "status", "hours_above")}
        )
        nan = float("nan")
        return empty, {"share_inside": nan, "longest_excursion": 0, "hours_above": nan, "n_periods": 0}
    u = utilisation.to_numpy(float)
    status = np.select([u > 1, u > upper, u < lower], ["over-capacity", "above", "below"], "inside")
    hours = (
        np.full(len(u), np.nan) if available is None else available.reindex(utilisation.index).to_numpy(float)
    )
    above = np.clip(u - upper, 0, None) * hours
    table = pd.DataFrame(
        {"period": utilisation.index, "utilisation": u, "status": status, "hours_above": above}
    )
    longest = current = 0
    for outside in status != "inside":
        current = current + 1 if outside else 0
        longest = max(longest, current)
    share = float((status == "inside").mean()) if len(u) else float("nan")
    return table, {
        "share_inside": share,
        "longest_excursion": longest,
        "hours_above": float(above.sum()),
        "n_periods": len(u),
    }


class _Economics(NamedTuple):
    per_hour: float
    best_first: float
    hours: float


def plant_corridor(
    tables: Tables,
    resource: str,
    *,
    target_profit: float = 0.0,
    flow_factor_max: float = math.nan,
) -> Corridor:
    """Return the corridor of a resource of a plant, with every period's status.

    Contribution per hour is that of the best mix at average demand; utilisation is hours worked (without
    overtime), or the load of demand where they are not reported; the variation of the load is that of actual
    against planned (consensus) load.

    Parameters
    ----------
    tables : Tables
        products, resources, routings, capacity, demand and financials; forecasts and orders where there are.
    resource : str
    target_profit : float
        Per period.
    flow_factor_max : float, optional
        By default the median promised lead time of orders / their raw process time, else the policy's; the summary
        says which.

    Raises
    ------
    MissingTable
        One of the tables is not there.
    DataError
        T05 when no routing uses the resource.

    """
    policy = tables.policy["capacity"]
    hours = available_hours(tables)
    wide = effective_hours(tables)
    if resource not in wide.index or resource not in hours.columns:
        message = f"resource {quote(resource)} is in no routing or has no capacity"
        raise refusal([fault("T05", message, table="routings", column="resource_id")])
    row = tables["resources"].frame.set_index("resource_id").loc[resource]
    money = tables["financials"].frame
    fixed = float((money["fixed_cost"] + money["depreciation"]).mean())
    economics = _economics(tables, resource, fixed + target_profit)
    cv, notices = _cv_load(tables, wide.loc[resource], policy["cv_load"])
    limit, source = flow_factor_max, "argument"
    if math.isnan(limit):
        limit, weak = promised_flow_factor(tables, resource)
        source, notices = "orders", [*notices, *weak]
    if math.isnan(limit):
        limit, source = policy["flow_factor_max"], "policy"
    used, available = _used(tables, wide.loc[resource], resource, hours[resource])
    found = utilization_corridor(
        servers=int(row["servers"]),
        scv_arrival=float(row["scv_arrival"]),
        scv_process=float(row["scv_process"]),
        flow_factor_max=limit,
        cv_load=cv,
        alpha=policy["alpha"],
        fixed_cost=fixed,
        contribution_per_hour=economics.per_hour,
        hours=economics.hours,
        target_profit=target_profit,
        best_first=economics.best_first,
        utilisation=used,
        available=available,
    )
    return Corridor(
        table=found.table,
        summary={"resource": resource, "cv_load": cv, "flow_factor_from": source, **found.summary},
        notices=[*tables.notices, *notices, *found.notices],
        excluded=tables.excluded,
        provenance=origin("E07", SOURCE, tables),
    )


def _economics(tables: Tables, resource: str, needed: float) -> _Economics:
    """Return contribution per hour used at the best mix, breakeven best products first, and hours of a period."""
    asked = market(tables).mean()
    hours = available_hours(tables).mean()
    plant = plant_of(tables, str(tables["capacity"].frame["period"].max()), asked)
    average = np.array(
        [hours.get(name, own) for name, own in zip(plant.resources, plant.available, strict=True)]
    )
    usual = _with_hours(plant, average)
    at = solved(usual, program_of(usual))
    r = usual.resources.index(resource)
    x = at.z[: len(usual.products)]
    load = float(usual.hours[r] @ x)
    per_hour = float(usual.contribution @ x) / load if load > 0 else 0.0
    return _Economics(per_hour, _best_first(usual, r, needed), float(usual.available[r]))


def _with_hours(plant: Plant, hours: np.ndarray) -> Plant:
    return Plant(**{**{n: getattr(plant, n) for n in plant.__dataclass_fields__}, "available": hours})


def _best_first(plant: Plant, r: int, needed: float) -> float:
    """Return the utilisation at which contribution, best products per hour first, covers what is needed."""
    hours, c = plant.hours[r], plant.contribution
    ratio = np.where(hours > 0, c / np.where(hours > 0, hours, 1.0), np.where(c > 0, np.inf, -np.inf))
    earned, spent = 0.0, 0.0
    for p in np.argsort(-ratio, kind="stable"):
        if c[p] <= 0:
            break
        worth = c[p] * plant.market[p]
        if earned + worth >= needed and worth > 0:
            return float((spent + hours[p] * (needed - earned) / c[p]) / plant.available[r])
        earned, spent = earned + worth, spent + hours[p] * plant.market[p]
    return math.inf


def _cv_load(tables: Tables, hours: "pd.Series[float]", usual: float) -> tuple[float, list[Notice]]:
    """Return the standard deviation of actual load / planned load, or the policy's value with the reason."""
    if "forecasts" not in tables:
        return usual, [warning("T36", f"no forecasts: the variation of the load is taken as {usual:g}")]
    forecasts = tables["forecasts"].frame
    consensus = forecasts[forecasts["step"] == "consensus"]
    planned = consensus.groupby(["period", "product_id", "sales_unit"]).last()["quantity"]
    per_unit = planned.index.get_level_values("product_id").map(hours).to_numpy(float)
    planned_load = (planned * per_unit).groupby("period").sum()
    actual = market(tables)
    known = [p for p in actual.columns if p in hours.index]
    load = actual[known] @ hours[known]
    ratio = (load / planned_load.where(planned_load > 0)).dropna()
    if len(ratio) < FEWEST:
        return usual, [
            few("variation of the load, policy's value used", len(ratio), FEWEST, table="forecasts")
        ]
    return float(ratio.std(ddof=1)), []


def _used(
    tables: Tables, hours: "pd.Series[float]", resource: str, available: "pd.Series[float]"
) -> "tuple[pd.Series[float], pd.Series[float]]":
    own = tables["capacity"].frame
    own = own[own["resource_id"] == resource].set_index("period")
    if own["run_hours"].notna().all():
        worked = own["run_hours"] - own["overtime_hours"]
        return worked / available.reindex(own.index), available
    asked = market(tables)
    known = [p for p in asked.columns if p in hours.index]
    return (asked[known] @ hours[known]) / available.reindex(asked.index), available
