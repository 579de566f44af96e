"""The table itself: names, rows, iteration."""

import dataclasses

import pytest

from sopsem.sem.model.parameter_table import Parameter
from sopsem.sem.model.spec import model_spec


def test_a_parameter_is_called_by_its_label_else_by_its_parts():
    assert Parameter(lhs="f", op="=~", rhs="x").name == "f=~x"
    assert Parameter(lhs="f", op="=~", rhs="x", label="a").name == "a"
    assert Parameter(lhs="y", op="~1", rhs="").name == "y~1"


def test_rows_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Parameter(lhs="f", op="=~", rhs="x").free = False


def test_the_frame_lists_definitions_and_constraints_after_the_parameters():
    spec = model_spec("m ~ a*x\ny ~ b*m\nab := a*b\na == b")
    table = spec.table()
    assert table.op.tolist()[-2:] == [":=", "=="]
    assert table.loc[table.op == ":=", "label"].item() == "ab"
    assert table.columns.tolist() == ["lhs", "op", "rhs", "user", "group", "free", "ustart", "exo", "label"]
    assert [p.name for p in spec][:2] == ["a", "b"]
