"""Designs that the tests of power share."""

import pytest

from sopsem.sem.power.design import make_design
from sopsem.sem.power.freed import freed_line

FACTORS = "f =~ a + b + c; g =~ d + e + h"
VALUES = {"f=~b": 0.9, "f=~c": 0.8, "g=~e": 0.9, "g=~h": 0.8, "g~~g": 0.91, "h~~h": 0.7}


@pytest.fixture(scope="session")
def regression():
    """y on x with a slope of .3 and unit variances."""
    return make_design("y ~ x", {"y~x": 0.3, "y~~y": 0.91})


@pytest.fixture(scope="session")
def mediation():
    """x -> m -> y, and x -> y as the freed path."""
    values = {"m~x": 0.4, "y~m": 0.35, "m~~m": 0.84}
    return make_design("m ~ x; y ~ m", values, free=freed_line("y ~ x = 0.2"))


@pytest.fixture(scope="session")
def factors():
    """Two factors with three items each, one path."""
    return make_design(f"{FACTORS}; g ~ f", VALUES | {"g~f": 0.3})
