"""The perception gap by function: Hedges g by hand, a planted shift, and whom a small role would show."""

import math

import numpy as np
import pandas as pd
import pytest

from sopsem.errors import PolicyError
from sopsem.executive.bridge import link_survey
from sopsem.executive.bridge.roles import hedges_g, role_gap
from sopsem.executive.schema.policy import make_policy


def test_hedges_g_by_hand():
    """Means 5 and 2, both variances 1, df 4: 3 x (1 - 3 / 15)."""
    assert float(hedges_g([4.0, 5, 6], [1.0, 2, 3])) == pytest.approx(3 * 0.8)
    assert math.isnan(hedges_g([4.0, 4], [4.0, 4]))


def test_a_planted_shift_is_found_with_its_sign_and_none_where_there_is_none(people, ops, quick):
    shifted = link_survey(people(12, shift=1.0), ops(12), categories=7, policy=quick).roles
    gap = shifted.set_index("construct").loc["alignment"]
    assert gap["difference"] == pytest.approx(1.0, abs=0.3)
    assert gap["g_lower"] > 0
    assert gap["difference_lower"] < gap["difference"] < gap["difference_upper"]
    assert shifted.set_index("construct").loc["conflict", "g"] < 0
    same = link_survey(people(12), ops(12), categories=7, policy=quick).roles
    assert (same["g_lower"] < 0).all()
    assert (same["g_upper"] > 0).all()


def test_the_interval_covers_the_planted_gap():
    """200 samples with a gap of 0.5 sd: a 95 % interval misses in 2 to 23 of them (binomial, 99.9 %)."""
    rng = np.random.default_rng(8)
    missed = 0
    for i in range(200):
        score = np.r_[rng.normal(0.5, 1, 25), rng.normal(0, 1, 25)]
        frame = pd.DataFrame({"role": ["S"] * 25 + ["O"] * 25, "score": score})
        found = role_gap(frame, ["S", "O"], least=5, draws=300, seed=i)
        missed += not found["g_lower"] <= 0.5 <= found["g_upper"]
    assert 2 <= missed <= 23


def test_small_roles_and_few_others_are_not_shown():
    def gap(first, second, others):
        frame = pd.DataFrame({"role": ["S"] * first + ["O"] * second + ["X"] * others})
        return role_gap(
            frame.assign(score=np.arange(len(frame)) % 5 + 1.0), ["S", "O"], least=5, draws=50, seed=0
        )

    assert gap(4, 9, 0)["reason"] == "fewer than 5 answers of a role"
    assert math.isnan(gap(4, 9, 0)["mean_other"])
    assert gap(6, 6, 3)["reason"] == "fewer than 5 answers outside both roles would follow"
    assert gap(6, 6, 5)["reason"] == ""


def test_units_that_are_not_shown_are_not_in_the_totals_of_roles(people, ops, quick):
    survey = people(4, respondents=10)
    small = survey.groupby("unit").cumcount() < 4
    survey = survey[(survey["unit"] != "U04") | small]
    roles = link_survey(survey, ops(4), categories=7, policy=quick).roles
    assert (roles["n"] + roles["n_other"]).tolist() == [30] * 5


def test_roles_by_other_names(people, ops, quick):
    survey = people(3).rename(columns={"role": "department"})
    survey["department"] = survey["department"].str.lower()
    found = link_survey(survey, ops(3), categories=7, role="department", policy=quick)
    assert set(found.roles["role"]) == {"Sales"}
    without = link_survey(survey, ops(3), categories=7, policy=quick)
    assert without.roles.empty
    assert any("No gap by function" in sentence for sentence in without.floors)
    with pytest.raises(PolicyError, match="names 1 roles"):
        link_survey(survey, ops(3), categories=7, policy=make_policy(bridge={"roles": ["Sales"]}))
