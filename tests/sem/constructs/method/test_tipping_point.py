"""Tipping points: known answers, the rule of signs, and what is told when there is none."""

import numpy as np
import pytest

import sopsem
from sopsem.errors import UsageError
from sopsem.sem.constructs.method.tipping_point import correlation_tipping_point, tipping_point
from sopsem.sem.estimation.estimates import standardized
from sopsem.sem.estimation.fit import fit


def test_the_published_path_on_the_scale_of_correlations():
    """alignment <- coordination: .504 [.261, .690] vanishes at m = .50, its lower limit at m = .26."""
    for r, m in ((0.504, 0.50), (0.261, 0.26)):
        tip = correlation_tipping_point(r)
        assert tip == pytest.approx(m, abs=0.005)
        assert (r - tip) / (1 - tip) == 0.0
    assert np.isnan(correlation_tipping_point(-0.448))
    with pytest.raises(UsageError):
        correlation_tipping_point(1.2)


@pytest.mark.parametrize(("phi", "loading"), [(0.5, 0.7), (0.3, 0.8)])
def test_two_factors_with_equal_loadings_have_a_closed_form(with_method, structural, phi, loading):
    """Between-items covariance phi lambda^2 = m explains everything: tip = phi lambda^2."""
    s = with_method(share=0.0, phi=phi, loading=loading)
    for model in (structural, structural.replace("g ~ f", "g ~~ f")):
        table = tipping_point(fit(model, sample_cov=s, n_obs=300)).table
        assert table.tip.iloc[0] == pytest.approx(phi * loading**2, abs=3e-4)
        assert table.correlation_tip.iloc[0] == pytest.approx(phi, abs=1e-6)
        assert table.direction.iloc[0] == "creates"
        assert 0.0 < table.tip_limit.iloc[0] < table.tip.iloc[0]


def test_the_limit_is_that_of_a_refit(with_method, structural):
    """At tip_limit a model with the share written into its text has a lower limit of 0."""
    s = with_method(share=0.0, phi=0.5)
    result = tipping_point(fit(structural, sample_cov=s, n_obs=150))
    m = float(result.table.tip_limit.iloc[0])
    factor = "M =~ " + " + ".join(f"{float(np.sqrt(m))!r}*{v}" for v in s.columns) + "\nM ~~ 1*M\nM ~~ 0*f"
    table = standardized(fit(f"{structural}\n{factor}", sample_cov=s, n_obs=150))
    row = table[(table.op == "~")].iloc[0]
    # sample_cov is taken with divisor N - 1, and standardized inside: the limit agrees to the order of 1/N
    assert row.ci_lower == pytest.approx(0.0, abs=0.01)


def test_a_negative_path_is_masked(with_method, structural):
    result = tipping_point(fit(structural, sample_cov=with_method(share=0.0, phi=-0.4), n_obs=300))
    row = result.table.iloc[0]
    assert row.direction == "masks"
    assert np.isnan(row.tip)
    assert any("masks this negative path" in s for s in result.sentences)
    stronger = result.curve[result.curve.verdict == "proper"].est
    assert (np.diff(stronger) < 0.0).all()


def test_the_rule_of_signs(with_method, structural):
    """Turning a whole construct round and naming its items opposite changes the sign of the path and nothing else."""
    first = tipping_point(fit(structural, sample_cov=with_method(share=0.0, phi=0.5), n_obs=200)).table.iloc[
        0
    ]
    turned = with_method(share=0.0, phi=-0.5)  # higher g means less of it
    second = tipping_point(fit(structural, sample_cov=turned, n_obs=200), opposite=list("xyzw")).table.iloc[0]
    assert second.est == pytest.approx(-first.est)
    assert second.tip == pytest.approx(first.tip, abs=3e-4)
    assert second.tip_limit == pytest.approx(first.tip_limit, abs=3e-4)


def test_units_and_order_do_not_matter(with_method, structural):
    s = with_method(share=0.05, phi=0.4)
    scale = np.arange(1.0, 9.0)
    first = tipping_point(fit(structural, sample_cov=s, n_obs=200)).table
    other = s.mul(scale, axis=0).mul(scale, axis=1).iloc[::-1, ::-1]
    second = tipping_point(fit(structural, sample_cov=other, n_obs=200)).table
    assert second.tip.iloc[0] == pytest.approx(first.tip.iloc[0], abs=3e-4)


def test_what_the_data_go_with(with_method, structural):
    """A share of .20 is in the data: chi2 is lowest there, and none at all, or .60, is not what they go with."""
    result = tipping_point(fit(structural, sample_cov=with_method(share=0.2, phi=0.3), n_obs=2000))
    assert result.curve.share[result.curve.chisq.idxmin()] == pytest.approx(0.20, abs=0.021)
    assert 0.2 < result.tolerated < 0.6
    assert "20%" in result.ended


def test_the_shipped_survey_in_words():
    responses = sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument())
    result = tipping_point(fit(responses.instrument.model, responses.items, mimic="amos"))
    said = " ".join(result.sentences)
    assert "conflict ~ coordination (-0.448): such a factor masks this negative path" in said
    assert "alignment ~ coordination (0.504): no share that can be tried brings it to 0" in said
    assert "vanishes when 50% of their own variance is method" in said
    assert 0.05 < result.tolerated < 0.2
    assert "improper" in result.ended


def test_refusals(with_method):
    with pytest.raises(UsageError, match="no path"):
        tipping_point(fit("f =~ a + b + c + d", sample_cov=with_method(), n_obs=100))
    with pytest.raises(UsageError, match="level"):
        tipping_point(fit("f =~ a + b; g =~ x + y", sample_cov=with_method(), n_obs=100), level=0.1)
