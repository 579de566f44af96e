"""The synthetic plant: planted truth seen in the tables, single switches, null worlds, every table checked."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.executive.simulate import simulate_manufacturer


def measures(plant):
    """Return crude measures of a plant, each made to rise with alignment."""
    f = plant.frames
    joined = f["demand"].merge(
        f["forecasts"], on=["period", "product_id", "sales_unit"], suffixes=("", "_forecast")
    )
    error = joined["quantity_forecast"] - joined["quantity"]
    consensus, sales = joined["step"] == "consensus", joined["step"] == "sales"
    total = joined["quantity"][consensus].sum()
    orders, accounts, pipeline = f["orders"], f["financials"], f["pipeline"]
    closed = pipeline[pipeline["outcome"] != "open"]
    kept = (orders["status"] == "closed") & (orders["delivered_date"] <= orders["promised_date"])
    leaked = accounts["expedite_cost"] + accounts["penalty_cost"]
    profit = accounts["revenue"] - accounts["variable_cost"] - accounts["fixed_cost"] - leaked
    cycle = (accounts["inventory"] - accounts["payables"]) / accounts["cogs"]
    cycle = cycle + accounts["receivables"] / accounts["revenue"]
    return {
        "wape of sales": -error[sales].abs().sum() / total,
        "wape of consensus": -error[consensus].abs().sum() / total,
        "optimism": -error[consensus].sum() / total,
        "pipeline": -(closed["probability"] * closed["amount"]).sum() / closed["amount_won"].sum(),
        "on time": kept.mean(),
        "leakage": -leaked.sum() / accounts["revenue"].sum(),
        "margin": profit.sum() / accounts["revenue"].sum(),
        "cash cycle": -cycle.mean(),
        "validated": orders["capacity_validated"].mean(),
    }


@pytest.fixture(scope="module")
def extremes():
    """Two seeds of a misaligned and an aligned plant."""
    return [[simulate_manufacturer(theta, seed=s) for s in range(2)] for theta in (0.1, 0.9)]


def test_every_measure_is_better_in_the_aligned_plant(extremes):
    low, high = (pd.DataFrame([measures(p) for p in plants]).mean() for plants in extremes)
    assert (high > low).all(), (high - low)[high <= low]


def test_the_bottleneck_moves_and_a_disciplined_firm_has_more_promised_backlog(extremes):
    plants = [p for pair in extremes for p in pair]
    first, last = [], []
    for plant in plants:
        f = plant.frames
        demand = f["demand"].pivot_table("quantity", "period", "product_id", aggfunc="sum")
        hours = f["routings"].pivot_table(index="product_id", columns="resource_id", values="hours_per_unit")
        resources = f["resources"].set_index("resource_id")
        limit = resources["servers"] * resources["scheduled_hours"] * resources["availability"]
        worst = (demand @ hours / limit[hours.columns]).idxmax(axis=1)
        first += worst[:24].tolist()
        last += worst[24:].tolist()
    assert np.mean([w == "MACH" for w in first]) > 0.9
    assert np.mean([w == "HEAT" for w in last]) > 0.4
    backlog = [np.mean([p.frames["production"]["closing_backlog"].sum() for p in pair]) for pair in extremes]
    assert backlog[1] > backlog[0]


def test_all_tables_pass_the_checks_of_a_client(extremes):
    tables = extremes[0][0].tables()
    assert len(tables) == 13
    assert {n.code for n in tables.notices} <= {"T19"}
    assert len(tables.excluded) == 0


def test_units_are_conserved(extremes):
    f = extremes[0][1].frames
    made = f["production"].groupby("product_id")["produced_quantity"].sum()
    shipped = f["orders"].groupby("product_id")["delivered_quantity"].sum()
    stock = f["production"].groupby("product_id")["closing_stock"].last()
    opening = made * 0 + [108.0, 43.0, 151.0, 25.0, 54.0, 72.0]
    pd.testing.assert_series_equal(opening + made, shipped + stock, check_names=False)
    asked = f["demand"].groupby("product_id")["quantity"].sum()
    assert f["orders"].groupby("product_id")["quantity"].sum().equals(asked)


def test_a_switch_turns_off_one_mechanism_and_no_other():
    plain = simulate_manufacturer(0.2, periods=13, seed=3)
    switched = simulate_manufacturer(0.2, periods=13, seed=3, pipeline=1.0)
    assert not plain.frames["pipeline"].equals(switched.frames["pipeline"])
    for name in set(plain.frames) - {"pipeline"}:
        pd.testing.assert_frame_equal(plain.frames[name], switched.frames[name])
    assert switched.truth["pipeline"] == 1.0


def test_in_a_null_world_nothing_depends_on_the_alignment():
    low, high = (simulate_manufacturer(t, periods=13, seed=3, null=True) for t in (0.1, 0.9))
    for name, frame in low.frames.items():
        pd.testing.assert_frame_equal(frame, high.frames[name])
    assert (low.truth["alignment"], high.truth["alignment"]) == (0.1, 0.9)


def test_wrong_arguments():
    with pytest.raises(UsageError, match="no mechanism 'prices'"):
        simulate_manufacturer(0.5, prices=1.0)
    with pytest.raises(UsageError, match="alignment must be from 0 to 1"):
        simulate_manufacturer(1.5)
    with pytest.raises(UsageError, match="13 periods"):
        simulate_manufacturer(0.5, periods=3)
