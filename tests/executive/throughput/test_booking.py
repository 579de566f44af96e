"""E04: bookings beyond the constraint pile up week by week."""

import pandas as pd
import pytest

from sopsem.errors import DataError
from sopsem.executive.throughput import booking_reality

WEEKS = [f"2025-W{w:02d}" for w in range(1, 9)]


def test_eight_weeks_of_the_pq_plant(pq):
    f = pq()
    demand = pd.concat([f["demand"].assign(period=w) for w in WEEKS])
    capacity = pd.concat([f["capacity"].assign(period=w) for w in WEEKS])
    found = booking_reality(demand, f["products"], f["routings"], capacity)
    assert found.table["booked"].tolist() == pytest.approx([14000] * 8)
    assert found.table["feasible"].tolist() == pytest.approx([12000] * 8)
    assert found.table["illusory"].tolist() == pytest.approx([1 / 7] * 8)
    assert found.table["backlog_hours"].tolist() == pytest.approx([600 * k for k in range(1, 9)])
    assert found.table["cover"].iloc[-1] == pytest.approx(2.0)
    assert found.summary["constraint"] == "B"
    assert found.summary["backlog_growth"] == pytest.approx(600)
    assert found.summary["periods_illusory"] == 8


def test_orders_give_what_was_shipped_and_cancelled_ones_are_counted(pq):
    f = pq()
    orders = pd.DataFrame(
        {
            "order_id": ["1", "2", "3"],
            "sales_unit": "n",
            "product_id": ["P", "Q", "Q"],
            "quantity": [100, 50, 7],
            "price": [90.0, 100.0, 100.0],
            "order_date": "2024-12-30",
            "promised_date": "2025-01-05",
            "delivered_date": ["2025-01-03", None, None],
            "delivered_quantity": [100, None, None],
            "status": ["closed", "open", "cancelled"],
        }
    )
    found = booking_reality(orders, f["products"], f["routings"], f["capacity"])
    assert found.table[["booked", "feasible", "shipped"]].to_numpy().tolist() == [[14000, 12000, 9000]]
    assert any("1 cancelled" in n.message for n in found.notices)


def test_shipments_cannot_show_what_was_refused(pq):
    f = pq()
    with pytest.raises(DataError) as caught:
        booking_reality(f["demand"].assign(measure="shipments"), f["products"], f["routings"], f["capacity"])
    assert caught.value.code == "T25"


def test_nothing_booked_and_no_hours_are_refused(pq):
    frames = pq()
    orders = pd.DataFrame(
        {
            "order_id": ["1"],
            "sales_unit": "home",
            "product_id": "P",
            "quantity": 1.0,
            "price": 90.0,
            "order_date": "2025-01-01",
            "promised_date": "2025-01-03",
            "status": "cancelled",
        }
    )
    with pytest.raises(DataError, match="every order line is cancelled") as caught:
        booking_reality(orders, frames["products"], frames["routings"], frames["capacity"])
    assert caught.value.code == "T13"
    other = frames["capacity"].assign(resource_id=list("WXYZ"))
    with pytest.raises(DataError) as caught:
        booking_reality(frames["demand"], frames["products"], frames["routings"], other)
    assert caught.value.code == "T10"
    few = booking_reality(
        frames["demand"], frames["products"], frames["routings"], frames["capacity"].iloc[:3]
    )
    assert "resource 'D' has no hours" in next(n.message for n in few.notices if n.code == "T36")
