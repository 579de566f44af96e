"""Arithmetic survives being written."""

import numpy as np
import pytest

from sopsem.sem.export.arithmetic import MPLUS, R, written
from sopsem.sem.model.expressions import differentiate
from sopsem.sem.model.spec import model_spec


@pytest.mark.parametrize(
    "text",
    [
        "a - (b - c)",
        "a/(b*c)",
        "a/b*c",
        "-a^2",
        "(a^b)^c",
        "a^b^c",
        "log(sqrt(a^2)) - 1.25",
        "2*(a + b)/exp(c)",
    ],
)
def test_what_is_written_means_the_same(text):
    """Brackets stand where they must: the value is the same after reading it again."""
    values = {n: (np.array([v]), np.zeros((1, 1))) for n, v in (("a", 1.3), ("b", 0.7), ("c", 1.9))}
    head = "y ~ a*x + b*z + c*w; d := "
    tree = model_spec(head + text).definitions[0].right
    again = model_spec(head + written(tree, {}, R)).definitions[0].right
    assert differentiate(again, values)[0] == pytest.approx(differentiate(tree, values)[0])


def test_mplus_has_its_own_operators():
    """Powers are two stars, logarithms LN."""
    tree = model_spec("y ~ a*x; d := log(a)^2").definitions[0].right
    assert written(tree, {"a": "p1"}, MPLUS) == "LN(p1)**2"
