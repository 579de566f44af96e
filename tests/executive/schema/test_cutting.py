"""The tables of an earlier day know nothing of later ones."""

import pandas as pd

from sopsem.executive.alignment import alignment_measures, measures_before
from sopsem.executive.schema.cutting import tables_until
from sopsem.executive.schema.tables import check_tables
from sopsem.executive.simulate import simulate_manufacturer

PLANT = simulate_manufacturer(0.1, 13, seed=1, start="2022-12")


def test_the_last_period_cuts_nothing_that_is_measured():
    tables = PLANT.tables()
    now, same = (alignment_measures(t).table["value"] for t in (tables, tables_until(tables, "2023-12")))
    pd.testing.assert_series_equal(now, same)


def test_what_happens_later_changes_nothing_that_was_known():
    """Orders and deals that ended later are open."""
    frames = dict(PLANT.frames)
    later = frames["orders"]["delivered_date"].where(frames["orders"].index % 7 > 0, "2023-12-30")
    frames["orders"] = frames["orders"].assign(delivered_date=later)
    cut = tables_until(check_tables(frames), "2023-09")
    end = pd.Timestamp("2023-10-01")
    orders, pipeline = cut["orders"].frame, cut["pipeline"].frame
    assert orders["order_date"].max() < end
    for day in ("delivered_date", "invoice_date", "paid_date"):
        assert not (orders[day] >= end).any()
    late = orders["delivered_date"].isna()
    assert late.any()
    assert (orders["status"][late] == "open").all()
    assert orders["delivered_quantity"][late].fillna(0).eq(0).all()
    assert pipeline["snapshot"].max() < end
    assert (pipeline["outcome"][pipeline["closed"].isna()] == "open").all()
    assert cut["products"].frame.equals(PLANT.tables()["products"].frame)


def test_measures_of_before_are_those_of_the_cut_tables():
    before = measures_before(PLANT.tables(), 3)
    cut = alignment_measures(tables_until(PLANT.tables(), "2023-09"))
    pd.testing.assert_frame_equal(before.table, cut.table)
    assert measures_before(PLANT.tables(), 13) is None
