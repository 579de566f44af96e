"""A fit as a whole and one of its groups as a fit of its own."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import Status, fit

MODEL = "f =~ a + b + c\ng =~ d + e + h\ng ~ p*f\ndouble := 2*p"
ESTIMATION = {
    "normal": {},
    "wishart": {"likelihood": "wishart"},
    "amos": {"mimic": "amos"},
    "least squares": {"estimator": "GLS"},
    "incomplete": {"missing": "ml"},
}


@pytest.fixture(scope="module")
def two_groups(lattice):
    """Two groups with equal loadings."""
    return fit(MODEL, lattice, group="group", group_equal="loadings")


@pytest.mark.parametrize("name", ESTIMATION)
def test_chisq_of_the_groups_sums_to_chisq(lattice, lattice_gaps, name):
    """Each group's own minimum times its multiplier, whatever the convention."""
    data = lattice_gaps if name == "incomplete" else lattice
    whole = fit(MODEL, data, group="group", group_equal="loadings", **ESTIMATION[name])
    shares = whole.problem.weights
    parts = [
        share * whole.multiplier * one.minimum for share, one in zip(shares, whole.by_group, strict=True)
    ]
    assert sum(parts) == pytest.approx(whole.chisq, rel=1e-9)
    assert min(parts) > 1.0
    assert whole.by_group[0].minimum != pytest.approx(whole.by_group[1].minimum, rel=0.01)
    if (
        name != "amos"
    ):  # AMOS weighs by N_g and multiplies by N - G, which is not a whole number for one group
        assert [one.chisq for one in whole.by_group] == pytest.approx(parts, rel=1e-12)


def test_a_group_has_the_rows_the_moments_and_the_sizes_of_its_own(two_groups, lattice):
    """The table, estimates, sample and implied matrices of group 2 alone."""
    second = two_groups.of_group(2)
    assert second.n_groups == 1
    assert second.spec.groups == (two_groups.spec.groups[1],)
    assert all(p.group == 2 for p in second.spec)
    assert second.spec.definitions == ()
    at = [i for i, p in enumerate(two_groups.spec) if p.group == 2]
    np.testing.assert_array_equal(second.rows, two_groups.rows[at])
    own = lattice[lattice.group == second.spec.groups[0]]
    assert second.n == len(own)
    np.testing.assert_allclose(second.sample_cov, own[list("abcdeh")].cov(ddof=0), rtol=1e-12)
    np.testing.assert_array_equal(second.sigma, two_groups.implied[1].sigma)
    np.testing.assert_array_equal(second.mu, two_groups.implied[1].mu)
    assert [one.n for one in two_groups.by_group] == [one.moments.n for one in two_groups.by_group]
    assert sum(one.n for one in two_groups.by_group) == two_groups.n == 240


def test_a_group_has_its_block_of_the_covariance_matrix(two_groups):
    """Of all rows, and of the free ones; equal loadings covary across groups as one parameter."""
    second = two_groups.of_group(2)
    at = [i for i, p in enumerate(two_groups.spec) if p.group == 2]
    np.testing.assert_allclose(second.vcov_rows, two_groups.vcov_rows[np.ix_(at, at)], rtol=1e-12)
    assert second.vcov.shape == (second.free.sum(),) * 2
    b = [i for i, p in enumerate(two_groups.spec) if (p.lhs, p.op, p.rhs) == ("f", "=~", "b")]
    block = two_groups.vcov_rows[np.ix_(b, b)]
    assert block[0, 0] > 0.0
    np.testing.assert_allclose(block, block[0, 0], rtol=1e-12)


def test_what_belongs_to_one_group_is_refused_of_several(two_groups):
    """By the name of the property, with what to use instead."""
    for what in ("model", "moments", "sample_cov", "sigma", "mu", "scaled_moments"):
        with pytest.raises(
            UsageError, match=f"{what} is that of one group, and this model has 2; use fit.of_group"
        ):
            getattr(two_groups, what)


def test_a_fit_of_one_group_is_its_own_group(lattice):
    """Nothing to take apart; definitions stay."""
    one = fit(MODEL, lattice)
    assert one.of_group(1) is one
    assert one.by_group == (one,)
    assert one.mu is None
    assert one.scaled_moments is one.groups[0].moments


def test_theta_names_and_vcov_are_those_of_the_free_rows(lattice):
    """In table order; fixed rows have no variance."""
    one = fit(MODEL, lattice)
    free = [p.name for p in one.spec if p.free]
    assert list(one.names) == free
    assert "p" in free
    values = {p.name: v for p, v in zip(one.spec, one.rows, strict=True)}
    assert one.theta.tolist() == [values[name] for name in free]
    np.testing.assert_array_equal(one.vcov, one.vcov_rows[np.ix_(one.free, one.free)])
    assert not one.vcov_rows[~one.free].any()
    assert np.linalg.eigvalsh(one.vcov)[0] > 0.0


def test_a_fit_says_what_it_is_in_one_screen(two_groups, lattice):
    """Size, test, convention, policy and status."""
    text = repr(two_groups)
    assert "6 observed, 2 latent, 2 groups, N = 240" in text
    assert f"chi2({two_groups.df}) = {two_groups.chisq:.3f}   [normal, variances unbounded]" in text
    assert Status.CONVERGED.value in text
    assert "[MLR, " in repr(fit(MODEL, lattice, estimator="MLR"))
    assert "[AMOS, (N - 1) F, " in repr(fit(MODEL, lattice, mimic="amos"))


def test_only_one_status_is_no_optimum():
    """An improper solution and one without unique parameters are certified minima."""
    assert [s.name for s in Status if not s.converged] == ["NOT_CONVERGED"]


def test_a_scaled_test_is_announced_beside_the_plain_chi2(two_factors, two_factor_model):
    """Nobody takes the unscaled statistic of MLR for the scaled one."""
    data = two_factors(6)
    assert "before scaling" in repr(fit(two_factor_model, data, estimator="MLR"))
    assert "before scaling" not in repr(fit(two_factor_model, data))
