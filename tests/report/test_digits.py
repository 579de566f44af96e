"""Numbers as APA prints them."""

import math

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import UsageError
from sopsem.report.digits import MISSING, as_text, bounded, count, decimals, interval, p_value, percent, stars


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (169.0449, "169.04"),
        (-0.004, "0.00"),
        (-1.5, "-1.50"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (np.int64(3), "3.00"),
    ],
)
def test_decimals(value, text):
    """Fixed decimals, no negative zero, infinity as its sign."""
    assert decimals(2)(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.404, ".404"),
        (-0.4484, "-.448"),
        (1.354, "1.354"),
        (-1.2, "-1.200"),
        (0.9996, "1.000"),
        (0.0, ".000"),
        (-0.0001, ".000"),
    ],
)
def test_bounded_drops_the_leading_zero_only(value, text):
    """A value beyond 1 is shown in full, so an improper estimate is not hidden."""
    assert bounded(3)(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0741, ".074"),
        (0.0009999, "< .001"),
        (0.001, ".001"),
        (0.0, "< .001"),
        (0.99951, "> .999"),
        (1.0, "> .999"),
        (0.9994, ".999"),
    ],
)
def test_p_value(value, text):
    """A p value is never printed as .000 or 1.000."""
    assert p_value()(value) == text


@pytest.mark.parametrize("value", [-0.01, 1.01])
def test_p_value_refuses_what_is_no_probability(value):
    """A number outside 0 and 1 is an error, not a print."""
    with pytest.raises(UsageError, match="between 0 and 1"):
        p_value()(value)


@pytest.mark.parametrize("missing", [None, math.nan, np.nan, pd.NA, pd.NaT])
@pytest.mark.parametrize("shown", [decimals(2), bounded(3), p_value(), percent(), count, as_text])
def test_missing_values_show_as_the_em_dash(shown, missing):
    """Every formatter prints every kind of missing value the same way."""
    assert shown(missing) == MISSING


def test_count_refuses_fractions():
    """Rounding a count would hide a mistake."""
    assert count(200.0) == "200"
    with pytest.raises(UsageError, match=r"200\.5"):
        count(200.5)


def test_text_in_a_number_format_is_refused():
    """A text where a number belongs is named."""
    with pytest.raises(UsageError, match="'a'"):
        decimals(2)("a")


def test_interval_and_stars():
    """Limits stand in brackets; one missing limit stays visible; stars follow .05, .01, .001 strictly."""
    assert interval(0.601, 1.354, bounded(3)) == "[.601, 1.354]"
    assert interval(0.601, math.nan, bounded(3)) == "[.601, —]"
    assert interval(math.nan, None, bounded(3)) == MISSING
    assert [stars(p) for p in (0.05, 0.0499, 0.01, 0.0099, 0.001, 0.0009, math.nan)] == [
        "",
        "*",
        "*",
        "**",
        "**",
        "***",
        "",
    ]
