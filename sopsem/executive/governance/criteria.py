"""The ten tests of an order, each with what was measured, the threshold, and why."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sopsem.executive.governance.order import Order, State, last_day
from sopsem.executive.governance.placing import SAME, Placement, place
from sopsem.executive.notices import quote
from sopsem.executive.schema.policy import Policy

__all__ = ["APPROVE", "ESCALATE", "REJECT", "UNTESTED", "Finding", "Judgement", "hours_share", "judge"]

APPROVE, ESCALATE, REJECT, UNTESTED = "approve", "escalate", "reject", "untested"
WORST = {UNTESTED: 0, APPROVE: 0, ESCALATE: 1, REJECT: 2}
NAMES = {
    "A1": "data",
    "A2": "capacity by the requested date",
    "A3": "corridor",
    "A4": "hard floor",
    "A5": "capacity floor",
    "A6": "size",
    "A7": "credit",
    "A8": "liquidity",
    "A9": "speculative",
    "A10": "displacement",
}
NAN = float("nan")


class Finding(NamedTuple):
    """One test: its code, the outcome, what was measured, the threshold and the reason."""

    code: str
    outcome: str
    value: float
    threshold: float
    reason: str

    @property
    def name(self) -> str:
        """What is tested."""
        return NAMES[self.code]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """All findings of an order, and where its hours go (None where that cannot be said)."""

    findings: tuple[Finding, ...]
    placed: Placement | None
    floor: float
    net_value: float
    cash: np.ndarray

    @property
    def decision(self) -> str:
        """The worst outcome of all tests."""
        worst = max(WORST[f.outcome] for f in self.findings)
        return (APPROVE, ESCALATE, REJECT)[worst]

    def outcome(self, code: str) -> str:
        """Return the outcome of one test."""
        return next(f.outcome for f in self.findings if f.code == code)

    @property
    def reasons(self) -> tuple[Finding, ...]:
        """What speaks against the order, the worst first."""
        against = [f for f in self.findings if WORST[f.outcome]]
        return tuple(sorted(against, key=lambda f: -WORST[f.outcome]))


def judge(order: Order, state: State, policy: Policy) -> Judgement:
    """Return every test of an order; an order that is itself invalid is tested no further."""
    limits = policy["authorise"]
    invalid = _invalid(order, state)
    if invalid:
        rest = tuple(Finding(code, UNTESTED, NAN, NAN, "the order is invalid") for code in list(NAMES)[1:])
        first = Finding("A1", REJECT, NAN, NAN, invalid)
        return Judgement(findings=(first, *rest), placed=None, floor=NAN, net_value=NAN, cash=np.zeros(0))
    variable = state.variable[order.product]
    placed = place(order, state) if order.product in state.unit_hours else None
    rent = placed.rent if placed else NAN
    floor = variable + rent / order.quantity
    value = order.quantity * (order.price - variable) - rent
    cash = _cash_taken(order, state, variable)
    a2 = _capacity(order, state, placed, limits["grace_days"])
    a3 = _corridor(state, placed, a2.outcome)
    findings = (
        _data(order, state, policy["general"]["freshness_days"]),
        a2,
        a3,
        _hard_floor(order, variable),
        _capacity_floor(order, floor, value, a3.outcome),
        _size(order, state, placed, limits["major_share"], limits["major_revenue_share"]),
        _credit(order, state, variable),
        _liquidity(state, cash, limits["cash_breach_p"]),
        _speculative(order, limits["min_probability"], limits["reject_probability"], limits["gate_min"]),
        _displacement(order, state, placed, limits["grace_days"]),
    )
    return Judgement(findings=findings, placed=placed, floor=floor, net_value=value, cash=cash)


def _invalid(order: Order, state: State) -> str:
    numbers = {
        "quantity": (order.quantity, 0 < order.quantity < math.inf),
        "price": (order.price, 0 <= order.price < math.inf),
        "terms_days": (order.terms_days, 0 <= order.terms_days < math.inf),
        "probability": (order.probability, 0 <= order.probability <= 1),
        "compliance": (order.compliance, 0 <= order.compliance <= 1),
    }
    wrong = [f"{name} is {value:g}" for name, (value, holds) in numbers.items() if not holds]
    if order.product not in state.variable:
        wrong.append(f"product {quote(order.product)} is not known")
    if order.requested < state.as_of:
        wrong.append(f"it is requested for {order.requested}, before {state.as_of}")
    outside = [period for period, _ in order.parts if period not in state.periods]
    if outside:
        wrong.append(f"a part is for {quote(outside[0])}, outside the horizon")
    elif order.parts and not math.isclose(sum(q for _, q in order.parts), order.quantity, rel_tol=SAME):
        wrong.append("its parts do not sum to its quantity")
    elif any(not q > 0 for _, q in order.parts):
        wrong.append("a part is not above 0")
    return "; ".join(wrong)


def _data(order: Order, state: State, limit: float) -> Finding:
    age = NAN if state.newest is None else float((state.as_of - state.newest).days)
    weak = []
    if age > limit:
        weak.append(f"the newest data are {age:g} days old")
    if order.product not in state.unit_hours:
        weak.append(f"product {quote(order.product)} has no routing")
    if state.customers and order.customer not in state.customers:
        weak.append(f"customer {quote(order.customer)} is not known")
    if state.position(order.requested) >= len(state.periods):
        weak.append(f"it is requested after the horizon, which ends with {state.periods[-1]}")
    return Finding("A1", ESCALATE if weak else APPROVE, age, limit, "; ".join(weak) or "data are complete")


def _capacity(order: Order, state: State, placed: Placement | None, grace: float) -> Finding:
    if placed is None:
        return Finding("A2", UNTESTED, NAN, NAN, "no routing")
    said = {
        "green": (APPROVE, "fits inside the corridor"),
        "hard": (ESCALATE, "fits within the hours, above the corridor"),
        "lever": (ESCALATE, "fits with overtime or subcontracting"),
    }
    if placed.kind in said:
        outcome, reason = said[placed.kind]
        return Finding("A2", outcome, 0.0, grace, reason)
    if placed.late <= grace:
        return Finding("A2", ESCALATE, placed.late, grace, f"fits {placed.late:g} days late")
    when = (
        f"it fits by {last_day(placed.hard_period)}" if placed.hard_period else "it fits in no period known"
    )
    day = min(order.requested, last_day(state.periods[-1]))
    return Finding("A2", REJECT, placed.late, grace, f"does not fit by {day}; {when}")


def _corridor(state: State, placed: Placement | None, capacity: str) -> Finding:
    if placed is None:
        return Finding("A3", UNTESTED, NAN, NAN, "no routing")
    if placed.resource < 0:
        return Finding("A3", APPROVE, NAN, NAN, "no hours are needed")
    name, upper = state.resources[placed.resource], float(state.upper[placed.resource])
    outcome = {"green": APPROVE, "hard": ESCALATE}.get(placed.kind, capacity)
    reason = f"utilisation of {name} would be {placed.utilisation:.1%}, corridor up to {upper:.1%}"
    return Finding("A3", outcome, placed.utilisation, upper, reason)


def _hard_floor(order: Order, variable: float) -> Finding:
    below = order.price < variable - SAME * max(1.0, variable)
    reason = f"price {order.price:,.6g}, totally variable cost {variable:,.6g}"
    return Finding("A4", REJECT if below else APPROVE, order.price, variable, reason)


def _capacity_floor(order: Order, floor: float, value: float, corridor: str) -> Finding:
    if math.isnan(floor):
        return Finding("A5", UNTESTED, order.price, NAN, "no routing")
    below = order.price < floor - SAME * max(1.0, floor)
    worst = ESCALATE if corridor == APPROVE else REJECT
    reason = f"price {order.price:,.6g}, cost and price of its hours {floor:,.6g}: worth {value:,.6g}"
    return Finding("A5", worst if below else APPROVE, order.price, floor, reason)


def _size(order: Order, state: State, placed: Placement | None, most: float, most_revenue: float) -> Finding:
    share = hours_share(order, state, placed.net) if placed else NAN
    money = order.quantity * order.price / state.revenue if state.revenue > 0 else NAN
    if math.isnan(share) and math.isnan(money):
        return Finding("A6", UNTESTED, NAN, most, "neither routing nor revenue is known")
    over = [
        f"{value:.1%} of {what}, limit {100.0 * limit:g}%"
        for value, limit, what in (
            (share, most, "a period's hours"),
            (money, most_revenue, "a year's revenue"),
        )
        if value >= limit
    ]
    return Finding("A6", ESCALATE if over else APPROVE, share, most, "; ".join(over) or "no major commitment")


def hours_share(order: Order, state: State, units: float) -> float:
    """Return the largest share of a resource's hours in the requested period that units take."""
    last = min(max(state.position(order.requested), 0), len(state.periods) - 1)
    need = np.asarray(state.unit_hours[order.product], dtype=float) * units
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(need > 0, need / state.hours[:, last], 0.0)
    return float(share.max(initial=0.0))


def _credit(order: Order, state: State, variable: float) -> Finding:
    known = state.customers.get(order.customer)
    if known is None:
        return Finding("A7", UNTESTED, NAN, NAN, "the customer's credit is not known")
    value = order.quantity * order.price
    exposure = known.receivables + (0.0 if order.prepaid else value + order.quantity * variable)
    if known.on_stop:
        return Finding("A7", REJECT, exposure, known.limit, "the customer is on stop")
    over = []
    if not order.prepaid and exposure > known.limit * (1 + SAME):
        over.append(f"exposure {exposure:,.6g}, limit {known.limit:,.6g}")
    if not order.prepaid and order.terms_days > known.max_terms:
        over.append(f"{order.terms_days:g} days of payment, most {known.max_terms:g}")
    reason = "; ".join(over) or "within the limit"
    return Finding("A7", ESCALATE if over else APPROVE, exposure, known.limit, reason)


def _cash_taken(order: Order, state: State, variable: float) -> np.ndarray:
    """Return the cash an order binds by period: its variable cost until the day it is paid."""
    if order.prepaid:
        return np.zeros(len(state.periods))
    paid = order.requested.toordinal() + order.terms_days
    ends = np.array([last_day(p).toordinal() for p in state.periods])
    return np.where(ends < paid, order.quantity * variable, 0.0)


def _liquidity(state: State, cash: np.ndarray, most: float) -> Finding:
    if not state.headroom.size:
        return Finding("A8", UNTESTED, NAN, most, "no cash path is given")
    breach = float(((state.headroom - cash) < -SAME).any(axis=1).mean())
    outcome = APPROVE if breach == 0 else ESCALATE if breach < most else REJECT
    return Finding("A8", outcome, breach, most, f"chance {breach:.4g} that cash falls below its buffer")


def _speculative(order: Order, firm: float, least: float, gate: float) -> Finding:
    p, met = order.probability, order.compliance
    outcome = REJECT if p < least else ESCALATE if p < firm or met < gate else APPROVE
    reason = "firm order" if p == met == 1 else f"probability {p:.3g}, criteria met {met:.3g}"
    return Finding("A9", outcome, p, firm, reason)


def _displacement(order: Order, state: State, placed: Placement | None, grace: float) -> Finding:
    """Say whether promises move: an order without priority takes free hours only."""
    if placed is None:
        return Finding("A10", UNTESTED, NAN, NAN, "no routing")
    if not order.priority:
        return Finding("A10", APPROVE, 0.0, grace, "no promise moves")
    if placed.kind == "over":
        return Finding("A10", REJECT, NAN, grace, "a promise that was checked against capacity would break")
    load = np.outer(np.asarray(state.unit_hours[order.product], dtype=float), placed.units)
    moved = np.minimum(np.clip(state.committed + load - state.hours, 0.0, None), state.movable)
    tiny = SAME * (1 + state.hours.max())
    if moved.max(initial=0.0) <= tiny:
        return Finding("A10", APPROVE, 0.0, grace, "no promise moves")
    late = _days_moved(state, load, moved, tiny)
    outcome = ESCALATE if late <= grace else REJECT
    return Finding(
        "A10", outcome, late, grace, f"{moved.sum():.6g} hours of promises move, {late:g} days at most"
    )


def _days_moved(state: State, load: np.ndarray, moved: np.ndarray, tiny: float) -> float:
    """Return by how many days the hours that give way are late when each takes the first free hours after."""
    free = np.clip(state.hours - state.committed - load, 0.0, None)
    worst = 0.0
    for r, t in np.argwhere(moved > tiny):
        left = moved[r, t]
        for later in range(t + 1, len(state.periods)):
            taken = min(left, free[r, later])
            free[r, later] -= taken
            left -= taken
            if left <= tiny:
                worst = max(worst, (last_day(state.periods[later]) - last_day(state.periods[t])).days)
                break
        else:
            return math.inf
    return float(worst)
