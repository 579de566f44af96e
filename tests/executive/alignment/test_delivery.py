"""Promises by period: what is due counts, whatever became of it."""

import math

import pandas as pd
import pytest

from sopsem.executive.alignment import delivery_record, on_time_in_full
from sopsem.executive.simulate import simulate_manufacturer


def lines(**columns):
    frame = pd.DataFrame(
        {
            "order_id": list("abcde"),
            "sales_unit": "N",
            "product_id": "P",
            "quantity": 10.0,
            "price": 5.0,
            "order_date": "2025-01-02",
            "requested_date": ["2025-01-10", None, "2025-02-10", "2025-02-20", "2025-05-01"],
            "promised_date": ["2025-01-20", "2025-01-20", "2025-02-20", "2025-02-20", "2025-05-01"],
            "delivered_date": ["2025-01-15", "2025-01-25", "2025-02-10", None, None],
            "delivered_quantity": [10.0, 10.0, 9.0, 0.0, 0.0],
            "expedite_cost": [5.0, 0.0, 0.0, 0.0, 0.0],
            "status": ["closed", "closed", "closed", "open", "open"],
        }
    )
    return frame.assign(**columns)


def test_by_hand():
    """Late, short and never delivered are all misses; the last day known is 10 February."""
    found = delivery_record(lines())
    assert found.table["period"].tolist() == ["2025-01", "2025-02"]
    assert found.table["due"].tolist() == [2, 1]
    assert found.table["otif_promised"].tolist() == [0.5, 0.0]
    assert found.table["otif_requested"].tolist() == [0.0, 0.0]
    assert found.table["freight_share"].tolist() == [0.05, 0.0]
    assert found.table["late_days"].tolist() == [0.0, -10.0]
    assert found.ageing["lines"].tolist() == [2, 0, 0, 0]


def test_open_lines_age_with_the_last_day_that_is_known():
    later = lines(order_date=["2025-01-02"] * 4 + ["2025-04-01"])
    ageing = delivery_record(later).ageing.set_index("band")
    assert ageing["lines"].tolist() == [1, 0, 1, 0]
    assert ageing.loc["31 to 90", "value"] == 50.0


def test_cancelled_lines_do_not_count():
    found = delivery_record(lines(status=["closed", "cancelled", "closed", "cancelled", "open"]))
    assert found.table["due"].tolist() == [1, 1]
    assert found.summary["n_open"] == 1


def test_the_whole_is_the_measure_of_alignment():
    orders = simulate_manufacturer(0.4, 13, seed=2).tables()["orders"]
    found = delivery_record(orders)
    weights = found.table["due"] / found.table["due"].sum()
    assert found.summary["otif_promised"] == pytest.approx(on_time_in_full(orders.frame))
    assert (found.table["otif_promised"] * weights).sum() == pytest.approx(found.summary["otif_promised"])


def test_nothing_due_is_not_known_and_said():
    found = delivery_record(lines(delivered_date=None, status="open", promised_date="2025-05-01"))
    assert math.isnan(found.summary["otif_promised"])
    assert found.codes() == ("T13",)
    assert found.table.empty
