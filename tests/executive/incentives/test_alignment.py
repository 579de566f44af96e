"""E37: pay beside value, the conflict set, the plan that costs the same."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.errors import DataError
from sopsem.executive.incentives import incentive_alignment
from sopsem.executive.simulate.manufacturer import simulate_manufacturer

NET = {"metric": "net_throughput", "rate": 0.20}


def plan(metric="revenue", rate=0.03, **more):
    return pd.DataFrame(
        [{"plan_id": "S", "role": "sales", "metric": metric, "weight": 1.0, "rate": rate, **more}]
    )


def orders(products="PQ", quantity=20, price=(90.0, 100.0), **more):
    return pd.DataFrame(
        {
            "order_id": [f"{i:03d}" for i in range(len(products))],
            "sales_unit": "home",
            "product_id": list(products),
            "quantity": quantity,
            "price": list(price),
            "order_date": "2025-01-02",
            "promised_date": "2025-01-09",
            **more,
        }
    )


def found(pq, incentives, lines=None, lambda_=None, **more):
    f = pq()
    lines = orders() if lines is None else lines
    return incentive_alignment(
        incentives, lines, f["products"], f["routings"], {"B": 2.0} if lambda_ is None else lambda_, **more
    )


@pytest.mark.parametrize(
    ("metric", "rate", "pay"),
    [("revenue", 0.03, [54, 60]), ("contribution", 0.06, [54, 72]), ("net_throughput", 0.20, [60, 0])],
)
def test_only_net_throughput_prefers_the_better_order(pq, metric, rate, pay):
    result = found(pq, plan(metric, rate))
    assert result.table["pay"].tolist() == pytest.approx(pay)
    assert result.table["net"].tolist() == pytest.approx([300, 0])


def test_pay_for_lost_value_is_a_conflict_and_the_neutral_plan_ends_it(pq):
    lines = orders("PPQ", price=(90.0, 70.0, 100.0))
    result = found(pq, plan(), lines)
    assert result.table["net"].tolist() == pytest.approx([300, -100, 0])
    assert result.conflict_set["order_id"].tolist() == ["001"]
    assert result.summary["exposure"] == pytest.approx(42)
    assert result.summary["value_lost"] == pytest.approx(100)
    assert result.summary["conflicts_reference"] == 0
    assert result.table["pay_reference"].tolist() == pytest.approx([156, 0, 0])
    assert result.table["change"].sum() == pytest.approx(0)


def test_fewer_than_thirty_orders_give_no_rho(pq):
    result = found(pq, plan())
    assert "T13" in result.codes()
    assert np.isnan(result.summary["rho"])


def test_pay_on_net_throughput_is_aligned_and_pay_on_revenue_is_less(pq):
    n = 40
    lines = orders("PQ" * (n // 2), quantity=list(range(1, n + 1)), price=[76.0, 140.0] * (n // 2))
    best, usual = found(pq, plan(**NET), lines), found(pq, plan(), lines)
    assert best.summary["rho"] == pytest.approx(1)
    assert best.summary["rho_per_hour"] == pytest.approx(1)
    assert usual.summary["rho_per_hour"] == pytest.approx(-1)
    assert best.units.loc[0, "n"] == n


def test_free_hours_make_value_the_contribution(pq):
    result = found(pq, plan(), lambda_={})
    assert result.table["net"].tolist() == pytest.approx([900, 1200])
    assert "T27" in result.codes()
    assert result.summary["constraint"] == ""


def test_a_unit_of_its_own_stands_before_all_and_caps_and_thresholds_hold(pq):
    rows = pd.concat(
        [plan(), plan(rate=0.10, sales_unit="away", cap=100.0), plan("contribution", 0.01, threshold=1000.0)]
    )
    lines = orders().assign(sales_unit=["home", "away"])
    pay = found(pq, rows, lines).table["pay"]
    assert pay.tolist() == pytest.approx([54, 100 + 12])  # 900 of contribution is below the threshold


def test_accuracy_pays_those_who_beat_the_naive_forecast_and_do_not_sandbag(pq):
    lines = orders().assign(sales_unit=["home", "away"])
    accuracy = pd.DataFrame(
        {"sales_unit": ["home", "away"], "wape": 0.15, "wape_naive": 0.2, "optimism": [0.05, -0.2]}
    )
    rows = plan("forecast_accuracy", 1000.0)
    assert found(pq, rows, lines, accuracy=accuracy).table["pay"].tolist() == pytest.approx([250, 0])
    unknown = found(pq, rows, lines)
    assert unknown.table["pay"].tolist() == [0, 0]
    assert "T36" in unknown.codes()


def test_collection_pays_by_the_days_taken(pq):
    lines = orders(payment_terms_days=30, invoice_date="2025-01-10", paid_date=["2025-02-09", "2025-03-11"])
    assert found(pq, plan("collection", 10.0), lines).table["pay"].tolist() == pytest.approx([10, 5])


def test_a_named_reference_plan_is_not_part_of_the_present_one(pq):
    rows = pd.concat([plan(), plan(**NET).assign(plan_id="new")])
    result = found(pq, rows, reference="new")
    assert result.table["pay"].tolist() == pytest.approx([54, 60])
    assert result.table["pay_reference"].tolist() == pytest.approx([114, 0])


def test_a_reference_that_pays_nothing_has_no_scale(pq):
    result = found(pq, plan(), orders("Q", price=(90.0,)))
    assert "T16" in result.codes()
    assert result.table["pay_reference"].isna().all()
    assert np.isnan(result.units.loc[0, "change"])


def test_operations_scored_by_cost_alone_is_noticed(pq):
    rows = pd.concat([plan(), plan("cost", 1.0).assign(role="operations")])
    assert found(pq, rows).summary["operations_service_weight"] == 0
    assert any("cost alone" in n.message for n in found(pq, rows).notices)
    both = pd.concat([rows, plan("service", 1.0).assign(role="operations")])
    assert not any("cost alone" in n.message for n in found(pq, both).notices)


def test_cancelled_orders_are_accounted_for(pq):
    result = found(
        pq, plan(), orders("PQQ", price=(90.0, 100.0, 100.0), status=["open", "open", "cancelled"])
    )
    assert len(result.table) == 2
    assert result.excluded["reason"].tolist() == ["cancelled"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"lambda_": {"X": 1.0}}, "T05"),
        ({"lambda_": {"B": -1.0}}, "T34"),
        ({"reference": "none"}, "T05"),
        ({"accuracy": pd.DataFrame({"sales_unit": ["home"]})}, "T02"),
    ],
)
def test_what_is_not_known_is_refused(pq, more, code):
    with pytest.raises(DataError) as caught:
        found(pq, plan(), **more)
    assert caught.value.code == code


@settings(max_examples=25, deadline=None)
@given(
    k=st.floats(0.1, 100),
    quantity=st.lists(st.integers(1, 50), min_size=2, max_size=6),
    price=st.floats(50, 150),
)
def test_scaling_money_scales_value_and_leaves_the_conflict_set(k, quantity, price):
    def run(m):
        products = pd.DataFrame(
            {"product_id": ["P", "Q"], "price": [90 * m, 100 * m], "material_cost": [45 * m, 40 * m]}
        )
        routings = pd.DataFrame({"product_id": ["P", "Q"], "resource_id": "B", "hours_per_unit": [15, 30]})
        lines = orders("PQ" * 3, price=[price * m] * 6)[: len(quantity)].assign(quantity=quantity)
        return incentive_alignment(plan(), lines, products, routings, {"B": 2.0 * m})

    one, many = run(1.0), run(k)
    assert np.allclose(many.table["net"], k * one.table["net"], rtol=1e-6, atol=1e-6)
    assert many.table["conflict"].tolist() == one.table["conflict"].tolist()
    assert one.table["pay_reference"].isna().all() or one.table["change"].sum() == pytest.approx(0, abs=1e-6)


def test_disciplined_synthetic_firms_pay_less_for_lost_value():
    def share(theta):
        t = simulate_manufacturer(theta, periods=13, seed=3).tables()
        names = ("incentives", "orders", "products", "routings")
        return incentive_alignment(*(t[n] for n in names), {"MACH": 150.0}).summary["rho"]

    assert share(0.9) > share(0.1)
