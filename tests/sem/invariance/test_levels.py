"""What each level holds equal."""

from itertools import pairwise

import pytest

from sopsem.errors import UsageError
from sopsem.sem.invariance.levels import CONTINUOUS, ORDERED, equal_kinds, ordered_levels


@pytest.mark.parametrize("ordered", [False, True])
def test_every_level_holds_what_the_one_below_holds(ordered):
    """The ladder is nested by construction."""
    chain = ORDERED if ordered else CONTINUOUS
    for below, above in pairwise(chain):
        assert set(equal_kinds(below, ordered=ordered)) < set(equal_kinds(above, ordered=ordered))


def test_levels_come_in_the_order_of_the_ladder():
    """Whatever order they were asked for in."""
    assert ordered_levels(["scalar", "configural"], ordered=False) == ("configural", "scalar")


@pytest.mark.parametrize(
    "levels", [["configural"], ["metric", "metric"], ["configural", "thresholds"], ["weak"]]
)
def test_impossible_levels_are_refused(levels):
    """One level, a level twice, a level of ordered variables only, a level that does not exist."""
    with pytest.raises(UsageError):
        ordered_levels(levels, ordered=False)
