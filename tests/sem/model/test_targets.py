"""Names of rows, labels, definitions and expressions."""

import numpy as np
import pytest

from sopsem.errors import ModelError, ModelSyntaxError, UsageError
from sopsem.sem.model.spec import model_spec
from sopsem.sem.model.targets import Target, target_of

SPEC = model_spec("m ~ a*x\ny ~ b*m + x\ny ~~ v*y\nab := a*b")


def value(text, spec=SPEC):
    """Return the value of a target where row i is i + 2."""
    rows = np.arange(2.0, 2.0 + len(spec.parameters))[None]
    return target_of(spec, text).evaluate(rows, np.eye(rows.shape[1]))[0][0]


@pytest.mark.parametrize(
    ("text", "expected"), [("m ~ x", 2.0), ("a", 2.0), ("b", 3.0), ("ab", 6.0), ("2*ab - b", 9.0)]
)
def test_every_kind_of_name_is_understood(text, expected):
    """Rows with or without blanks, labels, defined parameters, expressions."""
    assert value(text) == expected


def test_slopes_come_along():
    """d ab / d a = b."""
    rows = np.arange(2.0, 2.0 + len(SPEC.parameters))[None]
    _, slopes = target_of(SPEC, "ab").evaluate(rows, np.eye(rows.shape[1]))
    assert slopes[0, :2].tolist() == [3.0, 2.0]


def test_a_covariance_is_found_in_either_order_and_in_its_group():
    """From the second group on the name ends in .g2."""
    spec = model_spec("f =~ a + b + c\ng =~ d + e + h", groups=("u", "v"))
    first, turned = target_of(spec, "f ~~ g"), target_of(spec, "g ~~ f")
    assert first.row == turned.row
    second = target_of(spec, "g~~f.g2")
    assert spec.parameters[second.row].group == 2


def test_unknown_names_are_refused_with_those_that_exist():
    """The message lists parameters; text that cannot be read is a syntax error."""
    with pytest.raises(ModelError, match=r"'w'.*a, b"):
        target_of(SPEC, "a*w")
    with pytest.raises(ModelError, match="'q ~ z'"):
        target_of(SPEC, "q ~ z")
    with pytest.raises(ModelSyntaxError):
        target_of(SPEC, "a*(b")
    with pytest.raises(UsageError, match="one expression"):
        target_of(SPEC, "a\nc := b")
    with pytest.raises(UsageError, match="row of the table"):
        Target(spec=SPEC, name="").evaluate(np.zeros((1, 3)), np.eye(3))
