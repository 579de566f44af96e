"""Margins of units over all periods, and what odd and even periods agree on."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError
from sopsem.executive.bridge.margin import unit_margins
from sopsem.executive.simulate import simulate_enterprise


def money(margins, periods=4, revenue=100.0, noise=0.0, seed=0):
    """Return financials of units U0, U1 ... with these margins."""
    rng = np.random.default_rng(seed)
    rows = [
        {"unit": f"U{u}", "period": f"2025-{t + 1:02d}", "revenue": revenue,
         "variable_cost": revenue * (0.8 - m + rng.normal(0, noise)), "fixed_cost": 0.2 * revenue}
        for u, m in enumerate(margins) for t in range(periods)
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(inventory=0.0, receivables=0.0, payables=0.0)


def test_a_margin_is_of_sums_and_premiums_are_costs():
    rows = money([0.1], periods=2)
    rows.loc[1, ["revenue", "variable_cost", "fixed_cost"]] = [300.0, 150.0, 60.0]
    rows["expedite_cost"] = [0.0, 10.0]
    table = unit_margins(rows).table
    assert table.loc[0, "margin"] == pytest.approx((100 - 70 - 20 + 300 - 150 - 60 - 10) / 400)
    assert sorted(table.loc[0, ["odd", "even"]]) == pytest.approx([0.1, 80 / 300])
    assert table.loc[0, "periods"] == 2


def test_reliability_is_that_of_halves():
    found = unit_margins(money(np.linspace(0, 0.3, 12), periods=12, noise=0.1, seed=2))
    r = np.corrcoef(found.table["odd"], found.table["even"])[0, 1]
    assert found.summary["reliability"] == pytest.approx(2 * r / (1 + r))
    assert unit_margins(money(np.linspace(0, 0.3, 12))).summary["reliability"] == pytest.approx(1.0)
    assert found.summary["units"] == 12


def test_what_is_not_known_is_nan_and_said():
    rows = money([0.1, 0.2, 0.3])
    rows.loc[rows["unit"] == "U1", "revenue"] = 0.0
    found = unit_margins(rows)
    assert found.table["margin"].isna().tolist() == [False, True, False]
    assert {"T11", "T13"} <= set(found.codes())
    assert np.isnan(found.summary["reliability"])
    with pytest.raises(DataError):
        unit_margins(rows.drop(columns="revenue"))


def test_aligned_units_earn_more_in_the_synthetic_enterprise():
    firm = simulate_enterprise(6, 1, seed=2, periods=13)
    found = unit_margins(firm.frames["financials"]).table.set_index("unit")["margin"]
    assert np.corrcoef(found, firm.truth.set_index("unit")["alignment"])[0, 1] > 0.6
