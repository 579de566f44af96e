"""Monte Carlo intervals against the distributions they draw from."""

import numpy as np
import pytest
from scipy.stats import norm

from sopsem.errors import ModelError, UsageError
from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling.monte_carlo import monte_carlo_interval

MODEL = "b ~ s*a\nc ~ t*b + u*a\nst := s*t"


def test_the_interval_of_a_parameter_is_its_wald_interval(lattice):
    """Draws of one parameter are normal about the estimate."""
    whole = fit(MODEL, lattice)
    found = monte_carlo_interval(whole, "s", draws=200_000)
    row = estimates(whole).set_index("label").loc["s"]
    assert [found.lower, found.upper] == pytest.approx([row.ci_lower, row.ci_upper], abs=0.02 * row.se)
    assert found.se == pytest.approx(row.se, rel=0.01)
    assert found.est == pytest.approx(row.est)


def test_the_interval_of_a_product_follows_the_product_of_normals(lattice):
    """Quantiles of s t by independent normal draws with the same means and standard errors."""
    whole = fit(MODEL, lattice)
    rows = estimates(whole).set_index("label")
    rng = np.random.default_rng(1)
    s, t = (rows.est[v] + rows.se[v] * rng.normal(size=400_000) for v in "st")
    found = monte_carlo_interval(whole, "st", draws=400_000, level=0.9)
    assert [found.lower, found.upper] == pytest.approx(
        np.quantile(s * t, [0.05, 0.95]), abs=0.01 * rows.se["st"]
    )


def test_a_seed_gives_the_same_interval_again(lattice):
    """And another seed another one; expression and defined parameter agree."""
    whole = fit(MODEL, lattice)
    one, two = monte_carlo_interval(whole, "st", seed=3), monte_carlo_interval(whole, "s*t", seed=3)
    assert (one.lower, one.upper) == (two.lower, two.upper)
    assert monte_carlo_interval(whole, "st", seed=4).lower != one.lower


def test_draws_without_a_value_are_counted(lattice):
    """The logarithm of a parameter that is often negative."""
    whole = fit("b ~ s*a\nc ~ u*h", lattice)
    found = monte_carlo_interval(whole, "log(u)", draws=1000)
    value = estimates(whole).set_index("label").loc["u"]
    share = norm.cdf(-value.est / value.se)
    assert found.undefined == pytest.approx(1000 * share, abs=4 * np.sqrt(1000 * share * (1 - share)) + 1)
    assert "without a value" in repr(found)


def test_what_cannot_be_drawn_is_refused(lattice):
    """Few draws, a level, an unknown label, no standard errors, no values at all."""
    whole = fit(MODEL, lattice)
    with pytest.raises(UsageError, match="100 or more"):
        monte_carlo_interval(whole, "st", draws=10)
    with pytest.raises(UsageError, match="between 0 and 1"):
        monte_carlo_interval(whole, "st", level=95)
    with pytest.raises(ModelError, match="'w'"):
        monte_carlo_interval(whole, "s*w")
    with pytest.raises(UsageError, match="no distribution"):
        monte_carlo_interval(fit(MODEL, lattice, se="none"), "st")
    with pytest.raises(UsageError, match="no interval"):
        monte_carlo_interval(whole, "log(0 - s*s)")
