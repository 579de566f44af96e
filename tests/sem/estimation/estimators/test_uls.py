"""Unweighted least squares: all moments of the data count alike."""

import numpy as np
import pytest

from sopsem.sem.estimation.estimators.uls import uls
from sopsem.sem.estimation.fit import fit


def test_f_is_the_sum_of_squared_residuals_of_the_data(lattice):
    """Each element of the lower triangle once, in the unit of the data, with unbiased covariances."""
    data = lattice[list("abcd")] * [3.0, 0.5, 1.0, 1.0]
    found = fit("f =~ a + b + c + d", data, estimator="ULS")
    residual = (data.cov().to_numpy() - found.sigma)[np.tril_indices(4)]
    assert found.minimum == pytest.approx(residual @ residual, rel=1e-8)
    assert found.minimum > 1e-4


def test_the_weight_is_one_in_the_metric_of_the_data(lattice):
    """Diagonal: the squared unit of every moment."""
    group = fit("f =~ a + b + c + d", lattice[list("abcd")] * 7.0, estimator="ULS").groups[0]
    weight = uls(group)
    np.testing.assert_array_equal(weight, np.diag(np.diag(weight)))
    np.testing.assert_allclose(np.diag(weight) / group.metric**2, 1.0, rtol=1e-14)
