"""Correlations against SciPy."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr

from sopsem.errors import DataError, UsageError
from sopsem.sem.sample.pearson import pearson_correlations


@pytest.fixture
def data():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(60, 3)) + rng.normal(size=(60, 1)), columns=list("abc"))
    frame.loc[:4, "c"] = np.nan
    return frame


@pytest.mark.parametrize(("missing", "rows"), [("listwise", 55), ("pairwise", 60)])
def test_r_p_and_limits_are_scipys(data, missing, rows):
    """Of the rows that the choice leaves."""
    used = data[["a", "b"]] if missing == "pairwise" else data.dropna()[["a", "b"]]
    found = pearson_correlations(data, missing=missing).iloc[0]
    own = pearsonr(used["a"], used["b"])
    low, high = own.confidence_interval(0.95)
    assert found["n"] == rows
    assert found[["r", "pvalue", "ci_lower", "ci_upper"]].tolist() == pytest.approx(
        [own.statistic, own.pvalue, low, high], rel=1e-10
    )


def test_what_does_not_exist_is_missing():
    """No variation, or too few rows."""
    flat = pearson_correlations(pd.DataFrame({"a": [1.0] * 6, "b": range(6)}))
    assert np.isnan(flat["r"].iloc[0])
    assert np.isnan(
        pearson_correlations(pd.DataFrame({"a": [1.0, 2, 3], "b": [2.0, 1, 3]}))["pvalue"].iloc[0]
    )


def test_a_perfect_correlation_has_p_zero():
    """No division by zero."""
    assert pearson_correlations(pd.DataFrame({"a": range(6), "b": range(6)}))["pvalue"].iloc[0] == 0.0


def test_wrong_arguments(data):
    """The message says what is there."""
    with pytest.raises(UsageError, match="listwise"):
        pearson_correlations(data, missing="none")
    with pytest.raises(UsageError, match="between 0 and 1"):
        pearson_correlations(data, level=95)
    with pytest.raises(DataError, match="'d' holds text"):
        pearson_correlations(data.assign(d="x"))
