"""E30: the Nile, a planted shift, constant and short series."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.datasets import nile

from sopsem.executive.forecast import demand_persistence
from sopsem.executive.forecast.persistence import level_model, share_that_lasts
from sopsem.executive.schema.periods import label_of, ordinal_of


def monthly(values, frequency="month", start="2000-01"):
    first = ordinal_of(start)
    periods = [label_of(first + i, frequency) for i in range(len(values))]
    return pd.DataFrame({"period": periods, "product_id": "P", "sales_unit": "N", "quantity": values})


def test_v32_the_nile():
    """Durbin & Koopman 2012: 15,099 and 1,469, so 0.267 of a shock lasts."""
    volume = nile.load_pandas().data["volume"].to_numpy(float)
    found = level_model(volume)
    assert found.var_noise == pytest.approx(15_099, rel=0.005)
    assert found.var_level == pytest.approx(1_469, rel=0.01)
    share = share_that_lasts(found.var_level / found.var_noise)
    assert share == pytest.approx(0.267, abs=0.001)
    assert share * 300 == pytest.approx(80, abs=0.5)


def test_noise_passes_and_a_walk_lasts():
    rng = np.random.default_rng(4)
    noise = demand_persistence(monthly(1000 + rng.normal(0, 50, 60)), surge=100.0, threshold=1200.0)
    walk = demand_persistence(monthly(5000 + np.cumsum(rng.normal(0, 80, 60))))
    assert noise.summary["verdict"] == "transient"
    assert noise.summary["lasting_uplift"] == pytest.approx(100 * noise.summary["share_lasting"])
    assert walk.summary["verdict"] == "lasting"
    assert noise.forecast["chance_above"].max() < 0.05
    assert len(noise.forecast) == 12
    assert noise.forecast.loc[0, "period"] == "2005-01"


def test_a_shift_of_the_level_is_confirmed():
    rng = np.random.default_rng(1)
    y = np.r_[rng.normal(100, 2, 15), rng.normal(160, 2, 8)]
    found = demand_persistence(monthly(y, "quarter", "2000-Q1"))
    assert found.summary["verdict"] == "lasting"
    assert found.summary["shifts"] == "2003-Q4"


def test_constant_and_short_series():
    flat = demand_persistence(monthly([100.0] * 20))
    assert flat.summary["share_lasting"] == 0.0
    short = demand_persistence(monthly([100.0, 120.0] * 5))
    assert np.isnan(short.summary["share_lasting"])
    assert short.summary["verdict"] == ""
    assert short.codes() == ("T13",)
