"""E16: textbook degrees of leverage, and what is said where they have no meaning."""

import numpy as np
import pandas as pd
import pytest

from sopsem.executive.leverage import operating_leverage


def money(revenue, variable, fixed, **more):
    n = len(np.atleast_1d(revenue))
    return pd.DataFrame(
        {
            "period": [f"{2020 + i // 12}-{i % 12 + 1:02d}" for i in range(n)],
            "revenue": revenue,
            "variable_cost": variable,
            "fixed_cost": fixed,
            "inventory": 0.0,
            "receivables": 0.0,
            "payables": 0.0,
            **more,
        }
    )


@pytest.mark.parametrize(
    ("revenue", "variable", "fixed", "dol", "growth", "change"),
    [
        (100_000, 60_000, 30_000, 4, 0.10, 0.40),
        (100_000, 30_000, 60_000, 7, 0.10, 0.70),
        (80_000, 32_000, 38_000, 4.8, 0.05, 0.24),
        (4_500_000, 4_000_000, 280_000, 2.27, -0.10, -0.227),
        (4_500_000, 3_875_000, 375_000, 2.50, -0.10, -0.25),
    ],
)
def test_v20_v21_v22_degrees_of_leverage(revenue, variable, fixed, dol, growth, change):
    both = money(np.array([1, 1 + growth]) * revenue, np.array([1, 1 + growth]) * variable, fixed)
    found = operating_leverage(both)
    assert found.table.loc[0, "dol"] == pytest.approx(dol, abs=0.005)
    assert found.table.loc[1, "predicted_change"] == pytest.approx(change, abs=5e-4)
    assert found.table.loc[1, "actual_change"] == pytest.approx(found.table.loc[1, "predicted_change"])
    assert found.table.loc[0, "per_percent"] == pytest.approx((revenue - variable) / 100)


def test_v21_five_percent_more_sales_make_12400():
    found = operating_leverage(money([80_000, 84_000], [32_000, 33_600], 38_000))
    assert found.table.loc[1, "ebit"] == pytest.approx(12_400)


def test_interest_multiplies_leverage():
    found = operating_leverage(money([500.0], [300.0], 120.0, interest=30.0))
    assert found.table.loc[0, ["dol", "dfl", "dtl"]].tolist() == pytest.approx([2.5, 1.6, 4.0])


def test_near_and_below_breakeven_leverage_has_no_meaning():
    found = operating_leverage(money([100.0, 100.0], [60.0, 60.0], [45.0, 39.5]))
    assert np.isnan(found.table.loc[0, "dol"])
    assert found.table["per_percent"].tolist() == pytest.approx([0.4, 0.4])
    assert [n.code for n in found.notices].count("T16") == 3
    assert np.isnan(found.regression.loc[0, "slope"])


def test_the_regression_finds_the_slope_of_logs():
    rng = np.random.default_rng(1)
    revenue = 100 * np.exp(rng.normal(0, 0.1, 36))
    ebit = 20 * (revenue / 100) ** 3.0 * np.exp(0.01 * np.arange(36) + rng.normal(0, 0.01, 36))
    found = operating_leverage(money(revenue, 0.0, revenue - ebit))
    assert found.regression.loc[0, "slope"] == pytest.approx(3.0, abs=0.05)
    assert found.regression.loc[0, "n"] == 36
    few = operating_leverage(money(revenue[:11], 0.0, (revenue - ebit)[:11]))
    assert np.isnan(few.regression.loc[0, "slope"])
    assert "T13" in few.codes()
