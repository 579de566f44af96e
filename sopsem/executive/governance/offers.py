"""Counter-offers: what would be accepted in place of an order that was not, each tested like any other order."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sopsem.executive.governance.criteria import APPROVE, ESCALATE, REJECT, Judgement, hours_share, judge
from sopsem.executive.governance.order import Order, State, last_day
from sopsem.executive.governance.placing import SAME, earliest, rooms_of
from sopsem.executive.schema.policy import Policy

__all__ = ["Offer", "counter_offers"]


class Offer(NamedTuple):
    """An order that could be made instead, with its own judgement."""

    kind: str
    order: Order
    judged: Judgement


def counter_offers(order: Order, state: State, policy: Policy, judged: Judgement) -> tuple[Offer, ...]:
    """Return the offers for an order that is not approved; none for one that is invalid or on stop.

    Smaller by the requested date, later (in parts), dearer, paid in advance, below the size of a major commitment,
    firm, without priority; where none of these alone is approved, all that are needed together.
    """
    hopeless = judged.outcome("A1") == REJECT or judged.outcome("A7") == REJECT
    if judged.decision == APPROVE or hopeless:
        return ()
    found = [
        Offer(kind, one, judge(one, state, policy)) for kind, one in _single(order, state, policy, judged)
    ]
    if not any(offer.judged.decision == APPROVE for offer in found):
        together = _together(order, state, policy)
        if together is not None:
            found.append(Offer("together", together, judge(together, state, policy)))
    return tuple(found)


def _single(order: Order, state: State, policy: Policy, judged: Judgement) -> Iterator[tuple[str, Order]]:
    if judged.placed is not None and judged.placed.kind != "green":
        yield from _by_hours(order, state, above=judged.placed.kind != "hard")
    if order.price < judged.floor - SAME * max(1.0, judged.floor):
        yield "price", replace(order, price=_cents(judged.floor))
    elif judged.outcome("A4") == REJECT:
        yield "price", replace(order, price=_cents(state.variable[order.product]))
    if judged.outcome("A7") == ESCALATE or judged.outcome("A8") in {ESCALATE, REJECT}:
        yield "prepayment", replace(order, prepaid=True)
    if judged.outcome("A6") == ESCALATE:
        small = _below_major(order, state, policy)
        if small > 0:
            yield "size", replace(order, quantity=small, parts=())
    if judged.outcome("A9") in {ESCALATE, REJECT}:
        yield "firm", replace(order, probability=1.0, compliance=1.0)
    if judged.outcome("A10") in {ESCALATE, REJECT}:
        yield "no priority", replace(order, priority=False)


def _whole(order: Order) -> bool:
    return float(order.quantity).is_integer()


def _down(units: float, *, whole: bool) -> float:
    return float(np.floor(units + SAME)) if whole else float(units)


def _cents(price: float) -> float:
    """Return the price, up to a cent.

    >>> _cents(75.0), _cents(74.991)
    (75.0, 75.0)
    """
    return math.ceil(price * 100 - 1e-6) / 100


def _by_hours(order: Order, state: State, *, above: bool) -> Iterator[tuple[str, Order]]:
    """Offer what is free by the requested date, and all of it as early as it fits."""
    rooms, whole = rooms_of(order, state), _whole(order)
    held = min(order.quantity, state.stock.get(order.product, 0.0))
    last = min(state.position(order.requested), len(state.periods) - 1)
    less = _down(held + float(rooms.green[: last + 1].sum()), whole=whole)
    if 0 < less < order.quantity:
        yield "quantity", replace(order, quantity=less, parts=())
    seen = set()
    levels = [("date", rooms.green), ("date, above the corridor", rooms.hard)]
    for kind, caps in levels[: 1 + above]:
        made = _in_parts(order, state, earliest(order.quantity - held, caps, whole=whole), held)
        if made is not None and made.parts not in seen:
            seen.add(made.parts)
            yield kind, made


def _in_parts(order: Order, state: State, units: np.ndarray | None, held: float) -> Order | None:
    """Return the order in part deliveries, what is on stock first."""
    if units is None:
        return None
    whole = units.copy()
    whole[0] += held
    parts = tuple((state.periods[t], float(whole[t])) for t in np.flatnonzero(whole > SAME))
    day = max(order.requested, last_day(parts[-1][0]))
    return replace(order, parts=parts, requested=day)


def _below_major(order: Order, state: State, policy: Policy) -> float:
    """Return the most units that are no major commitment."""
    limits, whole = policy["authorise"], _whole(order)
    most = order.quantity
    if order.product in state.unit_hours and (one := hours_share(order, state, 1.0)) > 0:
        held = state.stock.get(order.product, 0.0)
        most = min(most, held + limits["major_share"] / one * (1 - SAME))
    if state.revenue > 0 and order.price > 0:
        most = min(most, limits["major_revenue_share"] * state.revenue / order.price * (1 - SAME))
    return float(np.floor(most)) if whole else float(most) * (1 - SAME)


def _together(order: Order, state: State, policy: Policy) -> Order | None:
    """Return everything that is needed at once: on the first date with free hours, small, dear enough, paid, firm."""
    plain = replace(order, prepaid=True, probability=1.0, compliance=1.0, priority=False, parts=())
    if order.product not in state.unit_hours:
        return None
    held = state.stock.get(order.product, 0.0)
    green = held + np.cumsum(rooms_of(plain, state).green)
    whole = _whole(order)
    start = min(state.position(order.requested), len(state.periods) - 1)
    for t in range(start, len(state.periods)):
        day = max(order.requested, last_day(state.periods[t])) if t > start else order.requested
        later = replace(plain, requested=day)
        price = max(order.price, _floor_of(later, state, policy))
        least = _below_major(replace(later, price=price), state, policy)
        quantity = min(_down(float(green[t]), whole=whole), least)
        if quantity > SAME:
            smaller = replace(later, quantity=quantity)
            return replace(smaller, price=max(order.price, _floor_of(smaller, state, policy)))
    return None


def _floor_of(order: Order, state: State, policy: Policy) -> float:
    return _cents(max(judge(order, state, policy).floor, state.variable[order.product]))
