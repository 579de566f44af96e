"""A small plan that examples are shown on."""

import numpy as np
import pandas as pd

from sopsem.executive.result import Provenance
from sopsem.executive.scenario.model import PlanModel

__all__ = ["small_model"]


def small_model() -> PlanModel:
    """Return one product on one resource of 100 hours over two months: 60 and 150 are asked for, at 90 less 45.

    >>> small_model().periods
    ('2025-01', '2025-02')
    """
    one, two = np.ones(1), np.ones((2, 1))
    return PlanModel(
        periods=("2025-01", "2025-02"),
        products=("P",),
        resources=("B",),
        hours=np.ones((1, 1)),
        available=100 * two,
        overtime=0 * two,
        overtime_cost=0 * one,
        price=90 * two,
        variable=45 * two,
        demand=np.array([[60.0], [150.0]]),
        least=0 * two,
        holding=0.75 * one,
        backlog_cost=np.inf * one,
        subcontract=np.inf * one,
        start_stock=0 * one,
        end_stock=0 * one,
        start_backlog=0 * one,
        clear_backlog=False,
        service_floor=0.0,
        shift_hours=0 * one,
        shift_cost=np.nan * one,
        servers=one,
        shares=pd.DataFrame({"P": [1.0]}, index=["home"]),
        provenance=Provenance(formula="E31", source="example", policy="", inputs="small"),
    )
