"""E05: the bottleneck, its lead, its shifts, and the share of a product that moves it."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError
from sopsem.executive.alignment import alignment_measures
from sopsem.executive.capacity import bottleneck, bottleneck_map
from sopsem.executive.capacity.bottleneck import most_loaded
from sopsem.executive.capacity.corridor import plant_corridor
from sopsem.executive.schema.tables import check_tables
from sopsem.executive.simulate import simulate_manufacturer


def test_goldratts_plant_has_one_bottleneck_for_every_mix(pq):
    f = pq()
    found = bottleneck_map(f["capacity"], f["routings"], f["demand"], products=f["products"])
    used = found.utilisation.set_index("resource")["utilisation"]
    np.testing.assert_allclose(used[["A", "B", "C", "D"]], [2000 / 2400, 1.25, 1750 / 2400, 1250 / 2400])
    row = found.table.iloc[0]
    assert row["bottleneck"] == row["economic"] == "B"
    assert row["dominance"] == pytest.approx(1.25 - 2000 / 2400)
    assert found.tipping["tipping_share"].isna().all()
    assert found.summary["moves_soonest"] == ""


def two(quantity):
    capacity = pd.DataFrame({"period": "2025-01", "resource_id": ["X", "Y"], "scheduled_hours": 100.0})
    routings = pd.DataFrame(
        [("1", "X", 1.0), ("2", "X", 0.3), ("1", "Y", 0.2), ("2", "Y", 1.5)],
        columns=["product_id", "resource_id", "hours_per_unit"],
    )
    demand = pd.DataFrame(
        {"period": "2025-01", "product_id": ["1", "2"], "sales_unit": "n", "quantity": quantity}
    )
    return capacity, routings, demand


@pytest.mark.parametrize("share", [0.1, 0.2, 0.39])
def test_the_share_that_moves_the_bottleneck_is_exact(share):
    found = bottleneck_map(*two([80 * (1 - share), 80 * share]))
    tip = found.tipping.set_index("product").loc["2"]
    assert tip["tipping_share"] == pytest.approx(0.40)
    assert tip["to"] == "Y"
    assert tip["utilisation"] == pytest.approx(0.576)
    assert found.summary["moves_soonest"] == "2"


def test_a_market_that_is_the_constraint_and_absurd_loads():
    assert "T27" in bottleneck_map(*two([10.0, 10.0])).codes()
    with pytest.raises(DataError) as caught:
        bottleneck_map(*two([2000.0, 10.0]))
    assert caught.value.code == "T17"
    capacity, routings, demand = two([10.0, 10.0])
    with pytest.raises(DataError) as caught:
        bottleneck_map(capacity.assign(scheduled_hours=[0.0, 100.0]), routings, demand)
    assert caught.value.code == "T10"


def test_the_planted_shift_is_found():
    f = simulate_manufacturer(0.5, seed=4).frames
    found = bottleneck_map(f["capacity"], f["routings"], f["demand"], resources=f["resources"])
    early, late = found.table["bottleneck"][:24], found.table["bottleneck"][24:]
    assert (early == "MACH").mean() > 0.85
    assert (late == "HEAT").mean() > 0.4
    assert 0 < found.summary["shift_frequency"] < 1


def test_planned_and_worked_load(pq):
    f = pq()
    planned = bottleneck_map(f["capacity"], f["routings"], f["demand"], products=f["products"], basis="plan")
    assert planned.table["severity"].tolist() == pytest.approx([1.0])
    worked = f["capacity"].assign(run_hours=1200.0)
    run = bottleneck_map(worked, f["routings"], f["demand"], basis="run")
    assert run.table["severity"].tolist() == pytest.approx([0.5])


def test_demand_and_resources_without_capacity_are_said():
    capacity, routings, demand = two([40.0, 40.0])
    assert "T36" not in bottleneck_map(capacity, routings, demand).codes()
    later = pd.concat([demand, demand.assign(period="2025-02")])
    found = bottleneck_map(capacity.iloc[:1], routings, later)
    messages = [n.message for n in found.notices if n.code == "T36"]
    assert messages == [
        "demand in 2025-02 is not looked at: capacity.csv has no row of it",
        "load on Y is not looked at: capacity.csv has no row of it",
    ]


@pytest.mark.parametrize("seed", range(4))
def test_the_most_loaded_resource_is_the_bottleneck_without_any_plan(seed, monkeypatch):
    """Of plants with different periods as the bottleneck; and what alignment is measured with plans none."""
    tables = simulate_manufacturer(seed / 4, 20, seed=seed).tables()
    given = [tables[name] for name in ("capacity", "routings", "demand")]
    found = bottleneck_map(*given, products=tables["products"], resources=tables["resources"])
    monkeypatch.setattr(bottleneck, "solved", None)
    assert most_loaded(tables) == found.summary["bottleneck"]
    measures = alignment_measures(tables)
    assert np.isfinite(measures.known["capacity_fit"])
    assert measures.known["capacity_fit"] == plant_corridor(tables, most_loaded(tables)).number(
        "share_inside"
    )


def test_a_load_on_a_resource_without_hours_is_refused_there_too():
    capacity, routings, demand = two([60.0, 20.0])
    tables = check_tables(
        {"capacity": capacity.assign(scheduled_hours=[100.0, 0.0]), "routings": routings, "demand": demand}
    )
    with pytest.raises(DataError, match=r"T10.*no hours"):
        most_loaded(tables)
