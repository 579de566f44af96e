"""Generalized least squares: the normal-theory weight at the sample moments."""

import numpy as np
import pytest

from sopsem.sem.estimation.estimators.gls import gls
from sopsem.sem.estimation.fit import fit

MODEL = "f =~ a + b + c + d"


def test_the_weight_is_that_of_normal_data_at_the_sample(lattice):
    """The inverse of gamma by normal theory; nothing of the model is in it."""
    one, other = (
        fit(m, lattice, estimator="GLS", meanstructure=True).groups[0] for m in (MODEL, "a ~~ b + c + d")
    )
    np.testing.assert_allclose(gls(one) @ one.gamma("normal"), np.eye(14), atol=1e-10)
    np.testing.assert_allclose(gls(one), gls(other), rtol=1e-12)


def test_f_is_half_the_trace_of_the_squared_weighted_residual(lattice):
    """F = tr[(S^-1 (S - Sigma))^2] / 2 with unbiased S, times N - 1 (Browne, 1974)."""
    found = fit(MODEL, lattice, estimator="GLS")
    s = lattice[list("abcd")].cov().to_numpy()
    inner = np.linalg.solve(s, s - found.sigma)
    assert found.minimum == pytest.approx(np.trace(inner @ inner) / 2.0, rel=1e-9)
    assert found.chisq == pytest.approx(239 * found.minimum, rel=1e-12)


def test_mplus_counts_means_with_n(lattice):
    """Their weight times n / (n - 1), that of the covariances as it is."""
    plain, mplus = (
        gls(fit(MODEL, lattice, estimator="GLS", meanstructure=True, mimic=m).groups[0])
        for m in (None, "mplus")
    )
    np.testing.assert_allclose(mplus[:4, :4], plain[:4, :4] * 240 / 239, rtol=1e-12)
    np.testing.assert_allclose(mplus[4:, 4:], plain[4:, 4:], rtol=1e-12)
