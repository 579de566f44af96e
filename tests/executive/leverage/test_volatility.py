"""E17: the worked example, parts that sum exactly, what is said with few periods, the what-if of value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.errors import DataError
from sopsem.executive.leverage import ebitda_volatility, enterprise_value
from sopsem.executive.simulate import simulate_manufacturer

from .test_operating import money

R = np.array([100, 110, 95, 120, 105, 90.0])
C = np.array([0.40, 0.39, 0.42, 0.36, 0.40, 0.43])
F = np.array([25, 25, 25, 28, 26, 25.0])


def test_the_worked_example():
    found = ebitda_volatility(money(R, R * (1 - C), F))
    assert found.table["ebitda"].round(1).tolist() == [15.0, 17.9, 14.9, 15.2, 16.0, 13.7]
    unit = found.units.iloc[0]
    assert unit["cv"] == pytest.approx(0.0912, abs=5e-5)
    shares = unit[["share_volume", "share_margin", "share_fixed"]].astype(float)
    np.testing.assert_allclose(shares, [1.786, -0.717, -0.069], atol=5e-4)
    assert found.codes() == ("T13",)


@given(st.lists(st.tuples(st.floats(1, 1e3), st.floats(0, 1), st.floats(0, 500)), min_size=3, max_size=20))
def test_parts_sum_to_the_change_and_shares_to_one(rows):
    r, v, f = (np.array(column) for column in zip(*rows, strict=True))
    found = ebitda_volatility(money(r, r * v, f))
    parts = found.table[["volume", "margin", "fixed"]].sum(axis=1, min_count=3)
    np.testing.assert_allclose(parts, found.table["change"], atol=1e-6)
    unit = found.units.iloc[0]
    shares = unit[["share_volume", "share_margin", "share_fixed"]].astype(float)
    if np.isfinite(shares).all() and unit["sd"] > 1e-3:
        assert shares.sum() == pytest.approx(1, abs=1e-6)


def test_losses_have_no_cv_and_premiums_are_costs():
    found = ebitda_volatility(money(R, R * (1 - C), F + 100.0))
    assert np.isnan(found.units.loc[0, "cv"])
    assert found.units.loc[0, "sd_of_revenue"] > 0
    assert "T16" in found.codes()
    costly = ebitda_volatility(money(R, R * (1 - C), F, overtime_premium=1.0, depreciation=5.0))
    plain = ebitda_volatility(money(R, R * (1 - C), F))
    np.testing.assert_allclose(plain.table["ebitda"] - costly.table["ebitda"], 1.0)


def test_a_misaligned_plant_swings_more():
    """Stated so that it can fail: the mean over seeds of CV at 0.1 against 0.9."""
    cv = {
        theta: np.mean(
            [
                ebitda_volatility(simulate_manufacturer(theta, seed=s).frames["financials"]).summary[
                    "median_cv"
                ]
                for s in range(3)
            ]
        )
        for theta in (0.1, 0.9)
    }
    assert cv[0.1] > cv[0.9]


def test_value_is_a_what_if_only():
    found = enterprise_value(cash_flow=9.0, discount_rate=0.11, growth=0.02)
    assert found["value"] == pytest.approx(100)
    assert found["per_point"] == pytest.approx(-10)
    with pytest.raises(DataError):
        enterprise_value(cash_flow=1.0, discount_rate=0.02, growth=0.02)
