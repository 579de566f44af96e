"""E07: published congestion and guard bounds, the empty corridor of the P-Q plant, a simulated plant's status."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.errors import DataError
from sopsem.executive.capacity import breakdown_scv, flow_factor, plant_corridor, utilization_corridor
from sopsem.executive.schema.tables import check_tables
from sopsem.executive.simulate import simulate_manufacturer

ECONOMY = {"fixed_cost": 6000.0, "contribution_per_hour": 2.625, "hours": 2400.0}


@pytest.mark.parametrize(
    ("servers", "v", "upper"),
    [(1, 1.0, 0.800), (1, 0.5, 0.889), (1, 0.75, 0.842), (2, 1.0, 0.894), (4, 1.0, 0.945)],
)
def test_the_congestion_bound(servers, v, upper):
    found = utilization_corridor(servers=servers, scv_arrival=v, scv_process=v, **ECONOMY)
    assert found.summary["congestion"] == pytest.approx(upper, abs=5e-4)
    assert flow_factor(found.summary["congestion"], v, servers) == pytest.approx(5)


@pytest.mark.parametrize(("cv", "guard"), [(0.05, 0.924), (0.10, 0.859), (0.20, 0.752)])
def test_the_guard_against_uncertainty(cv, guard):
    assert utilization_corridor(cv_load=cv, **ECONOMY).summary["guard"] == pytest.approx(guard, abs=5e-4)


def test_v14_hare_and_tortoise():
    """Same availability, same load: long outages queue 1,667.5 minutes, short ones 460."""
    for mttr, scv, queue in ((248, 6.25, 1667.5), (38, 1.00, 460.0)):
        c2 = breakdown_scv(0.05, mtbf=3 * mttr, mttr=mttr, process_time=15)
        assert c2 == pytest.approx(scv, abs=1e-9)
        u = 2.875 / 60 * 20
        assert u == pytest.approx(0.9583, abs=5e-5)
        assert (flow_factor(u, (1 + c2) / 2) - 1) * 20 == pytest.approx(queue, abs=1e-6)


def pq_tables(frames):
    run = frames["capacity"].assign(run_hours=frames["capacity"]["scheduled_hours"])
    resources = frames["resources"].assign(scv_arrival=0.75, scv_process=0.75)
    return check_tables({**frames, "capacity": run, "resources": resources})


def test_goldratts_plant_earns_only_where_it_cannot_keep_dates(pq):
    found = plant_corridor(pq_tables(pq()), "B")
    assert found.summary["lower"] == pytest.approx(6000 / 6300)
    assert found.summary["lower_best_first"] == pytest.approx(0.9375)
    assert found.summary["upper"] == pytest.approx(0.842, abs=5e-4)
    assert found.summary["empty"]
    assert {"T18", "T36"} <= set(found.codes())
    wide = plant_corridor(pq_tables(pq(b=4800.0, expense=6400.0)), "B")
    assert not wide.summary["empty"]


def test_status_and_excursions():
    u = pd.Series([0.5, 0.9, 1.2, 0.99, 0.97], index=list("abcde"))
    hours = pd.Series(100.0, index=list("abcde"))
    found = utilization_corridor(
        cv_load=0.0,
        scv_arrival=0.0,
        scv_process=0.0,
        fixed_cost=80,
        contribution_per_hour=1,
        hours=100,
        utilisation=u,
        available=hours,
    )
    assert found.table["status"].tolist() == ["below", "inside", "over-capacity", "inside", "inside"]
    assert found.summary["share_inside"] == pytest.approx(0.6)
    assert found.summary["hours_above"] == pytest.approx(20)
    assert found.summary["longest_excursion"] == 1


def test_a_simulated_plant_has_a_status_for_every_month():
    plant = simulate_manufacturer(0.5, seed=2)
    found = plant_corridor(plant.tables(), "MACH")
    assert found.summary["n_periods"] == 36
    assert 0 < found.summary["cv_load"] < 0.5
    assert 0 < found.summary["lower_best_first"] <= found.summary["lower"] < 1


@given(st.floats(0.05, 4), st.floats(0.0, 0.4), st.integers(1, 6))
def test_the_upper_end_falls_with_variability_and_with_uncertainty(v, cv, servers):
    def upper(v, cv):
        return utilization_corridor(
            servers=servers, scv_arrival=v, scv_process=v, cv_load=cv, **ECONOMY
        ).summary

    here = upper(v, cv)
    assert upper(v * 1.1, cv)["congestion"] < here["congestion"]
    assert upper(v, cv + 0.01)["guard"] < here["guard"]
    if here["binding"] == "congestion":
        assert here["upper_per_scv"] < 0
        step = 1e-4
        slope = (upper(v + step, cv)["congestion"] - here["congestion"]) / step
        assert here["upper_per_scv"] == pytest.approx(slope, rel=0.02)


@pytest.mark.parametrize(
    "change", [{"servers": 1.5}, {"flow_factor_max": 1.0}, {"alpha": 0.0}, {"cv_load": -1.0}, {"hours": 0.0}]
)
def test_what_cannot_be(change):
    with pytest.raises(DataError) as caught:
        utilization_corridor(**{**ECONOMY, **change})
    assert caught.value.code == "T34"
    assert np.isinf(flow_factor(1.0, 1.0))


def promised(frames, days, lines=8):
    """Orders of one P on weeks of 2,400 hours: 55 hours on four resources, 2,400 / 7 hours a day."""
    first = pd.Timestamp("2025-01-01")
    orders = pd.DataFrame(
        {
            "order_id": [f"o{i}" for i in range(lines)],
            "customer_id": "c",
            "sales_unit": "home",
            "product_id": "P",
            "quantity": 1.0,
            "price": 90.0,
            "order_date": first,
            "promised_date": first + pd.Timedelta(days=days),
        }
    )
    return check_tables({**frames, "orders": orders})


def test_the_flow_factor_is_what_orders_are_promised(pq):
    found = plant_corridor(promised(pq(), 2), "B")
    assert found.summary["flow_factor_max"] == pytest.approx(2 * 2400 / 7 / 55)
    assert found.summary["flow_factor_from"] == "orders"
    given = plant_corridor(promised(pq(), 2), "B", flow_factor_max=3.0).summary
    assert (given["flow_factor_max"], given["flow_factor_from"]) == (3.0, "argument")


@pytest.mark.parametrize(("days", "lines", "code"), [(0, 8, "T36"), (2, 5, "T13")])
def test_promises_that_say_nothing_leave_the_policys_flow_factor(pq, days, lines, code):
    found = plant_corridor(promised(pq(), days, lines), "B")
    assert (found.summary["flow_factor_max"], found.summary["flow_factor_from"]) == (5.0, "policy")
    assert code in [n.code for n in found.notices if n.table == "orders"]
