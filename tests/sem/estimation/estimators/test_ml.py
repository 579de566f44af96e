"""Maximum likelihood of incomplete rows beside that of complete ones."""

import numpy as np
import pytest

from sopsem.sem.estimation.estimates import estimates
from sopsem.sem.estimation.fit import fit

MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\ng ~ f"


@pytest.mark.parametrize("groups", [1, 2])
def test_complete_rows_are_fitted_alike_as_one_pattern(two_factors, groups):
    """Estimates, chi2, and standard errors from the observed information."""
    data = two_factors(2, 180)
    options = {} if groups == 1 else {"group": "group", "group_equal": "loadings"}
    if groups == 2:
        data["group"] = np.repeat(["a", "b"], [80, 100])
    one = fit(MODEL, data, missing="ml", **options)
    other = fit(MODEL, data, meanstructure=True, information="observed", **options)
    assert one.df == other.df
    assert one.chisq == pytest.approx(other.chisq, abs=1e-8)
    np.testing.assert_allclose(one.theta, other.theta, atol=1e-7)
    np.testing.assert_allclose(estimates(one).se, estimates(other).se, rtol=1e-5, atol=1e-9)


def test_rows_without_any_value_add_nothing(two_factors):
    """The likelihood of nothing is 1."""
    data = two_factors(2, 120)
    data.loc[::7, "x1"] = np.nan
    empty = data.copy()
    empty.loc[len(empty)] = np.nan
    one, other = (fit(MODEL, d, missing="ml") for d in (data, empty))
    assert one.chisq == pytest.approx(other.chisq, abs=1e-9)
    np.testing.assert_allclose(one.theta, other.theta, atol=1e-8)
