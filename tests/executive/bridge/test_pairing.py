"""Pairs: those of the policy, edited ones, and what is no pair."""

import pytest

from sopsem.errors import PolicyError
from sopsem.executive.bridge import link_survey
from sopsem.executive.bridge.pairing import METRICS, NOT_COMPUTED, congruence_pair, pairs_of
from sopsem.executive.schema.policy import DEFAULT_POLICY, make_policy


def test_every_metric_of_the_policy_is_computed_or_says_why_not():
    for pair in (*pairs_of(DEFAULT_POLICY), congruence_pair(DEFAULT_POLICY)):
        assert pair.metric in METRICS or pair.metric in NOT_COMPUTED


def test_pairs_may_be_edited(people, ops):
    policy = make_policy(
        bridge={
            "pairs": ["conflict - scrap"],
            "congruence": "alignment - scrap",
            "permutations": 99,
            "draws": 50,
        }
    )
    measures = ops(8)[["unit"]].assign(scrap=[8.0, 7, 6, 5, 4, 3, 1, 2])
    found = link_survey(people(8), measures, categories=7, policy=policy)
    assert found.pairs[["construct", "metric", "label", "expected"]].to_numpy().tolist() == [
        ["conflict", "scrap", "scrap", "-"]
    ]
    assert found.pairs["pearson"].iloc[0] > 0.8
    # less scrap is better aligned, so the best unit is high on both
    assert found.units.set_index("unit").loc["U07", "quadrant"] == "aligned and know it"


@pytest.mark.parametrize("pairs", [["alignment index_s"], ["alignment * x"], ["a + b", "a - b"], [""]])
def test_what_is_no_pair_is_refused(pairs):
    with pytest.raises(PolicyError, match="bridge"):
        pairs_of(make_policy(bridge={"pairs": pairs}))
