"""Admissible or not: variances, factors, residuals; for one solution and for many."""

import numpy as np
import pandas as pd
import pytest

from sopsem.sem.estimation.admissibility import Improper, admissibility, improper_parameters
from sopsem.sem.estimation.fit import Status, fit


def frame(cov, names):
    return pd.DataFrame(cov, index=list(names), columns=list(names))


@pytest.fixture(scope="module")
def result(two_factors, two_factor_model):
    return fit(two_factor_model, two_factors(1, 200))


def moved(result, name, value):
    """Return the solution with one parameter set to a value on the kernel's metric."""
    theta = result.kernel_theta.copy()
    row = [p.name for p in result.spec].index(name)
    theta[np.flatnonzero(result.model.row_basis[row])[0]] = value
    return theta


@pytest.mark.parametrize("name", ["x1~~x1", "y3~~y3", "f~~f", "g~~g"])
def test_any_negative_variance_is_found_alone(result, name):
    theta = np.stack([result.kernel_theta, moved(result, name, -0.2)])
    state = admissibility(result.spec, result.model, theta)
    assert state.proper.tolist() == [True, False]
    first, second = state.reasons()
    assert first == ""
    assert name in second
    assert improper_parameters(result.spec, result.model, theta[1])[0].parameter == name


def test_a_variance_of_zero_and_rounding_are_admissible(result):
    for value in (0.0, -1e-10):
        assert improper_parameters(result.spec, result.model, moved(result, "x1~~x1", value)) == ()
    assert improper_parameters(result.spec, result.model, moved(result, "x1~~x1", -1e-8)) != ()


def test_factors_that_correlate_beyond_one_are_found_with_the_correlation(result):
    (one,) = improper_parameters(result.spec, result.model, moved(result, "f~~g", 5.0))
    assert one.parameter == "f~~g"
    assert one.value > 1.0
    assert "factors not positive definite" in str(one)


def test_residuals_that_correlate_beyond_one_are_found():
    cov = np.full((4, 4), 0.3) + 0.7 * np.eye(4)
    cov[0, 1] = cov[1, 0] = -0.95
    model = "f =~ a + b + c + d\na ~~ b"
    result = fit(model, sample_cov=frame(cov + 0.4 * np.eye(4), "abcd"), n_obs=90)
    theta = moved(result, "a~~b", -3.0)
    (one,) = improper_parameters(result.spec, result.model, theta)
    assert (one.parameter, one.value < -1.0) == ("a~~b", True)
    assert "residual covariance matrix" in one.reason


def test_a_sentence_names_parameter_reason_and_value():
    assert (
        str(Improper(parameter="a~~a", value=-0.25, reason="negative variance"))
        == "a~~a: negative variance (-0.25)"
    )


def test_a_model_without_factors_is_examined_too(two_factors):
    assert fit("x1 ~ x2 + y1", two_factors()).status is Status.CONVERGED
