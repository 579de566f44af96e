"""Standardized values that leave exogenous variables in their units."""

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.exogenous_scale import standardized_nox
from sopsem.sem.estimation.fit import fit


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(12)
    group = np.repeat([0.0, 1.0], 60)
    m = 0.7 * group + rng.normal(size=120)
    return pd.DataFrame({"group": group, "m": m, "y": 0.5 * m + 0.3 * group + rng.normal(size=120)})


def test_the_slope_on_a_group_is_a_difference_in_standard_deviations(data):
    """The slope over the standard deviation of the outcome; a path between outcomes is as in std_all."""
    fitted = fit("m ~ a*group\ny ~ b*m + group\nind := a*b", data)
    table = estimates(fitted).assign(nox=standardized_nox(fitted)).set_index(["lhs", "op", "rhs"])
    gap = data.groupby("group")["m"].mean().diff().iloc[1]
    assert table.loc[("m", "~", "group"), "nox"] == pytest.approx(gap / data["m"].std(ddof=0))
    assert table.loc[("y", "~", "m"), "nox"] == pytest.approx(table.loc[("y", "~", "m"), "std_all"])
    assert table.loc[("group", "~~", "group"), "nox"] == pytest.approx(data["group"].var(ddof=0))
    parts = table.loc[[("m", "~", "group"), ("y", "~", "m")], "nox"].prod()
    assert table.loc[("ind", ":=", "a*b"), "nox"] == pytest.approx(parts)


def test_without_fixed_exogenous_variables_it_is_std_all(data):
    """Random exogenous variables are standardized like the others."""
    fitted = fit("m ~ group\ny ~ m + group", data, fixed_x=False)
    assert standardized_nox(fitted).to_numpy() == pytest.approx(estimates(fitted)["std_all"].to_numpy())
