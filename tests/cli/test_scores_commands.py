"""``sopsem scorecard``, ``sopsem score`` and ``sopsem gaps``."""

import json

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def card(tmp_path_factory):
    """A scorecard of the shipped twin, made once."""
    from sopsem import find_survey, load_instrument, make_scorecard, read_responses, write_scorecard

    path = tmp_path_factory.mktemp("card") / "norm.scorecard.json"
    write_scorecard(make_scorecard(read_responses(find_survey(), load_instrument())), path)
    return path


def test_a_scorecard_is_made_and_shown(run, tmp_path, card):
    made = run("scorecard", "make", "--out", tmp_path / "made.json")
    assert made.code == 0, made.err
    assert (tmp_path / "made.json").read_bytes() == card.read_bytes()
    shown = run("scorecard", "show", card)
    assert shown.out == made.out
    assert "synthetic data" in shown.out
    assert json.loads(run("scorecard", "show", card, "--json").out)["format"] == "sopsem scorecard 1"


def test_a_client_is_scored_by_department(run, card):
    outcome = run("score", "--scorecard", card, "--by", "department", "--population", "sales=60")
    assert outcome.code == 0, outcome.err
    assert "Construct means (synthetic data)" in outcome.out
    assert "operations" in outcome.out
    made = json.loads(run("score", "--scorecard", card, "--by", "department", "--json").out)
    assert {row["group"] for row in made["constructs"]} == {"all respondents", "sales", "operations", "other"}
    assert made["scorecard"]["label"] == "synthetic data"


def test_respondents_go_to_a_file_and_not_to_the_screen(run, tmp_path, card):
    outcome = run("score", "--scorecard", card, "--respondents", tmp_path / "people.csv")
    assert "personal data" in outcome.err
    assert "synthetic-01" not in outcome.out
    people = pd.read_csv(tmp_path / "people.csv")
    assert len(people) == 92
    assert people["respondent"].iloc[0] == "synthetic-01"


def test_a_changed_scorecard_is_refused(run, tmp_path, card):
    changed = tmp_path / "changed.json"
    changed.write_bytes(card.read_bytes().replace(b'"min_valid": null', b'"min_valid": 3', 1))
    outcome = run("score", "--scorecard", changed)
    assert (outcome.code, outcome.out) == (3, "")
    assert "was changed after it was made" in outcome.err


def test_items_that_do_not_match_are_refused(run, survey, card):
    for change, code, said in (
        (lambda table: table.drop(columns="con2"), 4, "con2"),
        (lambda table: table.assign(ali1="9"), 4, "ali1"),
    ):
        outcome = run("score", survey(change), "--scorecard", card)
        assert (outcome.code, outcome.out) == (code, "")
        assert said in outcome.err
        assert "Traceback" not in outcome.err


def test_gaps_are_shown_and_told(run):
    outcome = run("gaps")
    assert outcome.code == 0, outcome.err
    assert "Perception gaps (sales 40, operations 31) (synthetic data)" in outcome.out
    assert "Holm" in outcome.out
    assert (
        run("gaps", "--no-check").out.lower().count("not checked") == 7
    )  # each scale in the table, all in one note
    made = json.loads(run("gaps", "--groups", "operations,sales", "--no-check", "--json").out)
    assert made["groups"] == ["operations", "sales"]
    assert made["gaps"][0]["gap"] == -0.4
    assert made["gaps"][0]["comparable"] is None


def test_small_groups_show_no_numbers(run, survey):
    def change(table):
        table.loc[table["department"] == "sales", "department"] = ["sales"] * 4 + ["logistics"] * 36
        return table

    outcome = run("gaps", survey(change))
    assert outcome.code == 0, outcome.err
    assert "sales: too few" in outcome.out
    assert "withheld, fewer than 5 people answered" in outcome.out


def test_a_second_report_that_differs_by_one_person_is_refused(run, survey, tmp_path, card):
    ledger = ("--ledger", tmp_path / "ledger.json")
    assert run("score", survey(lambda table: table, "may.csv"), "--scorecard", card, *ledger).code == 0
    june = survey(lambda table: table.iloc[:-1], "june.csv")
    outcome = run("score", june, "--scorecard", card, *ledger, "--respondents", tmp_path / "people.csv")
    assert (outcome.code, outcome.out) == (7, "")
    assert "may.csv" in outcome.err
    assert not (tmp_path / "people.csv").exists()
    assert run("gaps", june, *ledger).code == 7


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("gaps", "--groups", "sales"), 2),
        (("gaps", "--groups", "sales,operations,other"), 2),
        (("gaps", "--by", "nothing"), 2),
        (("gaps", "--groups", "sales,marketing"), 2),
        (("scorecard", "show", "no such file"), 3),
        (("score", "--scorecard", "no such file"), 3),
    ],
)
def test_wrong_arguments_are_one_message(run, arguments, code):
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (code, "")
    assert "Traceback" not in outcome.err


def test_a_wrong_population_is_one_message(run, card):
    for given in ("sales", "sales=many", "=4", "sales=3"):
        outcome = run("score", "--scorecard", card, "--by", "department", "--population", given)
        assert (outcome.code, outcome.out) == (2, "")


def test_a_scale_that_contradicts_itself_is_told_of(run, survey, tmp_path):
    """Two items turned round: alpha is negative, and the usual cause is asked for."""

    def turn(frame):
        for item in ("con1", "con2"):
            frame[item] = 8 - frame[item].astype(int)
        return frame

    done = run("scorecard", "make", survey(turn), "--out", tmp_path / "norm.json")
    assert "The items of Conflict contradict each other (alpha -2." in done.out
