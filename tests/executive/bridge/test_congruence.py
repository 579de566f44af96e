"""Gaps, quadrants, response surface: planted answers, statsmodels as a second opinion."""

import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.formula.api import ols

from sopsem.errors import DataError
from sopsem.executive.bridge.congruence import QUADRANTS, gaps, response_surface, standardised

RNG = np.random.default_rng(3)


def test_a_gap_is_the_difference_of_z_scores_of_the_units_that_have_both():
    perceived = pd.Series([1.0, 2.0, 3.0, 9.0], list("ABCD"))
    measured = pd.Series([30.0, 20.0, 10.0, np.nan], list("ABCD"))
    found = gaps(perceived, measured)
    assert found.loc["A", "gap"] == pytest.approx(-2)
    assert found.loc["C", "quadrant"] == QUADRANTS[False, True]
    assert found.loc["D", "quadrant"] == ""
    assert math.isnan(found.loc["D", "gap"])


def test_units_that_are_alike_are_in_no_quadrant():
    found = gaps(pd.Series([3.0, 3.0]), pd.Series([1.0, 2.0]))
    assert (found["quadrant"] == "").all()
    assert standardised(pd.Series([5.0])).isna().all()


def test_the_planted_surface_comes_back():
    x, y = RNG.normal(size=(2, 400))
    z = 2 + 0.5 * x + 0.3 * y - 0.4 * x**2 + 0.6 * x * y - 0.1 * y**2 + RNG.normal(0, 0.2, 400)
    found = response_surface(x, y, z).set_index(["line", "term"])["est"]
    assert found["agreement", "slope"] == pytest.approx(0.8, abs=0.05)
    assert found["agreement", "curvature"] == pytest.approx(0.1, abs=0.05)
    assert found["disagreement", "slope"] == pytest.approx(0.2, abs=0.05)
    assert found["disagreement", "curvature"] == pytest.approx(-1.1, abs=0.08)


def test_errors_are_those_of_the_formula_with_hc3():
    x, y, noise = RNG.normal(size=(3, 40))
    frame = pd.DataFrame({"x": x, "y": y, "z": x - y + noise})
    fitted = ols("z ~ x + y + I(x**2) + I(x*y) + I(y**2)", frame).fit(cov_type="HC3", use_t=True)
    told = fitted.t_test("x + y = 0")
    row = response_surface(x, y, frame["z"]).iloc[0]
    assert row["est"] == pytest.approx(float(told.effect[0]))
    assert row["se"] == pytest.approx(float(told.sd[0, 0]))
    assert row["p"] == pytest.approx(float(told.pvalue))
    assert row["r_squared"] == pytest.approx(fitted.rsquared)


@pytest.mark.parametrize(("x", "n", "code"), [(None, 7, "T13"), ("same", 30, "T16")])
def test_what_determines_no_surface_is_refused(x, n, code):
    y, z = RNG.normal(size=(2, n))
    with pytest.raises(DataError) as caught:
        response_surface(y if x == "same" else RNG.normal(size=n), y, z)
    assert caught.value.code == code
