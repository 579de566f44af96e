"""E19: published cash cycles, zero totals, collection by sales unit."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.executive.finance import cash_cycle, cash_days
from sopsem.executive.schema.policy import DEFAULT_POLICY, make_policy
from sopsem.executive.simulate import simulate_manufacturer


def quarters(**cells):
    return pd.DataFrame(
        {
            "period": ["2024-Q4", "2025-Q1"],
            "revenue": 11.5 / 4,
            "cogs": 8.2 / 4,
            "variable_cost": 1.0,
            "fixed_cost": 0.0,
            "inventory": [2.0, 3.0],
            "receivables": [1.6, 2.0],
            "payables": [0.75, 1.0],
            **cells,
        }
    )


def test_v23_ross_westerfield_jordan():
    row = cash_cycle(quarters()).table.iloc[1]
    published = {
        "dio": 111.3,
        "dso": 57.1,
        "operating_cycle": 168.4,
        "dpo": 38.9,
        "ccc": 129.5,
        "turns": 3.28,
    }
    for name, value in published.items():
        assert row[name] == pytest.approx(value, abs=0.05), name
    assert row["net_trade_cycle"] == pytest.approx(108.7, abs=0.05)
    assert np.isnan(cash_cycle(quarters()).table.loc[0, "ccc"])


@pytest.mark.parametrize(("dso", "dio", "dpo", "ccc"), [(32, 4, 73, -37), (31, 3, 70, -36), (28, 3, 68, -37)])
def test_v24_dell_is_paid_before_it_pays(dso, dio, dpo, ccc):
    found = cash_days(inventory=dio, receivables=dso, payables=dpo, revenue=365, cogs=365)
    assert found["ccc"] == pytest.approx(ccc)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6), st.floats(1, 1e6), st.floats(1, 1e6))
def test_the_cycle_is_its_parts(inventory, receivables, payables, revenue, cogs):
    found = cash_days(
        inventory=inventory, receivables=receivables, payables=payables, revenue=revenue, cogs=cogs
    )
    assert found["ccc"] == pytest.approx(found["dio"] + found["dso"] - found["dpo"], rel=1e-9, abs=1e-6)


def test_zero_totals_missing_cogs_and_other_averages():
    zero = cash_cycle(quarters(revenue=0.0))
    assert zero.table["dso"].isna().all()
    assert "T11" in zero.codes()
    lacking = cash_cycle(quarters(cogs=np.nan))
    assert "T36" in lacking.codes()
    assert lacking.table.loc[1, "dio"] == pytest.approx(2.5 / 4 * 365)
    closing = cash_cycle(quarters(), average="closing").table
    assert closing.loc[1, "dso"] == pytest.approx(2.0 / 11.5 * 365)
    opening = cash_cycle(quarters(), average="opening", denominators="sales").table
    assert opening.loc[1, "dio"] == pytest.approx(2.0 / 11.5 * 365)


def test_flows_are_of_the_trailing_periods():
    money = quarters(revenue=[1.0, 3.0])
    table = cash_cycle(money, average="closing").table
    assert table.loc[1, "dso"] == pytest.approx(2.0 / 8.0 * 365)
    assert cash_cycle(money, average="closing", trailing=1).table.loc[1, "dso"] == pytest.approx(
        2.0 / 12.0 * 365
    )


def test_money_scaled_changes_no_day():
    plain, scaled = quarters(), quarters()
    names = ["revenue", "cogs", "variable_cost", "inventory", "receivables", "payables"]
    scaled[names] = scaled[names] * 7.0
    days = ["dio", "dso", "dpo", "ccc"]
    np.testing.assert_allclose(cash_cycle(plain).table[days], cash_cycle(scaled).table[days])


def test_who_pays_late():
    plant = simulate_manufacturer(0.3, seed=1)
    found = cash_cycle(plant.frames["financials"], plant.frames["orders"])
    collection = found.collection.set_index("sales_unit")
    assert collection["terms_days"].tolist() == pytest.approx([30] * 3)
    assert (collection["late_days"] > 10).all()
    np.testing.assert_allclose(
        collection["collection_days"] - collection["terms_days"], collection["late_days"]
    )
    assert found.summary["best_possible_dso"] > 0


def test_turns_and_days_are_of_the_same_year():
    """A year of 360 days makes 360 / DIO turns; a week has seven days in any year."""
    short = make_policy(general={"days_per_year": 360})
    for money, policy in ((quarters(), short), (quarters(), DEFAULT_POLICY)):
        row = cash_cycle(money, policy=policy).table.iloc[1]
        assert row["turns"] * row["dio"] == pytest.approx(policy["general"]["days_per_year"])
        assert row["turns"] == pytest.approx(3.28, abs=0.005)
