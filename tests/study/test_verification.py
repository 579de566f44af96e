"""Two JSON values compared leaf by leaf."""

import pytest

from sopsem.study.verification import Difference, differences, sorted_by_cause


@pytest.mark.parametrize(
    ("recorded", "found", "places"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, ["a"]),
        ({"a": True}, {"a": 1}, ["a"]),
        ({"a": [1, 2]}, {"a": [1]}, ["a (length)"]),
        ({"a": [{"b": None}]}, {"a": [{"b": 2}]}, ["a[0].b"]),
        ({"a": 1}, {"b": 1}, ["a", "b"]),
        ({"a": {"b": 1}}, {"a": []}, ["a"]),
    ],
)
def test_every_leaf_that_differs_is_named(recorded, found, places):
    assert [d.place for d in differences(recorded, found)] == places


def test_rounding_is_of_numbers_alone():
    kinds = [d.rounding for d in differences([1.0, 1.0, "1", 0.0], [1.0 + 1e-9, 1.1, "2", 1e-12])]
    assert kinds == [True, False, False, False]


def test_causes_come_in_the_order_in_which_they_explain_each_other():
    places = ("cells[1].computed", "manifest.versions.numpy", "manifest.inputs.data.sha256", "manifest.other")
    found = [Difference(place=p, recorded=1, found=2) for p in places]
    assert list(sorted_by_cause(found)) == ["inputs", "versions", "manifest", "numbers"]
