"""Named moments, and the slopes of the implied moments."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from sopsem.sem.estimation.fit import fit
from sopsem.sem.estimation.implied import implied_moments, sample_moments


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(8)
    return pd.DataFrame(rng.normal(size=(100, 1)) + rng.normal(size=(100, 4)) + 2.0, columns=list("abcd"))


def test_moments_carry_the_names_of_the_variables(data):
    """Covariances on both axes; means only with a mean structure."""
    plain, means = fit("f =~ b + a + d", data), fit("f =~ b + a + d", data, meanstructure=True)
    assert (
        list(implied_moments(plain).cov.columns) == list(sample_moments(plain).cov.index) == ["b", "a", "d"]
    )
    assert implied_moments(plain).mean is None
    assert sample_moments(means).mean["d"] == pytest.approx(data["d"].mean())
    assert sample_moments(plain).cov.loc["a", "b"] == pytest.approx(data[["a", "b"]].cov(ddof=0).iloc[0, 1])


@pytest.fixture(scope="module")
def answers():
    """Six items of three factors' worth of answers from 1 to 3, a covariate, and a group."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=400) + 2.0
    factor = 0.5 * x + rng.normal(size=400)
    continuous = 0.8 * factor[:, None] + rng.normal(size=(400, 4))
    frame = pd.DataFrame(1.0 + (continuous > 0.5) + (continuous > 1.5), columns=list("abcd"))
    return frame.assign(y=2.0 * factor + rng.normal(size=400) + 10.0, x=x, g=np.where(x > 2.0, "u", "v"))


def test_moments_of_ordered_variables_are_those_of_their_latent_responses(answers):
    """Variance 1, thresholds by name; a saturated part of the model is reproduced."""
    fitted = fit("f =~ a + b + c + d", answers, ordered=list("abcd"))
    sample, implied = sample_moments(fitted), implied_moments(fitted)
    assert list(sample.thresholds.index[:3]) == ["a|t1", "a|t2", "b|t1"]
    assert implied.thresholds.to_numpy() == pytest.approx(sample.thresholds.to_numpy(), abs=1e-7)
    below = (answers["a"] == 1.0).mean()
    assert sample.thresholds["a|t1"] == pytest.approx(norm.ppf(below), abs=1e-6)
    assert np.diag(sample.cov) == pytest.approx(np.ones(4))
    assert np.diag(implied.cov) == pytest.approx(np.ones(4))
    assert (sample.mean == 0.0).all()


@pytest.mark.parametrize("parameterization", ["delta", "theta"])
def test_moments_given_covariates_have_slopes_in_units_of_the_data(answers, parameterization):
    """With a saturated regression of one continuous variable its moments are those of least squares."""
    fitted = fit(
        "f =~ a + b + c\nf ~ x\ny ~ x\nf ~~ y",
        answers,
        ordered=list("abc"),
        parameterization=parameterization,
    )
    implied = implied_moments(fitted)
    slope, intercept = np.polyfit(answers["x"], answers["y"], 1)
    left = answers["y"] - intercept - slope * answers["x"]
    assert implied.slopes.loc["y", "x"] == pytest.approx(slope, rel=1e-5)
    assert implied.mean["y"] == pytest.approx(intercept, rel=1e-5)
    assert implied.cov.loc["y", "y"] == pytest.approx((left**2).mean(), rel=1e-5)
    assert sample_moments(fitted).slopes.loc["y", "x"] == pytest.approx(slope, rel=1e-5)


def test_groups_have_their_own_moments_by_label(answers):
    """A mapping with the labels in the order of the data."""
    found = sample_moments(fit("f =~ a + b + c", answers, ordered=list("abc"), group="g"))
    assert list(found) == list(dict.fromkeys(answers["g"]))


def test_moments_of_incomplete_rows_are_those_of_the_em_algorithm(data):
    """A monotone pattern of two variables has closed-form estimates (Anderson, 1957)."""
    gaps = data.assign(b=data["b"].where(np.arange(len(data)) < 60))
    found = sample_moments(fit("a ~~ b", gaps, missing="ml"))
    slope, intercept = np.polyfit(gaps["a"][:60], gaps["b"][:60], 1)
    assert found.mean["b"] == pytest.approx(intercept + slope * gaps["a"].mean(), rel=1e-6)
    assert found.cov.loc["a", "b"] == pytest.approx(slope * gaps["a"].var(ddof=0), rel=1e-6)
