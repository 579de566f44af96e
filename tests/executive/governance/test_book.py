"""The order book of a day: what was known, open and owed, and what stock covers."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sopsem.executive.governance.book import OrderBook

DAY = date(2025, 1, 10)
PERIODS = ("2025-01", "2025-02")


def orders(**columns):
    n = len(columns["order_id"])
    dates = ("order_date", "promised_date", "delivered_date", "invoice_date", "paid_date")
    usual = {
        "product_id": ["P"] * n,
        "customer_id": ["c"] * n,
        "quantity": [10.0] * n,
        "price": [2.0] * n,
        "delivered_quantity": [None] * n,
        "capacity_validated": [True] * n,
        "status": ["open"] * n,
        **{name: [None] * n for name in dates},
    }
    frame = pd.DataFrame(usual | columns)
    return frame.assign(
        **{name: pd.to_datetime(frame[name]) for name in dates},
        delivered_quantity=frame["delivered_quantity"].astype(float),
    )


def test_lines_of_later_days_and_cancelled_ones_are_not_known():
    book = OrderBook.of(
        orders(
            order_id=["a", "b", "c", "d"],
            order_date=["2025-01-09", "2025-01-10", "2025-01-11", "2025-01-09"],
            status=["open", "open", "open", "cancelled"],
        )
    )
    assert len(book.on(DAY, same_day=True).book.order_date) == 2
    assert len(book.on(DAY, same_day=False).book.order_date) == 1
    assert book.on(DAY, same_day=True).newest == DAY


def test_stock_covers_the_first_promise_and_what_is_overdue_is_due_now():
    book = OrderBook.of(
        orders(
            order_id=["late", "next", "beyond"],
            order_date=["2025-01-02"] * 3,
            promised_date=["2024-12-31", "2025-02-15", "2025-03-01"],
            capacity_validated=[True, False, True],
        )
    )
    waiting = book.on(DAY, same_day=True).net_of({"P": 4.0})
    assert waiting.units.tolist() == [6.0, 10.0, 10.0]
    assert waiting.stock == {"P": 0.0}
    whole, unchecked = waiting.loads({"P": np.array([0.5])}, 1, PERIODS)
    assert whole.tolist() == [[3.0, 5.0]]
    assert unchecked.tolist() == [[0.0, 5.0]]


@pytest.mark.parametrize(
    ("sent", "paid", "owed"),
    [
        ("2025-01-08", None, {"c": 20.0}),
        ("2025-01-08", "2025-01-10", {}),
        ("2025-01-11", None, {}),
        (None, None, {}),
    ],
)
def test_owed_is_what_was_sent_and_not_paid_by_the_day(sent, paid, owed):
    frame = orders(order_id=["a"], order_date=["2025-01-02"], invoice_date=[sent], paid_date=[paid])
    assert OrderBook.of(frame).on(DAY, same_day=True).owed() == owed


def test_delivered_in_part_leaves_the_rest_and_closed_without_a_day_is_open_on_no_day():
    book = OrderBook.of(
        orders(
            order_id=["part", "closed"],
            order_date=["2025-01-02"] * 2,
            delivered_quantity=[3.0, None],
            status=["open", "closed"],
        )
    )
    assert book.on(DAY, same_day=True).net_of({}).units.tolist() == [7.0]
