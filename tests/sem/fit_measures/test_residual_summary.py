"""Root mean square residuals and their tests against lavaan."""

import numpy as np
import pytest

from sopsem.errors import UsageError
from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.residual_summary import residual_summary

MODEL = "f =~ a + b + c\ng =~ d + e + h"
COLUMNS = [
    "value", "se", "exact_z", "exact_pvalue", "unbiased", "unbiased_se", "ci_lower", "ci_upper",
    "close_value", "close_z", "close_pvalue",
]  # fmt: skip
# lavaan 0.6-14, lavResiduals(cfa(MODEL, data), type = "raw", "cor.bentler", "cor.bollen")$summary
ML = {
    "rmr": [
        0.03577146190, 0.00793162877, 1.12522477801, 0.13024689795, 0.02326492783, 0.01075906023,
        0.00556784859, 0.04096200707, 0.05, -2.48488916276, 0.99352041119,
    ],
    "srmr": [
        0.03373109981, 0.00780980413, 0.96643688321, 0.16691280779, 0.02073330282, 0.01053036887,
        0.00341238740, 0.03805421825, 0.05, -2.77926609638, 0.99727590626,
    ],
    "crmr": [
        0.03991117608, 0.00924068486, 0.96643694359, 0.16691279269, 0.02453197570, 0.01245970047,
        0.00403759219, 0.04502635920, 0.05, -2.04403182626, 0.97952479843,
    ],
}  # fmt: skip
# missing = "ml", type = "cor.bentler"
FIML = {
    "cov": [
        0.03598267735, 0.00900556453, 0.59212614204, 0.27688306125, 0.01771429729, 0.01356334183,
        -0.00459541472, 0.04002400930, 0.05, -2.38036489148, 0.99135224891,
    ],
    "mean": [
        1.52635499e-03, 5.91456028e-04, 3.06007474e-01, 3.79799478e-01, 4.83291738e-04, 8.13404169e-04,
        -8.54639060e-04, 1.82122254e-03, 0.05, -6.08758968e+01, 1.0,
    ],
    "total": [
        0.03174189486, 0.00794319962, 0.59200407003, 0.27692393148, 0.01562377984, 0.01196317472,
        -0.00405389148, 0.03530145117, 0.05, -2.87350314369, 0.99797026481,
    ],
}  # fmt: skip
# ordered = all: the correlations
ORDERED = [
    0.0326089496, 0.0097333459, 0.0, 0.5, 0.0, 0.0186700548, -0.0307095074, 0.0307095074, 0.05,
    -2.6780853370, 0.9962977825,
]  # fmt: skip


@pytest.mark.parametrize("kind", ["rmr", "srmr", "crmr"])
def test_summary_of_complete_rows_agrees_with_lavaan(lattice, kind):
    """All eleven numbers."""
    table = residual_summary(fit(MODEL, lattice), kind)
    assert table.part.tolist() == ["cov"]
    assert table[COLUMNS].to_numpy()[0] == pytest.approx(ML[kind], rel=1e-4, abs=1e-6)


def test_summary_of_incomplete_rows_agrees_with_lavaan(lattice_gaps):
    """Covariances, means and both together."""
    table = residual_summary(fit(MODEL, lattice_gaps, missing="ml")).set_index("part")
    for part, values in FIML.items():
        assert table.loc[part, COLUMNS].to_numpy(dtype=float) == pytest.approx(values, rel=2e-3, abs=1e-5)


def test_summary_of_ordered_variables_agrees_with_lavaan(lattice_answers):
    """Correlations; saturated thresholds have no error."""
    table = residual_summary(fit(MODEL, lattice_answers, ordered=list("abcdeh"))).set_index("part")
    assert table.loc["cor", COLUMNS].to_numpy(dtype=float) == pytest.approx(ORDERED, rel=2e-3, abs=1e-5)
    assert table.loc["thresholds", "value"] == pytest.approx(0.0, abs=1e-8)
    assert np.isnan(table.loc["thresholds", "se"])


def test_every_group_has_its_rows(lattice):
    """Three parts of each of two groups; the interval has the level that was asked for."""
    fitted = fit(MODEL, lattice, group="group")
    table = residual_summary(fitted)
    assert table.group.tolist() == [1, 1, 1, 2, 2, 2]
    wide = residual_summary(fitted, level=0.99)
    cov = table.part == "cov"
    assert (wide.ci_upper[cov] > table.ci_upper[cov]).all()


def test_what_cannot_be_asked_is_refused(lattice):
    """Another kind and another level."""
    fitted = fit(MODEL, lattice)
    with pytest.raises(UsageError, match="'crmr'"):
        residual_summary(fitted, "wrmr")
    with pytest.raises(UsageError, match="between 0 and 1"):
        residual_summary(fitted, level=95)
