"""Two groups of which one finds an item easier."""

import pytest

MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3"


@pytest.fixture(scope="session")
def easier(skewed_items):
    """The skewed items with x3 raised by 0.9 in the north."""
    data = skewed_items.copy()
    data.loc[data["school"] == "north", "x3"] += 0.9
    return data


@pytest.fixture(scope="session")
def model():
    """Two factors of three items."""
    return MODEL
