"""Constraints and definitions beside the rows."""

import pytest

from sopsem.errors import ModelError
from sopsem.sem.model.spec import model_spec


def test_definitions_and_constraints_keep_their_order_and_place():
    """They may stand before the paths they name."""
    spec = model_spec("ab := a*b\ntwice := 2*ab\na == b\nm ~ a*x\ny ~ b*m")
    assert [d.lhs for d in spec.definitions] == ["ab", "twice"]
    assert [(c.lhs, c.op, c.rhs) for c in spec.constraints] == [("a", "==", "b")]


@pytest.mark.parametrize(
    ("text", "words"),
    [("y ~ a*x\nd := a\nd := 2*a", "line 3: .* d is defined twice"), ("y ~ a*x\na := 2", "a is the label")],
)
def test_a_name_is_defined_once(text, words):
    """Not twice, and not where a parameter has it."""
    with pytest.raises(ModelError, match=words):
        model_spec(text)


def test_a_factor_with_a_fixed_loading_needs_no_coding():
    """lavaan constrains factors whose loadings are all free."""
    spec = model_spec("f =~ x1 + 0.5*x2 + x3\ng =~ x4 + x5", effect_coding="loadings")
    assert [c.lhs for c in spec.constraints] == ["g=~x4+g=~x5"]


def test_both_codings_may_be_listed():
    """A sequence of the two names; the mean structure comes with intercepts."""
    spec = model_spec("f =~ x1 + x2", effect_coding=["loadings", "intercepts"])
    assert [c.rhs for c in spec.constraints] == ["2", "0"]
