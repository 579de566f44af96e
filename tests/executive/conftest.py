"""Goldratt's P-Q plant as tables (minutes as hours), and other small worlds that several systems share."""

import pandas as pd
import pytest


def pq_frames(b=2400.0, expense=6000.0):
    """Two products on four resources: P 90/45, market 100; Q 100/40, market 50; 2,400 minutes a week."""
    minutes = {"A": (15, 10), "B": (15, 30), "C": (15, 5), "D": (10, 5)}
    limit = {name: b if name == "B" else 2400.0 for name in minutes}
    return {
        "products": pd.DataFrame(
            {"product_id": ["P", "Q"], "price": [90.0, 100.0], "material_cost": [45.0, 40.0]}
        ),
        "resources": pd.DataFrame(
            {"resource_id": list(minutes), "servers": 1, "scheduled_hours": list(limit.values())}
        ),
        "routings": pd.DataFrame(
            [(p, r, t[i]) for r, t in minutes.items() for i, p in enumerate("PQ")],
            columns=["product_id", "resource_id", "hours_per_unit"],
        ),
        "capacity": pd.DataFrame(
            {"period": "2025-W01", "resource_id": list(limit), "scheduled_hours": list(limit.values())}
        ),
        "demand": pd.DataFrame(
            {
                "period": "2025-W01",
                "product_id": ["P", "Q"],
                "sales_unit": "home",
                "quantity": [100.0, 50.0],
            }
        ),
        "financials": pd.DataFrame(
            {
                "period": ["2025-W01"],
                "revenue": 12000.0,
                "variable_cost": 5700.0,
                "fixed_cost": expense,
                "inventory": 3000.0,
                "receivables": 0.0,
                "payables": 0.0,
            }
        ),
    }


@pytest.fixture
def pq():
    """The P-Q tables; a function of B's minutes and the operating expense."""
    return pq_frames
