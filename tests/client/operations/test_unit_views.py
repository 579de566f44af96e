"""What the people of units perceive goes through the door, and every refusal says what is missing."""

import numpy as np
import pandas as pd
import pytest
from worlds import unit_survey

from sopsem.client.operations.between_units import intraclass
from sopsem.client.operations.unit_views import UnitsAsked, unit_views
from sopsem.client.privacy.released import published_groups
from sopsem.errors import UsageError
from sopsem.survey.scoring import construct_means

NAMES = tuple(f"U{i}" for i in range(9))


def views(answers, asked, *, split=True):
    told = published_groups(answers, (asked.question,) if split else ())
    return unit_views(answers, told, asked)


@pytest.fixture(scope="module")
def five():
    return unit_survey({"U1": 12, "U2": 11, "U3": 3, "U4": 12, "U5": 10})


@pytest.fixture(scope="module")
def released(five):
    return published_groups(five, ("unit",))


@pytest.fixture(scope="module")
def told(five, released):
    return unit_views(five, released, UnitsAsked(names=NAMES))


def test_means_are_released_ones_and_small_units_are_hidden_with_one_that_would_tell_them(five, told):
    means = construct_means(five).means["alignment"].groupby(five.respondents["unit"]).mean()
    own = told.perceived["alignment"]
    assert (
        own.drop(["U3"])
        .dropna()
        .equals(means.loc[own.drop(["U3"]).dropna().index].round(1).rename("alignment"))
    )
    hidden = told.people.loc[told.people["withheld"] != "", "unit"].tolist()
    assert "U3" in hidden
    assert len(hidden) == 2  # all less the others would be the three people of U3
    assert told.people.set_index("unit").loc[hidden, "n"].isna().all()
    assert told.perceived.loc[hidden, "alignment"].isna().all()


def test_agreement_is_that_of_people_who_are_told_of(five, told):
    shown = told.people.loc[told.people["withheld"] == "", "unit"]
    units = five.respondents["unit"]
    inside = units.isin(shown)
    score = construct_means(five).means["alignment"][inside]
    one, two = intraclass(score.to_numpy(), pd.factorize(units[inside])[0])
    row = told.agreement.loc["alignment"]
    assert (row["units"], row["icc1"], row["icc2"]) == (3, pytest.approx(one), pytest.approx(two))
    assert 0.0 <= row["rwg"] <= 1.0


def test_a_survey_without_the_question_is_that_of_the_one_unit(five):
    found = views(five, UnitsAsked(names=("Main",), question="plant"), split=False)
    everybody = published_groups(five).of("all respondents")["mean"]
    assert found.refusal == found.question == ""
    assert found.perceived.loc["Main"].to_dict() == pytest.approx(everybody.to_dict(), nan_ok=True)
    assert found.path_reason.startswith("all respondents are one unit")


def test_one_unit_in_the_survey_is_everybody():
    answers = unit_survey({"U1": 12})
    found = views(answers, UnitsAsked(names=NAMES), split=False)
    assert found.perceived.index.tolist() == ["U1"]
    assert found.refusal == ""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (UnitsAsked(names=NAMES, question="plant"), "it has no column 'plant'. Name the column"),
        (
            UnitsAsked(names=("Berlin", "Paris")),
            "the survey has 'U1', 'U2', 'U3', 'U4', 'U5', operations have",
        ),
        (UnitsAsked(names=NAMES, predictor="alignmnt"), "no construct 'alignmnt', did you mean"),
    ],
)
def test_what_cannot_be_compared_says_why_and_tells_nothing(five, released, asked, said):
    found = unit_views(five, released, asked)
    assert said in found.refusal
    assert found.paths is None
    assert found.perceived.empty
    assert found.people.empty


def test_a_table_without_the_units_is_a_mistake(five):
    with pytest.raises(UsageError, match="released without the groups of 'unit'"):
        unit_views(five, published_groups(five), UnitsAsked(names=NAMES))


def outcomes(n=9):
    return pd.DataFrame({"unit": NAMES[:n], "outcome": np.arange(float(n))})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (UnitsAsked(names=NAMES, outcome_label="EBITDA margin"), "there is no EBITDA margin of the units"),
        (UnitsAsked(names=NAMES, outcomes=outcomes()), "how reliable the measured outcome is cannot be told"),
        (UnitsAsked(names=NAMES, outcomes=outcomes(), reliability=0.8), "needs 30 units .* there are 5"),
        (
            UnitsAsked(names=NAMES, outcomes=outcomes(), reliability=0.8, predictor="market"),
            "no path from market to a performance",
        ),
    ],
)
def test_without_a_model_there_is_a_reason(five, released, asked, said):
    found = unit_views(five, released, asked)
    assert found.paths is None
    assert pd.Series([found.path_reason]).str.contains(said).all()


def test_with_thirty_units_both_paths_are_there():
    names = [f"P{i:02d}" for i in range(30)]
    answers = unit_survey(dict.fromkeys(names, 6))
    scores = construct_means(answers, ["alignment"])  # the door takes its time for every construct
    level = scores.means["alignment"].groupby(answers.respondents["unit"]).mean()
    outcome = pd.DataFrame({"unit": names, "outcome": level.reindex(names).to_numpy()})
    asked = UnitsAsked(names=tuple(names), outcomes=outcome, reliability=0.9, outcome_label="margin")
    found = unit_views(answers, published_groups(answers, "unit", scores=scores), asked)
    assert found.path_reason == ""
    assert (found.paths.units, found.performance) == (30, "performance")
    assert found.paths.fit is None  # it would hold the answers
