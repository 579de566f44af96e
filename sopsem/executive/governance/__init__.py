"""Governance: which orders are accepted before capacity is promised, who signs, and what the rule would have done."""

from sopsem.executive.governance.decision import BatchResult, Decision, authorize_batch, authorize_order
from sopsem.executive.governance.order import Customer, Order, State
from sopsem.executive.governance.replay import ReplayResult, replay
from sopsem.executive.governance.state import build_state

__all__ = [
    "BatchResult",
    "Customer",
    "Decision",
    "Order",
    "ReplayResult",
    "State",
    "authorize_batch",
    "authorize_order",
    "build_state",
    "replay",
]
