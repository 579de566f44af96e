"""A decision on an order in words: what, why, who signs, and what could be offered instead."""

from collections.abc import Mapping

from sopsem.executive.governance.decision import Decision
from sopsem.executive.governance.order_record import order_record
from sopsem.report.digits import decimals
from sopsem.report.operations.report_words import scaled, share

__all__ = ["decision_record", "decision_text"]

WORDS = {
    "approve": "approved",
    "escalate": "to be signed",
    "reject": "not as asked",
}


def decision_text(decision: Decision) -> str:
    """Return a decision as lines for a terminal or a file."""
    order, s = decision.order, decision.summary
    lines = [
        (
            f"{order.quantity:g} of {order.product} at {decimals(2)(order.price)} by {order.requested.isoformat()}: "
            f"{WORDS[decision.decision]} (as of {s['as_of']})"
        )
    ]
    if decision.approvers:
        lines.append(f"to be signed by: {', '.join(decision.approvers)}")
    spoke = decision.table[decision.table["outcome"].isin(["escalate", "reject"])]
    lines += [
        f"{row['outcome']}: {row['code']} {row['test']}: {row['reason']}" for _, row in spoke.iterrows()
    ]
    lines += ["", *_numbers(s)]
    if len(decision.schedule):
        made = [f"{p} for {q:g}" for p, q in decision.schedule.itertuples(index=False)]
        lines.append(f"hours would be taken in: {', '.join(made)}")
    lines += _offers(decision)
    lines += ["", *(f"! {n.code} {n.message}" for n in decision.notices)] if decision.notices else []
    return "\n".join(lines) + "\n"


def _numbers(summary: Mapping[str, object]) -> list[str]:
    """Return the load after the order, the lowest price its hours allow, and what it earns beyond them."""
    numbers = {name: float(str(summary[name])) for name in ("utilisation", "floor", "net_value")}
    told = {
        "highest load after it": share(numbers["utilisation"]),
        "lowest price that pays for its hours": decimals(2)(numbers["floor"]),
        "earns beyond the price of its hours": scaled(numbers["net_value"]),
    }
    return [f"{name}: {value}" for name, value in told.items()]


def _offers(decision: Decision) -> list[str]:
    """Return every counter-offer with its own decision."""
    rows = decision.counter_offers.to_dict("records")
    if not rows:
        return []
    lines = ["", "counter-offers, each judged like an order:"]
    for row in rows:
        parts = f", in parts {row['parts']}" if row["parts"] else ""
        paid = ", paid in advance" if row["prepaid"] else ""
        why = f" ({row['reasons']})" if row["reasons"] else ""
        lines.append(
            f"- {row['kind']}: {row['quantity']:g} at {decimals(2)(row['price'])} by {row['requested']}"
            f"{parts}{paid}: {WORDS[row['decision']]}{why}"
        )
    return lines


def decision_record(decision: Decision) -> dict[str, object]:
    """Return a decision as plain data; every counter-offer is an order that can be asked again."""
    judged = decision.counter_offers.to_dict("records")
    offers = [
        {
            "kind": row["kind"],
            "decision": row["decision"],
            "reasons": str(row["reasons"]).split(),
            "order": order_record(order),
        }
        for row, order in zip(judged, decision.offers, strict=True)
    ]
    origin = decision.provenance
    return {
        "decision": decision.decision,
        "reasons": list(decision.reasons),
        "approvers": list(decision.approvers),
        "order": order_record(decision.order),
        "tests": decision.table.to_dict("records"),
        "summary": dict(decision.summary),
        "schedule": decision.schedule.to_dict("records"),
        "counter_offers": offers,
        "notices": [notice.to_dict() for notice in decision.notices],
        "audit": {
            "inputs": origin.inputs,
            "policy": origin.policy,
            "as_of": decision.summary["as_of"],
            "version": origin.version,
        },
    }
