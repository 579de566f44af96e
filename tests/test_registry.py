"""The registry keeps order and refuses a second owner of a name."""

import dataclasses

import pytest

from sopsem.registry import Entry, Registry


def test_entries_come_with_label_digits_and_source_in_order():
    registry = Registry("thing")

    @registry.register("b", label="B", digits=2, source="Someone (1999)")
    def second(x):
        return x + 1

    registry.register("a", label="A")(abs)
    assert [e.name for e in registry] == ["b", "a"]
    assert (len(registry), "a" in registry, "c" in registry) == (2, True, False)
    entry = registry["b"]
    assert (entry.label, entry.digits, entry.source, entry.function(2)) == ("B", 2, "Someone (1999)", 3)
    assert second(1) == 2
    assert registry["a"].digits == 3


def test_a_name_taken_twice_is_a_bug():
    registry = Registry("thing")
    registry.register("a", label="A")(abs)
    with pytest.raises(ValueError, match="thing 'a' is registered twice"):
        registry.register("a", label="other")(max)
    assert registry["a"].function is abs


def test_an_unknown_name_is_a_key_error():
    with pytest.raises(KeyError):
        Registry("thing")["a"]


def test_entries_are_frozen():
    entry = Entry(name="a", function=abs, label="A", digits=1, source="")
    with pytest.raises(dataclasses.FrozenInstanceError):
        entry.label = "B"
