"""E31: one plan for sales and production over several periods, possible by construction, with prices of hours."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sopsem.errors import DataError
from sopsem.executive.notices import Notice, fault, quote, refusal, warning
from sopsem.executive.plant import gather
from sopsem.executive.result import Result
from sopsem.executive.scenario.building import Amount, built
from sopsem.executive.scenario.linear import LARGE, Linear, Optimum
from sopsem.executive.scenario.measures import costs_of, loads_of, measures_of
from sopsem.executive.scenario.model import PlanModel, Workforce, linear_of, parts_of
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given

__all__ = ["Plan", "best_plan", "impossible", "plan_horizon"]

SAME = 1e-6
MOST_SIDED = 40  # full hours up to which both sides of their prices are compared, in plans that are not large


@dataclass(frozen=True, kw_only=True)
class Plan(Result):
    """The plan (``table``), the hours with their prices, the cost by cause, and the model it is of.

    ``table``: period, product, demand, price, made, subcontracted, shipped, stock, backlog, lost, market_value
    (of one unit more asked for).  ``resources``: period, resource, available, overtime, load, utilisation (of
    available), slack, hour_price.  ``workforce``: period, resource, workers, hired, laid_off.
    ``costs``: cause, amount.
    """

    resources: pd.DataFrame
    workforce: pd.DataFrame
    costs: pd.DataFrame
    model: PlanModel

    def hour_prices(self) -> pd.DataFrame:
        """Return the price of an hour, period x resource."""
        wide = self.resources.pivot_table(index="period", columns="resource", values="hour_price")
        return wide.reindex(index=list(self.model.periods), columns=list(self.model.resources))


def plan_horizon(
    products: Given,
    routings: Given,
    capacity: Given | None,
    demand: Given,
    *,
    resources: Given | None = None,
    orders: Given | None = None,
    overtime: bool = True,
    backlog_cost: Amount | None = None,
    holding_rate: Amount | None = None,
    subcontract: Amount | None = None,
    hire_fire: Sequence[Workforce] = (),
    whole_workers: bool = False,
    service_floor: float = 0.0,
    start_stock: Amount = 0.0,
    end_stock: Amount = 0.0,
    start_backlog: Amount = 0.0,
    clear_backlog: bool = False,
    policy: Policy = DEFAULT_POLICY,
) -> Plan:
    """Return the plan over every period of demand that earns most after all its costs.

    max sum price x shipped - variable x made - holding x stock - backlog - overtime - subcontracted - workforce;
    stock = stock before + made + subcontracted - shipped; backlog = backlog before + demand - shipped - lost;
    sum a_rp made_p <= H_rt + overtime_rt.  What waits is paid at the price of the period it was asked for in.

    Parameters
    ----------
    products, routings, capacity, demand : DataFrame or Table
        The horizon is that of demand; a period without capacity has the usual hours of resources.csv.
    resources, orders : DataFrame or Table, optional
        Overtime, availability and servers; realised prices.
    overtime : bool
        Whether overtime may be used, at its cost per hour.
    backlog_cost : float or mapping by product, optional
        Per unit and period; a product without it loses what is not shipped in its period.
    holding_rate : float or mapping by product, optional
        Per year, of variable cost; by default that of products.csv, else the policy's.
    subcontract : float or mapping by product, optional
        Cost of a unit made elsewhere, its material included; a product without it cannot be.
    hire_fire : sequence of Workforce
        Resources whose workers may be hired and laid off.
    whole_workers : bool
        Whole workers; prices are then those of the linear relaxation, and the summary says so.
    service_floor : float
        Smallest share of a period's demand that is not late or lost at its end, for every product.
    start_stock, end_stock, start_backlog : float or mapping by product
        Before the first period; at least this at the end of the last one.
    clear_backlog : bool
        No backlog at the end.
    policy : Policy

    Returns
    -------
    Plan
        Notices T15 (an hour more and one less are worth different amounts; or that this was not looked for,
        which takes two more plans per full hour), T27 (no hour is worth anything), T36.

    Raises
    ------
    DataError
        T14 when there is no such plan, naming period, resource and missing hours; T05, T06, T10, T34.

    Examples
    --------
    >>> products = pd.DataFrame({"product_id": ["P"], "price": 90.0, "material_cost": 45.0})
    >>> routings = pd.DataFrame({"product_id": ["P"], "resource_id": "B", "hours_per_unit": 1.0})
    >>> months = ["2025-01", "2025-02"]
    >>> capacity = pd.DataFrame({"period": months, "resource_id": "B", "scheduled_hours": 100.0})
    >>> demand = pd.DataFrame({"period": months, "product_id": "P", "sales_unit": "N", "quantity": [60.0, 150.0]})
    >>> plan = plan_horizon(products, routings, capacity, demand, holding_rate=0.2)
    >>> plan.table["shipped"].tolist(), plan.table["stock"].tolist()
    ([60.0, 140.0], [40.0, 0.0])
    >>> plan.resources["hour_price"].tolist()
    [44.25, 45.0]

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
    model = built(
        tables,
        overtime=overtime,
        backlog_cost=backlog_cost,
        holding_rate=holding_rate,
        subcontract=subcontract,
        hire_fire=hire_fire,
        service_floor=service_floor,
        start_stock=start_stock,
        end_stock=end_stock,
        start_backlog=start_backlog,
        clear_backlog=clear_backlog,
    )
    return best_plan(model, whole_workers=whole_workers)


def best_plan(model: PlanModel, *, whole_workers: bool = False) -> Plan:
    """Return the plan of a model that was made already or changed; see ``plan_horizon``."""
    program = linear_of(model)
    at = program.solve()
    if at is None:
        raise impossible(model, program)
    whole = program.solve_whole(_worker_columns(model)) if whole_workers and model.workforce else None
    parts = parts_of(model, (whole or at).z)
    prices = program.hour_prices(at).reshape(len(model.periods), -1)
    summary = {
        **measures_of(model, parts),
        "constraint": _constraint(model, prices),
        "prices_from": "linear relaxation" if whole else "linear programme",
        "n_periods": len(model.periods),
        "n_products": len(model.products),
        "n_resources": len(model.resources),
    }
    return Plan(
        table=_plan_table(model, parts, at.equal_value[program.asked]),
        resources=_resource_table(model, parts, prices),
        workforce=_workforce_table(model, parts),
        costs=pd.DataFrame(costs_of(model, parts).items(), columns=["cause", "amount"]),
        model=model,
        summary=summary,
        notices=[*model.notices, *_price_notices(model, program, at)],
        excluded=model.excluded,
        provenance=model.provenance,
    )


def impossible(model: PlanModel, program: Linear) -> DataError:
    """Return the error that names the fewest hours more which would make a plan possible."""
    lacking = program.missing_hours()
    if lacking is None:
        message = "no hours would make the plan possible: contract minima are above what is asked for"
        return refusal([fault("T14", message, table="demand", column="quantity")])
    cells = np.argwhere(lacking.reshape(len(model.periods), -1) > SAME)
    named = [
        f"{quote(model.resources[r])} in {model.periods[t]} lacks {lacking[t * len(model.resources) + r]:,.6g} hours"
        for t, r in cells[:5]
    ]
    more = f" and {len(cells) - 5} more" if len(cells) > 5 else ""
    message = f"the plan is impossible: {', '.join(named)}{more}; add hours or ask for less"
    return refusal([fault("T14", message, table="capacity", column="scheduled_hours")])


def _worker_columns(model: PlanModel) -> np.ndarray:
    """Return where workers, hired and laid off stand among the variables."""
    t, k = len(model.periods), len(model.workforce)
    before = t * (6 * len(model.products) + len(model.resources))
    return np.arange(before + 3 * t * k) >= before


def _constraint(model: PlanModel, prices: np.ndarray) -> str:
    worth = np.where(prices > SAME, prices * np.where(prices > SAME, model.available, 0.0), 0.0).sum(axis=0)
    return model.resources[int(worth.argmax())] if worth.max(initial=0.0) > SAME else ""


def _plan_table(model: PlanModel, parts: dict[str, np.ndarray], value: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "period": np.repeat(model.periods, len(model.products)),
            "product": np.tile(model.products, len(model.periods)),
            "demand": model.demand.ravel(),
            "price": model.price.ravel(),
            "made": parts["made"].ravel(),
            "subcontracted": parts["sub"].ravel(),
            "shipped": parts["ship"].ravel(),
            "stock": parts["stock"].ravel(),
            "backlog": parts["backlog"].ravel(),
            "lost": parts["lost"].ravel(),
            "market_value": value,
        }
    )


def _resource_table(model: PlanModel, parts: dict[str, np.ndarray], prices: np.ndarray) -> pd.DataFrame:
    regular, load = loads_of(model, parts)
    return pd.DataFrame(
        {
            "period": np.repeat(model.periods, len(model.resources)),
            "resource": np.tile(model.resources, len(model.periods)),
            "available": regular.ravel(),
            "overtime": parts["overtime"].ravel(),
            "load": load.ravel(),
            "utilisation": np.divide(
                load, regular, out=np.full_like(load, np.nan), where=regular > 0
            ).ravel(),
            "slack": (regular + parts["overtime"] - load).ravel(),
            "hour_price": prices.ravel(),
        }
    )


def _workforce_table(model: PlanModel, parts: dict[str, np.ndarray]) -> pd.DataFrame:
    k = len(model.workforce)
    return pd.DataFrame(
        {
            "period": np.repeat(model.periods, k),
            "resource": np.tile([w.resource for w in model.workforce], len(model.periods)),
            "workers": parts["workers"].ravel(),
            "hired": parts["hired"].ravel(),
            "laid_off": parts["laid_off"].ravel(),
        }
    )


def _price_notices(model: PlanModel, program: Linear, at: Optimum) -> list[Notice]:
    """Say where an hour more and an hour less are worth different amounts, or that none is worth anything."""
    prices = program.hour_prices(at)
    if not (prices > SAME).any():
        return [warning("T27", "no hour is worth anything: the market is the constraint in every period")]
    m = len(program.hour_rows)
    tight = np.flatnonzero((program.upper - program.upper_rows @ at.z)[:m] < SAME)
    if len(tight) > MOST_SIDED or len(program.gain) > LARGE:
        message = (
            f"prices of {len(tight)} full resource-periods of {len(program.gain):,} variables: whether one more hour "
            "and one fewer are worth different amounts was not looked for"
        )
        return [warning("T15", message)]
    notices: list[Notice] = []
    for row in tight:
        step = max(1e-4 * abs(program.upper[row]), 1e-6)
        less, more = (_side(program, at, int(row), sign * step) for sign in (-1, 1))
        if abs(less - more) > SAME * (1 + abs(less)):
            t, r = divmod(int(program.hour_rows[row]), len(model.resources))
            message = (
                f"{model.resources[r]} in {model.periods[t]}: one more hour is worth {more:,.6g}, "
                f"one fewer costs {less:,.6g}"
            )
            notices.append(warning("T15", message))
    return notices


def _side(program: Linear, at: Optimum, row: int, step: float) -> float:
    changed = program.upper.copy()
    changed[row] += step
    moved = replace(program, upper=changed).solve()
    return float("nan") if moved is None else (moved.value - at.value) / step
