"""Diagonally weighted least squares: each moment by its own sampling variance."""

import numpy as np
import pytest

from sopsem.sem.estimation.estimators.dwls import dwls
from sopsem.sem.estimation.fit import fit

MODEL = "f =~ a + b + c + d"


@pytest.mark.parametrize(("estimator", "kind"), [("DWLS", "normal"), ("WLSMV", "adf")])
def test_weights_are_reciprocal_variances_by_what_the_standard_errors_assume(lattice, estimator, kind):
    """Normal theory with DWLS alone, no distribution with robust standard errors."""
    group = fit(MODEL, lattice, estimator=estimator).groups[0]
    assert group.sampling == kind
    np.testing.assert_allclose(np.diag(dwls(group)), 1.0 / np.diag(group.gamma(kind)), rtol=1e-12)
    other = group.gamma({"normal": "adf", "adf": "normal"}[kind])
    assert np.abs(np.diag(dwls(group)) * np.diag(other) - 1.0).max() > 0.01
    np.testing.assert_array_equal(dwls(group), np.diag(np.diag(dwls(group))))


def test_what_is_given_has_no_weight(lattice):
    """Moments of fixed exogenous variables alone."""
    group = fit("a ~ x\nb ~ a", lattice, estimator="WLSMV", fixed_x=True).groups[0]
    weights = np.diag(dwls(group))
    assert group.given.sum() == 1
    np.testing.assert_array_equal(weights > 0.0, ~group.given)
    assert np.isfinite(weights).all()
