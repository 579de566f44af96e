"""Common method factor: a population comes back, lavaan agrees, units and order do not matter, failures are told."""

import numpy as np
import pandas as pd
import pytest

import sopsem
from sopsem.errors import UsageError
from sopsem.sem.constructs.method.common_factor import common_method_factor
from sopsem.sem.estimation.fit import fit

LOADINGS = (0.8, 0.7, 0.6, 0.5, 0.55, 0.65, 0.75, 0.85)


@pytest.fixture(scope="module")
def shipped():
    responses = sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())
    return fit(responses.instrument.model, responses.items, mimic="amos")


def models(result):
    return result.models.set_index("model")


def test_an_equal_method_factor_comes_back(with_method, structural):
    """Share .09 and path .4 were put in."""
    fitted = fit(structural, sample_cov=with_method(), n_obs=400)
    result = common_method_factor(fitted)
    row = models(result).loc["equal"]
    assert row.share == pytest.approx(0.09, abs=1e-6)
    assert row.chisq == pytest.approx(0.0, abs=1e-6)
    path = result.paths.iloc[0]
    assert path.std_equal == pytest.approx(0.4, abs=1e-6)
    assert path.std_without > 0.45
    assert path.change_equal == pytest.approx(path.std_equal - path.std_without)
    np.testing.assert_allclose(result.loadings.loading_equal, LOADINGS, atol=1e-6)
    np.testing.assert_allclose(result.loadings.method_equal, 0.3, atol=1e-6)


def test_items_on_which_the_method_acts_the_other_way(with_method, structural):
    """Turning an item round and naming it opposite is the same model; not naming it is a worse one."""
    signs = (1, 1, 1, -1, 1, 1, -1, 1)
    fitted = fit(structural, sample_cov=with_method(signs=signs), n_obs=400)
    told = common_method_factor(fitted, opposite=("d", "z"))
    assert models(told).loc["equal"].share == pytest.approx(0.09, abs=1e-6)
    untold = common_method_factor(fitted)
    assert models(untold).loc["equal"].chisq > 1.0
    assert models(untold).loc["free"].chisq == pytest.approx(models(told).loc["free"].chisq, abs=1e-5)


def test_units_and_order_of_items_do_not_matter(with_method, structural):
    s = with_method(share=0.12, phi=0.3)
    scale = np.array([1.0, 10.0, 0.1, 3.0, 5.0, 2.0, 0.5, 1.0])
    other = s.mul(scale, axis=0).mul(scale, axis=1).iloc[::-1, ::-1]
    first, second = (
        common_method_factor(fit(structural, sample_cov=m, n_obs=300)).models for m in (s, other)
    )
    np.testing.assert_allclose(second.share, first.share, atol=1e-5)
    np.testing.assert_allclose(second.chisq, first.chisq, atol=1e-5)


def test_lavaan_agrees_on_the_shipped_survey(shipped):
    """chi2, df and the variance of the equal factor on scale(x), lavaan 0.6, likelihood = "wishart"."""
    found = models(common_method_factor(shipped))
    assert found.chisq["without"] == pytest.approx(169.042078, abs=1e-5)
    assert found.chisq["equal"] == pytest.approx(169.039062, abs=1e-5)
    assert found.df.tolist() == [129, 128, 111]
    assert found.share["equal"] == pytest.approx(-0.0046, abs=1e-4)
    assert found.se_share["equal"] == pytest.approx(0.067, abs=1e-3)
    # lavaan's default start ends at 138.761, an improper minimum that is not the lowest
    assert found.chisq["free"] < 138.7


def test_a_negative_share_is_said_in_words(shipped):
    result = common_method_factor(shipped)
    said = " ".join(result.sentences)
    assert "negative share" in said
    assert "not as proof" in said
    assert np.isnan(
        result.tests.set_index("test").chisq_diff["free - equal"]
    )  # not nested: told by no number


def test_what_cannot_be_read_says_so():
    """Two factors of two items: no room for eight further loadings."""
    r = np.full((4, 4), 0.3) + 0.7 * np.eye(4)
    r[0, 1] = r[1, 0] = r[2, 3] = r[3, 2] = 0.6
    frame = pd.DataFrame(r, index=list("abcd"), columns=list("abcd"))
    result = common_method_factor(fit("f =~ a + b; g =~ c + d", sample_cov=frame, n_obs=200))
    free = models(result).loc["free"]
    assert free.verdict.startswith("not identified")
    assert np.isnan(free.share)
    assert any("cannot be read: not identified" in s for s in result.sentences)


def test_loadings_that_are_all_alike_are_told(with_method, structural):
    """Then the equal method factor and the correlation of the factors do the same: no unique value."""
    fitted = fit(structural, sample_cov=with_method(loading=0.7), n_obs=400)
    result = common_method_factor(fitted)
    row = models(result).loc["equal"]
    assert "no unique value" in row.verdict
    assert np.isnan(row.share)
    assert np.isnan(result.paths.std_equal.iloc[0])
    assert any("Equal method loadings: not identified" in s for s in result.sentences)


def test_refusals(with_method, structural):
    fitted = fit(structural, sample_cov=with_method(), n_obs=100)
    with pytest.raises(UsageError, match="opposite"):
        common_method_factor(fitted, opposite=("q",))
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        rng.multivariate_normal(np.zeros(8), with_method(), size=200), columns=list("abcdxyzw")
    )
    rows["who"] = ["u", "v"] * 100
    with pytest.raises(UsageError, match="one group"):
        common_method_factor(fit(structural, rows, group="who"))
    with pytest.raises(UsageError, match="complete rows"):
        common_method_factor(fit(structural, rows.mask(rows == rows.iloc[0, 0]), missing="ml"))
    with pytest.raises(UsageError, match="maximum likelihood"):
        common_method_factor(fit(structural, rows, estimator="ULS"))
