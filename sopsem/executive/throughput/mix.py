"""E02: the best use of scarce hours, the price of an hour, and how far both hold."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, quote, refusal, warning
from sopsem.executive.plant import Plant, gather, market, origin, plant_of
from sopsem.executive.result import Result
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given, Tables
from sopsem.executive.throughput.program import (
    Program,
    Solution,
    cost_ranges,
    missing_hours,
    one_sided,
    other_optima,
    row_ranges,
)

__all__ = ["MixResult", "best_mix", "product_mix", "program_of"]

SOURCE = "Goldratt 1990; Corbett 1998; Linhares 2009"
MOST_SPREAD = 200  # products; above it alternative plans are not searched
SAME = 1e-6
MOST_RULES = 5  # rankings by the hours of so many resources are shown, those worth most


@dataclass(frozen=True, kw_only=True)
class MixResult(Result):
    """The plan (``table``), every resource with its price, and rules of thumb beside the optimum.

    ``table``: product, quantity, market, unmet, unit_contribution, contribution, market_value (of one unit more
    of market), contribution_low and contribution_high (plan unchanged between them), quantity_least and
    quantity_most over all optimal plans.  ``resources``: resource, available, load, slack, utilisation,
    shadow_price, price_from and price_to (hours between which the price holds), one_less, one_more, overtime.
    ``comparison``: rule, throughput, net_profit, gap.
    """

    resources: pd.DataFrame
    comparison: pd.DataFrame

    @property
    def constraint(self) -> str:
        """The resource whose hours are worth most in total; nothing when none binds."""
        return str(self.summary["constraint"])


def product_mix(
    products: Given,
    routings: Given,
    capacity: Given | None = None,
    demand: Given | None = None,
    *,
    resources: Given | None = None,
    orders: Given | None = None,
    period: str | None = None,
    integer: bool = False,
    supplier: bool = True,
    overtime: bool = False,
    min_sales: Mapping[str, float] | None = None,
    operating_expense: float = float("nan"),
    policy: Policy = DEFAULT_POLICY,
) -> MixResult:
    """Return the product mix that earns most with the hours there are.

    max sum c_p x_p - sum o_r w_r  subject to  sum_p a_rp x_p <= H_r + w_r,  0 <= w_r <= overtime,
    min_sales_p <= x_p <= market_p.

    Parameters
    ----------
    products, routings, capacity, demand : DataFrame or Table
        Demand is the market limit; a product that is in no row of it is limited by ``max_sales``.
    resources, orders : DataFrame or Table, optional
        Overtime, availability and supplier inputs; realised prices.
    period : str, optional
        By default the last period of demand, or of capacity.
    integer : bool
        Whole units; prices are then those of the linear relaxation, and the summary says so.
    supplier, overtime : bool
        Whether supplier inputs limit, and whether overtime may be used at its premium.
    min_sales : mapping, optional
        Contract minima instead of those of products.csv.
    operating_expense : float
        Of the period, for net profit; NaN where it is not given.
    policy : Policy
        Thresholds.

    Returns
    -------
    MixResult
        Notices T15 (one hour more and one hour less are worth different amounts), T26 (a product loses money on
        every unit), T27 (no resource binds), T28 (several bind: no ranking is safe), T29 (other plans are as
        good), T36.

    Raises
    ------
    DataError
        T14 when contract minima exceed capacity, naming resource and missing hours, or leave no whole units; T05 for a
        period or product that is not known, T06 for a minimum below 0; T10; codes of the tables.

    Examples
    --------
    >>> products = pd.DataFrame({"product_id": ["P", "Q"], "price": [90, 100], "material_cost": [45, 40],
    ...                          "max_sales": [100, 50]})
    >>> routings = pd.DataFrame({"product_id": ["P", "Q"], "resource_id": "B", "hours_per_unit": [15, 30]})
    >>> capacity = pd.DataFrame({"period": ["2025-W01"], "resource_id": "B", "scheduled_hours": 2400})
    >>> mix = product_mix(products, routings, capacity, operating_expense=6000)
    >>> mix.table["quantity"].tolist(), mix.summary["net_profit"], mix.constraint
    ([100.0, 30.0], 300.0, 'B')
    >>> mix.resources.loc[0, ["shadow_price", "price_from", "price_to"]].tolist()
    [2.0, 1500.0, 3000.0]

    """
    tables = gather(
        policy,
        products=products,
        routings=routings,
        capacity=capacity,
        demand=demand,
        resources=resources,
        orders=orders,
    )
    asked = market(tables) if "demand" in tables else None
    when = _period(tables, period)
    limit = None if asked is None else asked.reindex([when]).fillna(0.0).loc[when]
    plant = plant_of(tables, when, limit, supplier=supplier, overtime=overtime, min_sales=min_sales)
    return best_mix(plant, tables, integer=integer, operating_expense=operating_expense, period=when)


def _period(tables: Tables, asked: str | None) -> str:
    """Return the period asked for, else the last one of demand, or of capacity."""
    known = [sorted(tables[n].frame["period"].unique()) for n in ("demand", "capacity") if n in tables]
    if asked is None:
        return str(known[0][-1]) if known else ""
    if known and not any(asked in periods for periods in known):
        message = f"no demand and no capacity in {quote(asked)}; there are {known[0][0]} to {known[0][-1]}"
        raise refusal([fault("T05", message, column="period")])
    return asked


def program_of(plant: Plant) -> Program:
    """Return the programme of a plant: products first, then overtime hours.

    >>> one = np.ones(1)
    >>> plant = Plant(products=("P",), resources=("B",), hours=np.ones((1, 1)), available=one, overtime=one,
    ...               overtime_cost=one, price=2 * one, variable=one, market=one, least=0 * one)
    >>> program_of(plant).rows.tolist()
    [[1.0, -1.0]]
    """
    r = len(plant.resources)
    used = plant.overtime > 0
    return Program(
        gain=np.r_[plant.contribution, -plant.overtime_cost[used]],
        rows=np.hstack([plant.hours, -np.eye(r)[:, used]]),
        limit=plant.available,
        low=np.r_[plant.least, np.zeros(used.sum())],
        high=np.r_[plant.market, plant.overtime[used]],
    )


def best_mix(
    plant: Plant,
    tables: Tables,
    *,
    integer: bool = False,
    operating_expense: float = float("nan"),
    period: str = "",
) -> MixResult:
    """Return the result for a plant that was made already; see ``product_mix``."""
    program = program_of(plant)
    at = solved(plant, program)
    n = len(plant.products)
    ranges = row_ranges(program, at)
    sided = one_sided(program, at, ranges)
    spread = other_optima(program, at, n) if n <= MOST_SPREAD else np.column_stack([at.z[:n], at.z[:n]])
    z = at.z
    if integer:
        z = _whole(program, n)
    resources = _resource_table(plant, z, at, ranges, sided)
    earned = float(program.gain @ z)
    plan = _plan_table(plant, z[:n], at, cost_ranges(program, at, n), spread)
    comparison = _comparison(plant, resources, operating_expense, earned)
    binding = resources["shadow_price"] > SAME
    worth = (resources["shadow_price"] * resources["available"])[binding]
    summary = {
        "period": period,
        "throughput": earned,
        "operating_expense": operating_expense,
        "net_profit": earned - operating_expense,
        "constraint": "" if worth.empty else str(resources["resource"][worth.idxmax()]),
        "binding": int(binding.sum()),
        "prices_from": "linear relaxation" if integer else "linear programme",
        "n_products": n,
        "n_resources": len(plant.resources),
    }
    notices = [*tables.notices, *plant.notices, *_price_notices(resources, plan, SAME)]
    return MixResult(
        table=plan,
        resources=resources,
        comparison=comparison,
        summary=summary,
        notices=notices,
        excluded=tables.excluded,
        provenance=origin("E02", SOURCE, tables),
    )


def _whole(program: Program, count: int) -> np.ndarray:
    found = program.solve_whole(np.r_[np.ones(count), np.zeros(len(program.gain) - count)])
    if found is None:
        message = "no plan in whole units: contract minima and hours or market leave none between them"
        raise refusal([fault("T14", message, table="products", column="min_sales")])
    return found


def solved(plant: Plant, program: Program) -> Solution:
    """Return the optimum.

    Raises
    ------
    DataError
        T14 with the smallest relaxation; T10 when the market has no limit that the plant feels.

    """
    found = program.solve()
    if found is not None:
        return found
    lacking = missing_hours(program)
    short = [(name, hours) for name, hours in zip(plant.resources, lacking, strict=True) if hours > SAME]
    if not short:
        message = "the plan has no limit: give demand or max_sales for every product"
        raise refusal([fault("T10", message, table="demand", column="quantity")])
    shown = ", ".join(f"{quote(name)} lacks {hours:,.6g} hours" for name, hours in short)
    message = f"contract minima exceed capacity: {shown}; lower min_sales or add hours"
    raise refusal([fault("T14", message, table="products", column="min_sales")])


def _resource_table(
    plant: Plant, z: np.ndarray, at: Solution, ranges: np.ndarray, sided: np.ndarray
) -> pd.DataFrame:
    load = plant.hours @ z[: len(plant.products)]
    overtime = np.zeros(len(load))
    overtime[plant.overtime > 0] = z[len(plant.products) :]
    return pd.DataFrame(
        {
            "resource": plant.resources,
            "available": plant.available,
            "load": load,
            "slack": plant.available + overtime - load,
            "utilisation": np.divide(
                load, plant.available, out=np.full(len(load), np.nan), where=plant.available > 0
            ),
            "shadow_price": at.price,
            "price_from": ranges[:, 0],
            "price_to": ranges[:, 1],
            "one_less": sided[:, 0],
            "one_more": sided[:, 1],
            "overtime": overtime,
        }
    )


def _plan_table(
    plant: Plant, x: np.ndarray, at: Solution, costs: np.ndarray, spread: np.ndarray
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "product": plant.products,
            "quantity": x,
            "market": plant.market,
            "unmet": plant.market - x,
            "unit_contribution": plant.contribution,
            "contribution": plant.contribution * x,
            "market_value": at.upper[: len(x)],
            "contribution_low": costs[:, 0],
            "contribution_high": costs[:, 1],
            "quantity_least": spread[:, 0],
            "quantity_most": spread[:, 1],
        }
    )


def _comparison(plant: Plant, resources: pd.DataFrame, expense: float, best: float) -> pd.DataFrame:
    """Return the optimum and the plans of rules of thumb, each filled in its order until something is full."""
    c = plant.contribution
    rules = {
        "margin %": np.divide(c, plant.price, out=np.full(len(c), -np.inf), where=plant.price > 0),
        "unit contribution": c,
    }
    finite = np.where(np.isfinite(plant.market), plant.market, 0.0)
    loads = plant.hours @ finite / np.where(plant.available > 0, plant.available, np.inf)
    worth = (resources["shadow_price"] * resources["available"]).to_numpy()
    wanted = {
        *([int(loads.argmax())] if len(loads) else []),
        *(int(r) for r in np.argsort(-worth)[:MOST_RULES] if worth[r] > SAME),
    }
    for r in sorted(wanted):
        hours = plant.hours[r]
        ratio = np.divide(c, hours, out=np.where(c > 0, np.inf, -np.inf), where=hours > 0)
        rules[f"per hour of {plant.resources[r]}"] = ratio
    earned = {"optimum": best, **{rule: float(c @ greedy(plant, rank)) for rule, rank in rules.items()}}
    value = np.array(list(earned.values()))
    return pd.DataFrame(
        {"rule": list(earned), "throughput": value, "net_profit": value - expense, "gap": best - value}
    )


def greedy(plant: Plant, rank: np.ndarray) -> np.ndarray:
    """Return the plan that takes products in falling rank, each up to its market or the first full resource."""
    x = plant.least.copy()
    for p in np.argsort(-rank, kind="stable"):
        if plant.contribution[p] > 0:
            hours = plant.hours[:, p]
            room = (plant.available - plant.hours @ x)[hours > 0] / hours[hours > 0]
            x[p] += max(0.0, min(plant.market[p] - x[p], room.min(initial=np.inf)))
    return x


def _price_notices(resources: pd.DataFrame, plan: pd.DataFrame, same: float) -> list[Notice]:
    notices = []
    losing = plan["product"][plan["unit_contribution"] <= 0].tolist()
    if losing:
        message = f"{', '.join(map(quote, losing[:5]))}: loses money on every unit"
        notices.append(warning("T26", message, table="products", column="price"))
    less, more = resources["one_less"], resources["one_more"]
    differ = (less - more).abs() > same * (1 + less.abs())
    for row in resources[differ].itertuples(index=False):
        message = (
            f"{row.resource}: one more hour is worth {row.one_more:,.6g}, one fewer costs {row.one_less:,.6g}"
        )
        notices.append(warning("T15", message))
    binding = resources["resource"][resources["shadow_price"] > same].tolist()
    if not binding:
        notices.append(
            warning("T27", "no resource binds: the market is the constraint, rank by unit contribution")
        )
    if len(binding) > 1:
        message = (
            f"{len(binding)} resources bind ({', '.join(binding[:5])}): no ranking is safe, use the plan"
        )
        notices.append(warning("T28", message))
    loose = plan["quantity_most"] - plan["quantity_least"] > same * (1 + plan["quantity"].abs())
    if loose.any():
        names = ", ".join(plan["product"][loose].head(5))
        notices.append(warning("T29", f"other plans earn as much; the quantity of {names} is not determined"))
    return notices
