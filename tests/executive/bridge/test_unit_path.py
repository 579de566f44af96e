"""The slope over few units: least squares with HC3, an exact and a drawn wild bootstrap."""

import math
from itertools import product

import numpy as np
import pytest
from statsmodels.api import OLS, add_constant

from sopsem.errors import DataError
from sopsem.executive.bridge.unit_path import unit_path

RNG = np.random.default_rng(11)
X, NOISE = RNG.normal(size=(2, 9))


def hc3(x, y):
    fitted = OLS(y, add_constant(x)).fit(cov_type="HC3")
    return fitted.params[1], fitted.bse[1]


def test_slope_and_error_are_those_of_least_squares_with_hc3():
    found = unit_path(X, 0.5 * X + NOISE, draws=1000, seed=0)
    assert (found["slope"], found["se"]) == pytest.approx(hc3(X, 0.5 * X + NOISE))
    assert found["t"] == pytest.approx(found["slope"] / found["se"])
    assert found["n"] == 9


def test_every_choice_of_signs_is_taken_where_there_are_few():
    y = 0.5 * X[:6] + NOISE[:6]
    found = unit_path(X[:6], y, draws=1000, seed=0)
    residuals = y - y.mean()
    beyond = 0
    for signs in product([1, -1], repeat=6):
        slope, se = hc3(X[:6], np.array(signs) * residuals)
        beyond += abs(slope / se) >= abs(found["t"]) * (1 - 1e-9)
    assert found["p"] == pytest.approx(beyond / 2**6)
    assert found == unit_path(X[:6], y, draws=64, seed=99)


def test_drawn_signs_are_near_the_exact_answer_and_seeded():
    y = 0.4 * X + NOISE
    exact, drawn = unit_path(X, y, draws=512, seed=1), unit_path(X, y, draws=500, seed=1)
    assert drawn["p"] == pytest.approx(exact["p"], abs=0.08)
    assert drawn == unit_path(X, y, draws=500, seed=1)
    assert drawn != unit_path(X, y, draws=500, seed=2)


def test_interval_holds_the_slope_and_turns_with_the_outcome():
    found, turned = (unit_path(X, s * (X + NOISE / 3), draws=2000, seed=1) for s in (1, -1))
    assert found["lower"] < found["slope"] < found["upper"]
    assert turned["slope"] == pytest.approx(-found["slope"])
    assert (turned["lower"], turned["upper"]) == pytest.approx((-found["upper"], -found["lower"]))


def test_a_difference_of_paths_is_the_path_of_the_difference():
    one, two = X + NOISE, 0.3 * X + NOISE[::-1]
    slopes = [unit_path(X, y, draws=99, seed=0)["slope"] for y in (one, two, one - two)]
    assert slopes[2] == pytest.approx(slopes[0] - slopes[1])


def test_too_few_units_and_no_spread():
    with pytest.raises(DataError, match="have 3 units, need 4"):
        unit_path([1, 2, 3], [1, 2, 3], draws=9, seed=0)
    assert math.isnan(unit_path([1, 1, 1, 1], [1, 2, 3, 4], draws=9, seed=0)["slope"])


def test_the_level_is_held_with_few_units_and_unequal_errors():
    """400 worlds of 10 units whose error grows with x: the rejections are in the binomial 99.9 % band of 0.05."""
    rng = np.random.default_rng(2)
    rejected = 0
    for _ in range(400):
        x = rng.normal(size=10)
        rejected += unit_path(x, rng.normal(size=10) * (0.3 + np.abs(x)), draws=1024, seed=0)["p"] < 0.05
    assert 6 <= rejected <= 37
