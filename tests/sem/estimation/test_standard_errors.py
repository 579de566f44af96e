"""The inverse information: under constraints, on bounds, in any unit, and where a parameter has none."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime

from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.standard_errors import free_directions, inverse_information, moving, unit_vcov

MODEL = "f =~ a + b + c\ng =~ d + e + h"
HEYWOOD = pd.DataFrame(
    [[1.0, 0.8, 0.8], [0.8, 1.0, 0.5], [0.8, 0.5, 1.0]], index=list("abc"), columns=list("abc")
)


def row(fitted, name):
    """Return the position of a row by its path."""
    return next(i for i, p in enumerate(fitted.spec) if p.path() == name)


def variance(fitted, name):
    """Return the sampling variance of a row."""
    at = row(fitted, name)
    return fitted.vcov_rows[at, at]


@pytest.mark.parametrize("information", ["expected", "observed"])
def test_the_inverse_of_half_the_hessian_is_the_covariance_matrix_times_n(lattice, information):
    """Without constraints: a plain inverse."""
    found = fit(MODEL, lattice, information=information)
    wanted = np.linalg.inv(found.kernel_hessian / 2.0) / 240
    np.testing.assert_allclose(found.kernel_vcov, wanted, rtol=1e-8, atol=1e-14)
    np.testing.assert_allclose(
        unit_vcov(found.problem, found.kernel_theta, found.kernel_hessian),
        wanted * 240,
        rtol=1e-8,
        atol=1e-12,
    )


def test_the_observed_hessian_is_that_of_the_discrepancy(lattice):
    """Differences of the gradient at the solution."""
    found = fit(MODEL, lattice, information="observed")
    objective, at = found.problem.objective(), np.zeros(1, dtype=np.intp)

    def gradient(theta):
        return objective.gradient(objective.evaluate(theta[None], at))[0]

    wanted = approx_fprime(found.kernel_theta, gradient, 1e-7)
    np.testing.assert_allclose(found.kernel_hessian, wanted, atol=1e-5)


def test_a_variance_of_normal_data_has_the_textbook_standard_error(lattice):
    """2 s^4 / N for a variance, (1 + r^2) s_a^2 s_b^2 / N for a covariance."""
    found = fit("a ~~ b", lattice)
    s = lattice[["a", "b"]].cov(ddof=0).to_numpy()
    assert variance(found, "a~~a") == pytest.approx(2.0 * s[0, 0] ** 2 / 240, rel=1e-9)
    assert variance(found, "a~~b") == pytest.approx((s[0, 0] * s[1, 1] + s[0, 1] ** 2) / 240, rel=1e-9)


@pytest.mark.parametrize("likelihood", ["normal", "wishart"])
def test_constraints_kept_by_the_minimiser_count_like_those_solved_beforehand(lattice, likelihood):
    """k = m written as (k - m)(1 + k^2) = 0, which is not linear: the same standard errors."""
    options = {"likelihood": likelihood}
    solved = fit("f =~ a + k*b + m*c + d\nk == m", lattice, **options)
    kept = fit("f =~ a + k*b + m*c + d\n(k - m)*(1 + k^2) == 0", lattice, **options)
    assert kept.parameters.constrained
    assert not solved.parameters.constrained
    np.testing.assert_allclose(kept.vcov_rows, solved.vcov_rows, atol=1e-8)
    k, m = row(kept, "f=~b"), row(kept, "f=~c")
    assert kept.vcov_rows[k, k] == pytest.approx(kept.vcov_rows[k, m], rel=1e-8)
    plain = fit("f =~ a + b + c + d", lattice, **options)
    assert kept.vcov_rows[k, k] < 0.95 * plain.vcov_rows[k, k]


def test_free_directions_are_orthogonal_to_the_constraint(lattice):
    """One fewer than the parameters, and no first-order change of what is constrained."""
    kept = fit("f =~ a + k*b + m*c + d\nk*m == 0.6", lattice)
    basis = free_directions(kept.problem, kept.kernel_theta)
    assert basis.shape == (8, 7)
    slopes = kept.parameters.constraints(kept.kernel_theta[None]).equality_slopes[0]
    np.testing.assert_allclose(slopes @ basis, 0.0, atol=1e-10)
    assert np.linalg.matrix_rank(basis) == 7


def test_a_parameter_on_a_bound_is_a_constant():
    """No standard error of its own, and those of the others are as if it were fixed there."""
    options = {"sample_cov": HEYWOOD, "n_obs": 100}
    bounded = fit("f =~ a + b + c", bounds="pos.var", **options)
    fixed = fit("f =~ a + b + c\na ~~ 0*a", **options)
    assert bounded.rows[row(bounded, "a~~a")] == 0.0
    assert variance(bounded, "a~~a") == 0.0
    for name in ("f=~b", "f=~c", "b~~b", "f~~f"):
        assert variance(bounded, name) == pytest.approx(variance(fixed, name), rel=1e-5)
    assert (~moving(bounded.problem, bounded.kernel_theta)).sum() == 1
    assert free_directions(bounded.problem, bounded.kernel_theta).shape == (6, 5)


def test_fixed_exogenous_variables_have_no_sampling_variance(lattice):
    """Their kernel parameters do not move, whatever the test says about the others."""
    found = fit("a ~ x + b", lattice)
    still = ~moving(found.problem, found.kernel_theta)
    np.testing.assert_array_equal(still, found.parameters.nuisance)
    assert still.sum() == 3
    assert not found.kernel_vcov[still].any()
    design = np.column_stack([lattice["x"], lattice["b"]])
    design = design - design.mean(axis=0)
    residual = found.rows[row(found, "a~~a")]
    wanted = residual * np.linalg.inv(design.T @ design)
    at = [row(found, "a~x"), row(found, "a~b")]
    np.testing.assert_allclose(found.vcov_rows[np.ix_(at, at)], wanted, rtol=1e-9)


@pytest.mark.parametrize("options", [{}, {"estimator": "MLR"}, {"estimator": "MLM"}, {"estimator": "GLS"}])
def test_standard_errors_follow_the_unit_of_the_data(lattice, options):
    """An item times 1e5 has a loading and a standard error times 1e5; the others keep theirs."""
    one = fit(MODEL, lattice, **options)
    other = fit(MODEL, lattice.assign(b=lattice["b"] * 1e5), **options)
    sd = np.sqrt(np.diag(one.vcov_rows))
    power = np.ones(len(sd))
    power[row(one, "f=~b")], power[row(one, "b~~b")] = 1e5, 1e10
    np.testing.assert_allclose(np.sqrt(np.diag(other.vcov_rows)), sd * power, rtol=1e-5)


def test_what_moves_in_the_null_space_has_no_standard_error_and_the_rest_keep_theirs(lattice):
    """A singular information: NaN for the two parameters of which only the sum is known."""
    found = fit("f =~ a + b + c", lattice)
    hessian = np.diag(np.arange(1.0, 7.0))
    hessian[:2, :2] = 3.0
    inverse = inverse_information(found.problem, found.kernel_theta, hessian)
    assert np.isnan(inverse[:2]).all()
    assert np.isnan(inverse[:, :2]).all()
    np.testing.assert_allclose(inverse[2:, 2:], np.diag(1.0 / np.arange(3.0, 7.0)), rtol=1e-12)
