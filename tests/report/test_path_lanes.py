"""Lanes by the longest path, in an order without needless crossings."""

from figure_checks import frame_of

from sopsem.report.path_lanes import Via, lanes_of, ordered_lanes
from sopsem.report.path_model import read_paths


def lanes(text):
    return lanes_of(read_paths(frame_of(text)))


def test_the_shipped_model(shipped):
    """Causes left of effects, first-order factors right of the second-order one."""
    assert lanes(shipped[0]) == {
        "coordination": 0, "conflict": 1, "alignment": 1, "performance": 2, "internal": 3, "market": 3,
    }  # fmt: skip


def test_a_second_order_cause_has_its_factors_on_the_left():
    """So that paths run to the right."""
    assert lanes("f =~ a + b\ng =~ c + d\nX =~ f + g\nY ~ X") == {"f": 0, "g": 0, "X": 1, "Y": 2}


def test_a_loop_of_three_has_no_lanes():
    """The caller draws a circle."""
    assert lanes("y ~ x\nz ~ y\nx ~ z") is None


def test_two_that_cause_each_other_share_a_lane():
    """Right of their causes, left of their effects."""
    assert lanes("a ~ x + b\nb ~ a\ny ~ b") == {"a": 1, "x": 0, "b": 1, "y": 2}


def test_factors_beyond_the_items_have_no_lane():
    """The specific factors of a bifactor model."""
    assert lanes("g =~ a + b + c + d\ns =~ a + b\nt =~ c + d") == {"g": 0}


def test_covariances_move_nothing():
    """Only directed arrows make lanes."""
    assert lanes("y ~ x\nx ~~ z\ny ~ z") == {"y": 1, "x": 0, "z": 0}


def test_a_long_arrow_takes_a_place_in_each_lane():
    """The direct effect runs below a single mediator and between two."""
    model = read_paths(frame_of("m ~ x\ny ~ m + x"))
    assert ordered_lanes(model, lanes_of(model)) == [["x"], ["m", Via(source="x", target="y", lane=1)], ["y"]]
    model = read_paths(frame_of("m ~ x\nn ~ x\ny ~ m + n + x"))
    assert ordered_lanes(model, lanes_of(model))[1] == ["m", Via(source="x", target="y", lane=1), "n"]


def test_the_order_avoids_crossings():
    """Two parallel chains do not cross although the variables are named crosswise."""
    model = read_paths(frame_of("a ~ p\nb ~ q\ny ~ b\nz ~ a"))
    first, second, third = ordered_lanes(model, lanes_of(model))
    assert (first.index("p") < first.index("q")) == (second.index("a") < second.index("b"))
    assert (second.index("a") < second.index("b")) == (third.index("z") < third.index("y"))
