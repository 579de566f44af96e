"""Demand, its forecasts, prices and promises of a month."""

from dataclasses import dataclass, field

import numpy as np

from sopsem.executive.simulate.mechanisms import Streams
from sopsem.executive.simulate.world import (
    CUSTOMERS,
    HOURS,
    LIST_PRICES,
    OPTIMISM,
    PRODUCTS,
    SHARES,
    UNIT_NAMES,
    mean_demand,
    season,
)

__all__ = ["STEPS", "Line", "demand_of", "discounts", "forecast_month", "new_lines", "plan_load"]

STEPS = ("naive", "statistical", "sales", "consensus")
SMOOTHING = 0.25


@dataclass(kw_only=True)
class Line:
    """An order line on its way."""

    order_id: str
    product: int
    unit: int
    customer: str
    quantity: float
    price: float
    month: int
    day: int
    promised: int
    validated: bool
    open: float = field(default=0.0)
    delivered: int | None = None
    expedite: float = 0.0
    penalty: float = 0.0


def demand_of(t: int, streams: Streams) -> np.ndarray:
    """Draw the demand of a month, product x sales unit: Poisson with a gamma mean (cv 0.15)."""
    mean = np.outer(mean_demand(t), SHARES)
    shape = 1 / 0.15**2
    return streams.demand.poisson(mean * streams.demand.gamma(shape, 1 / shape, mean.shape)).astype(float)


def forecast_month(
    t: int, level: np.ndarray, last: np.ndarray, quarter_end: bool, theta: float, streams: Streams
) -> dict[str, np.ndarray]:
    """Return each step's forecast of month t, made before it: sales adds optimism, consensus takes some off."""
    rng = streams["forecast"]
    statistical = level * season(t)[:, None]
    lift = (1 - theta) * (OPTIMISM[None, :] + 0.12 * quarter_end)
    noise = rng.normal(0, 0.22 * (1.1 - theta), (len(PRODUCTS), 1))
    noise = noise + rng.normal(0, 0.10 * (1.1 - theta), statistical.shape)
    sales = np.clip(statistical * (1 + lift + noise), 0, None)
    consensus = (1 - theta) * sales + theta * statistical
    return dict(zip(STEPS, (last, statistical, sales, consensus), strict=True))


def smoothed(level: np.ndarray, actual: np.ndarray, t: int) -> np.ndarray:
    """Return the level after a month, seasonally adjusted.

    >>> float(smoothed(np.ones((6, 3)), np.ones((6, 3)) * season(4)[:, None], 4)[0, 0])
    1.0
    """
    return np.asarray(SMOOTHING * actual / season(t)[:, None] + (1 - SMOOTHING) * level)


def plan_load(quantity: np.ndarray, hours: np.ndarray) -> float:
    """Return the highest utilisation that quantities per product make."""
    return float((HOURS @ quantity / hours).max())


def discounts(load: float, quarter_end: bool, theta: float, streams: Streams) -> np.ndarray:
    """Return the discount of every cell: blind to capacity, or informed by it."""
    blind = (1 - theta) * (0.07 + 0.08 * quarter_end)
    informed = theta * np.clip(0.24 * (1 - load), 0, 0.06)
    noise = streams["pricing"].normal(0, 0.01, (len(PRODUCTS), len(UNIT_NAMES)))
    return np.asarray(np.clip(blind + informed + noise, 0, 0.3))


def new_lines(
    t: int,
    demand: np.ndarray,
    discount: np.ndarray,
    offset: np.ndarray,
    theta: float,
    streams: Streams,
) -> list[Line]:
    """Return the order lines of a month: every cell's demand split over its customers, each with a promise."""
    rng = streams["promise"]
    lines: list[Line] = []
    for p, u in np.ndindex(*demand.shape):
        parts = rng.multinomial(int(demand[p, u]), [1 / CUSTOMERS] * CUSTOMERS)
        validated = rng.random(CUSTOMERS) < theta
        days = rng.integers(1, 21, CUSTOMERS)
        lines += [
            Line(
                order_id=f"O{t:03d}-{p + 1}{u + 1}{i + 1}",
                product=p,
                unit=u,
                customer=f"{UNIT_NAMES[u]}-{i + 1}",
                quantity=float(parts[i]),
                price=round(float(LIST_PRICES[p] * (1 - discount[p, u])), 2),
                month=t,
                day=int(days[i]),
                promised=t + (int(offset[p]) if validated[i] else 0),
                validated=bool(validated[i]),
                open=float(parts[i]),
            )
            for i in np.flatnonzero(parts)
        ]
    return lines
