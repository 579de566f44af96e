"""E35: whether an order is accepted, who has to sign otherwise, and what could be offered instead."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sopsem.executive.governance.criteria import APPROVE, ESCALATE, UNTESTED, Judgement, judge
from sopsem.executive.governance.offers import Offer, counter_offers
from sopsem.executive.governance.order import Order, State
from sopsem.executive.notices import Notice, warning
from sopsem.executive.result import Provenance, Result
from sopsem.executive.schema.policy import DEFAULT_POLICY, Policy

__all__ = ["BatchResult", "Decision", "authorize_batch", "authorize_order"]

SOURCE = "available and capable to promise: Vollmann et al. 2005; opportunity cost of capacity: Goldratt 1990"
FORUM = "executive forum"


@dataclass(frozen=True, kw_only=True)
class Decision(Result):
    """The decision on an order.

    ``table``: code, test, outcome (approve, escalate, reject, untested), value, threshold, reason.
    ``schedule``: period, quantity that is made in it.  ``counter_offers``: kind, quantity, price, requested, parts,
    prepaid, terms_days, decision, reasons; ``offers`` are the same as orders that can be asked again.
    ``summary``: decision, reasons (codes, the worst first), approvers, utilisation, net_value, floor, fits_green and
    fits_hard (the first period by which it fits), as_of.
    """

    schedule: pd.DataFrame
    counter_offers: pd.DataFrame
    order: Order
    offers: tuple[Order, ...]

    @property
    def decision(self) -> str:
        """Approve, escalate or reject."""
        return str(self.summary["decision"])

    @property
    def reasons(self) -> tuple[str, ...]:
        """Codes of the tests that speak against the order, the worst first."""
        return tuple(str(self.summary["reasons"]).split())

    @property
    def approvers(self) -> tuple[str, ...]:
        """Who has to sign."""
        return tuple(name for name in str(self.summary["approvers"]).split("; ") if name)


def authorize_order(order: Order, state: State, policy: Policy = DEFAULT_POLICY) -> Decision:
    """Decide on an order before it is accepted: the worst outcome of ten tests.

    A1 data, A2 capacity by the requested date, A3 corridor, A4 price not below v, A5 price not below v plus the
    price of its hours (N = q (price - v) - sum lambda h), A6 size, A7 credit, A8 liquidity, A9 speculative,
    A10 displacement.  Hours go into the periods up to the requested one, cheapest first, of equally cheap the latest;
    the price of its hours is that of the cheapest there are.

    Parameters
    ----------
    order : Order
    state : State
        As ``build_state`` makes it from tables, or given in numbers.
    policy : Policy
        ``[authorise]`` and ``[general] freshness_days``.

    Returns
    -------
    Decision
        Notice T36 names the tests that could not be made; T20 data too old.  An order that is not approved has
        counter-offers, unless it is invalid, the customer is on stop, or no period has free hours.

    Examples
    --------
    >>> from datetime import date
    >>> state = State(as_of=date(2025, 1, 6), periods=("2025-W02", "2025-W03"), resources=("B",),
    ...               hours=[[2400, 2400]], committed=[[1800, 2100]], lambda_=[[2, 2]], upper=[0.9],
    ...               unit_hours={"P": np.array([15.0])}, variable={"P": 45.0})
    >>> asked = Order(product="P", quantity=25, price=90, requested=date(2025, 1, 12))
    >>> found = authorize_order(asked, state)
    >>> found.decision, found.reasons, found.approvers
    ('escalate', ('A2', 'A3'), ('COO', 'CSO'))
    >>> found.counter_offers[["quantity", "parts", "decision"]].values.tolist()
    [[24.0, '', 'approve'], [25.0, '2025-W02: 24; 2025-W03: 1', 'approve']]

    """
    judged = judge(order, state, policy)
    offers = counter_offers(order, state, policy, judged)
    return _decided(order, state, policy, judged, offers)


def _decided(
    order: Order, state: State, policy: Policy, judged: Judgement, offers: tuple[Offer, ...]
) -> Decision:
    placed = judged.placed
    summary = {
        "decision": judged.decision,
        "reasons": " ".join(f.code for f in judged.reasons),
        "approvers": "; ".join(_approvers(judged, policy)),
        "utilisation": placed.utilisation if placed else np.nan,
        "net_value": judged.net_value,
        "floor": judged.floor,
        "fits_green": placed.green_period if placed else "",
        "fits_hard": placed.hard_period if placed else "",
        "as_of": state.as_of.isoformat(),
    }
    columns = ["code", "test", "outcome", "value", "threshold", "reason"]
    table = pd.DataFrame([(f.code, f.name, *f[1:]) for f in judged.findings], columns=columns)
    made = (
        []
        if placed is None
        else [(p, float(q)) for p, q in zip(state.periods, placed.units, strict=True) if q > 0]
    )
    inputs = hashlib.sha256(f"{order!r};{state.digest}".encode()).hexdigest()[:16]
    return Decision(
        table=table,
        summary=summary,
        notices=[*state.notices, *_notices(judged)],
        provenance=Provenance(formula="E35", source=SOURCE, policy=policy.digest, inputs=inputs),
        schedule=pd.DataFrame(made, columns=["period", "quantity"]),
        counter_offers=_offer_table(offers),
        order=order,
        offers=tuple(offer.order for offer in offers),
    )


def _approvers(judged: Judgement, policy: Policy) -> list[str]:
    """Return who signs an escalated order; when different people have to, it goes to their common forum."""
    if judged.decision != ESCALATE:
        return []
    named = policy["authorise"]["approvers"]
    groups = {tuple(named[f.code]) for f in judged.reasons if f.code in named}
    people = list(dict.fromkeys(name for f in judged.reasons for name in named.get(f.code, ())))
    return [*people, FORUM] if len(groups) > 1 else people


def _notices(judged: Judgement) -> list[Notice]:
    untested = [f for f in judged.findings if f.outcome == UNTESTED]
    notices = [warning("T36", f"{f.code} {f.name} is not tested: {f.reason}") for f in untested]
    data = judged.findings[0]
    if data.outcome == ESCALATE and data.value > data.threshold:
        notices.append(warning("T20", data.reason))
    return notices


def _offer_table(offers: tuple[Offer, ...]) -> pd.DataFrame:
    rows = [
        {
            "kind": offer.kind,
            "quantity": float(offer.order.quantity),
            "price": float(offer.order.price),
            "requested": offer.order.requested.isoformat(),
            "parts": "; ".join(f"{period}: {quantity:g}" for period, quantity in offer.order.parts),
            "prepaid": offer.order.prepaid,
            "terms_days": float(offer.order.terms_days),
            "decision": offer.judged.decision,
            "reasons": " ".join(f.code for f in offer.judged.reasons),
        }
        for offer in offers
    ]
    names = (
        "kind",
        "quantity",
        "price",
        "requested",
        "parts",
        "prepaid",
        "terms_days",
        "decision",
        "reasons",
    )
    return pd.DataFrame(rows, columns=list(names))


@dataclass(frozen=True, kw_only=True)
class BatchResult(Result):
    """Decisions on orders that ask together.

    ``table``: place (in the queue), order_id, product, quantity, worth (contribution per hour of the dearest
    resource), decision, reasons, alone (the decision if it were the only one), depends (whether the two differ).
    """

    decisions: tuple[Decision, ...]


def authorize_batch(orders: Sequence[Order], state: State, policy: Policy = DEFAULT_POLICY) -> BatchResult:
    """Decide on orders one after the other, those worth most per hour first; each approved one takes its hours.

    Parameters
    ----------
    orders : sequence of Order
    state : State
    policy : Policy

    Examples
    --------
    >>> from datetime import date
    >>> state = State(as_of=date(2025, 1, 6), periods=("2025-W02",), resources=("B",), hours=[[2400]],
    ...               committed=[[1800]], lambda_=[[2]], upper=[0.9], unit_hours={"P": np.array([15.0])},
    ...               variable={"P": 45.0})
    >>> asked = [Order(order_id=n, product="P", quantity=20, price=90, requested=date(2025, 1, 12)) for n in "ab"]
    >>> authorize_batch(asked, state).table[["order_id", "decision", "alone", "depends"]].values.tolist()
    [['a', 'approve', 'approve', False], ['b', 'escalate', 'approve', True]]

    """
    now, rows, decisions = state, [], []
    ranked = sorted(orders, key=lambda o: (-_worth(o, state), o.order_id))
    for place, order in enumerate(ranked, 1):
        judged = judge(order, now, policy)
        alone = judge(order, state, policy).decision
        decisions.append(_decided(order, now, policy, judged, counter_offers(order, now, policy, judged)))
        if judged.decision == APPROVE:
            now = _taken(order, now, judged)
        reasons = " ".join(f.code for f in judged.reasons)
        row = (
            place,
            order.order_id,
            order.product,
            float(order.quantity),
            _worth(order, state),
            judged.decision,
        )
        rows.append((*row, reasons, alone, alone != judged.decision))
    names = ["place", "order_id", "product", "quantity", "worth", "decision", "reasons", "alone", "depends"]
    table = pd.DataFrame(rows, columns=names)
    summary = {
        **{what: int((table["decision"] == what).sum()) for what in ("approve", "escalate", "reject")},
        "depends": int(table["depends"].sum()),
        "n": len(table),
    }
    inputs = hashlib.sha256(f"{ranked!r};{state.digest}".encode()).hexdigest()[:16]
    return BatchResult(
        table=table,
        summary=summary,
        notices=[n for one in decisions for n in one.notices],
        provenance=Provenance(formula="E35", source=SOURCE, policy=policy.digest, inputs=inputs),
        decisions=tuple(decisions),
    )


def _taken(order: Order, state: State, judged: Judgement) -> State:
    if judged.placed is None:
        return state
    return state.accepted(order, judged.placed.units, judged.cash)


def _worth(order: Order, state: State) -> float:
    """Return contribution per hour of the resource whose hours are dearest; unlimited where none is used."""
    if order.product not in state.unit_hours or order.product not in state.variable:
        return -np.inf
    r = int(state.lambda_.mean(axis=1).argmax()) if state.lambda_.size else 0
    hours = float(np.asarray(state.unit_hours[order.product])[r])
    gain = order.price - state.variable[order.product]
    return gain / hours if hours > 0 else np.inf * np.sign(gain) if gain else 0.0
