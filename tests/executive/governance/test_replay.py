"""E35 on the past: the state of a day from tables, and a replay that decides as that day would have."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError, MissingTable
from sopsem.executive.governance import authorize_order, build_state, replay
from sopsem.executive.governance.replay import order_of
from sopsem.executive.schema.tables import check_tables
from sopsem.executive.simulate.manufacturer import simulate_manufacturer

DAY = date(2025, 1, 6)
WEEKS = [f"2025-W{w:02d}" for w in range(2, 6)]


def lines(*rows):
    names = [
        "order_id",
        "product_id",
        "quantity",
        "order_date",
        "promised_date",
        "delivered_date",
        "capacity_validated",
    ]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(sales_unit="home", price=frame["product_id"].map({"P": 90.0, "Q": 100.0}))


def tables(pq, orders, **more):
    f = pq()
    capacity = pd.concat([f["capacity"].assign(period=w) for w in WEEKS])
    given = {n: f[n] for n in ("products", "resources", "routings")}
    return check_tables({**given, "capacity": capacity, "orders": orders, **more})


PAST = (
    ("1", "P", 60, "2024-12-20", "2025-01-10", "2025-01-09", True),
    ("2", "Q", 30, "2024-12-21", "2025-01-12", "2025-01-20", False),
    ("3", "Q", 70, "2025-01-02", "2025-01-15", "2025-01-15", True),
    ("4", "P", 25, "2025-01-06", "2025-01-12", "2025-01-12", True),
    ("5", "P", 10, "2025-01-05", "2025-01-05", "2025-01-05", True),
)
PRICES, UPPER = {"B": 2.0}, dict.fromkeys("ABCD", 0.9)


def test_the_state_of_a_day_holds_what_was_promised_and_open_then(pq):
    known = build_state(tables(pq, lines(*PAST)), DAY, lambda_=PRICES, upper=UPPER, horizon=4, same_day=False)
    b = known.resources.index("B")
    assert known.periods == tuple(WEEKS)
    assert known.committed[b].tolist() == [1800, 2100, 0, 0]
    assert known.movable[b].tolist() == [900, 0, 0, 0]
    assert known.lambda_[b].tolist() == [2.0] * 4
    assert known.newest == date(2025, 1, 5)
    same = build_state(tables(pq, lines(*PAST)), DAY, lambda_=PRICES, upper=UPPER, horizon=4)
    assert same.committed[b, 0] == 1800 + 375


def test_stock_covers_the_first_promises_and_the_rest_is_free(pq):
    production = pd.DataFrame(
        {
            "period": "2025-W01",
            "product_id": ["P", "Q"],
            "produced_quantity": 0,
            "closing_stock": [70.0, 40.0],
        }
    )
    known = build_state(
        tables(pq, lines(*PAST), production=production), DAY, lambda_=PRICES, horizon=4, same_day=False
    )
    assert known.committed[known.resources.index("B")].tolist() == [0, 30 * 60, 0, 0]
    assert known.stock == {"P": 10.0, "Q": 0.0}


def test_defaults_are_computed_and_what_is_assumed_is_said(pq):
    f = pq()
    demand = pd.concat([f["demand"].assign(period=w) for w in ("2024-W52", "2025-W01")])
    known = build_state(tables(pq, lines(*PAST), demand=demand), DAY, horizon=6)
    b = known.resources.index("B")
    assert known.lambda_[b].tolist() == pytest.approx([2.0] * 6)
    assert 0.7 < known.upper[b] < 0.9
    assert known.hours[b].tolist() == [2400] * 6
    said = " ".join(n.message for n in known.notices)
    assert "does not reach over the horizon" in said
    assert "no stock" in said


def test_credit_and_revenue_of_that_day(pq):
    customers = pd.DataFrame(
        {"customer_id": ["C", "D"], "credit_limit": [5000.0, None], "on_stop": [False, True]}
    )
    orders = lines(*PAST).assign(customer_id="C", paid_date=None)
    f = pq()
    money = pd.concat([f["financials"].assign(period=w) for w in ("2025-W01", "2025-W02")])
    known = build_state(
        tables(pq, orders, customers=customers, financials=money),
        DAY,
        lambda_=PRICES,
        horizon=4,
        same_day=False,
    )
    assert known.customers["C"].receivables == 900  # order 5 is delivered and not paid
    assert known.customers["D"].on_stop
    assert known.revenue == pytest.approx(12_000 * 52)


def test_a_replay_decides_every_order_as_its_day_would_have(pq):
    given = tables(pq, lines(*PAST))
    found = replay(given, lambda_=PRICES, upper=UPPER, horizon=4)
    frame = given.frame("orders").set_index("order_id")
    for row in found.table.to_dict("records"):
        day = row["order_date"].date()
        known = build_state(given, day, lambda_=PRICES, upper=UPPER, horizon=4, same_day=False)
        line = {"order_id": row["order_id"], **frame.loc[row["order_id"]].to_dict()}
        alone = authorize_order(order_of(line, known), known)
        assert (row["decision"], row["reasons"]) == (alone.decision, " ".join(alone.reasons))
    decided = found.table.set_index("order_id")
    assert decided.loc["4", "decision"] == "escalate"
    assert decided.loc["4", "reasons"] == "A2 A3"
    assert decided.loc["2", "late_days"] == 8
    assert found.groups["n"].sum() == len(PAST)


def test_a_replay_twice_is_the_same(pq):
    given = tables(pq, lines(*PAST))
    found, again = (replay(given, lambda_=PRICES, upper=UPPER, horizon=4) for _ in range(2))
    assert found.to_markdown() == again.to_markdown()
    assert found.provenance == again.provenance


def test_a_replay_does_not_know_the_future(pq):
    whole = replay(tables(pq, lines(*PAST)), lambda_=PRICES, upper=UPPER, horizon=4)
    first = replay(tables(pq, lines(*PAST[:3])), lambda_=PRICES, upper=UPPER, horizon=4)
    known = first.table.set_index("order_id")[["decision", "reasons"]]
    assert whole.table.set_index("order_id").loc[known.index, ["decision", "reasons"]].equals(known)


def test_orders_of_one_day_are_each_part_of_the_next_ones_load(pq):
    day = ("2025-01-06", "2025-01-12", "2025-01-12", True)
    found = replay(
        tables(pq, lines(("1", "P", 20, *day), ("2", "P", 20, *day), ("3", "P", 20, *day))),
        lambda_=PRICES,
        upper=UPPER,
        horizon=4,
    )
    assert found.table["utilisation"].tolist() == pytest.approx([300 / 2400, 600 / 2400, 900 / 2400])


def test_cancelled_orders_are_accounted_for_and_few_orders_give_no_shares(pq):
    orders = lines(*PAST).assign(status=["cancelled", *["closed"] * 4])
    found = replay(tables(pq, orders), lambda_=PRICES, upper=UPPER, horizon=4)
    assert len(found.table) == 4
    assert found.excluded["reason"].tolist() == ["cancelled"]
    assert "T13" in found.codes()
    assert found.groups["share_late"].isna().all()


def test_a_synthetic_firm_is_replayed():
    given = simulate_manufacturer(0.3, periods=13, seed=2).tables()
    found = replay(given, horizon=4)
    assert (
        found.summary["n"] == len(found.table) == int((given.frame("orders")["status"] != "cancelled").sum())
    )
    assert set(found.table["decision"]) <= {"approve", "escalate", "reject"}
    assert found.groups["share"].sum() == pytest.approx(1)
    assert np.isfinite(found.table["net_value"]).all()


def test_what_is_missing_or_unknown_is_named(pq):
    with pytest.raises(MissingTable):
        build_state(check_tables({n: pq()[n] for n in ("products", "routings")}), DAY)
    with pytest.raises(DataError) as caught:
        build_state(tables(pq, lines(*PAST)), DAY, lambda_={"X": 1.0})
    assert caught.value.code == "T05"


def test_overtime_is_a_lever_where_it_has_a_premium_and_prices_may_differ_by_period(pq):
    f = pq()
    plant = f["resources"].assign(
        overtime_hours_max=[0, 300, 100, 0], overtime_cost_hour=[None, 1.5, None, None]
    )
    capacity = pd.concat([f["capacity"].assign(period=w) for w in WEEKS])
    given = {"products": f["products"], "routings": f["routings"], "resources": plant, "capacity": capacity}
    prices = pd.DataFrame({"B": [2.0, 0.5]}, index=WEEKS[:2])
    known = build_state(
        check_tables({**given, "orders": lines(*PAST)}), DAY, lambda_=prices, upper=UPPER, horizon=4
    )
    b, c = (known.resources.index(r) for r in "BC")
    assert known.lever[b].tolist() == [300.0] * 4
    assert known.lever_cost[b].tolist() == [1.5] * 4
    assert known.lever[c].tolist() == [0.0] * 4
    assert known.lambda_[b].tolist() == [2.0, 0.5, 0.5, 0.5]
    said = " ".join(n.message for n in known.notices)
    assert "'C' has no premium" in said
    assert "carried on" in said
