"""The door: what is told, what is hidden and why, and that it adds nothing to what it says."""

import numpy as np
import pandas as pd
import pytest

from sopsem.client.privacy.released import published_groups
from sopsem.client.privacy.rules import RULES, PrivacyRules
from sopsem.errors import UsageError
from sopsem.survey.scoring import construct_means

NUMBERS = ["mean", "sd", "ci_lower", "ci_upper", "q25", "median", "q75"]


def test_numbers_are_the_rounded_ones_of_the_scores(survey):
    answers = survey({"sales": 20, "operations": 15})
    table = published_groups(answers, "department")
    scores = construct_means(answers).means[(answers.respondents["department"] == "sales").to_numpy()]
    told = table.of("sales", "department")
    assert np.allclose(told["mean"], scores.mean().round(1))
    assert np.allclose(told["sd"], scores.std().round(1))
    assert np.allclose(
        told[["q25", "median", "q75"]].T, scores.quantile([0.25, 0.5, 0.75]).round(1), atol=0.051
    )
    numbers = table.frame[NUMBERS].to_numpy(dtype=float) * 10
    assert np.allclose(numbers, np.rint(numbers), equal_nan=True)


@pytest.mark.parametrize(
    ("n", "mean", "spread"), [(4, False, False), (5, True, False), (9, True, False), (10, True, True)]
)
def test_thresholds_are_five_and_ten(survey, n, mean, spread):
    table = published_groups(
        survey({"sales": 30, "operations": 20, "other": n, "logistics": n}), "department"
    )
    told = table.of("other", "department").drop(
        index="conflict"
    )  # reversed items: made-up answers hardly vary
    assert (told["mean"].notna().all(), told["n"].notna().all()) == (mean, mean)
    assert told[NUMBERS[1:]].notna().all(axis=None) == spread
    if not mean:
        assert told["withheld"].eq("fewer than 5 people answered").all()
    elif not spread:
        assert told["spread_withheld"].eq("fewer than 10 people answered").all()


def test_a_group_that_could_be_solved_for_hides_another(survey):
    table = published_groups(survey({"sales": 40, "operations": 31, "other": 4}), "department")
    assert table.of("operations", "department")["withheld"].str.contains("with the other groups").all()
    assert table.of("all respondents")["mean"].notna().all()
    kept = published_groups(
        survey({"sales": 40, "operations": 31, "other": 4}), "department", compare=("sales", "operations")
    )
    assert kept.gaps["gap"].notna().all()
    assert kept.of("all respondents")["mean"].isna().all()


def test_answers_that_are_all_alike_are_not_told(survey):
    def answers(rng, n):
        values = rng.integers(2, 7, (n, 18)).astype(float)
        values[:12, :4] = 7.0  # coordination of sales
        return values

    table = published_groups(survey({"sales": 12, "operations": 30}, answers=answers), "department")
    told = table.of("sales", "department")
    assert told.loc["coordination", "withheld"] == "its numbers would tell the answers themselves"
    assert told.loc[["alignment", "market"], "mean"].notna().all()
    assert np.isnan(told.loc["coordination", NUMBERS].astype(float)).all()


def test_a_hidden_group_near_the_end_of_the_scale_hides_another(survey):
    """Total minus sales tells that the two hidden departments all but agree, though neither can be solved for."""

    def answers(rng, n):
        values = rng.integers(2, 7, (n, 18)).astype(float)
        values[9:, :4] = 7.0  # coordination of both
        return values

    table = published_groups(survey({"sales": 9, "operations": 4, "other": 3}, answers=answers), "department")
    told, sales = table.of("all respondents"), table.of("sales", "department")
    assert told.loc["alignment", "mean"] > 0
    assert sales.loc["alignment", "mean"] > 0
    assert np.isnan(told.loc["coordination", "mean"]) or np.isnan(sales.loc["coordination", "mean"])


def test_a_whole_is_hidden_where_a_part_is(survey):
    def answers(rng, n):
        values = rng.integers(2, 7, (n, 18)).astype(float)
        values[:3, 12:15] = np.nan  # three of six in sales have no internal performance
        return values

    told = published_groups(
        survey({"sales": 6, "operations": 30, "other": 30}, answers=answers), "department"
    ).of("sales", "department")
    assert np.isnan(told.loc["internal", "mean"])
    assert told.loc["market", "n"] == 6
    assert told.loc["performance", "withheld"] == "one of its parts is hidden"


def test_hidden_rows_and_notes_account_for_everybody(survey):
    departments = ["sales"] * 20 + ["operations"] * 15 + [None] * 5
    table = published_groups(survey({"x": 40}, department=departments), "department")
    assert len(table.hidden) == int(table.frame["mean"].isna().sum())
    assert "5 of 40 respondents did not answer 'department'" in " ".join(table.notes)


def test_a_gap_passes_the_same_door(survey):
    answers = survey({"sales": 20, "operations": 7, "other": 20})
    table = published_groups(answers, "department", compare=("sales", "operations"))
    assert table.gaps["gap"].notna().all()
    assert table.gaps[["ci_lower", "pvalue", "d"]].isna().all(axis=None)
    assert table.gaps["spread_withheld"].eq("fewer than 10 people answered").all()


def test_more_groupings_at_once_are_checked_together(survey):
    region = ["europe"] * 18 + ["asia"] * 22
    table = published_groups(survey({"sales": 20, "operations": 20}, region=region), ["department", "region"])
    # sales minus Europe would be two people
    shown = table.frame.groupby(["by", "group"])["mean"].apply(lambda m: m.notna().any())
    assert not shown["department"].all() or not shown["region"].all()


def test_rules_are_raised_and_never_lowered(survey):
    strict = PrivacyRules(least_mean=12, least_spread=12)
    table = published_groups(survey({"sales": 20, "operations": 11, "other": 11}), "department", rules=strict)
    assert table.of("other", "department")["mean"].isna().all()
    for weak in ({"least_mean": 4}, {"least_spread": 9}, {"decimals": 2}, {"protection": 0.1}):
        with pytest.raises(UsageError):
            PrivacyRules(**weak)
    assert PrivacyRules() == RULES


def test_unknown_questions_groups_and_levels_are_refused(survey):
    answers = survey({"sales": 20, "operations": 20})
    with pytest.raises(UsageError, match="did you mean 'department'"):
        published_groups(answers, "departmint")
    with pytest.raises(UsageError, match="did you mean 'operations'"):
        published_groups(answers, "department", compare=("sales", "operation"))
    with pytest.raises(UsageError, match="level"):
        published_groups(answers, "department", level=95)
    with pytest.raises(UsageError, match="no group"):
        published_groups(answers).of("sales", "department")


def test_percent_scores_have_no_decimals(survey):
    answers = survey({"sales": 20, "operations": 20})
    table = published_groups(answers, "department", scores=construct_means(answers, percent=True))
    assert (table.frame["mean"].dropna() % 1 == 0).all()


def test_the_same_survey_gives_the_same_table(survey):
    one, two = (published_groups(survey({"sales": 12, "operations": 11}), "department") for _ in range(2))
    pd.testing.assert_frame_equal(one.frame, two.frame)
