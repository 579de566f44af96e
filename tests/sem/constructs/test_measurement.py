"""The CFA behind a model."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import ModelError
from sopsem.sem.constructs.measurement import (
    first_order_factors,
    measurement_model,
    one_factor_model,
    second_order_factors,
    with_unit_variances,
)
from sopsem.sem.estimation.fit import fit, fit_moments
from sopsem.sem.model.spec import model_spec

STRUCTURAL = """
f =~ x1 + x2 + x3
g =~ y1 + y2 + y3
k =~ z1 + z2 + z3
top =~ g + k
g ~~ 0*k
x1 ~~ y1
top ~ b*f
twice := 2*b
"""


@pytest.fixture(scope="module")
def data():
    """Three correlated factors with three items each, N = 200."""
    rng = np.random.default_rng(11)
    factors = rng.normal(size=(200, 3)) @ np.linalg.cholesky(0.5 + 0.5 * np.eye(3)).T
    items = np.repeat(factors, 3, axis=1) * 0.8 + 0.6 * rng.normal(size=(200, 9))
    return pd.DataFrame(items, columns=[f"{v}{i}" for v in "xyz" for i in (1, 2, 3)])


def test_structural_parts_are_left_out_and_residual_covariances_stay():
    text = measurement_model(STRUCTURAL)
    assert text.splitlines() == ["f =~ x1 + x2 + x3", "g =~ y1 + y2 + y3", "k =~ z1 + z2 + z3", "x1 ~~ y1"]


def test_all_first_order_factors_correlate_freely(data):
    spec = model_spec(measurement_model(STRUCTURAL))
    assert all(spec.find(a, "~~", b).free for a, b in (("f", "g"), ("f", "k"), ("g", "k")))
    assert fit(spec, data).df == 45 - (6 + 9 + 6 + 1)


def test_deriving_twice_changes_nothing():
    once = measurement_model(STRUCTURAL)
    assert measurement_model(once) == once


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("f =~ NA*a + b + c; f ~~ 1*f", "f =~ NA*a + b + c\nf ~~ 1*f"),
        ("f =~ 2*a + b + c", "f =~ 2.0*a + b + c"),
        ("f =~ a + q*b + q*c", "f =~ a + q*b + q*c"),
        ("f =~ NA*a + q*a + q*b + q*c; f ~~ 1*f", "f =~ NA*a + q*a + q*b + q*c\nf ~~ 1*f"),
        ("f =~ a + p*b + q*c; p == q; z ~ f", "f =~ a + p*b + q*c\np == q"),
        ("f =~ a + b + c; a ~~ 0.3*a", "f =~ a + b + c\na ~~ 0.3*a"),
        ('f =~ "my item" + b + c', 'f =~ "my item" + b + c'),
    ],
)
def test_fixed_values_labels_and_odd_names_are_kept(model, text):
    assert measurement_model(model) == text


def test_a_table_built_with_unit_variances_gives_the_same_cfa(data):
    text = "f =~ x1 + x2 + x3; g =~ y1 + y2 + y3; g ~ f"
    by_variance = measurement_model(model_spec(text, std_lv=True))
    assert "NA*x1" in by_variance
    assert fit(by_variance, data).chisq == pytest.approx(fit(measurement_model(text), data).chisq, abs=1e-8)


def test_equality_constraints_on_paths_that_went_are_dropped():
    assert "==" not in measurement_model("f =~ a + b + c; g =~ d + e + h; g ~ p*f; d ~~ q*e; p == 0.5")


def test_a_model_without_measured_factors_is_refused():
    with pytest.raises(ModelError, match="no factor measured by observed variables"):
        measurement_model("y ~ x")


def test_first_and_second_order_factors_are_told_apart():
    spec = model_spec(STRUCTURAL)
    assert first_order_factors(spec)["g"] == ("y1", "y2", "y3")
    assert "top" not in first_order_factors(spec)
    assert second_order_factors(spec) == {"top": ("g", "k")}


def test_a_factor_of_factors_and_items_is_neither():
    spec = model_spec("f =~ a + b + c; h =~ f + d + e")
    assert "h" not in first_order_factors(spec)
    assert second_order_factors(spec) == {}


def test_one_factor_takes_all_items_and_residual_covariances():
    text = one_factor_model("f =~ a + b; g =~ all_items + c; a ~~ c; g ~ f")
    assert text == "all_items_ =~ a + b + all_items + c\na ~~ c"


def test_unit_variances_are_the_same_model(data):
    cfa = fit(measurement_model(STRUCTURAL), data)
    rescaled = fit_moments(with_unit_variances(cfa.spec), cfa.moments)
    assert rescaled.df == cfa.df
    assert rescaled.chisq == pytest.approx(cfa.chisq, abs=1e-8)
    assert rescaled.spec.find("f", "~~", "f").value == 1.0
    assert with_unit_variances(rescaled.spec) == rescaled.spec


@pytest.mark.parametrize("model", ["f =~ 1*a + 1*b + c", "f =~ a + b + c; f ~~ 2*f", "f =~ q*a + q*b + c"])
def test_a_scale_that_cannot_be_exchanged_is_refused(model):
    with pytest.raises(ModelError, match="the scale of f"):
        with_unit_variances(model_spec(model))
