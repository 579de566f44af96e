"""E15: Garrison's breakeven, the price cut that volume does not pay for, the P-Q plant in hours, Shapley effects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.errors import DataError
from sopsem.executive.leverage import breakeven, recalibrate_breakeven


def test_v19_breakeven_and_price_cut():
    s = breakeven(price=50, variable_cost=32, fixed_cost=108_000, quantity=8_000).summary
    assert (s["units"], s["revenue"], s["profit"]) == (6000, 300_000, 36_000)
    assert (s["margin_of_safety"], s["dol"]) == (0.25, 4.0)
    cut = breakeven(price=45, variable_cost=32, fixed_cost=108_000, quantity=10_000)
    assert cut.summary["profit"] == 22_000
    assert cut.summary["units"] == pytest.approx(8307.7, abs=0.05)
    assert (
        breakeven(price=45, variable_cost=32, fixed_cost=108_000, target_profit=35_000).summary["units"]
        == 11_000
    )
    taxed = breakeven(price=45, variable_cost=32, fixed_cost=108_000, target_profit=21_000, tax_rate=0.4)
    assert taxed.summary["units"] == pytest.approx(11_000)


def test_v22_automation_is_better_and_more_rigid():
    before = breakeven(price=90, variable_cost=80, fixed_cost=280_000, quantity=50_000).summary
    after = breakeven(price=90, variable_cost=77.5, fixed_cost=375_000, quantity=50_000).summary
    assert (before["units"], after["units"]) == (28_000, 30_000)
    assert (before["profit"], after["profit"]) == (220_000, 250_000)
    assert before["dol"] == pytest.approx(2.27, abs=0.005)
    assert after["dol"] == pytest.approx(2.50)


PQ = {
    "price": {"P": 90.0, "Q": 100.0},
    "variable_cost": {"P": 45.0, "Q": 40.0},
    "quantity": {"P": 100.0, "Q": 30.0},
    "hours": {"P": 15.0, "Q": 30.0},
    "fixed_cost": 6000.0,
    "available_hours": 2400.0,
}


def test_the_pq_plant_in_hours_of_its_constraint():
    found = breakeven(**PQ, market={"P": 100, "Q": 50})
    assert found.summary["utilisation"] == pytest.approx(0.952, abs=5e-4)
    assert found.summary["best_first_utilisation"] == pytest.approx(0.9375)
    lower = breakeven(**{**PQ, "price": {"P": 85.5, "Q": 95.0}})
    assert lower.summary["utilisation"] == pytest.approx(1.053, abs=5e-4)
    assert lower.codes() == ("T32",)


def test_a_recalibration_says_what_moved_it():
    found = recalibrate_breakeven(
        PQ, {"discount": {"price": -0.05}, "shift": {"fixed_cost": 400, "available_hours": 2400}}
    )
    row = found.table.set_index("scenario")
    assert row.loc["discount", "utilisation"] == pytest.approx(1.053, abs=5e-4)
    assert row.loc["shift", "effect_fixed_cost"] == pytest.approx(
        row.loc["shift", "units"] - row.loc["base", "units"]
    )
    assert found.codes() == ("T32",)


@given(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.floats(-1000, 1000), st.floats(0.05, 0.95))
def test_effects_sum_to_the_change(price, cost, fixed, share):
    change = {"price": price, "variable_cost": cost, "fixed_cost": fixed, "mix": {"P": share, "Q": 1 - share}}
    found = recalibrate_breakeven(PQ, {"all": change})
    moved = found.table["units"].iloc[1] - found.table["units"].iloc[0]
    effects = found.table.filter(like="effect_").iloc[1]
    assert effects.sum() == pytest.approx(moved, abs=1e-6)
    in_order = found.ordered.drop(columns="scenario").iloc[0]
    assert in_order.astype(float).sum() == pytest.approx(moved, abs=1e-6)


def test_no_breakeven_and_wrong_arguments():
    with pytest.raises(DataError) as caught:
        breakeven(price=30, variable_cost=32, fixed_cost=1)
    assert caught.value.code == "T26"
    mixed = breakeven(
        price={"a": 1, "b": 1}, variable_cost={"a": 2, "b": 2}, fixed_cost=1, mix={"a": 1, "b": 1}
    )
    assert np.isnan(mixed.summary["units"])
    assert mixed.codes() == ("T26",)
    for change in ({"tax_rate": 1.0}, {"price": {"a": 1, "b": 2}}, {"price": float("inf")}):
        with pytest.raises(DataError):
            breakeven(**{"price": 50, "variable_cost": 32, "fixed_cost": 1, **change})
    with pytest.raises(DataError, match="did you mean 'price'"):
        recalibrate_breakeven(PQ, {"x": {"prices": 1}})


@pytest.mark.parametrize(("sold", "revenue"), [((20_000, 80_000), 60_000), ((80_000, 20_000), 90_000)])
def test_a_shift_of_the_mix_moves_breakeven(sold, revenue):
    """Garrison's two discs with contributions of 25 and 50 % on fixed costs of 27,000."""
    names = ("Louvre", "Vin")
    found = breakeven(
        price=dict.fromkeys(names, 1.0),
        variable_cost=dict(zip(names, (0.75, 0.5), strict=True)),
        fixed_cost=27_000,
        quantity=dict(zip(names, sold, strict=True)),
    )
    assert found.summary["revenue"] == pytest.approx(revenue)
