"""What is counted, how a search may end, and what a frozen fit holds."""

import dataclasses

import numpy as np
import pytest

from sopsem.errors import ConvergenceError, ModelError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.fitted import Status
from sopsem.sem.estimation.settings import resolve_settings
from sopsem.sem.estimation.solve import solve, table_rows
from sopsem.sem.fit_measures.fit_indices import fit_indices

ONE = "f =~ a + b + c + d"
TWO = "f =~ a + b + c\ng =~ d + e + h"
# model, options, parameters, df: counted by hand from p(p + 1)/2 covariances and p means of every group
COUNTS = {
    "covariances": (ONE, {}, 8, 2),
    "means": (ONE, {"meanstructure": True}, 12, 2),
    "labels": ("f =~ a + k*b + k*c + d", {}, 7, 3),
    "linear constraint": ("f =~ a + k*b + m*c + d\nk == 2*m", {}, 7, 3),
    "constraint that is not linear": ("f =~ a + k*b + m*c + d\nk*m == 0.5", {}, 7, 3),
    "inequality": ("f =~ a + k*b + m*c + d\nk > m", {}, 8, 2),
    "groups": (TWO, {"group": "group"}, 38, 16),
    "equal loadings": (TWO, {"group": "group", "group_equal": "loadings"}, 34, 20),
    "equal intercepts": (TWO, {"group": "group", "group_equal": ["loadings", "intercepts"]}, 30, 24),
    "fixed x": ("a ~ x + b\nc ~ a", {}, 5, 2),
    "fixed x with means": ("a ~ x + b\nc ~ a", {"meanstructure": True}, 7, 2),
    "random x": ("a ~ x + b\nc ~ a", {"fixed_x": False}, 8, 2),
    "fixed x in groups": ("a ~ x + b\nc ~ a", {"group": "group"}, 14, 4),
    "held x of least squares": ("a ~ x + b\nc ~ a", {"estimator": "GLS", "fixed_x": True}, 5, 2),
    "incomplete rows": (ONE, {"missing": "ml"}, 12, 2),
}


@pytest.mark.parametrize("name", COUNTS)
def test_parameters_and_degrees_of_freedom_are_counted(lattice, name):
    """Moments of fixed exogenous variables are neither data nor parameters."""
    model, options, npar, df = COUNTS[name]
    found = fit(model, lattice, **options)
    assert (found.npar, found.df) == (npar, df)


def test_ordered_data_have_thresholds_and_correlations(lattice_answers):
    """Six thresholds and three correlations: all used up; one equality gives a degree of freedom."""
    options = {"ordered": list("abc")}
    assert (fit("f =~ a + b + c", lattice_answers, **options).npar) == 9
    tied = fit("f =~ a + k*b + k*c", lattice_answers, **options)
    assert (tied.npar, tied.df) == (8, 1)


def test_more_parameters_than_moments_are_refused_with_both_counts(lattice):
    """And how many are to go."""
    with pytest.raises(ModelError, match=r"8 parameters for 6 sample moments \(df = -2\); fix or remove 2"):
        fit("f =~ a + b + c\na ~~ b\nb ~~ c", lattice)


def test_a_model_without_any_workable_point_has_nothing_to_report(lattice):
    """A residual covariance that no variances make possible."""
    with pytest.raises(
        ConvergenceError, match="no start gives a positive definite implied covariance matrix"
    ):
        fit("a ~~ 1*a + 5*b\nb ~~ 1*b\nc ~~ c", lattice)


@pytest.mark.parametrize("estimator", ["ML", "MLR", "GLS"])
def test_a_model_without_free_parameters_is_tested_as_it_stands(lattice, estimator):
    """F at the fixed values: nothing to search, and every moment is a degree of freedom."""
    found = fit("a ~~ 1*a + 0.4*b\nb ~~ 0.9*b", lattice, estimator=estimator)
    assert (found.npar, found.df, found.status) == (0, 3, Status.CONVERGED)
    sigma, s = np.array([[1.0, 0.4], [0.4, 0.9]]), found.sample_cov
    np.testing.assert_allclose(found.sigma, sigma, rtol=1e-12)
    if estimator == "GLS":
        inner = np.linalg.solve(s, s - sigma)
        wanted = np.trace(inner @ inner) / 2.0
    else:
        ratio = np.linalg.solve(sigma, s)
        wanted = np.trace(ratio) - np.linalg.slogdet(ratio)[1] - 2.0
    assert found.minimum == pytest.approx(wanted, rel=1e-10)
    assert fit_indices(found)["df"] == 3


def test_too_few_iterations_are_a_status_with_a_note(lattice):
    """The point is reported, with what remains of chi2, and not called a solution."""
    hasty = fit(TWO, lattice, max_iterations=1)
    assert hasty.status is Status.NOT_CONVERGED
    assert hasty.certificate.remaining_chisq > 1e-8
    assert len(hasty.notes) > len(fit(TWO, lattice).notes)


def test_solving_again_gives_the_same_fit(lattice):
    """From the problem of a fit alone: the same point, bit by bit."""
    one = fit(TWO, lattice)
    other = solve(one.problem, one.data_moments)
    np.testing.assert_array_equal(other.kernel_theta, one.kernel_theta)
    np.testing.assert_array_equal(other.vcov, one.vcov)
    assert (other.status, other.strategy) == (one.status, one.strategy) == (Status.CONVERGED, 0)


def test_a_saturated_model_has_a_minimum_of_exactly_zero(lattice):
    """What is left of rounding is not a discrepancy."""
    found = fit("a ~~ b + c\nb ~~ c", lattice)
    assert (found.minimum, found.implied[0].minimum, found.df) == (0.0, 0.0, 0)


def test_the_policy_says_what_kept_the_variances(lattice):
    """Of every kind of bounds."""
    policies = {b: fit(TWO, lattice, bounds=b).variance_policy for b in ("none", "pos.var", "standard")}
    assert policies == {"none": "unbounded", "pos.var": "bounded at 0", "standard": "bounded (standard)"}


def test_rows_of_the_table_are_in_the_metric_of_the_data(lattice):
    """A variable in another unit: its loading follows and its residual variance with the square."""
    one, other = fit(ONE, lattice), fit(ONE, lattice.assign(b=lattice["b"] * 50.0))
    mine, theirs = (table_rows(f.problem, f.kernel_theta) for f in (one, other))
    at = {p.path(): i for i, p in enumerate(one.spec)}
    assert theirs[at["f=~b"]] == pytest.approx(50.0 * mine[at["f=~b"]], rel=1e-7)
    assert theirs[at["b~~b"]] == pytest.approx(2500.0 * mine[at["b~~b"]], rel=1e-7)
    assert theirs[at["c~~c"]] == pytest.approx(mine[at["c~~c"]], rel=1e-7)
    np.testing.assert_array_equal(mine, one.rows)


def test_without_standard_errors_there_are_none(lattice):
    """se="none" changes nothing else."""
    one, other = fit(TWO, lattice), fit(TWO, lattice, se="none")
    assert np.isnan(other.vcov).all()
    assert other.chisq == one.chisq
    settings = dataclasses.replace(one.settings, se="none")
    assert resolve_settings(se="none") == settings
