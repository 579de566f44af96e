"""Hours of an order put into periods: what fits, by when, how full it makes the plant, and what its hours are worth."""

from dataclasses import dataclass

import numpy as np

from sopsem.executive.governance.order import Order, State, last_day

__all__ = ["Placement", "Rooms", "earliest", "place", "rooms_of"]

SAME = 1e-9
KINDS = ("green", "hard", "lever")
UNLIMITED = 1e15  # units of a product that needs no hours


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """Units of a product that still fit, by period: inside the corridor, within the hours, with levers."""

    green: np.ndarray
    hard: np.ndarray
    lever: np.ndarray
    cost: np.ndarray  # price of a unit's hours
    lever_cost: np.ndarray


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where an order's hours go.

    ``kind``: green (inside the corridor), hard (within the hours), lever, or over (does not fit).  ``units`` by
    period, those that do not fit in the requested one.  ``rent``: price of the cheapest hours by then.  ``late``:
    days from the end of the requested period to the end of the first by which it fits; infinite where it never does.
    """

    kind: str
    units: np.ndarray
    net: float
    utilisation: float
    resource: int
    rent: float
    late: float
    green_period: str
    hard_period: str


def rooms_of(order: Order, state: State) -> Rooms:
    """Return what fits; promises made without a check of capacity give way to an order with priority."""
    a = np.asarray(state.unit_hours[order.product], dtype=float)
    taken = state.committed - (state.movable if order.priority else 0.0)
    used = a > 0
    dear = np.maximum(state.lambda_, state.lever_cost)

    def room(limit: np.ndarray) -> np.ndarray:
        if not used.any():
            return np.full(len(state.periods), UNLIMITED)
        return np.asarray(np.clip((limit - taken)[used] / a[used, None], 0.0, None).min(axis=0))

    return Rooms(
        green=room(state.upper[:, None] * state.hours - state.probable),
        hard=room(state.hours),
        lever=room(state.hours + state.lever),
        cost=a @ state.lambda_,
        lever_cost=a @ dear,
    )


def _fill(units: float, caps: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Return units by period, cheapest hours first, of equally cheap the latest."""
    placed = np.zeros(len(caps))
    for t in sorted(range(len(caps)), key=lambda t: (cost[t], -t)):
        placed[t] = min(units - placed.sum(), caps[t])
    return np.clip(placed, 0.0, None)


def earliest(units: float, caps: np.ndarray, *, whole: bool) -> np.ndarray | None:
    """Return units by period as early as they fit; None when they do not fit at all.

    >>> earliest(30.0, np.array([12.0, 2.5, 42.0]), whole=True).tolist()
    [12.0, 2.0, 16.0]
    """
    parts = np.zeros(len(caps))
    for t, cap in enumerate(caps):
        most = np.floor(cap + SAME) if whole else cap
        parts[t] = min(units - parts.sum(), most)
    return parts if parts.sum() >= units - SAME * max(1.0, units) else None


def _first(units: float, caps: np.ndarray) -> int | None:
    """Return the first period by which units fit."""
    enough = np.flatnonzero(np.cumsum(caps) >= units - SAME * max(1.0, units))
    return int(enough[0]) if len(enough) else None


def place(order: Order, state: State) -> Placement:
    """Return where an order's hours go by the requested period; levels of the corridor are tried first.

    A period is free when every resource of the product has the hours in it: a check that a promise can be kept,
    not a schedule.
    """
    rooms = rooms_of(order, state)
    net = max(0.0, order.quantity - state.stock.get(order.product, 0.0))
    last = min(max(state.position(order.requested), 0), len(state.periods) - 1)
    wanted = _wanted(order, state, net)
    if wanted is None:
        kind, units = _scheduled(net, rooms, last)
        rent = _cheapest(net, rooms, last)
    else:
        kind, units = _as_agreed(wanted, rooms), wanted
        rent = _rent_of(wanted, rooms)
    green, hard = _first(net, rooms.green), _first(net, rooms.hard)
    end = last_day(state.periods[last])
    late = np.inf if hard is None else max(0.0, (last_day(state.periods[hard]) - end).days)
    utilisation, resource = _peak(order, state, units)
    return Placement(
        kind=kind,
        units=units,
        net=net,
        utilisation=utilisation,
        resource=resource,
        rent=rent,
        late=float(late if wanted is None or kind != "over" else np.inf),
        green_period="" if green is None else state.periods[green],
        hard_period="" if hard is None else state.periods[hard],
    )


def _wanted(order: Order, state: State, net: float) -> np.ndarray | None:
    """Return agreed parts by period, stock taken from the first ones."""
    if not order.parts:
        return None
    wanted = np.zeros(len(state.periods))
    for period, quantity in order.parts:
        wanted[state.periods.index(period)] += quantity
    before = np.cumsum(wanted) - wanted
    from_stock = np.clip(order.quantity - net - before, 0.0, wanted)
    return np.asarray(wanted - from_stock)


def _scheduled(net: float, rooms: Rooms, last: int) -> tuple[str, np.ndarray]:
    units = np.zeros(len(rooms.green))
    here = slice(0, last + 1)
    for kind in KINDS:
        caps = getattr(rooms, kind)[here]
        if caps.sum() >= net - SAME * max(1.0, net):
            units[here] = _fill(net, caps, rooms.cost[here])
            return kind, units
    units[here] = _fill(net, rooms.hard[here], rooms.cost[here])
    units[last] += net - units.sum()
    return "over", units


def _as_agreed(wanted: np.ndarray, rooms: Rooms) -> str:
    slack = SAME * np.maximum(1.0, wanted)
    return next((kind for kind in KINDS if (wanted <= getattr(rooms, kind) + slack).all()), "over")


def _cheapest(net: float, rooms: Rooms, last: int) -> float:
    """Return the least price of the hours: a later date only adds hours to choose from, so it never costs more."""
    here = slice(0, last + 1)
    more = np.clip(rooms.lever[here] - rooms.hard[here], 0.0, None)
    caps = np.r_[rooms.hard[here], more]
    cost = np.r_[rooms.cost[here], rooms.lever_cost[here]]
    units = _fill(net, caps, cost)
    over = max(0.0, net - float(units.sum()))
    return float(units @ cost) + over * _dearest(rooms)


def _rent_of(wanted: np.ndarray, rooms: Rooms) -> float:
    usual = np.minimum(wanted, rooms.hard)
    more = np.minimum(wanted - usual, np.clip(rooms.lever, rooms.hard, None) - usual)
    over = wanted - usual - more
    return float(usual @ rooms.cost + more @ rooms.lever_cost + over.sum() * _dearest(rooms))


def _dearest(rooms: Rooms) -> float:
    return float(max(rooms.cost.max(), rooms.lever_cost.max()))


def _peak(order: Order, state: State, units: np.ndarray) -> tuple[float, int]:
    """Return the highest utilisation of the hours that are touched, and its resource; NaN where none are."""
    a = np.asarray(state.unit_hours[order.product], dtype=float)
    touched = np.outer(a > 0, units > SAME)
    if not touched.any():
        return float("nan"), -1
    taken = state.committed - (state.movable if order.priority else 0.0)
    load = taken + np.outer(a, units)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(touched, np.where(state.hours > 0, load / state.hours, np.inf), -np.inf)
    place = int(share.argmax())
    return float(share.flat[place]), place // share.shape[1]
