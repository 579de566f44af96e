"""A briefing accounts for every row, tells nothing of few people, and says why something is not there."""

import numpy as np
import pandas as pd
import pytest

import sopsem
from sopsem.client.benchmark import scorecard_norms, survey_norms
from sopsem.client.brief import brief
from sopsem.client.brief_levers import levers
from sopsem.client.brief_quality import comments_of, exclusion_counts
from sopsem.client.operations.unit_views import UnitsAsked
from sopsem.client.privacy.ledger import Ledger
from sopsem.client.scorecard.making import make_scorecard
from sopsem.client.scorecard.score import score
from sopsem.client.scorecard.scorecard import read_scorecard, write_scorecard
from sopsem.client.scorecard.team_scores import team_scores
from sopsem.errors import DataError, PrivacyError, UsageError
from sopsem.survey import Instrument, load_instrument, responses_from_frame
from sopsem.survey.questionnaire import plain_data, questionnaire, with_question


@pytest.fixture(scope="module")
def frame():
    return pd.read_csv(sopsem.find_survey("synthetic_twin_1"), dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def norms():
    answers = sopsem.read_responses(sopsem.find_survey(), load_instrument())
    return survey_norms(answers, name="twin", label="synthetic data")


@pytest.fixture(scope="module")
def told(frame, norms):
    frame = frame.copy()
    frame.loc[3, "col1":] = "4"  # a straight line
    answers = responses_from_frame(frame, load_instrument())
    return brief(answers, norms, name="Acme", screens={"long_string": "exclude"}, draws=40)


def test_rows_add_up(told):
    """Rows read are rows used and rows left out, with the reason."""
    assert (told.client.rows, told.client.used, told.client.excluded) == (92, 91, 1)
    assert told.exclusions.to_dict("records") == [{"reason": "screened: long_string", "rows": 1}]
    assert int(told.screening.set_index("check").loc["long_string", "excluded"]) == 1


def test_scores_are_those_of_the_door(told, norms):
    """Rounded means and quartiles; the percentile is that of the printed mean; conflict is better when low."""
    scores = told.scores.set_index("construct")
    assert (scores["mean"] == scores["mean"].round(1)).all()
    assert scores["favourable"].to_dict()["conflict"] == "low"
    assert set(scores["favourable"].drop("conflict")) == {"high"}
    assert scores.loc["alignment", "percentile"] == norms.percentile(
        "alignment", scores.loc["alignment", "mean"]
    )
    assert scores.loc["alignment", "benchmark_mean"] == norms.scores.loc["alignment", "mean"]


def test_levers_show_the_clients_performance(told):
    """Importance from the larger sample (the benchmark's 92 rows against 91), performance from the client."""
    assert told.driver_facts["sample"] == "the benchmark's answers"
    first = told.drivers.iloc[0]
    mean = told.scores.set_index("label").loc[first["label"], "mean"]
    assert first["performance"] == pytest.approx((mean - 1) / 6 * 100, abs=1.5)
    assert first["room"] == 100.0 - first["performance"]
    conflict = told.drivers.set_index("label").loc["Conflict"]
    assert conflict["room"] == conflict["performance"]  # lower is better, as on the scorecard
    assert told.drivers["first_share"].sum() == pytest.approx(1.0)


def test_gaps_come_after_the_question_whether_groups_answer_alike(told):
    """Labels of the questionnaire, sizes, and a sentence on comparability."""
    assert [name for name, _ in told.groups] == ["Sales", "Operations"]
    assert len(told.gaps) == 6
    assert any("alike" in each for each in told.gap_notes)


def test_every_frame_is_traced_and_traces_follow_the_inputs(told, frame, norms):
    """Another answer, another screen: another hash; the same: the same."""
    assert told.traces["scores"].inputs_sha256 != told.traces["gaps"].inputs_sha256
    instrument = load_instrument()

    def traced(changed, **options):
        made = brief(responses_from_frame(changed, instrument), norms, name="x", draws=2, **options)
        return made.traces["scores"].inputs_sha256

    plain = traced(frame.head(30))
    changed = frame.head(30).copy()
    changed.loc[0, "col1"] = "7" if changed.loc[0, "col1"] != "7" else "6"
    assert plain == traced(frame.head(30))
    assert len({plain, traced(changed), traced(frame.head(30), screens={"speeders": "skip"})}) == 3


def test_few_people_are_not_told_of(frame, norms):
    """Four answers: no score at all; seven: means, but no interval and no gap."""
    instrument = load_instrument()
    four = brief(responses_from_frame(frame.head(4), instrument), norms, name="x", draws=2)
    assert four.scores[["n", "mean", "lower", "upper", "percentile"]].isna().all(axis=None)
    assert four.drivers["performance"].isna().all()
    seven = brief(responses_from_frame(frame.head(7), instrument), norms, name="x", draws=2)
    assert seven.scores["mean"].notna().any()
    assert seven.scores[["lower", "upper"]].isna().all(axis=None)
    assert seven.gaps.empty or seven.gaps["lower"].isna().all()


def test_what_is_not_there_is_a_sentence(frame, norms):
    """No department, no model, too few rows: the rest is told all the same."""
    instrument = load_instrument()
    without = responses_from_frame(frame.drop(columns="department").head(12), instrument)
    made = brief(without, norms, name="x", draws=2)
    assert made.gap_notes == ("The survey does not ask for 'department', so groups are not compared.",)
    other = brief(
        responses_from_frame(frame, instrument), norms, name="x", draws=2, groups=("sales", "finance")
    )
    assert other.gaps.empty
    assert "finance" in other.gap_notes[0]
    few = levers(without, None, {}, draws=2)
    assert few.drivers.empty
    assert few.notes[0].startswith("Levers are not ranked, because no model can be fitted")
    bare = Instrument.model_validate({**instrument.model_dump(by_alias=True), "model": ""})
    nothing = levers(responses_from_frame(frame, bare), None, {}, draws=2)
    assert nothing.notes == ("The questionnaire has no model, so levers are not ranked.",)


def test_a_benchmark_of_nine_people_is_refused(frame):
    """Its quartiles would tell of single answers."""
    with pytest.raises(DataError, match="9 respondents"):
        survey_norms(responses_from_frame(frame.head(9), load_instrument()), name="few")


def test_percentiles_count_ties_half_and_hide_the_unknown(norms):
    """Between 0 and 100, rising; nothing for a hidden score."""
    values = [norms.percentile("coordination", each) for each in (1.0, 3.0, 5.0, 7.0)]
    assert values == sorted(values)
    assert 0.0 <= values[0] < values[-1] <= 100.0
    assert np.isnan(norms.percentile("coordination", float("nan")))


def test_report_and_score_tell_the_same_percentile(frame, norms):
    """The same answers, the same norm: one whole number, whether the norm is a survey or its scorecard."""
    instrument = load_instrument()
    answers = responses_from_frame(frame, instrument)
    card = make_scorecard(norms.responses)
    scored = team_scores(score(answers, card)).constructs.set_index("scale")
    for benchmark in (norms, scorecard_norms(card, instrument)):
        told = brief(answers, benchmark, name="x", draws=2).scores.set_index("construct")
        assert told["percentile"].to_dict() == scored.loc[told.index, "percentile"].to_dict()
        assert (told["percentile"] == told["percentile"].round()).all()


def test_a_benchmark_too_small_for_a_scorecard_is_counted(frame):
    """Below 40 respondents: the share below, and half of those at the value."""
    few = survey_norms(responses_from_frame(frame.head(20), load_instrument()), name="few")
    known = few.responses.items[["col1", "col2", "col3", "col4"]].mean(axis=1)
    expected = 100 * ((known < 4.5).mean() + (known == 4.5).mean() / 2)
    assert few.percentile("coordination", 4.5) == np.rint(expected)


@pytest.fixture
def commented(frame):
    """Answers with an open question."""
    data = plain_data(load_instrument())
    data["background"] = {**data["background"], "comment": {"text": "Anything else?"}}
    texts = ["", "zz last", "", "aa first", "b", "c", "d", *[""] * 85]
    return responses_from_frame(frame.assign(comment=texts), questionnaire(data, "with a comment"))


def test_comments_are_off_by_default_and_in_no_order_of_people(commented, frame):
    """Asked for by name; sorted; not of fewer than five."""
    assert comments_of(commented, None) == ()
    assert comments_of(commented, "comment") == ("aa first", "b", "c", "d", "zz last")
    with pytest.raises(PrivacyError, match="4 people answered"):
        comments_of(commented.without({5: "test"}), "comment")
    for wrong in ("department", "nothing"):
        with pytest.raises(UsageError, match="open questions"):
            comments_of(commented, wrong)
    assert exclusion_counts(responses_from_frame(frame, load_instrument())).empty


def test_a_scorecard_is_a_benchmark_without_answers(frame, norms, tmp_path):
    """Read back from its file it gives the same percentiles; levers then rest on the client alone."""
    instrument = load_instrument()
    made = make_scorecard(sopsem.read_responses(sopsem.find_survey(), instrument))
    write_scorecard(made, tmp_path / "norm.json")
    card = scorecard_norms(read_scorecard(tmp_path / "norm.json"), instrument)
    assert card.label == "synthetic data"
    assert (card.scores["mean"] == norms.scores["mean"]).all()
    for construct in card.scores.index:
        for value in (2.0, 4.0, 5.5):
            assert card.percentile(construct, value) == norms.percentile(construct, value)
    told = brief(responses_from_frame(frame, instrument), card, name="x", draws=10)
    assert told.driver_facts["sample"] == "the client's answers"
    fewer = plain_data(instrument)
    fewer["items"] = {name: item for name, item in fewer["items"].items() if name != "col1"}
    with pytest.raises(DataError, match="another questionnaire"):
        scorecard_norms(made, questionnaire({**fewer, "model": ""}, "fewer"))


def test_a_second_report_that_differs_by_one_person_is_refused(frame, norms, tmp_path):
    """The same people may be told of again; all but one of them may not."""
    first, second = (Ledger(path=tmp_path / "ledger.json", report=r) for r in ("may", "june"))
    answers, fewer = (responses_from_frame(f, load_instrument()) for f in (frame, frame.iloc[:-1]))
    brief(answers, norms, name="Acme", draws=4, ledger=first)
    brief(answers, norms, name="Acme", draws=4, ledger=second)
    with pytest.raises(PrivacyError, match="may"):
        brief(fewer, norms, name="Acme", draws=4, ledger=second)


def test_a_question_written_wrong_is_a_slip(frame, norms):
    answers = responses_from_frame(frame, load_instrument())
    with pytest.raises(UsageError, match="did you mean 'department'"):
        brief(answers, norms, name="Acme", draws=4, by="departmnt")


def test_units_go_through_the_same_door_as_the_groups(frame, norms):
    """The 4 people of a unit are hidden, and so is another unit; without the question there are no views."""
    instrument = with_question(load_instrument(), "plant", "In which plant do you work?")
    plants = ["A"] * 4 + ["B"] * 40 + ["C"] * 48
    answers = responses_from_frame(frame.assign(plant=plants), instrument)
    asked = UnitsAsked(names=("A", "B", "C"), question="plant")
    told = brief(answers, norms, name="Acme", units=asked, draws=5)
    people = told.views.people.set_index("unit")
    assert people.loc["A", "withheld"] == "fewer than 5 people answered"
    assert (people["withheld"] != "").sum() == 2
    assert told.traces["units"].inputs_sha256 == told.traces["gaps"].inputs_sha256
    plain = brief(answers, norms, name="Acme", draws=5)
    assert plain.views is None
    assert plain.traces["gaps"].inputs_sha256 != told.traces["gaps"].inputs_sha256
