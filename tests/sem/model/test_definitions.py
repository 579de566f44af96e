"""Labels and defined parameters: values and gradients for many draws at once."""

import numpy as np
import pytest

from sopsem.errors import ModelError
from sopsem.sem.model.definitions import (
    check_definitions,
    constraint_value,
    defined_values,
    labelled_values,
)
from sopsem.sem.model.spec import model_spec

MODEL = "m ~ a*x\ny ~ b*m + c*x\nab := a*b\nshare := ab/(ab + c)\na > 0"


def test_definitions_may_use_earlier_ones_and_their_gradients_are_differences():
    spec = model_spec(MODEL)
    rng = np.random.default_rng(0)
    rows = rng.uniform(0.5, 1.5, size=(3, len(spec.parameters)))
    jacobian = np.eye(len(spec.parameters))
    values, slopes = defined_values(spec, rows, jacobian)
    place = [p.name for p in spec].index
    a, b, c = (rows[:, place(n)] for n in "abc")
    np.testing.assert_allclose(values, np.column_stack([a * b, a * b / (a * b + c)]), rtol=1e-13)
    for k in range(len(spec.parameters)):
        moved = (defined_values(spec, rows + 1e-6 * jacobian[k], jacobian)[0] - values) / 1e-6
        np.testing.assert_allclose(slopes[:, :, k], moved, atol=1e-5)


def test_a_row_is_known_by_its_label_and_by_its_parts():
    spec = model_spec(MODEL)
    rows = np.arange(1.0, len(spec.parameters) + 1.0)[None]
    values = labelled_values(spec, rows, np.eye(len(spec.parameters)))
    assert values["a"][0] == values["m~x"][0] == [1.0]


def test_a_constraint_is_left_minus_right():
    spec = model_spec(MODEL)
    rows = np.arange(1.0, len(spec.parameters) + 1.0)[None]
    value, slope = constraint_value(spec, spec.constraints[0], rows, np.eye(len(spec.parameters)))
    assert (value[0], slope[0, 0]) == (1.0, 1.0)


def test_no_definition_is_no_value():
    spec = model_spec("y ~ x")
    assert defined_values(spec, np.ones((4, 3)), np.eye(3))[0].shape == (4, 0)


@pytest.mark.parametrize("line", ["d := q*2", "d := e\ne := a"])
def test_a_label_that_does_not_exist_is_named(line):
    spec = model_spec(f"y ~ a*x\n{line}")
    with pytest.raises(ModelError, match="which is no label of the model"):
        defined_values(spec, np.ones((1, 3)), np.eye(3))
    with pytest.raises(ModelError, match="which is no label of the model"):
        check_definitions(spec)
    check_definitions(model_spec("y ~ a*x\nd := a*2\ne := d + a"))


def test_a_constraint_on_a_label_that_does_not_exist_is_named():
    spec = model_spec("y ~ a*x\nq == 1")
    with pytest.raises(ModelError, match="'q', which is no label of the model"):
        constraint_value(spec, spec.constraints[0], np.ones((1, 3)), np.eye(3))
