"""Every system of a plant in one call: what there is equals the system's own call; what there is not says why."""

import pytest

from sopsem.errors import DataError
from sopsem.executive.assessment import SYSTEMS, assess
from sopsem.executive.finance import cash_cycle
from sopsem.executive.schema.tables import check_tables
from sopsem.executive.simulate import simulate_enterprise, simulate_manufacturer

PLANT = simulate_manufacturer(0.5, 18, seed=3, ahead=2)


@pytest.fixture(scope="module")
def found():
    return assess(PLANT.tables(), replayed=1)


def test_every_system_is_made_of_a_whole_plant(found):
    assert not found.missing
    assert set(found.results()) == set(SYSTEMS)


def test_a_result_is_what_the_system_itself_returns(found):
    tables = PLANT.tables()
    own = cash_cycle(tables["financials"], tables["orders"])
    assert found.cash.to_markdown() == own.to_markdown()
    assert found.corridor.summary["resource"] == found.bottleneck.summary["bottleneck"]


def test_the_plan_is_of_the_periods_that_are_forecast_and_not_yet_sold(found):
    assert found.outlook.ahead
    assert found.outlook.plan.model.periods == ("2023-07", "2023-08")
    assert found.scenarios.summary["n_draws"] == 300


def test_only_orders_of_the_last_periods_are_replayed_and_the_others_are_accounted_for(found):
    orders = PLANT.tables().frame("orders")
    last = orders["order_date"] >= "2023-06-01"
    assert len(found.replay.table) == last.sum()
    assert len(found.replay.excluded) == len(orders) - last.sum()
    assert set(found.replay.excluded["reason"]) == {"ordered before 2023-06-01"}


def test_a_table_that_is_not_there_takes_its_systems_and_those_that_start_from_them():
    frames = dict(PLANT.frames)
    del frames["routings"], frames["incentives"]
    found = assess(check_tables(frames), replayed=1)
    assert found.bottleneck is None
    assert found.missing["bottleneck"].startswith("E-T01 routings.csv is needed")
    assert found.missing["corridor"] == "it starts from bottleneck, which could not be made"
    assert found.missing["incentives"] == "it starts from mix, which could not be made"
    assert found.cash is not None
    assert found.index.summary["n_components"] == 6


def test_without_forecasts_ahead_the_plan_is_of_the_last_year_and_says_so():
    found = assess(simulate_manufacturer(0.5, 14, seed=3).tables(), replayed=1)
    assert not found.outlook.ahead
    assert len(found.outlook.plan.model.periods) == 12
    assert any("plan of the last year" in n.message for n in found.outlook.notices)
    assert found.scenarios.summary["n_draws"] == 0


def test_several_units_are_refused():
    with pytest.raises(DataError, match=r"of_unit\('U01'\)"):
        assess(simulate_enterprise(2, 2, periods=13).tables())


def test_months_ahead_are_forecast_and_nothing_else_changes():
    plain = simulate_manufacturer(0.5, 18, seed=3)
    for name, frame in plain.frames.items():
        other = PLANT.frames[name]
        if name == "forecasts":
            later = other["period"] > "2023-06"
            assert sorted(set(other["period"][later])) == ["2023-07", "2023-08"]
            other = other[~later]
        assert frame.equals(other), name


def test_a_plan_that_no_hours_limit_has_no_bottleneck_to_lose():
    frames = dict(simulate_manufacturer(0.5, 14, seed=3, ahead=2).frames)
    del frames["resources"], frames["orders"]
    found = assess(check_tables(frames))
    assert found.outlook.plan.model.resources == ()
    assert "upside" in set(found.scenarios.table["scenario"])
    assert "loss of the bottleneck" not in set(found.scenarios.table["scenario"])
