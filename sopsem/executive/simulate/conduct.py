"""How the firm is paid and governed: pay plans and the events of the planning cycle."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sopsem.executive.simulate.world import Calendar

__all__ = ["conduct_frames"]

RATES = {"revenue": 0.03, "net_throughput": 0.20, "forecast_accuracy": 5000.0, "collection": 1.0}


def conduct_frames(
    calendar: Calendar, levels: Mapping[str, float], rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Return incentives and governance.

    >>> frames = conduct_frames(Calendar(start="2022-01", periods=13), {"incentives": 1.0, "governance": 1.0},
    ...                         np.random.default_rng(1))
    >>> [round(w, 2) for w in frames["incentives"]["weight"]]
    [0.2, 0.5, 0.15, 0.15]
    """
    theta = levels["incentives"]
    weights = (1 - 0.8 * theta, 0.5 * theta, 0.15 * theta, 0.15 * theta)
    plan = pd.DataFrame(
        {
            "plan_id": "S1",
            "role": "sales",
            "metric": list(RATES),
            "weight": [round(w, 6) for w in weights],
            "rate": list(RATES.values()),
        }
    )
    rows = [
        _event(calendar, t, e, levels["governance"], rng) for t in range(calendar.periods) for e in EVENTS
    ]
    return {"incentives": plan, "governance": pd.DataFrame(rows)}


EVENTS = {"demand_review": 8, "supply_review": 12, "pre_sop": 15, "executive_sop": 20}


def _event(
    calendar: Calendar, t: int, event: str, theta: float, rng: np.random.Generator
) -> dict[str, object]:
    held = rng.random() < 0.5 + 0.5 * theta
    present = rng.random() < theta
    decisions = int(rng.integers(1, 5))
    day = calendar.day(t, EVENTS[event])
    return {
        "cycle": calendar.label(t),
        "event": event,
        "scheduled": day,
        "held": day if held else None,
        "executive_present": bool(held and present),
        "functions": "sales;operations;finance" if present else "sales;operations",
        "external_present": False,
        "decisions": decisions if held else 0,
        "decisions_done": int(rng.binomial(decisions, 0.4 + 0.5 * theta)) if held else 0,
    }
