"""E33: published promotions with opposite signs, three views of one plan, what is impossible, laws of regret."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.errors import DataError
from sopsem.executive.scenario import adjusted, arbitrate, best_plan, plan_horizon, promotion
from sopsem.executive.scenario.trial import small_model


@pytest.fixture(scope="module")
def tomato(request):
    call = request.getfixturevalue("red_tomato")
    return plan_horizon(**call()).model


@pytest.mark.parametrize(
    ("month", "uplift", "profit"),
    [
        ("2025-01", 0.1, 221_485),
        ("2025-04", 0.1, 211_283),
        ("2025-01", 1.0, 242_810),
        ("2025-04", 1.0, 247_320),
    ],
)
def test_v10_the_same_promotion_with_opposite_signs(tomato, month, uplift, profit):
    """Chopra & Meindl: price 39, 20 % of the next two months pulled forward."""
    model = promotion(tomato, month, price=39, uplift=uplift, forward=0.2)
    assert best_plan(model).summary["profit"] == pytest.approx(profit, abs=1)


def test_v10_arbitrated(tomato):
    january, april = (promotion(tomato, f"2025-0{m}", price=39, uplift=0.1, forward=0.2) for m in (1, 4))
    found = arbitrate(tomato, options={"January": january, "April": april}, upper=1.0)
    deltas = found.deltas.set_index("option")["profit"]
    assert deltas["January"] == pytest.approx(3_760, abs=1)
    assert deltas["April"] == pytest.approx(-6_442, abs=1)
    assert found.summary["recommended"] == "January"
    assert found.summary["material"]
    costs = found.table.set_index("option")["cost"]
    assert (costs["January"], costs["April"]) == pytest.approx((421_915, 438_857), abs=1)
    fields = found.record.set_index("field")["entry"]
    assert fields["recommended"] == "January"
    assert fields["signed for sales"] == ""


def test_three_views_of_a_plan(pq):
    """Sales fills B with Q's revenue per hour as well as P's; operations keeps a tenth of every hour free."""
    frames = {n: f for n, f in pq().items() if n != "financials"}
    frames["resources"] = frames["resources"].assign(overtime_hours_max=240.0, overtime_cost_hour=4.0)
    found = arbitrate(plan_horizon(**frames).model, upper=0.9)
    table = found.table.set_index("option")
    assert table.loc["enterprise", "profit"] == pytest.approx(6300)
    # 240 hours of overtime on B bring 8 Q: revenue + 800, contribution + 480, cost 960
    assert table.loc["sales", "revenue"] == pytest.approx(90 * 100 + 100 * 38)
    assert table.loc["sales", "regret"] == pytest.approx(480)
    assert table.loc["operations", "overtime_hours"] == 0
    assert table.loc["operations", "peak_utilisation"] <= 0.9 + 1e-9
    assert table.loc["operations", "lost"] == pytest.approx(50 - (2160 - 1500) / 30)
    gains = found.parties.set_index(["option", "party", "measure"])["delta"]
    assert gains["sales", "home", "revenue"] == pytest.approx(800)
    assert gains["sales", "B", "overtime"] == pytest.approx(240)
    assert gains["enterprise"].abs().max() == 0


def test_operations_levels_the_load_among_equally_cheap_plans():
    """Without a cost of stock 60 and 100 can be made in many ways; 80 and 80 is one of the most even."""
    model = replace(
        small_model(), demand=np.array([[60.0], [100.0]]), holding=np.zeros(1), shares=small_model().shares
    )
    found = arbitrate(model, upper=1.0).table.set_index("option")
    assert found.loc["operations", "lost"] == pytest.approx(0)
    assert found.loc["operations", "peak_utilisation"] == pytest.approx(0.8)


def test_an_impossible_view_is_shown_with_its_relaxation():
    model = replace(small_model(), end_stock=np.array([50.0]))
    found = arbitrate(model, upper=0.2)
    row = found.table.set_index("option").loc["operations"]
    assert not row["feasible"]
    assert np.isnan(row["profit"])
    assert "B in 2025-0" in row["relaxation"]
    assert "10 hours" in row["relaxation"]
    assert "T14" in found.codes()
    assert np.isnan(found.summary["regret_operations"])


def test_a_small_difference_is_called_that():
    model = small_model()
    found = arbitrate(model, options={"a cent": adjusted(model, {"price": 1.0001})})
    assert not found.summary["material"]
    assert "T29" in found.codes()
    shift = arbitrate(model, options={"lost": adjusted(model, {"hours": {"B": 0.5}, "periods": "2025-02"})})
    assert shift.summary["recommended"] == "enterprise"
    assert shift.deltas.set_index("option").loc["lost", "profit"] < 0


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"upper": {"C": 0.9}}, "T05"),
        ({"upper": 1.2}, "T34"),
        ({"options": {"sales": small_model()}}, "T34"),
    ],
)
def test_wrong_arguments(how, code):
    with pytest.raises(DataError) as caught:
        arbitrate(small_model(), **how)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"demnad": 2.0}, "T34"),
        ({"demand": -1.0}, "T34"),
        ({"demand": {"X": 1.0}}, "T05"),
        ({"hours": 0.5, "periods": ["2026-01"]}, "T05"),
    ],
)
def test_wrong_changes(changes, code):
    with pytest.raises(DataError) as caught:
        adjusted(small_model(), changes)
    assert caught.value.code == code


def test_wrong_promotions():
    for how, code in (
        ({"period": "2026-01"}, "T05"),
        ({"forward": 1.5}, "T34"),
        ({"product": "X"}, "T05"),
    ):
        call = {"period": "2025-01", "price": 80.0, "uplift": 0.1} | how
        with pytest.raises(DataError) as caught:
            promotion(small_model(), **call)
        assert caught.value.code == code


@settings(max_examples=6)
@given(st.integers(0, 10_000))
def test_no_view_earns_more_than_the_enterprise_and_sales_sells_most(seed):
    rng = np.random.default_rng(seed)
    model = replace(
        small_model(),
        demand=rng.uniform(20, 200, (2, 1)),
        overtime=np.full((2, 1), 50.0),
        overtime_cost=rng.uniform(10, 80, 1),
        backlog_cost=np.array([5.0]),
    )
    found = arbitrate(model).table.set_index("option")
    scale = 1e-6 * found["profit"].abs().max()
    assert (found["regret"] >= -scale).all()
    assert (
        found["revenue"].idxmax() == "sales"
        or found.loc["sales", "revenue"] >= found["revenue"].max() - scale
    )
