"""Mardia: the published setosa example, the definition by all pairs of rows, and what must not matter."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sopsem.errors import DataError
from sopsem.sem.exploratory.normality import mardia, univariate_normality


def test_the_published_example(r_numbers):
    """Setosa, as the R package MVN has it (Korkmaz, Goksuluk & Zararsiz, 2014, The R Journal, 6)."""
    found = mardia(pd.DataFrame(r_numbers["setosa"], columns=list("abcd")))
    assert found.skewness_chisq == pytest.approx(25.6643445196298, abs=1e-9)
    assert found.skewness_pvalue == pytest.approx(0.177185884467652, abs=1e-9)
    assert found.kurtosis_z == pytest.approx(1.29499223711605, abs=1e-9)
    assert found.kurtosis_pvalue == pytest.approx(0.195322907441935, abs=1e-9)
    assert "rejected by kurtosis" in found.sentence  # by the small-sample form; not by the plain one


def test_the_definition_by_all_pairs(answers):
    found = mardia(answers)
    x = answers.to_numpy() - answers.to_numpy().mean(axis=0)
    n, p = x.shape
    d = x @ np.linalg.inv(x.T @ x / n) @ x.T
    assert found.skewness == pytest.approx((d**3).mean(), rel=1e-10)
    assert found.kurtosis == pytest.approx((np.diag(d) ** 2).mean(), rel=1e-10)
    assert found.skewness_df == p * (p + 1) * (p + 2) / 6
    k = (p + 1) * (n + 1) * (n + 3) / (n * ((n + 1) * (p + 1) - 6))
    assert found.skewness_chisq_small == pytest.approx(n * k * (d**3).mean() / 6, rel=1e-10)


def test_small_sample_kurtosis_is_centred_and_scaled_where_normal_data_are():
    """600 normal samples of 25 rows: the corrected z has mean 0 and variance 1, the plain one has not."""
    rng = np.random.default_rng(7)
    pairs = [mardia(pd.DataFrame(rng.normal(size=(25, 4)), columns=list("abcd"))) for _ in range(600)]
    exact = np.array([m.kurtosis_z_small for m in pairs])
    assert abs(exact.mean()) < 0.12
    assert exact.var() == pytest.approx(1.0, abs=0.2)
    assert np.mean([m.kurtosis_z for m in pairs]) < -0.4


def test_affine_changes_and_order_do_not_matter(answers):
    rng = np.random.default_rng(3)
    first = mardia(answers)
    mixed = pd.DataFrame(answers.to_numpy() @ rng.normal(size=(18, 18)) + 5, columns=answers.columns)
    for other in (mixed, answers.iloc[::-1, ::-1], -answers):
        found = mardia(other)
        assert found.skewness == pytest.approx(first.skewness, rel=1e-7)
        assert found.kurtosis == pytest.approx(first.kurtosis, rel=1e-7)


def test_heavy_tails_are_seen_and_missing_rows_counted():
    data = pd.DataFrame(np.random.default_rng(1).standard_t(3, size=(200, 3)), columns=list("abc"))
    data.loc[5, "a"] = np.nan
    found = mardia(data)
    assert found.rows_excluded == 1
    assert found.kurtosis_pvalue_small < 0.001
    assert "MLR" in found.sentence
    with pytest.raises(DataError):
        mardia(data.assign(b=1.0))


def test_each_item_by_itself(answers):
    table = univariate_normality(answers).set_index("item")
    x = answers.col1.to_numpy()
    assert table.k2["col1"] == pytest.approx(stats.normaltest(x)[0])
    assert table.shapiro_pvalue["col1"] == pytest.approx(stats.shapiro(x)[1])
    assert table["skew"]["col1"] == pytest.approx(stats.skew(x, bias=False))
    assert univariate_normality(answers.head(5))["k2"].isna().all()
