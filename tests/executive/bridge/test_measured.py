"""Metrics of every unit from its tables: against the systems they come from, with reasons, halves and windows."""

import math

import pandas as pd
import pytest

from sopsem.errors import DataError
from sopsem.executive.alignment import alignment_index, alignment_measures
from sopsem.executive.bridge import link_survey, measure_units
from sopsem.executive.bridge.measured import otif_requested, premium_freight, price_realisation
from sopsem.executive.finance import cash_cycle
from sopsem.executive.schema.tables import check_tables
from sopsem.executive.simulate import simulate_enterprise


@pytest.fixture(scope="module")
def firm():
    return simulate_enterprise(1, 8, seed=3, periods=14)


@pytest.fixture(scope="module")
def measured(firm):
    return measure_units(firm.tables(), at=firm.frames["demand"]["period"].sort_values().unique()[8])


def test_metrics_are_those_of_the_systems(firm, measured):
    own = firm.tables().of_unit("U01")
    row = measured.table.set_index("unit").loc["U01"]
    known = alignment_measures(own).known
    assert row["index_s"] == alignment_index(known, version="S").summary["index"]
    assert row["cash"] == cash_cycle(own["financials"]).summary["ccc"]
    orders = own["orders"].frame
    assert row["premium_freight"] == premium_freight(orders)
    assert row["otif_requested"] == otif_requested(orders)
    assert row["price_realisation"] == price_realisation(orders)


def test_what_is_not_known_has_its_reason(measured):
    reasons = measured.reasons.set_index(["unit", "metric"])["reason"]
    assert reasons["U01", "revenue_growth"] == "fewer than two years of financials"
    assert measured.table["revenue_growth"].isna().all()
    assert measured.codes() == ("T36",)


def test_halves_and_windows_are_of_their_periods_only(firm, measured):
    assert measured.halves.groupby("half").size().to_dict() == {"first": 1, "second": 1}
    assert sorted(measured.windows["window"]) == ["after", "before"]
    periods = sorted(firm.frames["demand"]["period"].unique())
    frames = {
        name: frame[frame["period"].isin(periods[:7])] if "period" in frame else frame
        for name, frame in firm.frames.items()
    }
    orders = frames["orders"]
    frames["orders"] = orders[orders["order_date"].astype(str).str[:7].isin(periods[:7])]
    first = check_tables(frames).of_unit("U01")
    row = measured.halves.set_index(["half", "unit"]).loc["first", "U01"]
    assert row["price_realisation"] == price_realisation(first["orders"].frame)
    assert row["cash"] == cash_cycle(first["financials"]).summary["ccc"]
    dated = firm.tables().of_unit("U01")["orders"].frame
    later = dated[dated["order_date"].astype(str).str[:7].isin(periods[7:])]
    second = measured.halves.set_index(["half", "unit"]).loc["second", "U01"]
    assert second["price_realisation"] == price_realisation(later)


def test_measured_units_are_linked_with_their_windows(firm, measured, quick):
    found = link_survey(firm.survey, measured, categories=7, policy=quick)
    assert found.units["measured"].tolist() == measured.table["index_s"].tolist()
    assert found.lags["n_before"].max() == 1
    reasons = found.pairs.set_index("metric")["reason"]
    assert "fewer than two years" in reasons["revenue_growth"]
    assert "E21" in reasons["margin_realisation"]


def test_rows_left_out_of_survey_and_tables_are_both_told(firm, quick):
    frames = dict(firm.frames)
    stranger = frames["orders"].iloc[[0]].assign(product_id="P9", order_id="X1")
    frames["orders"] = pd.concat([frames["orders"], stranger])
    survey = firm.survey.astype({"alignment1": float})
    survey.loc[0, "alignment1"] = None
    measured = measure_units(check_tables(frames), halves=False)
    found = link_survey(survey, measured, categories=7, policy=quick)
    assert found.excluded["table"].tolist() == ["survey", "orders"]


def test_windows_that_were_not_measured_are_refused(firm, measured, quick):
    with pytest.raises(DataError, match="measured without windows around '2023-01'"):
        link_survey(firm.survey, measured, categories=7, at="2023-01", policy=quick)


def test_tables_without_orders_say_which_file_is_needed(firm):
    frames = {name: firm.frames[name] for name in ("products", "financials")}
    found = measure_units(check_tables(frames), halves=False)
    reasons = found.reasons.set_index(["unit", "metric"])["reason"]
    assert reasons["U01", "otif_requested"] == "orders.csv is needed"
    assert "coverage_min" in reasons["U01", "index_s"]
    assert found.halves.empty
    assert found.measures.halves is None
    assert not math.isnan(found.table["cash"].iloc[0])


def test_tables_without_time_or_another_kind_of_period_are_refused(firm):
    with pytest.raises(DataError, match="no table with periods"):
        measure_units(check_tables({"products": firm.frames["products"]}))
    with pytest.raises(DataError, match="is no month"):
        measure_units(firm.tables(), at="2023-Q1")
    with pytest.raises(DataError, match="is no period"):
        measure_units(firm.tables(), at="summer")


def test_periods_that_are_only_forecast_are_in_no_half():
    firm = simulate_enterprise(1, 5, seed=3, periods=14, ahead=6)
    found = measure_units(firm.tables(), halves=False)
    assert found.summary["periods"] == 14
