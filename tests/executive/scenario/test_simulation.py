"""E32: Goldratt's plant under uncertain demand, worlds that go wrong, levers, drivers, laws of re-planning."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.errors import DataError
from sopsem.executive.pipeline import DemandScenarios
from sopsem.executive.scenario import plan_horizon, sensitivity, simulate_scenarios
from sopsem.executive.scenario.trial import small_model


def plant(pq, **how):
    frames = {n: f for n, f in pq().items() if n != "financials"}
    return plan_horizon(**frames, **how).model


def demands(n, seed=20240101):
    rng = np.random.default_rng(seed)
    drawn = np.column_stack([rng.normal(100, 20, n), rng.normal(50, 15, n)])
    return np.clip(drawn, 0, None)[:, None, :]


def test_the_plan_on_averages_overstates(pq):
    """N(100, 20) and N(50, 15): mean 237 against 300, sd 435, loss .207, P5 -547, CVaR -1,034, B full in 87 %."""
    found = simulate_scenarios(plant(pq), draws=demands(5000), fixed_cost=6000)
    s = found.summary
    assert s["deterministic"] == pytest.approx(300)
    assert s["mean"] == pytest.approx(237, abs=15)
    assert s["overstatement"] == pytest.approx(63, abs=15)
    assert s["sd"] == pytest.approx(435, abs=20)
    assert s["p_loss"] == pytest.approx(0.207, abs=0.02)
    assert s["p5"] == pytest.approx(-547, abs=60)
    assert s["cvar_5"] == pytest.approx(-1034, abs=80)
    assert found.binding.set_index("resource").loc["B", "share"] == pytest.approx(0.87, abs=0.02)
    assert s["adaptability"] > 0
    assert s["mean"] - s["mean_fixed"] == pytest.approx(s["adaptability"])
    coefficients = found.drivers.set_index("product")["coefficient"]
    assert coefficients["P"] > coefficients["Q"] > 0


def test_many_at_once_are_each_the_best(pq):
    """Solved together or one by one, the profit of a draw is that of its own best plan: P first, then Q."""
    drawn = demands(120)
    found = simulate_scenarios(plant(pq), draws=drawn)
    p, q = drawn[:, 0].T
    made = np.minimum(p, 160)
    best = 45 * made + 60 * np.clip(np.minimum(q, (2400 - 15 * made) / 30), 0, None)
    np.testing.assert_allclose(found.draws["profit"], best)
    made_p, made_q = 100.0, 30.0  # the base plan, its material spent whatever is sold
    fixed = 90 * np.minimum(p, made_p) + 100 * np.minimum(q, made_q) - 45 * made_p - 40 * made_q
    left = np.clip(made_p - p, 0, None) * 45 + np.clip(made_q - q, 0, None) * 40
    np.testing.assert_allclose(found.draws["profit_fixed"], fixed - left * 0.2 / 52, rtol=1e-3)


def test_named_worlds(pq):
    found = simulate_scenarios(plant(pq), fixed_cost=6000)
    table = found.table.set_index("scenario")
    assert table.loc["base", "profit"] == pytest.approx(300)
    assert table.loc["base", "profit_fixed"] == pytest.approx(300)
    assert table.loc["downside", "profit"] == pytest.approx(80 * 45 + 40 * 60 - 6000)
    assert table.loc["price war", "profit"] == pytest.approx(100 * 36 + 30 * 50 - 6000)
    lost = table.loc["loss of the bottleneck"]
    assert lost["profit"] == pytest.approx(80 * 45 - 6000)
    assert lost["cut"]
    assert lost["profit_fixed"] == pytest.approx(
        80 * 45 - 6000
    )  # Q earns less per hour of B and is cut first
    assert "T36" in found.codes()
    assert set(table["status"]) == {"above"}
    asked = simulate_scenarios(plant(pq), {"boom": {"demand": {"P": 2.0}}})
    assert asked.table["scenario"].tolist() == ["base", "downside", "boom"]


def test_late_payers_and_cash():
    """Revenue of 5,400 and 12,600; with 30 days' more waiting the second month is paid by the first one's sales."""
    model = small_model()
    at_once = simulate_scenarios(model, {"late": {"payment_days": 2.0}}, payment_days=365 / 12)
    cash = at_once.table.set_index("scenario")["lowest_cash"]
    # made 100 and 100 at 45, 40 in stock at .75; receipts lag by one and two months, sales before were 5,400 a month
    assert cash["base"] == pytest.approx(0.0)
    waits = simulate_scenarios(
        replace(model, variable=80 * np.ones((2, 1))), {"late": {"payment_days": 0.0}}, payment_days=365 / 12
    ).table.set_index("scenario")["lowest_cash"]
    # base: 5,400 - 8,030 = -2,630, then 5,400 - 8,000 more; paid at once: -2,630, then 12,600 - 8,000
    assert waits["base"] == pytest.approx(-5230)
    assert waits["late"] == pytest.approx(-2630)


def test_levers(pq):
    frames = {n: f for n, f in pq().items() if n != "financials"}
    frames["resources"] = frames["resources"].assign(
        overtime_hours_max=240.0, overtime_cost_hour=0.5, shift_hours=600.0, shift_cost_period=300.0
    )
    model = plan_horizon(**frames, subcontract={"Q": 90.0}).model
    found = simulate_scenarios(model, {}, elasticity=2.5, deferral_cost=1.0, fixed_cost=6000)
    value = found.levers.query("scenario == 'base'").set_index("lever")["value"]
    assert value["none"] == 0
    assert value["overtime"] == pytest.approx(240 * 1.5)
    assert value["subcontract"] == pytest.approx(20 * 10)
    assert value["extra shift"] == pytest.approx(600 * 2 - 300)
    assert value["price"] > 600
    assert value["defer orders"] < 0  # nothing is won by owing 20 Q at the end of a single week
    best = found.levers[found.levers["best"]].set_index("scenario")["lever"]
    assert best["base"] == "extra shift"
    assert best["downside"] == "none"


def test_impossible_worlds_are_said_and_left_out():
    model = replace(small_model(), service_floor=0.9)
    drawn = np.array([[[60.0], [100.0]], [[60.0], [900.0]]])
    model = replace(model, demand=drawn[0])
    found = simulate_scenarios(model, {"boom": {"demand": 5.0}}, draws=drawn)
    assert found.table.set_index("scenario").loc["boom", "status"] == "impossible"
    assert found.summary["n_impossible"] == 1
    assert found.draws["profit"].notna().tolist() == [True, False]
    assert found.draws["profit_fixed"].notna().all()
    assert {"T13", "T14"} <= set(found.codes())
    assert np.isnan(found.summary["cvar_5"])
    with pytest.raises(DataError) as caught:
        simulate_scenarios(replace(model, demand=drawn[1]))
    assert caught.value.code == "T14"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"draws": np.ones((5, 3, 1))}, "T34"),
        ({"draws": -np.ones((5, 2, 1))}, "T34"),
        ({"scenarios": {"x": {"payment_days": -1.0}}}, "T34"),
        ({"scenarios": {"x": {"demands": 2.0}}}, "T34"),
        ({"elasticity": 0.0}, "T34"),
    ],
)
def test_wrong_arguments(how, code):
    with pytest.raises(DataError) as caught:
        simulate_scenarios(small_model(), **how)
    assert caught.value.code == code


def test_draws_of_e29_are_put_in_the_order_of_the_plan():
    model = small_model()
    drawn = np.random.default_rng(0).uniform(20, 90, (120, 2, 2))
    frame = simulate_scenarios(model).table
    given = DemandScenarios(
        draws=drawn,
        periods=("2025-02", "2025-01"),
        products=("other", "P"),
        table=frame,
        summary={},
        provenance=model.provenance,
    )
    plain = simulate_scenarios(model, draws=drawn[:, ::-1, 1:])
    pd.testing.assert_frame_equal(simulate_scenarios(model, draws=given).draws, plain.draws)
    with pytest.raises(DataError, match="no period 2025-01"):
        simulate_scenarios(model, draws=replace(given, periods=("2025-02", "2025-03")))


def test_where_a_line_does_not_fit_demand_is_redrawn():
    """Profit that only depends on whether demand passes the hours is no line; importance says it is the driver."""
    model = replace(small_model(), available=np.full((2, 1), 60.0), holding=np.array([10.0]))
    rng = np.random.default_rng(1)
    drawn = np.where(rng.random((200, 2, 1)) < 0.1, 10.0, rng.uniform(60, 400, (200, 2, 1)))
    found = simulate_scenarios(model, draws=drawn)
    assert found.summary["r_squared"] < 0.7
    assert found.drivers["importance"].iloc[0] == pytest.approx(1.0, abs=0.3)


def test_tornado(pq):
    """Prices 10 % up or down move profit by 900 + 300 about; hours of B by 240 x 2; others by nothing."""
    found = sensitivity(plant(pq), fixed_cost=6000)
    t = found.table.set_index("driver")
    assert t.loc["hours:B", ["profit_low", "profit_high"]].tolist() == pytest.approx([-180, 780])
    assert t.loc["price", "profit_high"] == pytest.approx(100 * 54 + 30 * 70 - 6000)
    assert t.loc["fixed_cost", ["profit_low", "profit_high"]].tolist() == pytest.approx([900, -300])
    assert t.loc["hours:D", "swing"] == 0
    assert found.table["swing"].is_monotonic_decreasing
    assert found.summary["largest"] == "price"
    for driver, code in (("prise", "T34"), ("price:X", "T05")):
        with pytest.raises(DataError) as caught:
            sensitivity(plant(pq), [driver])
        assert caught.value.code == code
    with pytest.raises(DataError):
        sensitivity(plant(pq), delta=1.0)


@settings(max_examples=5)
@given(st.integers(0, 10_000))
def test_planning_anew_never_earns_less(seed):
    rng = np.random.default_rng(seed)
    drawn = rng.uniform(10, 200, (30, 2, 1))
    model = replace(
        small_model(),
        overtime=np.full((2, 1), 30.0),
        overtime_cost=np.array([20.0]),
        end_stock=rng.uniform(0, 30, 1),
        backlog_cost=np.array([rng.choice([5.0, np.inf])]),
        service_floor=float(rng.choice([0.0, 0.1])),
    )
    found = simulate_scenarios(model, draws=drawn)
    for frame in (found.draws, found.table):
        as_promised = frame[~frame["broken"]].dropna(subset="profit")
        assert (as_promised["profit"] >= as_promised["profit_fixed"] - 1e-6).all()
    again = simulate_scenarios(model, draws=drawn)
    assert again.draws.equals(found.draws)


def test_kept_production_that_breaks_promises_is_said():
    """100 and 100 made with 20 kept at the end and half of what is asked for served: at most 150 in the second."""
    model = replace(small_model(), end_stock=np.array([20.0]), service_floor=0.5)
    drawn = np.array([[[60.0], [299.0]], [[60.0], [301.0]]])
    found = simulate_scenarios(model, {}, draws=drawn)
    base = found.table.set_index("scenario").loc["base"]
    assert not base["broken"]
    assert base["profit"] == pytest.approx(base["profit_fixed"])
    assert found.draws["broken"].tolist() == [False, True]
    notice = next(n for n in found.notices if "what was promised" in n.message)
    assert "1 of 2 draws" in notice.message
    assert found.draws["profit_fixed"][0] == pytest.approx(180 * 90 - 200 * 45 - (69.5 + 20) * 0.75)
    assert not simulate_scenarios(small_model(), {}, draws=drawn).draws["broken"].any()


def test_worlds_that_are_the_plan_itself_and_plans_without_a_lever_are_not_solved_again():
    found = simulate_scenarios(small_model(), {"late payers": {"payment_days": 2.0}}, fixed_cost=10.0)
    profit = found.table.set_index("scenario")["profit"]
    assert profit["late payers"] == profit["base"] == pytest.approx(8950)
    levers = found.levers.set_index("scenario")
    assert levers.loc["downside", "profit"] == pytest.approx(profit["downside"])
    assert levers["lever"].tolist() == ["none"] * 3
    assert levers["value"].tolist() == [0, 0, 0]


def test_paths_add_up_to_the_profit_of_each_world_and_of_the_draws():
    model = small_model()
    draws = np.random.default_rng(0).uniform(0.8, 1.2, (150, *model.demand.shape)) * model.demand
    found = simulate_scenarios(model, draws=draws, fixed_cost=100.0)
    ends = found.paths.groupby("path", sort=False).tail(1).set_index("path")
    worlds = found.table.set_index("scenario")["profit"]
    assert ends["cumulative"][worlds.index].tolist() == pytest.approx(worlds.tolist())
    for name in ("p5", "p50", "p95"):
        assert ends.loc[name, "cumulative"] == pytest.approx(found.summary[name])
    sums = found.paths[found.paths["kind"] == "world"].groupby("path")["profit"].sum()
    assert sums[worlds.index].tolist() == pytest.approx(worlds.tolist())


def test_few_draws_have_paths_of_worlds_only():
    model = small_model()
    found = simulate_scenarios(model, draws=np.tile(model.demand, (5, 1, 1)))
    assert set(found.paths["kind"]) == {"world"}
