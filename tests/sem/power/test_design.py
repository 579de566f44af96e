"""Designs: the population that is drawn, the truth in it, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import ConvergenceError, ModelError, UsageError
from sopsem.sem.effects.effects import effects
from sopsem.sem.power.design import Distribution, make_design
from sopsem.sem.power.freed import freed_line

MEDIATION = {"m~x": 0.4, "y~m": 0.35, "m~~m": 0.84}


def test_the_truth_is_what_was_given(mediation):
    found = effects(mediation.full).set_index("effect")["est"]
    assert found["direct:y~x"] == pytest.approx(0.2)
    assert found["indirect:x>m>y"] == pytest.approx(0.14)
    assert mediation.full.minimum == pytest.approx(0.0, abs=1e-10)
    assert mediation.freed == "y~x"
    assert mediation.restricted.df == mediation.full.df + 1


def test_values_a_text_with_numbers_and_its_matrix_are_one_population():
    by_values = make_design("m ~ x; y ~ m", MEDIATION)
    by_text = make_design("m ~ x; y ~ m", "m ~ 0.4*x; y ~ 0.35*m; m ~~ 0.84*m; y ~~ 1*y; x ~~ 1*x")
    by_matrix = make_design("m ~ x; y ~ m", by_values.population)
    for other in (by_text, by_matrix):
        np.testing.assert_allclose(other.full.rows, by_values.full.rows, atol=1e-8)


def test_starts_in_the_text_are_values():
    assert make_design("y ~ start(0.3)*x", {}).population.loc["x", "y"] == pytest.approx(0.3)


def test_variables_of_the_two_models_may_stand_in_another_order():
    values = {"y~m": 0.4, "m~z": 0.3, "y~x": 0.2}
    design = make_design("y ~ m; m ~ z; z ~~ x", values, free=freed_line("y ~ x = 0.2"))
    names = [design.full.spec.observed[i] for i in design.order]
    assert tuple(names) == design.restricted.spec.observed


def test_misfit_is_the_rmsea_of_the_population():
    values = {"f=~b": 0.8, "f=~c": 0.9, "f=~d": 0.7}
    design = make_design("f =~ a + b + c + d", values, shape=Distribution(misfit=0.08))
    assert np.sqrt(design.full.minimum / design.full.df) == pytest.approx(0.08, rel=1e-5)


def test_thresholds_make_the_answers_the_population():
    shape = Distribution(thresholds={"y": [0.0]})
    design = make_design("y ~ x", {"y~x": 0.6, "y~~y": 0.64}, shape=shape)
    assert design.population.loc["y", "y"] == pytest.approx(0.25, abs=0.002)
    # a normal variable cut at its mean: covariance = rho phi(0)
    assert design.population.loc["y", "x"] == pytest.approx(0.6 * 0.39894, abs=0.002)


def test_amos_counts_with_one_row_less():
    assert make_design("y ~ x", {}, mimic="amos").multiplier(92) == 91
    assert make_design("y ~ x", {}).multiplier(92) == 92


@pytest.mark.parametrize(
    ("model", "population", "free", "error", "why"),
    [
        ("y ~ 0.3*x; x ~~ 1*x; y ~~ 1*y", {}, None, UsageError, "no free parameter"),
        ("y ~ x", {"y~z": 1.0}, None, UsageError, "no parameter of the model"),
        ("m ~ x; y ~ m", {}, "y ~ x", UsageError, "has no value"),
        ("m ~ x; y ~ m", "m ~ 0.4*x; y ~ 0.3*m + 0.2*x", "y ~ x = 0.2", UsageError, "decides the value"),
        ("m ~ x; y ~ m", {}, "y ~ z = 0.2", UsageError, "variables that the model does not have"),
        ("y ~ x + z", "y ~ 0.3*x", None, UsageError, "has no z"),
        ("y ~ x", {"y~~y": -1.0}, None, ModelError, "not positive definite"),
        ("a ~~ b; a | t1", {}, None, UsageError, "ordered variables"),
    ],
)
def test_what_makes_no_design_is_refused(model, population, free, error, why):
    with pytest.raises(error, match=why):
        make_design(model, population, free=None if free is None else freed_line(free))


def test_a_matrix_without_symmetry_or_with_a_model_it_makes_improper_is_refused():
    names = list("abc")
    lopsided = pd.DataFrame([[1, 0.2, 0.1], [0.3, 1, 0.1], [0.1, 0.1, 1]], names, names)
    with pytest.raises(UsageError, match="symmetric"):
        make_design("f =~ a + b + c", lopsided)
    heywood = pd.DataFrame([[1, 0.8, 0.8], [0.8, 1, 0.3], [0.8, 0.3, 1]], names, names)
    with pytest.raises((ConvergenceError, ModelError), match=r"no proper solution|not positive definite"):
        make_design("f =~ a + b + c", heywood)


def test_thresholds_must_rise_and_belong_to_the_model():
    for cuts, why in (({"z": [0.0]}, "does not observe"), ({"y": [1.0, 0.0]}, "rising")):
        with pytest.raises(UsageError, match=why):
            make_design("y ~ x", {}, shape=Distribution(thresholds=cuts))
