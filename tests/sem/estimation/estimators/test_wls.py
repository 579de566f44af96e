"""Weighted least squares: the inverse of the covariance matrix of the moments, where there is one."""

import numpy as np
import pytest

from sopsem.errors import DataError
from sopsem.sem.estimation.estimators.wls import wls
from sopsem.sem.estimation.fit import fit

MODEL = "f =~ a + b + c + d"


def test_the_weight_is_the_inverse_of_gamma_without_a_distribution(lattice):
    """And chi2 the quadratic form of the residuals."""
    found = fit(MODEL, lattice, estimator="WLS")
    group = found.groups[0]
    np.testing.assert_allclose(wls(group) @ group.gamma("adf"), np.eye(10), atol=1e-9)
    residual = group.statistics - group.structure.moments(found.kernel_theta)
    assert found.chisq == pytest.approx(
        239 * residual @ np.linalg.solve(group.gamma("adf"), residual), rel=1e-8
    )


def test_what_is_given_has_no_weight(lattice):
    """The rest is inverted without it."""
    group = fit("a ~ x\nb ~ a", lattice, estimator="WLS", fixed_x=True).groups[0]
    weight, given = wls(group), group.given
    assert given.sum() == 1
    assert not weight[given].any()
    assert not weight[:, given].any()
    free = np.ix_(~given, ~given)
    np.testing.assert_allclose(weight[free] @ group.gamma("adf")[free], np.eye(5), atol=1e-9)


def test_too_few_rows_for_the_moments_are_refused(lattice):
    """Ten moments of eight rows; and covariances without rows."""
    with pytest.raises(
        DataError, match="10 moments, which is singular with 8 rows; use more rows, 'DWLS' or 'ULS'"
    ):
        fit(MODEL, lattice[:8], estimator="WLS")
    with pytest.raises(DataError, match="need the rows, not only their covariances"):
        fit(MODEL, sample_cov=lattice[list("abcd")].cov(), n_obs=240, estimator="WLS")
