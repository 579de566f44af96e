"""Correlations among factors."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.sem.constructs.latent_correlations import latent_correlations
from sopsem.sem.estimation.estimates import standardized
from sopsem.sem.estimation.fit import fit

MODEL = "f =~ a + b + c\ng =~ d + e + h\nk =~ x"


def test_correlations_of_exogenous_factors_are_the_standardized_covariances(lattice):
    """Values and delta-method errors of the standardized solution."""
    fitted = fit(MODEL, lattice)
    mine, table = latent_correlations(fitted), standardized(fitted)
    rows = table[(table.op == "~~") & (table.lhs != table.rhs)]
    assert mine.r.to_numpy() == pytest.approx(rows.est_std.to_numpy())
    assert mine.se.to_numpy() == pytest.approx(rows.se.to_numpy(), rel=1e-5)
    assert mine.ci_lower.to_numpy() == pytest.approx(rows.ci_lower.to_numpy(), rel=1e-5)


def test_the_way_of_writing_a_saturated_structure_does_not_matter(lattice):
    """Paths among factors give the same total correlations, errors and Fisher limits."""
    paths = fit(MODEL + "\nk ~ f + g\ng ~ f", lattice)
    one, two = (
        latent_correlations(fit(MODEL, lattice), method="fisher"),
        latent_correlations(paths, method="fisher"),
    )
    numbers = ["r", "se", "ci_lower", "ci_upper"]
    assert one[numbers].to_numpy() == pytest.approx(two[numbers].to_numpy(), abs=1e-5)


def test_fisher_limits_are_symmetric_on_the_scale_of_atanh(lattice):
    """And stay within -1 and 1."""
    table = latent_correlations(fit(MODEL, lattice), method="fisher", level=0.99)
    lower, upper = np.arctanh(table.ci_lower), np.arctanh(table.ci_upper)
    assert ((lower + upper) / 2.0).to_numpy() == pytest.approx(np.arctanh(table.r).to_numpy())
    assert (table.ci_upper < 1.0).all()


def test_every_group_has_its_correlations(lattice):
    """And a correlation that is fixed has no standard error."""
    table = latent_correlations(fit("f =~ a + b + c\ng =~ d + e + h", lattice, group="group"))
    assert table.group.tolist() == [1, 2]
    fixed = latent_correlations(fit("f =~ a + b + c\ng =~ d + e + h", lattice, orthogonal=True))
    assert fixed.r.tolist() == [0.0]
    assert fixed.se.isna().all()


def test_what_has_no_correlation_is_refused(lattice):
    """One factor, another method, a level."""
    two = fit("f =~ a + b + c\ng =~ d + e + h", lattice)
    with pytest.raises(UsageError, match="two factors"):
        latent_correlations(fit("f =~ a + b + c", lattice))
    with pytest.raises(UsageError, match="'fisher'"):
        latent_correlations(two, method="wald")
    with pytest.raises(UsageError, match="between 0 and 1"):
        latent_correlations(two, level=95)
