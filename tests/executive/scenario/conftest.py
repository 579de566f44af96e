"""Red Tomato Tools (Chopra & Meindl, ch. 8): six months, one product, 80 workers."""

import pandas as pd
import pytest

from sopsem.executive.scenario import Workforce

DEMAND = (1600.0, 3000.0, 3200.0, 3800.0, 2200.0, 2200.0)


def red_tomato_call(demand=DEMAND):
    """Price 40, material 10, 4 hours; 20 days of 8 hours at 4, overtime 6 up to 10 hours; hire 300, lay off 500."""
    months = [f"2025-0{m}" for m in range(1, 7)]
    return {
        "products": pd.DataFrame({"product_id": ["rake"], "price": 40.0, "material_cost": 10.0}),
        "routings": pd.DataFrame({"product_id": ["rake"], "resource_id": "labour", "hours_per_unit": 4.0}),
        "capacity": pd.DataFrame({"period": months, "resource_id": "labour", "scheduled_hours": 80 * 160.0}),
        "demand": pd.DataFrame(
            {"period": months, "product_id": "rake", "sales_unit": "all", "quantity": demand}
        ),
        "resources": pd.DataFrame(
            {
                "resource_id": ["labour"],
                "kind": "labour",
                "servers": 80,
                "scheduled_hours": 160.0,
                "overtime_hours_max": 10.0,
                "overtime_cost_hour": 6.0,
            }
        ),
        "backlog_cost": 5.0,
        "holding_rate": 2.4,  # 2 a month on material of 10
        "subcontract": 30.0,
        "hire_fire": [Workforce(resource="labour", workers=80, wage=640, hire=300, lay_off=500)],
        "start_stock": 1000.0,
        "end_stock": 500.0,
        "clear_backlog": True,
    }


@pytest.fixture(scope="session")
def red_tomato():
    """The call of ``plan_horizon``; a function of demand."""
    return red_tomato_call
