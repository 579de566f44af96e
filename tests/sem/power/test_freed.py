"""The freed line: what is read from it, and what it may free."""

import pytest

from sopsem.errors import UsageError
from sopsem.sem.model.spec import model_spec
from sopsem.sem.power.freed import freed_line


@pytest.mark.parametrize(
    ("text", "line", "value"),
    [("y ~ x=0.3", "y ~ x", 0.3), ("f =~ x3 = -1e-1", "f =~ x3", -0.1), ("f =~ x3", "f =~ x3", None)],
)
def test_the_last_equals_sign_brings_the_value(text, line, value):
    found = freed_line(text)
    assert (found.text, found.value) == (line, value)


@pytest.mark.parametrize("text", ["= 0.3", "y ~ x = nan", "y ~ x = inf", ""])
def test_a_line_without_a_formula_or_with_no_number_is_refused(text):
    with pytest.raises(UsageError, match="free is"):
        freed_line(text)


def test_the_parameter_is_the_one_that_only_the_full_model_has():
    line = freed_line("y ~ x = 0.3")
    small = "m ~ x; y ~ m"
    assert line.parameter(model_spec(small), model_spec(line.added_to(small))) == "y~x"


@pytest.mark.parametrize(("line", "found"), [("y ~~ y", "none that"), ("y ~ x; m ~~ y", "y~x, m~~y")])
def test_none_or_several_parameters_are_refused(line, found):
    freed = freed_line(line)
    small = "m ~ x; y ~ m"
    with pytest.raises(UsageError, match=f"must free one parameter.*{found}"):
        freed.parameter(model_spec(small), model_spec(freed.added_to(small)))
