"""E03: Goldratt's accounts of the P-Q plant, money late and money held."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import MissingTable
from sopsem.executive.throughput import throughput_accounting


def test_v01_accounts_of_the_plan(pq):
    f = pq()
    sold = f["demand"].assign(quantity=[100.0, 30.0])
    hours = f["capacity"].assign(scheduled_hours=40.0)  # 2,400 minutes
    found = throughput_accounting(f["products"], f["financials"], demand=sold, capacity=hours, constraint="B")
    row = found.table.iloc[0]
    assert (row["throughput"], row["expense"], row["net_profit"]) == (6300, 6000, 300)
    assert row["throughput_per_hour"] == pytest.approx(157.5)
    assert row["expense_per_hour"] == pytest.approx(150)
    assert row["tpar"] == pytest.approx(1.05)
    assert row["idd"] == pytest.approx(3000 * 7)
    assert np.isnan(row["tdd"])


def orders(**cells):
    return pd.DataFrame(
        {
            "order_id": ["1"],
            "sales_unit": "n",
            "product_id": "P",
            "quantity": 10,
            "price": 90.0,
            "order_date": "2024-12-30",
            "promised_date": "2025-01-01",
            "status": "open",
            **cells,
        }
    )


@pytest.mark.parametrize(
    ("cells", "late"),
    [
        ({}, 450 * 4),  # the week ends on 5 January
        ({"delivered_quantity": 4}, 270 * 4),
        ({"delivered_date": "2025-01-04", "delivered_quantity": 10}, 0),
        ({"delivered_date": "2025-01-07", "delivered_quantity": 10}, 450 * 4),
        ({"status": "cancelled"}, 0),
        ({"promised_date": "2025-01-06"}, 0),
    ],
)
def test_ten_units_four_days_late_are_1800(pq, cells, late):
    f = pq()
    found = throughput_accounting(f["products"], f["financials"], orders=orders(**cells))
    assert found.table["tdd"].tolist() == [late]


def test_nothing_tied_up_gives_no_roi_and_something_must_have_been_sold(pq):
    f = pq()
    free = f["financials"].assign(inventory=0.0)
    found = throughput_accounting(f["products"], free, demand=f["demand"])
    assert np.isnan(found.table.loc[0, "roi"])
    assert "T11" in found.codes()
    with pytest.raises(MissingTable):
        throughput_accounting(f["products"], free)
