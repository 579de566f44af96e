"""Printed numbers: decimals, rounding intervals, bounds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopsem.errors import DataError
from sopsem.study.printed import printed


@pytest.mark.parametrize(
    ("text", "value", "decimals", "lower", "upper"),
    [
        ("169.04", 169.04, 2, 169.035, 169.045),
        ("0.40", 0.40, 2, 0.395, 0.405),
        ("0.4", 0.4, 1, 0.35, 0.45),
        (".058", 0.058, 3, 0.0575, 0.0585),
        ("-0.448", -0.448, 3, -0.4485, -0.4475),
        ("−.2", -0.2, 1, -0.25, -0.15),
        ("129", 129.0, 0, 128.5, 129.5),
    ],
)
def test_a_number_keeps_its_decimals(text, value, decimals, lower, upper):
    """The rounding interval follows from the digits that are printed, trailing zeros included."""
    number = printed(text)
    assert (number.value, number.decimals, number.lower, number.upper) == (value, decimals, lower, upper)
    assert not number.censored
    assert str(number) == text


def test_the_interval_is_half_open():
    """The lower end rounds up to the print, the upper end rounds up to the next."""
    number = printed("0.40")
    assert number.contains(0.395)
    assert not number.contains(0.405)


@pytest.mark.parametrize(("text", "inside", "outside"), [("< .01", 0.0099, 0.01), ("> .05", 0.0501, 0.05)])
def test_a_bound_is_censored(text, inside, outside):
    """A bound has no value and an open interval on one side, the bound itself excluded."""
    number = printed(text)
    assert number.censored
    assert math.isnan(number.value)
    assert number.contains(inside)
    assert not number.contains(outside)


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "1,5", "12%", "nan", "<", "1e5"])
def test_what_is_not_a_number_is_refused(text):
    """A text that is not a printed number names itself in the message."""
    with pytest.raises(DataError, match="is not a printed number"):
        printed(text)


@pytest.mark.parametrize("value", [0.4, 3, None])
def test_a_bare_number_is_refused(value):
    """A TOML number has lost its decimals, so text is asked for."""
    with pytest.raises(DataError, match="as text"):
        printed(value)


@given(st.floats(-1e4, 1e4), st.integers(0, 6))
def test_every_value_lies_in_the_interval_of_its_own_print(value, decimals):
    """Formatting a value and reading it back gives an interval that holds it, up to the halves."""
    number = printed(f"{value:.{decimals}f}")
    assert number.overlaps(value - 1e-9, value + 1e-9)
    assert number.decimals == decimals
