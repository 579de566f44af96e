"""E34: the range of a price: what must be paid for a unit, what its hours are worth, what the market gives."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.notices import Notice, fault, few, nearest, quote, refusal, warning
from sopsem.executive.plant import gather
from sopsem.executive.pricing.clearing import clearing_prices
from sopsem.executive.pricing.elasticity import FEWEST, Elasticity, estimate_elasticity
from sopsem.executive.pricing.orders import judged_orders, order_costs, placed_orders
from sopsem.executive.result import Provenance, Result, no_rows
from sopsem.executive.scenario import Plan
from sopsem.executive.scenario.model import PlanModel
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy
from sopsem.executive.schema.tables import Given

__all__ = ["PriceCorridor", "price_corridor"]

SOURCE = "opportunity cost of capacity; Phillips 2005, Pricing and Revenue Optimization"
Amount = float | Mapping[str, float]
SAME = 1e-9


@dataclass(frozen=True, kw_only=True)
class PriceCorridor(Result):
    """The corridor of every product in every period of delivery.

    ``table``: period, product, price, variable_cost, expected_cost, hard_floor, hour_cost, capacity_floor, target,
    ceiling, position, clearing_price, uniform_price.  ``orders``: order, product, period, sales_unit, quantity,
    price, hard_floor, capacity_floor, displacement_loss, discount, utilisation.
    """

    orders: pd.DataFrame


def price_corridor(
    plan: Plan,
    *,
    orders: Given | None = None,
    required_margin: float = 0.0,
    ceiling: Amount | None = None,
    elasticity: Amount | None = None,
    upper: float = float("nan"),
    policy: Policy = DEFAULT_POLICY,
) -> PriceCorridor:
    """Return floors, target, ceiling and clearing price of every product by period of delivery.

    Hard floor: (variable cost + expected expedite cost) / (1 - PD LGD - r days / year), the divisor 1 where no
    payment terms are known.  Capacity floor: the same with sum_r l_rt a_rp, the hours at their price in the plan,
    added to the cost.  Target: capacity floor x (1 + required margin).

    Parameters
    ----------
    plan : Plan
        Of ``plan_horizon``; one period of it is the product mix.
    orders : DataFrame or Table, optional
        Judged by their promised period; payment terms and expedite cost for the hard floor.
    required_margin : float
        Fraction of the capacity floor.
    ceiling : float or mapping by product, optional
        What the product is worth to customers; by default the price of the plan.
    elasticity : float or mapping by product, optional
        Above 0; by default estimated from orders where they allow it.
    upper : float, optional
        Utilisation above which a discount is counted: the upper end of the corridor of capacity.
    policy : Policy

    Returns
    -------
    PriceCorridor
        Notices T13 (too little movement of price for an elasticity), T18 (floor above ceiling), T26 (price below
        the hard floor), T34 (elasticity of 1 or less: no best price), T36.

    Raises
    ------
    DataError
        T05, T34, and the codes of orders.

    Examples
    --------
    >>> from sopsem.executive.scenario import plan_horizon
    >>> products = pd.DataFrame({"product_id": ["P", "Q"], "price": [90, 100], "material_cost": [45, 40]})
    >>> routings = pd.DataFrame({"product_id": ["P", "Q"], "resource_id": "B", "hours_per_unit": [15, 30]})
    >>> capacity = pd.DataFrame({"period": ["2025-W01"], "resource_id": "B", "scheduled_hours": 2400})
    >>> demand = pd.DataFrame({"period": "2025-W01", "product_id": ["P", "Q"], "sales_unit": "N",
    ...                        "quantity": [100, 50]})
    >>> found = price_corridor(plan_horizon(products, routings, capacity, demand), elasticity=2.5)
    >>> found.table["capacity_floor"].tolist(), found.table["clearing_price"].round(2).tolist()
    ([75.0, 100.0], [97.1, 110.86])

    """
    model, notices = plan.model, list(plan.notices)
    wrong = _wrong(required_margin, upper)
    if wrong:
        raise refusal([fault("T34", wrong)])
    given = gather(policy, orders=orders) if orders is not None else None
    placed, left = placed_orders(given, model) if given is not None else (pd.DataFrame(), no_rows())
    costs = order_costs(placed, model.products, policy, notices)
    found, answer = _elasticities(elasticity, placed, model, notices)
    table = _table(plan, costs, required_margin, _per_product(ceiling, model, "ceiling"))
    clearing, uniform = _cleared(model, answer)
    table = table.assign(clearing_price=clearing.ravel(), uniform_price=uniform.ravel())
    notices += _noticed(table)
    judged = judged_orders(placed, plan, costs)
    frames = [*([given.excluded] if given is not None else []), left]
    kept = [f for f in frames if len(f)]
    tables = [] if given is None else [given.digest]
    return PriceCorridor(
        table=table,
        orders=judged,
        summary={
            **_order_summary(judged, upper),
            "elasticity": found.value,
            "elasticity_error": found.error,
            "n_elasticity": found.n,
            "n_orders": len(judged),
            "n_orders_left_out": len(left),
            "periods_above_capacity": int(np.isfinite(clearing).any(axis=1).sum()),
        },
        notices=[*notices, *(given.notices if given is not None else ())],
        excluded=pd.concat([plan.excluded, *kept], ignore_index=True) if kept else plan.excluded,
        provenance=Provenance(
            formula="E34",
            source=SOURCE,
            policy=policy.digest,
            inputs=",".join([plan.provenance.inputs, *tables]),
        ),
    )


def _wrong(margin: float, upper: float) -> str:
    if not margin >= 0:
        return f"required_margin is {margin:g}; it must be 0 or more"
    return f"upper is {upper:g}; a utilisation is above 0" if upper <= 0 else ""


def _per_product(given: Amount | None, model: PlanModel, name: str) -> np.ndarray:
    """Return a number per product, NaN where none was given."""
    if isinstance(given, Mapping):
        unknown = [p for p in given if p not in model.products]
        if unknown:
            near = nearest(unknown[0], model.products)
            raise refusal([fault("T05", f"{name}: there is no product {quote(unknown[0])}{near}")])
        return np.array([float(given.get(p, np.nan)) for p in model.products])
    return np.full(len(model.products), np.nan if given is None else float(given))


def _elasticities(
    given: Amount | None, placed: pd.DataFrame, model: PlanModel, notices: list[Notice]
) -> tuple[Elasticity, np.ndarray]:
    """Return what was estimated, and the elasticity of each product that is used."""
    nan = float("nan")
    found, values = Elasticity(nan, nan, 0, nan), _per_product(given, model, "elasticity")
    if given is None and len(placed):
        found = estimate_elasticity(placed)
        values = np.full(len(model.products), found.value)
        if not found.known and found.n < FEWEST:
            notices.append(few("elasticity, product-periods of orders", found.n, FEWEST, table="orders"))
        elif not found.known:
            message = (
                f"no elasticity: within products ln price moves by {found.spread:.3g}, or with the period"
            )
            notices.append(warning("T13", message, table="orders", column="price"))
    if found.value - 2 * found.error <= 1:
        message = (
            f"elasticity {found.value:.3g} has an error of {found.error:.2g}: 1 or less cannot be ruled out"
        )
        notices.append(warning("T13", message, table="orders", column="price"))
    flat = [p for p, e in zip(model.products, values, strict=True) if e <= 1]
    if flat:
        message = f"elasticity of {', '.join(map(quote, flat[:5]))} is 1 or less: no best price, only floors"
        notices.append(warning("T34", message))
    return found, values


def _table(plan: Plan, costs: pd.DataFrame, margin: float, ceiling: np.ndarray) -> pd.DataFrame:
    model = plan.model
    t = len(model.periods)
    worth = plan.hour_prices().to_numpy(float) @ model.hours
    extra, share = np.tile(costs["extra"], (t, 1)), np.tile(costs["share"], (t, 1))
    hard = (model.variable + extra) / (1 - share)
    floor = (model.variable + extra + worth) / (1 - share)
    top = np.where(np.isnan(ceiling), model.price, ceiling)
    near = SAME * (1 + floor)
    position = np.select(
        [
            model.price < hard - near,
            model.price < floor - near,
            model.price <= floor + near,
            model.price > top + near,
        ],
        ["below hard floor", "below capacity floor", "at capacity floor", "above ceiling"],
        "inside",
    )
    columns = {
        "price": model.price,
        "variable_cost": model.variable,
        "expected_cost": hard - model.variable,
        "hard_floor": hard,
        "hour_cost": worth,
        "capacity_floor": floor,
        "target": floor * (1 + margin),
        "ceiling": top,
        "position": position,
    }
    keys = {
        "period": np.repeat(model.periods, len(model.products)),
        "product": np.tile(model.products, t),
    }
    return pd.DataFrame(keys | {name: values.ravel() for name, values in columns.items()})


def _cleared(model: PlanModel, elasticity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return best and uniform clearing prices by period x product, NaN where the load fits or nothing clears it.

    The resource is that with the highest load in the period.
    """
    best, uniform = np.full_like(model.price, np.nan), np.full_like(model.price, np.nan)
    if not (elasticity > 1).any():
        return best, uniform
    loads = np.divide(model.demand @ model.hours.T, model.available)
    for t, r in enumerate(loads.argmax(axis=1)):
        found = clearing_prices(
            model.price[t],
            model.demand[t],
            model.variable[t],
            model.hours[r],
            model.available[t, r],
            elasticity,
        )
        if found is not None:
            moves = (model.hours[r] > 0) & (elasticity > 1)
            best[t, moves] = found.prices[moves]
            uniform[t, moves] = found.uniform_factor * model.price[t, moves]
    return best, uniform


def _noticed(table: pd.DataFrame) -> list[Notice]:
    notices = []
    empty = table[table["capacity_floor"] > table["ceiling"] * (1 + SAME)]
    if len(empty):
        first = empty.iloc[0]
        message = (
            f"{len(empty)} product-periods have a capacity floor above their ceiling, first {quote(first['product'])} "
            f"in {first['period']}: {first['capacity_floor']:,.6g} against {first['ceiling']:,.6g}; their hours earn "
            "more elsewhere"
        )
        notices.append(warning("T18", message))
    under = table[table["position"] == "below hard floor"]
    names = under["product"].unique()[:5]
    return notices + [warning("T26", f"the price of {quote(p)} is below its hard floor") for p in names]


def _order_summary(orders: pd.DataFrame, upper: float) -> dict[str, object]:
    """Return what was sold below its floor, and the discounts given while the plant was above its corridor."""
    given = orders[orders["discount"] > 0]
    nan = float("nan")
    counted = {"discounts_when_full": nan, "discount_value_when_full": nan, "discount_share_when_full": nan}
    if not np.isnan(upper):
        full = given[given["utilisation"] > upper]
        total = float(given["discount"].sum())
        counted = {
            "discounts_when_full": len(full),
            "discount_value_when_full": float(full["discount"].sum()),
            "discount_share_when_full": float(full["discount"].sum()) / total if total > 0 else nan,
        }
    below = orders[orders["displacement_loss"] > 0]
    return {
        "orders_below_floor": len(below),
        "displacement_loss": float(below["displacement_loss"].sum()),
        **counted,
    }
