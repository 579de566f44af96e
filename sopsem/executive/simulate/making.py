"""Capacity, production under shortage, and deliveries of a month."""

from dataclasses import dataclass

import numpy as np

from sopsem.executive.simulate.mechanisms import Streams
from sopsem.executive.simulate.selling import Line
from sopsem.executive.simulate.world import HOURS, PRODUCTS, RESOURCES, mean_demand

__all__ = ["Month", "deliver", "hours_of", "maintenance_plan", "nominal_hours", "produce"]

SCHEDULED = (RESOURCES["servers"] * RESOURCES["hours"]).to_numpy()
AVAILABILITY = RESOURCES["availability"].to_numpy()
OVERTIME = (RESOURCES["servers"] * RESOURCES["overtime"]).to_numpy()
MARGIN = (PRODUCTS["price"] - PRODUCTS["material"] - PRODUCTS["other"]).to_numpy()
MACH = 1
EXPEDITE, PENALTY = 0.06, 0.02


@dataclass(frozen=True, kw_only=True)
class Month:
    """What a month's production was: units by product, hours by resource."""

    made: np.ndarray
    maintenance: np.ndarray
    downtime: np.ndarray
    run: np.ndarray
    overtime: np.ndarray


def nominal_hours() -> np.ndarray:
    """Return the hours of each resource at its usual availability.

    >>> nominal_hours().round(1).tolist()
    [595.2, 1126.4, 864.0, 921.6, 608.0]
    """
    return np.asarray(SCHEDULED * AVAILABILITY)


def maintenance_plan(periods: int, theta: float, streams: Streams) -> np.ndarray:
    """Return the share of hours for maintenance, month x resource: heavy in three months of each year.

    Below 0.5 the months are drawn; from 0.5 on they are those of the lowest expected demand.
    """
    share = np.full((periods, len(RESOURCES)), 0.01)
    for first in range(0, periods, 12):
        months = np.arange(first, min(first + 12, periods))
        load = [float((HOURS @ mean_demand(int(t)))[MACH]) for t in months]
        chosen = months[np.argsort(load, kind="stable")[:3]]
        drawn = streams["maintenance"].permutation(months)[:3]
        share[chosen if theta >= 0.5 else drawn] = 0.10
    return share


def hours_of(share: np.ndarray, streams: Streams) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return maintenance, downtime and hours left: availability is beta with its usual mean."""
    maintenance = SCHEDULED * share
    up = streams.demand.beta(40 * AVAILABILITY, 40 * (1 - AVAILABILITY))
    left = (SCHEDULED - maintenance) * up
    return maintenance, SCHEDULED - maintenance - left, left


def produce(
    target: np.ndarray,
    hours: tuple[np.ndarray, np.ndarray, np.ndarray],
    theta: float,
    streams: Streams,
) -> Month:
    """Make the target, or what capacity with overtime allows: a proportional slice, then by rank."""
    maintenance, downtime, normal = hours
    limit = normal + OVERTIME
    load = HOURS @ target
    made = target.copy()
    if (load > limit).any():
        slice_share = min(1.0, float((limit[load > 0] / load[load > 0]).min())) * (1 - theta / 2)
        made = target * slice_share
        by_hour = streams["allocation"].random() < theta
        rank = MARGIN / HOURS[MACH] if by_hour else PRODUCTS["price"].to_numpy() * target
        for p in np.argsort(-rank, kind="stable"):
            room = (limit - HOURS @ made) / HOURS[:, p]
            made[p] += max(0.0, min(target[p] - made[p], float(room.min())))
    made = np.floor(made + 1e-9)
    worked = HOURS @ made
    return Month(
        made=made,
        maintenance=maintenance,
        downtime=downtime,
        run=worked,
        overtime=np.clip(worked - normal, 0, None),
    )


def deliver(t: int, lines: list[Line], stock: np.ndarray) -> list[tuple[Line, float]]:
    """Ship open lines in the order of their promises; units that are late cost premium freight and a penalty.

    ``stock`` is taken from; every shipment is returned with its units.
    """
    shipped = []
    for line in sorted(lines, key=lambda one: (one.promised, one.month, one.order_id)):
        units = min(line.open, float(stock[line.product]))
        if units > 0:
            stock[line.product] -= units
            line.open -= units
            shipped.append((line, units))
            if t > line.promised:
                line.expedite += EXPEDITE * units * line.price
                line.penalty += PENALTY * units * line.price * (t - line.promised)
            if line.open == 0:
                line.delivered = t
    return shipped
