"""Each registered index from the numbers that it is made of."""

import math

import numpy as np
import pytest
from scipy.stats import chi2, ncx2

from sopsem.sem.estimation.fit import fit
from sopsem.sem.fit_measures.fit_indices import fit_indices

MODEL = "f =~ a + b + c\ng =~ d + e + h"


@pytest.fixture(scope="module")
def fitted(lattice):
    """A fit with some misfit."""
    return fit(MODEL, lattice, meanstructure=True)


@pytest.fixture(scope="module")
def found(fitted):
    """Its indices."""
    return fit_indices(fitted)


def test_incremental_indices_compare_with_the_baseline(found):
    """From chi2 and df of both, by their definitions."""
    x, df, x0, df0 = found[["chisq", "df", "baseline_chisq", "baseline_df"]]
    assert x > df
    wanted = {
        "cfi": 1 - (x - df) / (x0 - df0),
        "rni": 1 - (x - df) / (x0 - df0),
        "tli": (x0 / df0 - x / df) / (x0 / df0 - 1),
        "nnfi": (x0 / df0 - x / df) / (x0 / df0 - 1),
        "nfi": 1 - x / x0,
        "rfi": 1 - (x / df) / (x0 / df0),
        "pnfi": df / df0 * (1 - x / x0),
        "ifi": (x0 - x) / (x0 - df),
    }
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, rel=1e-12), name


def test_rmsea_its_interval_and_its_tests_are_noncentral_chi2(found):
    """sqrt of noncentrality over df N; chi2 stands at 5 and 95 percent at the limits."""
    x, df = found["chisq"], found["df"]
    assert found["rmsea"] == pytest.approx(math.sqrt((x - df) / (df * 240)), rel=1e-12)
    for name, level in (("rmsea_ci_lower", 0.95), ("rmsea_ci_upper", 0.05)):
        assert ncx2.cdf(x, df, found[name] ** 2 * df * 240) == pytest.approx(level, abs=1e-6)
    assert found["rmsea_pvalue"] == pytest.approx(ncx2.sf(x, df, 0.05**2 * df * 240), rel=1e-8)
    assert found["rmsea_notclose_pvalue"] == pytest.approx(ncx2.cdf(x, df, 0.08**2 * df * 240), rel=1e-8)
    assert found[["rmsea_ci_level", "rmsea_close_h0", "rmsea_notclose_h0"]].tolist() == [0.9, 0.05, 0.08]


def test_information_criteria_punish_parameters(found, lattice):
    """AMOS counts from chi2."""
    logl, q = found["logl"], found["npar"]
    assert found["aic"] == pytest.approx(-2 * logl + 2 * q)
    assert found["bic"] == pytest.approx(-2 * logl + q * math.log(240))
    assert found["bic2"] == pytest.approx(-2 * logl + q * math.log(242 / 24))
    amos = fit_indices(fit(MODEL, lattice, mimic="amos"))
    assert amos["aic"] == pytest.approx(amos["chisq"] + 2 * amos["npar"])
    assert amos["bic"] == pytest.approx(amos["chisq"] + amos["npar"] * math.log(240))


def test_indices_of_absolute_fit_follow_their_definitions(found):
    """Hoelter's N, McDonald's index, expected cross-validation, and the parsimony of GFI."""
    x, df, q = found["chisq"], found["df"], found["npar"]
    assert found["mfi"] == pytest.approx(math.exp(-0.5 * (x - df) / 240))
    assert found["ecvi"] == pytest.approx(x / 240 + 2 * q / 240)
    assert found["cn_05"] == pytest.approx(chi2.isf(0.05, df) / (x / 240) + 1)
    assert found["cn_01"] == pytest.approx(chi2.isf(0.01, df) / (x / 240) + 1)
    gfi = found["gfi_lisrel"]
    assert found["agfi_lisrel"] == found["agfi"] == pytest.approx(1 - 27 / df * (1 - gfi))
    assert found["pgfi"] == pytest.approx(df / 27 * gfi)
    assert found["gfi_ci_lower"] < found["gfi"] < found["gfi_ci_upper"]


def test_residual_indices_differ_in_what_they_standardize_and_count(found, fitted):
    """By sample or by implied standard deviations; with or without means, which fit here."""
    s, sigma = fitted.sample_cov, fitted.sigma
    low, n = np.tril_indices(6), 21
    sd, own = np.sqrt(np.diag(s)), np.sqrt(np.diag(sigma))
    raw, bentler = (s - sigma)[low], ((s - sigma) / np.outer(sd, sd))[low]
    cor = (s / np.outer(sd, sd) - sigma / np.outer(own, own))[low]
    assert found["rmr"] == pytest.approx(math.sqrt(raw @ raw / (n + 6)), rel=1e-6)
    assert found["rmr_nomean"] == pytest.approx(math.sqrt(raw @ raw / n), rel=1e-6)
    assert (
        found["srmr"]
        == found["srmr_bentler"]
        == pytest.approx(math.sqrt(bentler @ bentler / (n + 6)), rel=1e-6)
    )
    assert found["srmr_bentler_nomean"] == pytest.approx(math.sqrt(bentler @ bentler / n), rel=1e-6)
    assert found["crmr_nomean"] == pytest.approx(math.sqrt(cor @ cor / 15), rel=1e-6)


def test_ordered_data_have_wrmr_and_neither_ecvi_nor_the_srmr_of_mplus(lattice_answers, found):
    """sqrt(chi2 / moments); None is left out of the series, NaN says that it is not defined."""
    fitted = fit(MODEL, lattice_answers, ordered=True)
    ordered = fit_indices(fitted)
    assert ordered["wrmr"] == pytest.approx(math.sqrt(fitted.chisq / 27))
    assert ordered["srmr"] == ordered["srmr_bentler_nomean"]
    assert math.isnan(ordered["srmr_mplus"])
    assert not {"ecvi", "aic", "logl", "ntotal"} & set(ordered.index)
    assert "wrmr" not in found.index
    assert {"ecvi", "aic", "logl", "ntotal"} <= set(found.index)
