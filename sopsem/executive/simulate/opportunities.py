"""The pipeline: opportunities with stated and true chances, seen at the end of every month until they close."""

import numpy as np
import pandas as pd

from sopsem.executive.simulate.world import LIST_PRICES, OPTIMISM, PRODUCT_IDS, SHARES, UNIT_NAMES, Calendar

__all__ = ["pipeline_frame"]

STAGES = ("lead", "qualified", "offer", "negotiation")
CHANCES, WEIGHTS = np.array([0.10, 0.30, 0.60, 0.90]), (0.4, 0.3, 0.2, 0.1)
PER_MONTH = 30
CRITERIA = 5


def pipeline_frame(calendar: Calendar, theta: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return every opportunity at every month end until it closed, or until the world ends.

    The stated chance carries the sales unit's optimism, the true one is p to a power above 1; closing slips by
    a geometric number of months.

    >>> frame = pipeline_frame(Calendar(start="2022-01", periods=13), 0.5, np.random.default_rng(1))
    >>> bool(frame["probability"].between(0, 1).all())
    True
    """
    rows: list[dict[str, object]] = []
    for t in range(calendar.periods):
        for u in range(len(UNIT_NAMES)):
            for i in range(int(rng.poisson(PER_MONTH * float(SHARES[u])))):
                rows += _opportunity(f"D{t:03d}-{u + 1}-{i:02d}", t, u, calendar, theta, rng)
    return pd.DataFrame(rows)


def _opportunity(
    name: str, t: int, u: int, calendar: Calendar, theta: float, rng: np.random.Generator
) -> list[dict[str, object]]:
    optimism = float(OPTIMISM[u])
    stage = int(rng.choice(len(STAGES), p=WEIGHTS))
    chance = float(CHANCES[stage])
    lift = (optimism + 0.15 * calendar.quarter_end(t)) * (1 - theta)
    stated = float(np.clip(chance * (1 + lift) + rng.normal(0, 0.03), 0.01, 0.99))
    won = rng.random() < chance ** (1 + 1.2 * (1 - theta) * (optimism + 0.10))
    expected = t + int(rng.integers(1, 4))
    closed = expected + int(rng.geometric(1 / (1 + 1.5 * (1 - theta)))) - 1
    product, quantity = int(rng.integers(len(PRODUCT_IDS))), int(rng.integers(5, 60))
    met = int(rng.binomial(CRITERIA, np.clip(0.35 + 0.6 * theta * (chance + 0.3), 0, 1)))
    amount = quantity * float(LIST_PRICES[product])
    fixed = {
        "opportunity_id": name,
        "sales_unit": UNIT_NAMES[u],
        "customer_id": f"{UNIT_NAMES[u]}-{int(rng.integers(1, 4))}",
        "product_id": PRODUCT_IDS[product],
        "stage": STAGES[stage],
        "probability": round(stated, 3),
        "amount": amount,
        "quantity": quantity,
        "created": calendar.day(t, 10),
        "criteria_met": met,
        "criteria_total": CRITERIA,
    }
    seen = range(t, min(closed, calendar.periods - 1) + 1)
    return [fixed | _as_seen(month, expected, closed, won, amount, calendar) for month in seen]


def _as_seen(
    month: int, expected: int, closed: int, won: bool, amount: float, calendar: Calendar
) -> dict[str, object]:
    """Return what the CRM says at the end of a month: a date that has passed is moved to the next month."""
    done = month >= closed
    stated_close = calendar.day(
        expected if month < expected or expected == closed else min(month + 1, closed), 20
    )
    return {
        "snapshot": calendar.end(month),
        "expected_close": stated_close,
        "outcome": ("won" if won else "lost") if done else "open",
        "closed": calendar.day(closed, 20) if done else None,
        "amount_won": amount if done and won else None,
    }
