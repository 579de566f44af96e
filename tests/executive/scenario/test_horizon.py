"""E31: a published plan to the unit, one period against the mix, bad input, laws that hold for any plan."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.errors import DataError
from sopsem.executive.scenario import best_plan, plan_horizon
from sopsem.executive.throughput import product_mix


def test_v09_red_tomato(red_tomato):
    """Chopra & Meindl: cost 422,275, profit 217,725; with whole workers 422,660 and 217,340."""
    plan = plan_horizon(**red_tomato())
    assert plan.summary["cost"] == pytest.approx(422_275)
    assert plan.summary["profit"] == pytest.approx(217_725)
    assert plan.costs["amount"].sum() == pytest.approx(422_275)
    assert plan.table["shipped"].sum() == pytest.approx(16_000)
    assert plan.table["stock"].iloc[-1] == pytest.approx(500)
    whole = plan_horizon(**red_tomato(), whole_workers=True)
    assert whole.summary["cost"] == pytest.approx(422_660)
    assert whole.summary["profit"] == pytest.approx(217_340)
    workers = whole.workforce["workers"].to_numpy()
    np.testing.assert_allclose(workers, np.round(workers), atol=1e-9)
    assert whole.summary["prices_from"] == "linear relaxation"


def test_one_period_is_the_mix(pq):
    """Goldratt's plant in one week: the plan, the price of B and of the market are those of the mix."""
    frames = {n: f for n, f in pq().items() if n != "financials"}
    plan, mix = plan_horizon(**frames), product_mix(**frames)
    assert plan.table["made"].tolist() == pytest.approx([100, 30])
    assert plan.table["lost"].tolist() == pytest.approx([0, 20])
    np.testing.assert_allclose(plan.resources["hour_price"], mix.resources["shadow_price"], atol=1e-9)
    np.testing.assert_allclose(plan.table["market_value"], mix.table["market_value"], atol=1e-9)
    assert plan.summary["constraint"] == "B"
    assert plan.hour_prices().loc["2025-W01", "B"] == pytest.approx(2)


def months(asked, hours):
    periods = [f"2025-0{m + 1}" for m in range(len(asked))]
    return {
        "products": pd.DataFrame({"product_id": ["x"], "price": 50.0, "material_cost": 12.0}),
        "routings": pd.DataFrame({"product_id": ["x"], "resource_id": "r", "hours_per_unit": 1.0}),
        "capacity": pd.DataFrame({"period": periods, "resource_id": "r", "scheduled_hours": hours}),
        "demand": pd.DataFrame({"period": periods, "product_id": "x", "sales_unit": "n", "quantity": asked}),
    }


def test_stock_is_built_before_a_peak_and_priced_into_the_earlier_hour():
    """Holding 12 x 0.2 / 12 = 0.2 a month: an hour is worth 38 less 0.2 per month of waiting."""
    plan = plan_horizon(**months([10.0, 10.0, 200.0], 60.0), holding_rate=0.2)
    assert plan.table["stock"].tolist() == pytest.approx([50, 100, 0])
    assert plan.table["lost"].tolist() == pytest.approx([0, 0, 40])
    assert plan.resources["hour_price"].tolist() == pytest.approx([37.6, 37.8, 38.0])
    assert plan.table["market_value"].tolist() == pytest.approx([0.4, 0.2, 0.0], abs=1e-9)
    assert plan.summary["service"] == pytest.approx(1 - 40 / 220)


def test_backlog_waits_at_its_cost_and_what_waits_at_the_end_is_not_paid():
    plan = plan_horizon(**months([90.0, 30.0], 60.0), backlog_cost=3.0)
    assert plan.table["backlog"].tolist() == pytest.approx([30, 0])
    assert plan.summary["profit"] == pytest.approx(120 * 38 - 30 * 3)
    late = plan_horizon(**months([90.0, 60.0], 60.0), backlog_cost=3.0)
    assert late.summary["revenue"] == pytest.approx(120 * 50)
    assert late.summary["end_backlog"] == pytest.approx(30)


@pytest.mark.parametrize(
    ("how", "lacking"),
    [
        ({"backlog_cost": 3.0, "clear_backlog": True}, "'r' in 2025-0[12] lacks 30 hours"),
        ({"service_floor": 1.0}, "'r' in 2025-01 lacks 30 hours"),
        ({"end_stock": 40.0, "service_floor": 0.5, "start_stock": 0.0}, "lacks"),
    ],
)
def test_what_cannot_be_planned_names_period_resource_and_hours(how, lacking):
    asked = [90.0, 180.0] if "end_stock" in how else [90.0, 60.0]
    with pytest.raises(DataError, match=rf"E-T14 .*{lacking}") as caught:
        plan_horizon(**months(asked, 60.0), **how)
    assert caught.value.code == "T14"


def test_contract_minima_that_no_hours_can_meet():
    model = plan_horizon(**months([90.0, 60.0], 60.0)).model
    with pytest.raises(DataError, match="no hours would make") as caught:
        best_plan(replace(model, least=model.demand + 1))
    assert caught.value.code == "T14"


def test_wrong_arguments_are_named():
    frames = months([10.0], 60.0)
    for how, code in (
        ({"backlog_cost": {"y": 1.0}}, "T05"),
        ({"end_stock": -1.0}, "T06"),
        ({"service_floor": 1.5}, "T34"),
    ):
        with pytest.raises(DataError) as caught:
            plan_horizon(**frames, **how)
        assert caught.value.code == code


def test_notices_of_prices():
    assert "T27" in plan_horizon(**months([10.0], 60.0)).codes()
    full = plan_horizon(**months([100.0, 20.0], [60.0, 20.0]), backlog_cost=1.0)
    assert "T27" not in full.codes()


def test_an_hour_on_the_edge_is_quoted_from_both_sides():
    """70 of 60 and 50: an hour less in the second month costs 38, one more is worth nothing."""
    frames = months([70.0, 50.0], [60.0, 50.0])
    plan = plan_horizon(**frames)
    notice = next(n for n in plan.notices if n.code == "T15")
    assert "r in 2025-02: one more hour is worth 0, one fewer costs 38" in notice.message


@settings(max_examples=6)
@given(st.integers(0, 10_000), st.floats(0.2, 20))
def test_laws_of_a_plan(seed, k):
    rng = np.random.default_rng(seed)
    frames = months(rng.uniform(0, 100, 4), rng.uniform(20, 80, 4))
    how = {"backlog_cost": 2.0, "subcontract": 45.0}
    plan = plan_horizon(**frames, **how)
    t = plan.table
    before = np.r_[0.0, t["stock"].to_numpy()[:-1]]
    np.testing.assert_allclose(before + t["made"] + t["subcontracted"] - t["shipped"], t["stock"], atol=1e-6)
    waiting = np.r_[0.0, t["backlog"].to_numpy()[:-1]]
    np.testing.assert_allclose(waiting + t["demand"] - t["shipped"] - t["lost"], t["backlog"], atol=1e-6)
    r = plan.resources
    assert (r["hour_price"] >= -1e-9).all()
    assert (r["slack"] >= -1e-6).all()
    assert (r["hour_price"] * r["slack"]).abs().max() < 1e-5
    money = frames["products"].assign(price=50.0 * k, material_cost=12.0 * k)
    scaled = plan_horizon(**{**frames, "products": money}, backlog_cost=2.0 * k, subcontract=45.0 * k)
    assert scaled.summary["profit"] == pytest.approx(k * plan.summary["profit"], rel=1e-6, abs=1e-6)
    more = frames["capacity"].assign(scheduled_hours=lambda f: f["scheduled_hours"] * 1.3)
    assert (
        plan_horizon(**{**frames, "capacity": more}, **how).summary["profit"] >= plan.summary["profit"] - 1e-6
    )
    shuffled = {n: f.sample(frac=1.0, random_state=1) for n, f in frames.items()}
    pd.testing.assert_frame_equal(plan_horizon(**shuffled, **how).table, plan.table)


def test_a_large_plan_says_that_both_sides_of_prices_were_not_compared():
    full = plan_horizon(**months([100.0 + m for m in range(4)], 60.0))
    assert not [n for n in full.notices if "not looked for" in n.message]
    many = [70.0] * 41
    frames = months(many, 60.0)
    periods = [f"{2025 + m // 12}-{m % 12 + 1:02d}" for m in range(41)]
    frames = {n: f.assign(period=periods) if n in ("capacity", "demand") else f for n, f in frames.items()}
    notice = next(n for n in plan_horizon(**frames).notices if n.code == "T15")
    assert "prices of 41 full resource-periods" in notice.message


def test_red_tomato_with_demand_that_swings_more(red_tomato):
    """Chopra & Meindl: the same 16,000 rakes as 1000, 3000, 3800, 4800, 2000, 1400 cost 432,858."""
    plan = plan_horizon(**red_tomato((1000.0, 3000.0, 3800.0, 4800.0, 2000.0, 1400.0)))
    assert plan.summary["cost"] == pytest.approx(432_858, abs=1)
