"""E24, E25, E26 on plants whose optimism and noise are planted, and on tables made by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sopsem.errors import DataError
from sopsem.executive.forecast import forecast_bias, forecast_report, forecast_value_added
from sopsem.executive.forecast.bias import _bias_test
from sopsem.executive.forecast.value_added import diebold_mariano
from sopsem.executive.simulate import simulate_manufacturer


@pytest.fixture(scope="module")
def plants():
    return {theta: simulate_manufacturer(theta, seed=2).frames for theta in (0.1, 0.9)}


def months(n):
    return [f"{2024 + i // 12}-{i % 12 + 1:02d}" for i in range(n)]


def hand(actual, forecast, step="sales", issued=None):
    n = len(actual)
    demand = pd.DataFrame({"period": months(n), "product_id": "P", "sales_unit": "N", "quantity": actual})
    made = demand.assign(quantity=forecast, step=step, issued=issued or ["2023-12", *months(n)[:-1]])
    return made.drop(columns="measure", errors="ignore"), demand


def test_accuracy_by_sales_unit_and_step(plants):
    f = plants[0.1]
    found = forecast_report(f["forecasts"], f["demand"], products=f["products"])
    wape = found.table.pivot_table(index="sales_unit", columns="step", values="wape")
    assert (wape["sales"] > wape["statistical"]).all()
    assert wape["sales"].idxmax() == "Export"  # the most optimistic of the three
    levels = found.levels.pivot_table(index="step", columns="level", values="wape")
    assert (levels["family x quarter"] < levels["product x period"]).all()  # aggregation flatters
    assert found.summary["step"] == "consensus"
    aligned = forecast_report(plants[0.9]["forecasts"], plants[0.9]["demand"])
    assert aligned.summary["wape"] < found.summary["wape"]


def test_the_last_version_that_was_early_enough_counts():
    forecasts, demand = hand([100.0] * 8, [110.0] * 8)
    early = forecasts.assign(quantity=150.0, issued=["2023-10", "2023-11", "2023-12", *months(5)])
    both = pd.concat([forecasts, early])
    assert forecast_report(both, demand, lag=1).summary["wape"] == pytest.approx(0.1)
    assert forecast_report(both, demand, lag=3).summary["wape"] == pytest.approx(0.5)


def test_what_was_not_forecast_counts_as_zero_and_is_listed():
    forecasts, demand = hand([100.0] * 8, [100.0] * 8)
    more = pd.concat([demand, demand.assign(product_id="Q")])
    found = forecast_report(forecasts, more)
    assert found.summary["wape"] == pytest.approx(0.5)
    assert len(found.missing) == 8
    assert "T36" in found.codes()


def test_few_periods_give_no_number_and_zero_demand_no_ratio():
    found = forecast_report(*hand([100.0] * 5, [110.0] * 5))
    assert np.isnan(found.table.loc[0, "wape"])
    assert "T13" in found.codes()
    zero = forecast_report(*hand([0.0] * 6, [1.0] * 6))
    assert np.isnan(zero.table.loc[0, "wape"])
    assert "T11" in zero.codes()


def test_planted_optimism_is_found_and_corrected(plants):
    low, high = (forecast_bias(plants[t]["forecasts"], plants[t]["demand"], step="sales") for t in (0.1, 0.9))
    table = low.table.set_index("sales_unit")
    assert table["optimism"].idxmax() == "Export"
    assert table.loc["Export", "optimism"] == pytest.approx(0.9 * (0.45 + 0.04), abs=0.12)
    assert (table["bias_p"] < 0.01)[["Export", "North"]].all()
    assert (table["quarter_end"] > 0.03).all()
    assert table["corrects"].all()
    assert table.loc["Export", "first_breach"] != ""
    assert high.summary["optimism"] < low.summary["optimism"] / 3
    again = forecast_bias(plants[0.1]["forecasts"], plants[0.1]["demand"], step="sales")
    pd.testing.assert_frame_equal(low.table, again.table)


def test_v27_through_the_tables():
    found = forecast_bias(*hand([90, 95, 115, 100, 125, 140], [100, 100, 100, 110, 110, 110]))
    assert found.table.loc[0, "signal"] == pytest.approx(-2.47, abs=0.005)
    assert found.table.loc[0, "theil_bias"] + found.table.loc[0, "theil_slope"] + found.table.loc[
        0, "theil_residual"
    ] == pytest.approx(1)
    assert np.isnan(found.table.loc[0, "bias_p"])
    assert "T13" in found.codes()


def test_no_bias_is_rejected_about_as_often_as_it_says():
    """Null: unbiased noise; the share of p below 0.05 over 400 worlds is within the binomial 99 % band of 0.08.

    Newey-West errors are somewhat too small in 36 periods; the test must not be far off.
    """
    rng = np.random.default_rng(5)
    worlds = [(a, a + rng.normal(0, 10, 36)) for a in rng.uniform(80, 120, (400, 36))]
    rejected = [_bias_test(actual, forecast)[1] < 0.05 for actual, forecast in worlds]
    assert 0.02 < np.mean(rejected) < 0.115


def staircase():
    """WAPE 14.6, 12.3, 13.6, 15.3 % in four steps, published as +2.3, -1.3, -1.7."""
    steps = {"naive": 14.6, "statistical": 12.3, "sales": 13.6, "consensus": 15.3}
    frames = [hand([100.0] * 14, [100.0 + w] * 14, step=s)[0] for s, w in steps.items()]
    return pd.concat(frames), hand([100.0] * 14, [0.0] * 14)[1]


def test_the_staircase_telescopes():
    found = forecast_value_added(*staircase())
    np.testing.assert_allclose(found.table["added"].iloc[1:], [0.023, -0.013, -0.017], atol=1e-12)
    assert found.summary["total_added"] == pytest.approx(-0.007)
    assert found.table["added"].sum() == pytest.approx(found.summary["total_added"])
    assert found.summary["worst_step"] == "consensus"
    assert found.summary["destroys_value"] == "N"


def test_sales_destroys_value_where_it_was_planted(plants):
    low, high = (forecast_value_added(plants[t]["forecasts"], plants[t]["demand"]) for t in (0.1, 0.9))
    added = low.table.set_index("step")["added"]
    assert added["statistical"] > 0 > added["sales"]
    assert low.table.set_index("step").loc["sales", "dm_p"] < 0.01
    assert added["sales"] < high.table.set_index("step").loc["sales", "added"]
    up = low.overrides[(low.overrides["step"] == "sales") & (low.overrides["direction"] == "up")]
    assert up.set_index("size").loc["large", "added"] < 0


def test_a_naive_forecast_is_made_and_few_periods_give_no_p():
    found = forecast_value_added(*hand([100.0, 120, 100, 120, 100, 120, 100, 120], [110.0] * 8))
    assert found.table["step"].tolist() == ["naive", "sales"]
    assert found.table.loc[0, "wape"] == pytest.approx(20 / 110, abs=0.01)
    assert np.isnan(found.table.loc[1, "dm_p"])
    assert {"T13", "T36"} <= set(found.codes())
    with pytest.raises(DataError, match="did you mean 'sales'"):
        forecast_value_added(*hand([1.0] * 8, [1.0] * 8), steps=["sale"])


def test_every_step_is_set_against_the_demand_a_season_before():
    labels = [f"{y}-{m:02d}" for y in (2022, 2023, 2024) for m in range(1, 13)]
    quantity = [100.0 + 10 * (i % 12) + 12 * (i // 12) for i in range(36)]
    demand = pd.DataFrame({"period": labels, "product_id": "P", "sales_unit": "N", "quantity": quantity})
    exact = demand.assign(step="consensus", issued=["2021-12", *labels[:-1]])
    found = forecast_value_added(exact, demand).table.set_index("step")
    later = sum(quantity[12:])
    assert found.loc["consensus", "added_to_seasonal"] == pytest.approx(24 * 12 / later)
    few = forecast_value_added(exact[exact["period"] < "2023-06"], demand[demand["period"] < "2023-06"]).table
    assert few["added_to_seasonal"].isna().all()


def test_diebold_mariano_of_equal_losses():
    assert np.isnan(diebold_mariano(np.ones(12), np.ones(12))[0])
    rng = np.random.default_rng(0)
    p = [diebold_mariano(*rng.exponential(1, (2, 24)))[1] for _ in range(400)]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.09


def test_the_interval_of_value_added_turns_the_test_round():
    """It holds zero exactly where the test of equal loss does not refuse."""
    tables = simulate_manufacturer(0.3, 15, seed=2).tables()
    rows = forecast_value_added(tables["forecasts"], tables["demand"]).table.iloc[1:]
    middle = (rows["added_low"] + rows["added_high"]) / 2
    assert middle.tolist() == pytest.approx(rows["added"].tolist())
    holds = (rows["added_low"] < 0) & (rows["added_high"] > 0)
    assert (holds == (rows["dm_p"] > 0.05)).all()
    critical = stats.t.ppf(0.975, 14)
    assert ((rows["added_high"] - rows["added"]) * rows["dm_t"].abs()).tolist() == pytest.approx(
        (critical * rows["added"].abs()).tolist()
    )


def test_v26_through_the_tables():
    """Beer by quarter: the seasonal naive forecast of 2006 to 2008, issued at the end of 2005, has MASE 0.77."""
    path = Path(__file__).parent.parent / "data" / "ausbeer.csv"
    beer = pd.read_csv(path, comment="#").set_index("quarter")["megalitres"].astype(float)
    beer = beer["1992-Q1":"2008-Q3"]
    demand = pd.DataFrame(
        {"period": beer.index, "product_id": "beer", "sales_unit": "all", "quantity": beer.to_numpy()}
    )
    ahead = demand[demand["period"] >= "2006-Q1"]
    last = beer["2005-Q1":"2005-Q4"].to_numpy()
    steps = {"naive": np.full(11, last[-1]), "seasonal": np.resize(last, 11)}
    made = [ahead.assign(issued="2005-Q4", step=step, quantity=q) for step, q in steps.items()]
    found = forecast_report(pd.concat(made), demand).table.set_index("step")
    published = {"naive": (70.91, 63.91, 4.35, 0.1523), "seasonal": (12.97, 11.27, 0.77, 0.0269)}
    for step, values in published.items():
        assert found.loc[step, ["rmse", "mae", "mase"]].tolist() == pytest.approx(values[:3], abs=0.005)
        assert found.loc[step, "wape"] == pytest.approx(values[3], abs=5e-5)
