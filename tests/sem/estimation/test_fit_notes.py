"""The notes: loops, two-indicator factors, items against their factor, correlations, bounds."""

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.fit_notes import held_on_bounds, loop_variables, stability_index


def noted(result, words):
    return [n for n in result.notes if words in n]


def test_an_item_that_was_not_recoded_is_named_with_its_loading(two_factors, two_factor_model):
    data = two_factors(1, 200)
    assert not noted(fit(two_factor_model, data), "loads against")
    (note,) = noted(fit(two_factor_model, data.assign(y2=8 - data.y2)), "loads against")
    assert note.startswith("y2 loads against the other items of g (standardized loading -0.")


def test_a_reversed_marker_is_the_one_named(two_factors):
    data = two_factors(1, 200, 4)
    data["x1"] = -data["x1"]
    (note,) = noted(fit("f =~ x1 + x2 + x3 + x4", data), "loads against")
    assert note.startswith("x1 loads against")


def test_half_of_the_items_reversed_is_no_majority(two_factors):
    data = two_factors(1, 200, 4)
    data[["x1", "x2"]] *= -1
    assert not noted(fit("f =~ x1 + x2 + x3 + x4", data), "loads against")


def test_a_second_order_factor_of_two_is_noted(mediation):
    base = "A =~ a1+a2+a3\nM =~ m1+m2+m3\nY =~ y1+y2+y3\n"
    data = mediation(2, 300)
    (note,) = noted(fit(base + "H =~ M + Y\nH ~ A", data), "has two indicators only")
    assert "second-order factor H" in note
    assert not noted(fit(base + "H =~ A + M + Y", data), "has two indicators only")


def test_a_loop_is_noted_with_its_stability_index():
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.normal(size=(200, 4)), columns=["y1", "y2", "x1", "x2"])
    data["y1"] += 0.7 * data.x1
    data["y2"] += 0.7 * data.x2 + 0.4 * data.y1
    result = fit("y1 ~ y2 + x1\ny2 ~ y1 + x2", data)
    b12, b21 = result.theta[[result.names.index("y1~y2"), result.names.index("y2~y1")]]
    index = stability_index(result.model, result.kernel_theta)
    assert index == pytest.approx(np.sqrt(abs(b12 * b21)), rel=1e-9)
    assert loop_variables(result.model) == ("y1", "y2")
    (note,) = noted(result, "feedback loop")
    assert f"stability index is {index:.3f}, below 1" in note


def test_an_unstable_loop_is_not_to_be_interpreted(two_factors):
    data = two_factors(0, 200)
    (note,) = noted(fit("x1 ~ 1.5*x2 + y1\nx2 ~ 0.9*x1 + y2", data), "feedback loop")
    assert "not below 1: do not interpret its total effects" in note


def test_a_chain_has_no_loop(mediation, mediation_model):
    result = fit(mediation_model, mediation(1))
    assert loop_variables(result.model) == ()
    assert stability_index(result.model, result.kernel_theta) == pytest.approx(0.0, abs=1e-5)
    assert not noted(result, "feedback loop")


def test_a_correlation_matrix_is_noted(two_factors, two_factor_model):
    data = two_factors()
    assert noted(fit(two_factor_model, sample_cov=data.corr(), n_obs=150), "diagonal of ones")
    assert not noted(fit(two_factor_model, sample_cov=data.cov(), n_obs=150), "diagonal of ones")


def test_held_on_bounds_are_named(two_factors):
    result = fit("f =~ x1 + lower(2)*x2 + x3\nx3 ~~ upper(9)*x3", two_factors())
    assert held_on_bounds(result.parameters, result.kernel_theta[None]) == [("f=~x2",)]
    assert noted(result, "on a bound, counted as constants without standard errors: f=~x2")
    assert result.theta[0] == pytest.approx(2.0, rel=1e-12)


def test_an_other_start_is_noted_only_when_it_was_used(two_factors):
    bad = fit("f =~ x1 + start(-3)*x2 + x3 + y1", two_factors())
    assert bool(noted(bad, "the default start failed")) == (bad.strategy > 0)
    assert not noted(fit("f =~ x1 + x2 + x3 + y1", two_factors()), "start")


def test_rows_without_any_value_are_not_called_listwise(lattice_gaps):
    """Full information leaves out only what says nothing, and says so once."""
    data = lattice_gaps.copy()
    data.loc[[3, 9], list("abc")] = np.nan
    (note,) = noted(fit("f =~ a + b + c", data, missing="ml"), "left out")
    assert "no value at all" in note


def test_robust_errors_of_full_information_are_those_of_its_likelihood(lattice_gaps):
    """lavaan 0.6-14: parameterEstimates(cfa(..., missing = "ml", se = "robust")), rounded there."""
    found = fit("f =~ a + b + c\ng =~ d + e + h", lattice_gaps, missing="ml", se="robust")
    assert found.settings.se == "robust_huber_white"
    assert np.sqrt(np.diag(found.vcov))[:2] == pytest.approx([0.116, 0.140], abs=6e-4)


def test_unweighted_least_squares_of_unlike_scales_say_so(lattice):
    """Such a model is identified; what is lost is precision, and the note says which variables are concerned."""
    found = fit("f =~ a + b + c + d", lattice.assign(a=1000 * lattice.a), estimator="ULS")
    (note,) = noted(found, "unweighted least squares")
    assert note.startswith("the variance of 'a' is 1.")
    assert not noted(fit("f =~ a + b + c + d", lattice, estimator="ULS"), "unweighted least squares")
