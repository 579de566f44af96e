"""Keep, drop, bound, redraw: always from the same draws, always counted."""

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import ConvergenceError, UsageError
from sopsem.sem.effects.effects import effects
from sopsem.sem.estimation.admissibility import admissibility
from sopsem.sem.estimation.fit import fit
from sopsem.sem.resampling import policies
from sopsem.sem.resampling.bootstrap import DrawStatus, bootstrap
from sopsem.sem.resampling.policies import POLICIES, apply_policy, improper_sentence, require_intact

MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2\ng ~ f"


@pytest.fixture(scope="module")
def kept(two_factors):
    data = two_factors(8, 70)[["x1", "x2", "x3", "y1", "y2"]]
    return bootstrap(fit(MODEL, data), data, draws=150, seed=11)


@pytest.fixture(scope="module")
def by_policy(kept):
    return {p: apply_policy(kept, p) for p in POLICIES}


def test_every_policy_accounts_for_every_draw(by_policy):
    for policy, draws in by_policy.items():
        assert draws.policy == policy
        assert draws.counts()["count"].sum() == 150


def test_proper_draws_are_the_same_under_every_policy(kept, by_policy):
    proper = kept.status == DrawStatus.PROPER
    assert 20 < proper.sum() < 145
    for draws in by_policy.values():
        np.testing.assert_array_equal(draws.kernel_theta[proper], kept.kernel_theta[proper])


def test_keep_is_what_was_drawn_and_stays_so(kept, by_policy):
    before = kept.kernel_theta.copy()
    assert by_policy["keep"] is kept
    np.testing.assert_array_equal(kept.kernel_theta, before)
    assert kept.share_lost == 0.0


def test_dropped_draws_are_the_improper_ones(kept, by_policy):
    improper = kept.status == DrawStatus.IMPROPER
    np.testing.assert_array_equal(by_policy["drop"].used, kept.used & ~improper)
    assert by_policy["drop"].share_lost == pytest.approx(improper.mean())


def test_bounded_draws_have_a_variance_of_zero_and_a_higher_chi2(kept, by_policy):
    bounded = by_policy["bound"]
    at = (kept.status == DrawStatus.IMPROPER) & (bounded.status == DrawStatus.ON_BOUND)
    own = [i for i, p in enumerate(kept.fit.spec) if p.op == "~~" and p.lhs == p.rhs]
    assert at.sum() > 5
    np.testing.assert_allclose(bounded.rows[at][:, own].min(axis=1), 0.0, atol=1e-12)
    assert (bounded.chisq[at] >= kept.chisq[at] - 1e-8).all()
    assert bounded.share_lost == pytest.approx((bounded.status == DrawStatus.ON_BOUND).mean())


def test_a_bounded_draw_that_is_still_improper_is_not_called_on_a_bound():
    """Factors that correlate beyond 1 are improper without any negative variance."""
    cov = np.full((4, 4), 0.58)
    cov[0, 1] = cov[1, 0] = cov[2, 3] = cov[3, 2] = 0.5
    np.fill_diagonal(cov, 1.0)
    rows = np.random.default_rng(0).normal(size=(80, 4))
    rows -= rows.mean(axis=0)
    rows = rows @ np.linalg.inv(np.linalg.cholesky(rows.T @ rows / 80)).T @ np.linalg.cholesky(cov).T
    data = pd.DataFrame(rows, columns=list("abcd"))
    kept = bootstrap(fit("f =~ a + b\ng =~ c + d", data), data, draws=60, seed=1)
    bounded = apply_policy(kept, "bound")
    proper = admissibility(kept.fit.spec, kept.fit.model, np.nan_to_num(bounded.kernel_theta)).proper
    assert (bounded.status == DrawStatus.IMPROPER).sum() > 10
    np.testing.assert_array_equal(proper[bounded.used], bounded.status[bounded.used] != DrawStatus.IMPROPER)


def test_redrawn_draws_are_the_next_proper_ones(kept, by_policy):
    redrawn = by_policy["redraw"]
    assert (redrawn.status == DrawStatus.PROPER).all()
    replaced = redrawn.indices != np.arange(150)
    np.testing.assert_array_equal(replaced, kept.status != DrawStatus.PROPER)
    later = redrawn.indices[replaced]
    assert (np.diff(later) > 0).all()
    assert later.min() >= 150
    longer = bootstrap(kept.fit, draws=int(later.max()) + 1, seed=11)
    np.testing.assert_array_equal(redrawn.kernel_theta, longer.kernel_theta[redrawn.indices])
    made = int((longer.status != DrawStatus.PROPER).sum())
    assert sum(count for _, count in redrawn.discarded) == made


def test_redrawing_gives_up_with_a_reason(kept, monkeypatch):
    monkeypatch.setattr(policies, "MAX_ROUNDS", 0)
    with pytest.raises(ConvergenceError, match="redrawing found 0 proper draws"):
        apply_policy(kept, "redraw")


def test_given_rows_cannot_be_redrawn(kept):
    rows = np.stack([kept.resampler.rows_of(b) for b in range(20)])
    again = bootstrap(kept.fit, indices=rows)
    with pytest.raises(UsageError, match="given indices"):
        apply_policy(again, "redraw")


def test_policies_start_from_the_kept_draws(kept, by_policy):
    with pytest.raises(UsageError, match="choose one of keep, drop, bound, redraw"):
        apply_policy(kept, "hide")
    with pytest.raises(UsageError, match="already carry the policy 'drop'"):
        apply_policy(by_policy["drop"], "bound")


@pytest.mark.parametrize("policy", ["drop", "bound", "redraw"])
@pytest.mark.parametrize("kind", ["bc", "bca", "studentized"])
def test_corrected_intervals_are_refused_where_they_fail(by_policy, policy, kind):
    with pytest.raises(UsageError, match=r"refused.*use kind='percentile'"):
        effects(by_policy[policy].fit, by_policy[policy], kind=kind)
    effects(by_policy[policy].fit, by_policy[policy], kind="percentile")


def test_corrected_intervals_are_allowed_on_kept_draws(by_policy):
    require_intact(by_policy["keep"], "bca")
    assert len(effects(by_policy["keep"].fit, by_policy["keep"], kind="bc"))


def test_the_sentence_names_share_parameter_and_cause(kept, two_factors, two_factor_model):
    sentence = improper_sentence(kept)
    share = (kept.status == DrawStatus.IMPROPER).mean()
    assert sentence.startswith(f"{share:.0%} of the draws are improper")
    assert "two indicators only" in sentence
    data = two_factors(0, 400)
    assert improper_sentence(bootstrap(fit(two_factor_model, data), data, draws=20)) == ""
