"""The misfit that complete data would have shown: its limit without gaps, and lavaan's indices made of it."""

import numpy as np
import pytest

from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.fit_indices import fit_indices
from sopsem.sem.fit_measures.incomplete_indices import complete_misfit

MODEL = "f =~ a + b + c\ng =~ d + e + h"
NAMES = ["cfi_robust", "rmsea_robust", "rmsea_ci_upper_robust"]
GROUPS = {"group": "group"}
# lavaan 0.6-14: fitMeasures(cfa(model, data, missing = "ml", ...)), which stops its EM steps at 1e-5
LAVAAN = {
    "ML": ({}, [0.9648583963, 0.0860837238, 0.1359758339]),
    "MLR": ({"estimator": "MLR"}, [0.9649001234, 0.0860618884, 0.1359775752]),
    "expected": ({"information": "expected"}, [0.9648846998, 0.0860533668, 0.1359782531]),
    "groups": (GROUPS, [0.9696905333, 0.0800395030, 0.1352833476]),
    "equal loadings, MLR": (
        GROUPS | {"estimator": "MLR", "group_equal": "loadings"},
        [0.9658216084, 0.0761132799, 0.1257958275],
    ),
}


@pytest.mark.parametrize("name", LAVAAN)
def test_robust_indices_of_incomplete_rows_are_those_of_lavaan(lattice_gaps, name):
    """To what lavaan's stop leaves of them."""
    options, wanted = LAVAAN[name]
    found = fit_indices(fit(MODEL, lattice_gaps, missing="ml", **options))
    assert found[NAMES].tolist() == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("options", [{}, GROUPS, {"information": "expected"}])
def test_without_gaps_nothing_is_corrected(lattice, options):
    """chi2 itself, with the factor 1."""
    found = fit(MODEL, lattice, missing="ml", **options)
    misfit = complete_misfit(found)
    assert misfit.chisq == pytest.approx(found.chisq, rel=1e-6)
    assert misfit.factor == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("options", [{}, GROUPS])
def test_without_gaps_the_robust_factor_is_that_of_satorra_and_bentler(lattice, options):
    """tr(U Gamma) / df with the weights at the sample moments."""
    robust = complete_misfit(fit(MODEL, lattice, missing="ml", estimator="MLR", **options))
    plain = fit(MODEL, lattice, meanstructure=True, estimator="MLM", h1_information="unstructured", **options)
    factor = fit_indices(plain)["chisq_scaling_factor"]
    assert abs(factor - 1.0) > 0.01
    assert robust.factor == pytest.approx(factor, rel=1e-5)


def test_a_saturated_model_has_no_misfit(lattice_gaps):
    """And no factor to compute."""
    misfit = complete_misfit(fit("f =~ a + b + c", lattice_gaps, missing="ml"))
    assert (misfit.chisq, misfit.factor) == (pytest.approx(0.0, abs=1e-8), 1.0)


def test_gaps_make_the_complete_statistic_too_large_on_average(lattice_gaps):
    """c is above 1, and the statistic is N F of the saturated moments at the estimates."""
    found = fit(MODEL, lattice_gaps, missing="ml")
    misfit = complete_misfit(found)
    assert 1.02 < misfit.factor < 2.0
    s, sigma = found.moments.covariance, found.sigma
    ratio, shift = np.linalg.solve(sigma, s), found.moments.mean - found.mu
    wanted = np.trace(ratio) - np.linalg.slogdet(ratio)[1] - 6.0 + shift @ np.linalg.solve(sigma, shift)
    assert misfit.chisq == pytest.approx(240 * wanted, rel=1e-8)


def test_no_unit_of_an_item_matters(lattice_gaps):
    """One item times a million."""
    one = complete_misfit(fit(MODEL, lattice_gaps, missing="ml", estimator="MLR"))
    scaled = lattice_gaps.assign(d=lattice_gaps["d"] * 1e6)
    other = complete_misfit(fit(MODEL, scaled, missing="ml", estimator="MLR"))
    assert (other.chisq, other.factor) == pytest.approx((one.chisq, one.factor), rel=1e-4)
