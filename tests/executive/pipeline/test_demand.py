"""E29: scenarios keep bias, dependence and the overlap rule; few errors, no future, chances of overload."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import DataError
from sopsem.executive.pipeline import probabilistic_demand
from sopsem.executive.schema.periods import label_of, ordinal_of
from sopsem.executive.simulate import simulate_manufacturer

FIRST = ordinal_of("2022-01")


def months(first, count):
    return [label_of(FIRST + first + i, "month") for i in range(count)]


def biased(n=24, ahead=3):
    """Forecasts are 25 % too high with some noise; two products move together."""
    rng = np.random.default_rng(3)
    common = rng.normal(0, 0.1, n)
    rows = [
        (p, product, 100 * (1 + e)) for product in "PQ" for p, e in zip(months(0, n), common, strict=True)
    ]
    demand = pd.DataFrame(rows, columns=["period", "product_id", "quantity"]).assign(sales_unit="N")
    cells = [(p, i, q) for q in "PQ" for i, p in enumerate(months(0, n + ahead))]
    forecasts = pd.DataFrame(cells, columns=["period", "i", "product_id"])
    forecasts["issued"] = [label_of(FIRST + i - 1, "month") for i in forecasts.pop("i")]
    return forecasts.assign(sales_unit="N", step="consensus", quantity=125.0), demand


def test_bias_is_corrected_and_products_move_together():
    found = probabilistic_demand(*biased(), n=4000)
    assert found.draws.shape == (4000, 3, 2)
    assert found.periods == ("2024-01", "2024-02", "2024-03")
    assert found.table["mean"].mean() == pytest.approx(100, abs=4)
    assert found.summary["total_forecast"] == pytest.approx(750)
    correlation = np.corrcoef(found.draws[:, 0, 0], found.draws[:, 0, 1])[0, 1]
    assert correlation == pytest.approx(1)
    assert (found.table["p10"] < found.table["p50"]).all()
    with pytest.raises(ValueError, match="read-only"):
        found.draws[0, 0, 0] = 1
    again = probabilistic_demand(*biased(), n=4000)
    np.testing.assert_array_equal(found.draws, again.draws)


def pipeline():
    base = {"sales_unit": "N", "product_id": "P", "stage": "offer", "amount": 1000.0, "quantity": 40.0}
    past = [
        {
            **base,
            "opportunity_id": f"c{i}",
            "snapshot": "2023-10-31",
            "probability": 0.5,
            "outcome": o,
            "closed": c,
        }
        | {"expected_close": "2023-11-20"}
        for i in range(40)
        for o, c in [("won" if i % 2 else "lost", "2023-11-20")]
    ]
    now = {**base, "opportunity_id": "now", "snapshot": "2023-12-31", "probability": 0.5, "outcome": "open"}
    return pd.DataFrame([*past, {**now, "closed": None, "expected_close": "2024-02-15"}])


@pytest.mark.parametrize(("overlap", "gain"), [("add", 20.0), ("net", 0.0)])
def test_a_deal_wins_half_the_time_in_its_month(overlap, gain):
    plain = probabilistic_demand(*biased(), n=4000).table.set_index(["period", "product"])["mean"]
    found = probabilistic_demand(*biased(), pipeline(), n=4000, overlap=overlap)
    change = found.table.set_index(["period", "product"])["mean"] - plain
    assert change["2024-02", "P"] == pytest.approx(gain, abs=1.5)
    assert change.drop(("2024-02", "P")).abs().max() == pytest.approx(0, abs=1e-9)
    assert found.summary["overlap"] == overlap


def test_overdue_deals_are_won_in_the_first_month_and_unusable_ones_are_told():
    deals = pipeline()
    late = deals.assign(expected_close=deals["expected_close"].replace("2024-02-15", "2023-11-15"))
    plain = probabilistic_demand(*biased(), n=4000).table.set_index(["period", "product"])["mean"]
    found = probabilistic_demand(*biased(), late, n=4000, overlap="add")
    change = found.table.set_index(["period", "product"])["mean"] - plain
    assert change["2024-01", "P"] == pytest.approx(20, abs=1.5)
    assert any("1 open deals were to close before 2024-01" in n.message for n in found.notices)
    unknown = deals.assign(quantity=deals["quantity"].where(deals["outcome"] != "open"))
    found = probabilistic_demand(*biased(), unknown, n=100)
    assert any("1 open deals without a quantity" in n.message for n in found.notices)


def test_few_errors_and_no_future_and_a_wrong_rule():
    forecasts, demand = biased(6)
    assert "T13" in probabilistic_demand(forecasts, demand, n=100).codes()
    with pytest.raises(DataError, match="no consensus forecast"):
        probabilistic_demand(forecasts[forecasts["period"] <= demand["period"].max()], demand)
    with pytest.raises(DataError, match="add, max or net"):
        probabilistic_demand(forecasts, demand, n=10, overlap="sum")


def test_chances_of_overload_in_a_simulated_plant():
    f = simulate_manufacturer(0.3, seed=1).frames
    past = f["demand"][f["demand"]["period"] < "2024-10"]
    found = probabilistic_demand(
        f["forecasts"], past, f["pipeline"], routings=f["routings"], capacity=f["capacity"], n=300
    )
    assert len(found.resources) == 15
    chance = found.resources.groupby("resource")["chance_above"].mean()
    assert chance["HEAT"] > chance["CUT"]
    assert found.resources["chance_above"].between(0, 1).all()
