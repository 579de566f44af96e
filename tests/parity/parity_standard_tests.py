"""The tests of a fit as a frame, for a version without scaled tests."""

import numpy as np
import pandas as pd
from scipy.stats import chi2

from sopsem.sem.estimation.fit import Fit
from sopsem.sem.fit_measures.discrepancies import browne_residual_test


def fit_tests(fit: Fit) -> pd.DataFrame:
    """Return test stat df pvalue scaling_factor shift_parameter of the tests that need no scaling."""
    found = {
        "standard": fit.chisq,
        "browne_residual_nt_model": browne_residual_test(fit),
        "browne_residual_nt": browne_residual_test(fit, "normal"),
    }
    rows = [(name, stat, fit.df, chi2.sf(stat, fit.df), np.nan, np.nan) for name, stat in found.items()]
    return pd.DataFrame(rows, columns=["test", "stat", "df", "pvalue", "scaling_factor", "shift_parameter"])
