"""E34: floors of Goldratt's plant, prices that clear it, orders that displaced better work, elasticity."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopsem.errors import DataError
from sopsem.executive.pricing import clearing_prices, estimate_elasticity, price_corridor
from sopsem.executive.scenario import plan_horizon


def plan_of(frames, **how):
    return plan_horizon(**{n: f for n, f in frames.items() if n != "financials"}, **how)


def with_export(frames):
    """Both products also abroad at 80 % of their price, without limit."""
    extra = frames["products"].assign(product_id=["Px", "Qx"], price=[72.0, 80.0])
    again = frames["routings"].assign(product_id=lambda f: f["product_id"] + "x")
    more = frames["demand"].assign(product_id=["Px", "Qx"], quantity=1000.0)
    return frames | {
        "products": pd.concat([frames["products"], extra]),
        "routings": pd.concat([frames["routings"], again]),
        "demand": pd.concat([frames["demand"], more]),
    }


def sold(**columns):
    return pd.DataFrame(
        {
            "order_id": ["1", "2"],
            "sales_unit": "export",
            "product_id": ["P", "Q"],
            "quantity": 10.0,
            "price": [72.0, 80.0],
            "order_date": "2024-12-02",
            "promised_date": "2025-01-02",
        }
        | columns
    )


def test_floors_of_the_full_plant(pq):
    """An hour of B is worth 2: P may not go below 75, Q not below 100; export fails by 3 and by 20."""
    found = price_corridor(plan_of(pq()), orders=sold())
    assert found.table["capacity_floor"].tolist() == pytest.approx([75, 100])
    assert found.table["hard_floor"].tolist() == pytest.approx([45, 40])
    assert found.table["position"].tolist() == ["inside", "at capacity floor"]
    assert found.orders["displacement_loss"].tolist() == pytest.approx([30, 200])
    assert found.summary["displacement_loss"] == pytest.approx(230)


def test_v03_with_a_second_machine_the_same_export_is_welcome(pq):
    """Hours of A 2.5, of B 0.5: floors 90 and 80; Q abroad at 80 is accepted, P at home exactly marginal."""
    found = price_corridor(plan_of(with_export(pq(b=4800.0))))
    table = found.table.set_index("product")
    floors = table["capacity_floor"].to_dict()
    assert floors == pytest.approx({"P": 90, "Q": 80, "Px": 90, "Qx": 80})
    assert table.loc[["P", "Qx"], "position"].tolist() == ["at capacity floor"] * 2
    assert table.loc["Px", "position"] == "below capacity floor"


def test_with_hours_to_spare_the_floor_is_the_variable_cost(pq):
    frames = pq()
    frames["demand"]["quantity"] = 10.0
    found = price_corridor(plan_of(frames), elasticity=2.5)
    assert found.table["capacity_floor"].tolist() == pytest.approx([45, 40])
    assert found.table["clearing_price"].isna().all()
    assert "T27" in found.codes()


def test_prices_that_clear(pq):
    """Elasticity 2.5: an hour .884, prices 97.10 and 110.86, contribution 7,047; one factor of 1.093 7,046."""
    p = np.array
    found = clearing_prices(
        p([90.0, 100]), p([100.0, 50]), p([45.0, 40]), p([15.0, 30]), 2400.0, p([2.5, 2.5])
    )
    assert found.hour_price == pytest.approx(0.884, abs=5e-4)
    assert found.prices == pytest.approx([97.10, 110.86], abs=5e-3)
    assert found.throughput == pytest.approx(7047, abs=0.5)
    assert found.uniform_factor == pytest.approx(1.25 ** (1 / 2.5))
    assert found.uniform_throughput == pytest.approx(7046, abs=0.5)
    table = price_corridor(plan_of(pq()), elasticity=2.5).table
    assert table["clearing_price"].tolist() == pytest.approx(found.prices.tolist())
    assert table["uniform_price"].tolist() == pytest.approx([90 * 1.25**0.4, 100 * 1.25**0.4])


def test_without_elasticity_above_one_there_are_floors_only(pq):
    found = price_corridor(plan_of(pq()), elasticity={"P": 1.0, "Q": 0.7})
    assert found.table["clearing_price"].isna().all()
    assert "T34" in found.codes()
    mixed = price_corridor(plan_of(pq()), elasticity={"P": 1.0, "Q": 2.0}).table
    assert np.isnan(mixed.loc[0, "clearing_price"])
    assert mixed.loc[1, "clearing_price"] > 100


def test_credit_and_expediting_raise_the_floors(pq):
    """90 days at 12 % and 2 % x 45 %: P must bring (45 + 0.5) / (1 - .009 - .029589)."""
    orders = sold(payment_terms_days=90.0, expedite_cost=5.0, price=[90.0, 100.0])
    table = price_corridor(plan_of(pq()), orders=orders).table
    keep = 1 - 0.02 * 0.45 - 0.12 * 90 / 365
    assert table["hard_floor"].tolist() == pytest.approx([45.5 / keep, 40.5 / keep])
    assert table["capacity_floor"].tolist() == pytest.approx([75.5 / keep, 100.5 / keep])
    assert "T36" not in price_corridor(plan_of(pq()), orders=orders).codes()


def test_discounts_while_the_plant_is_full(pq):
    orders = sold(list_price=[90.0, 100.0])
    found = price_corridor(plan_of(pq()), orders=orders, upper=0.9)
    assert found.summary["discounts_when_full"] == 2
    assert found.summary["discount_value_when_full"] == pytest.approx(180 + 200)
    assert found.summary["discount_share_when_full"] == pytest.approx(1)
    assert price_corridor(plan_of(pq()), orders=orders, upper=1.1).summary["discounts_when_full"] == 0


def test_orders_that_are_not_judged_are_listed(pq):
    orders = sold(status=["cancelled", "open"], promised_date=["2025-01-02", "2025-06-02"])
    found = price_corridor(plan_of(pq()), orders=orders)
    assert found.summary["n_orders"] == 0
    assert found.excluded["reason"].tolist() == ["cancelled", "promised outside the plan's periods"]


def test_a_ceiling_below_the_floor_and_a_price_below_cost(pq):
    found = price_corridor(plan_of(pq()), ceiling={"Q": 90.0})
    assert "T18" in found.codes()
    assert found.table["ceiling"].tolist() == pytest.approx([90, 90])
    frames = pq()
    frames["products"]["price"] = [40.0, 100.0]
    below = price_corridor(plan_of(frames))
    assert below.table["position"].tolist()[0] == "below hard floor"
    assert "T26" in below.codes()


@pytest.mark.parametrize(
    ("how", "code"),
    [({"ceiling": {"R": 1.0}}, "T05"), ({"required_margin": -0.1}, "T34"), ({"upper": 0.0}, "T34")],
)
def test_wrong_arguments(pq, how, code):
    with pytest.raises(DataError) as caught:
        price_corridor(plan_of(pq()), **how)
    assert caught.value.code == code


def market_sales(n, noise=0.1, spread=0.1, seed=3):
    rng = np.random.default_rng(seed)
    price = 50 * np.exp(rng.normal(0, spread, 2 * n))
    quantity = 1e5 * price**-2.0 * np.exp(rng.normal(0, noise, 2 * n))
    return pd.DataFrame(
        {
            "product_id": np.repeat(["a", "b"], n),
            "period": np.tile(np.arange(n), 2),
            "price": price,
            "quantity": quantity,
        }
    )


def test_elasticity_is_recovered_and_not_guessed():
    found = estimate_elasticity(market_sales(200))
    assert abs(found.value - 2) < 3 * found.error
    assert found.error < 0.15
    assert not estimate_elasticity(market_sales(11)).known
    assert not estimate_elasticity(market_sales(100, spread=0.01)).known
    one = market_sales(100).query("product_id == 'a'")
    assert not estimate_elasticity(one).known  # its periods cannot be told from its price


def test_orders_with_too_little_movement_say_so(pq):
    assert "T13" in price_corridor(plan_of(pq()), orders=sold()).codes()


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.floats(0.3, 0.95))
def test_laws_of_clearing(seed, share):
    rng = np.random.default_rng(seed)
    price, hours = rng.uniform(50, 100, 4), rng.uniform(0.5, 3, 4)
    quantity, variable = rng.uniform(10, 80, 4), rng.uniform(5, 40, 4)
    e = rng.uniform(1.3, 4, 4)
    available = share * float(hours @ quantity)
    found = clearing_prices(price, quantity, variable, hours, available, e)
    load = float(hours @ found.quantities)
    assert load <= available * (1 + 1e-8)
    assert found.hour_price == 0 or load == pytest.approx(available)
    assert found.throughput >= found.uniform_throughput - 1e-6 * abs(found.throughput)
    tenfold = clearing_prices(10 * price, quantity, 10 * variable, hours, available, e)
    np.testing.assert_allclose(tenfold.prices, 10 * found.prices, rtol=1e-8)


def test_an_uncertain_elasticity_is_called_uncertain(pq):
    periods = pd.date_range("2024-01-04", periods=30, freq="7D").strftime("%Y-%m-%d")
    rng = np.random.default_rng(5)
    orders = pd.DataFrame(
        {
            "order_id": [str(i) for i in range(60)],
            "sales_unit": "home",
            "product_id": np.repeat(["P", "Q"], 30),
            "quantity": rng.uniform(1, 99, 60),
            "price": rng.uniform(80, 100, 60),
            "order_date": np.tile(periods, 2),
            "promised_date": np.tile(periods, 2),
        }
    )
    frames = pq()
    weeks = [f"2024-W{w:02d}" for w in range(1, 31)]
    for name in ("capacity", "demand"):
        frames[name] = pd.concat([frames[name].assign(period=w) for w in weeks])
    found = price_corridor(plan_of(frames), orders=orders)
    assert found.summary["n_elasticity"] == 60
    assert any("cannot be ruled out" in n.message for n in found.notices)
