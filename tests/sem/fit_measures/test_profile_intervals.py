"""Profile-likelihood limits: where chi2 rises by the quantile, and where there is none."""

import numpy as np
import pytest
from scipy.stats import chi2

from sopsem.errors import ConvergenceError, ModelError, UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.profile_intervals import profile_interval

MODEL = "f =~ a + l*b + c\ng =~ d + k*e + h\nlk := l*k"


@pytest.mark.parametrize(
    ("data", "options"),
    [("lattice", {}), ("lattice", {"likelihood": "wishart"}), ("lattice_gaps", {"missing": "ml"})],
)
def test_chi2_rises_by_the_quantile_at_both_limits(request, data, options):
    """The loading is fixed at each limit and the model fitted again."""
    rows = request.getfixturevalue(data)
    whole = fit(MODEL, rows, **options)
    found = profile_interval(whole, "l", level=0.9)
    assert found.lower < found.est < found.upper
    for limit in (found.lower, found.upper):
        held = fit(MODEL.replace("l*b", f"{limit!r}*b").replace("\nlk := l*k", ""), rows, **options)
        assert held.chisq - whole.chisq == pytest.approx(chi2.ppf(0.9, 1), abs=1e-4)


def test_limits_of_a_defined_parameter_are_those_of_its_constraint(lattice):
    """The product is held by a nonlinear equality."""
    whole = fit(MODEL, lattice)
    found = profile_interval(whole, "lk")
    held = fit(MODEL + f"\nlk == {found.upper!r}", lattice)
    assert held.chisq - whole.chisq == pytest.approx(chi2.ppf(0.95, 1), abs=1e-4)
    assert profile_interval(whole, "l*k").lower == pytest.approx(found.lower, abs=1e-7)


def test_a_monotone_function_has_the_limits_of_its_argument(lattice):
    """Profile intervals do not depend on how a parameter is written, Wald intervals do."""
    whole = fit(MODEL, lattice)
    plain, log = profile_interval(whole, "l"), profile_interval(whole, "log(l)")
    assert np.exp([log.lower, log.upper]) == pytest.approx([plain.lower, plain.upper], rel=1e-6)


def test_limits_of_a_regression_slope_are_known(lattice):
    """n log(1 + t^2 / (n)) = quantile, with t^2 from the divisor n, has the slope on both sides."""
    whole = fit("a ~ s*x", lattice)
    found = profile_interval(whole, "s")
    x, y = lattice["x"] - lattice["x"].mean(), lattice["a"] - lattice["a"].mean()
    slope = (x @ y) / (x @ x)
    left = ((y - slope * x) ** 2).sum()
    half = np.sqrt(left * np.expm1(chi2.ppf(0.95, 1) / 240) / (x @ x))
    assert [found.lower, found.upper] == pytest.approx([slope - half, slope + half], rel=1e-7)


def test_parameters_of_a_later_group_are_found_by_name(lattice):
    """Free in each group, the limits are those of the group alone."""
    both = fit("f =~ a + b + c + d", lattice, group="group")
    alone = fit("f =~ a + b + c + d", lattice[lattice.group == "v"], meanstructure=True)
    second = "f=~b.g2" if both.spec.groups[1] == "v" else "f=~b"
    found, expected = profile_interval(both, second), profile_interval(alone, "f =~ b")
    assert [found.lower, found.upper] == pytest.approx([expected.lower, expected.upper], rel=1e-5)


def test_a_limit_that_does_not_exist_is_said_so(lattice):
    """A bound of the model ends the profile before chi2 has risen."""
    found = profile_interval(fit("f =~ a + b + c + d\nf ~~ lower(0.5)*f", lattice), "f ~~ f", level=0.9999999)
    assert found.lower_status == "boundary"
    assert np.isnan(found.lower)
    assert found.lower_reached == pytest.approx(0.5, abs=0.01)
    assert found.upper_status == "found"
    assert "none (boundary" in repr(found)


def test_what_has_no_profile_is_refused(lattice, monkeypatch):
    """Least squares, a fixed row, an unknown name, a level, and no solution."""
    whole = fit(MODEL, lattice)
    with pytest.raises(UsageError, match="maximum likelihood"):
        profile_interval(fit(MODEL, lattice, estimator="ULS"), "l")
    with pytest.raises(UsageError, match="is fixed"):
        profile_interval(whole, "f =~ a")
    with pytest.raises(ModelError, match="'m'"):
        profile_interval(whole, "m")
    with pytest.raises(UsageError, match="between 0 and 1"):
        profile_interval(whole, "l", level=1.0)
    monkeypatch.setattr(type(whole.status), "converged", property(lambda _: False))
    with pytest.raises(ConvergenceError, match="did not converge"):
        profile_interval(whole, "l")
