"""V26 to V28: published accuracy of beer forecasts, tracking signals, Theil's parts."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.errors import DataError
from sopsem.executive.forecast import accuracy, theil, tracking_signal

BEER = pd.read_csv(Path(__file__).parent.parent / "data" / "ausbeer.csv", comment="#").set_index("quarter")[
    "megalitres"
]
TRAIN, TEST = BEER["1992-Q1":"2005-Q4"].to_numpy(float), BEER["2006-Q1":"2008-Q3"].to_numpy(float)
FORECASTS = {
    "mean": np.full(11, TRAIN.mean()),
    "naive": np.full(11, TRAIN[-1]),
    "seasonal naive": np.resize(TRAIN[-4:], 11),
}


@pytest.mark.parametrize(
    ("method", "rmse", "mae", "mape", "mase", "wape"),
    [
        ("mean", 38.01, 33.78, 8.17, 2.30, 0.0805),
        ("naive", 70.91, 63.91, 15.88, 4.35, 0.1523),
        ("seasonal naive", 12.97, 11.27, 2.73, 0.77, 0.0269),
    ],
)
def test_v26_beer_forecasts(method, rmse, mae, mape, mase, wape):
    """Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 1st edition."""
    found = accuracy(TEST, FORECASTS[method], train=TRAIN, season=4)
    published = {"rmse": rmse, "mae": mae, "mape": mape, "mase": mase}
    for name, value in published.items():
        assert found[name] == pytest.approx(value, abs=0.005), name
    assert found["wape"] == pytest.approx(wape, abs=5e-5)


def holt(y, level, trend, alpha=0.2, beta=0.4):
    made = []
    for value in y:
        made.append(level + trend)
        new = alpha * value + (1 - alpha) * (level + trend)
        trend = beta * (new - level) + (1 - beta) * trend
        level = new
    return np.array(made)


def test_v27_tracking_signals():
    actual, forecast = [90, 95, 115, 100, 125, 140], [100, 100, 100, 110, 110, 110]
    assert tracking_signal(actual, forecast)[-1] == pytest.approx(-2.47, abs=0.005)
    assert tracking_signal(actual, forecast, sign="actual-forecast")[-1] == pytest.approx(2.47, abs=0.005)
    days = np.array([13, 15, 17, 20, 21.0])  # Holt's forecast starts from 12 and a trend of 2 on day 2
    signal = tracking_signal(days, holt(days, 12.0, 2.0), method="smoothed", sign="actual-forecast")
    np.testing.assert_allclose(signal, [-5.00, -5.66, -6.52, -3.11, -4.03], atol=0.005)


def test_v28_theil():
    found = theil([100, 110, 105, 120, 130, 125], [98, 108, 112, 115, 128, 135])
    assert found["mse"] == pytest.approx(31)
    assert [round(found[n], 3) for n in ("bias", "slope", "residual")] == [0.032, 0.225, 0.743]
    assert (found["u1"], found["u2"]) == (pytest.approx(0.0240, abs=5e-5), pytest.approx(0.562, abs=5e-4))


@given(st.lists(st.tuples(st.floats(1, 1e4), st.floats(0, 1e4)), min_size=2, max_size=30))
def test_parts_of_the_error_sum_to_it(pairs):
    a, f = (np.array(x) for x in zip(*pairs, strict=True))
    found = theil(a, f)
    if found["mse"] > 1e-6:
        assert found["bias"] + found["slope"] + found["residual"] == pytest.approx(1, abs=1e-6)


def test_totals_of_zero_and_nothing_to_divide_by():
    zero = accuracy([0.0, 0.0], [1.0, 2.0])
    assert np.isnan([zero["wape"], zero["mape"], zero["optimism"], zero["mase"]]).all()
    assert tracking_signal([1.0, 2.0], [1.0, 2.0]).tolist() == [0.0, 0.0]
    assert np.isnan(accuracy([1.0], [2.0], train=[1.0, 1.0, 1.0])["mase"])
    with pytest.raises(DataError):
        accuracy([1.0], [1.0, 2.0])
