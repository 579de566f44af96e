"""One explanation: inputs as a table, values rebuilt from it, a formula that must give what is reported."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.explanation.explanation import Input, explained
from sopsem.registry import Entry

ENTRY = Entry(name="x", function=abs, label="X", digits=2, source="Someone (1999)")
GIVEN = [
    Input(symbol="n", value=2.0, meaning="a number"),
    Input(symbol="v", value=np.array([1.0, 2.0]), meaning="a vector", rows=("a", "b")),
    Input(
        symbol="M",
        value=np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        meaning="",
        rows=("a", "b"),
        columns=("x", "y", "z"),
    ),
]


def test_numbers_vectors_and_matrices_come_back_from_the_table():
    told = explained(
        "x", ENTRY, "n * sum(v @ M) + s", GIVEN, reported=80.0, where="f", steps={"s": ("n + 6", "")}
    )
    assert told.recompute() == 80.0
    assert list(told.inputs.columns) == ["symbol", "row", "column", "value", "meaning"]
    assert len(told.inputs) == 1 + 2 + 6
    assert [(s.symbol, s.value) for s in told.steps] == [("s", 8.0)]


def test_a_formula_that_gives_another_number_is_refused():
    with pytest.raises(UsageError, match="x is 3 by a convention"):
        explained("x", ENTRY, "n", GIVEN, reported=3.0, where="f")


def test_a_changed_input_changes_what_is_made_again():
    told = explained("x", ENTRY, "n^2", GIVEN[:1], reported=4.0, where="f")
    told.inputs.loc[0, "value"] = 3.0
    assert told.recompute() == 9.0
    assert told.result == 4.0
