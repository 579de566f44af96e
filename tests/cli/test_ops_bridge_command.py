"""``sopsem ops bridge``: a survey beside tables, through the command line."""

import json

import pandas as pd
import pytest

from sopsem.executive.simulate import simulate_enterprise


@pytest.fixture(scope="module")
def firm(tmp_path_factory):
    """Two small units as files; the survey has the unit in a column of another name."""
    folder = tmp_path_factory.mktemp("firm")
    made = simulate_enterprise(2, 10, seed=4, periods=13)
    (folder / "tables").mkdir()
    for name, frame in made.frames.items():
        frame.to_csv(folder / "tables" / f"{name}.csv", index=False)
    made.survey.to_csv(folder / "survey.csv", index=False)
    (folder / "tables" / "truth.json").write_text('{"label": "synthetic data"}', "utf-8")
    renamed = made.survey.rename(columns={"unit": "plant", "alignment1": "a1", "alignment2": "a2"})
    renamed.to_csv(folder / "other.csv", index=False)
    return folder


def test_units_floors_and_what_is_not_known_are_printed(run, firm):
    outcome = run("ops", "bridge", firm / "tables", "--survey", firm / "survey.csv", "--categories", 7)
    assert outcome.code == 0, outcome.err
    text = " ".join(outcome.out.split())
    assert "Perceived and measured by unit" in text
    assert "synthetic data" in text
    assert "2 units have both: the congruence table only" in text
    assert "plan latency (E40) is not computed" in text
    assert "Spearman" not in text
    assert "No direction is inferred" in text


def test_json_and_columns_of_other_names(run, firm):
    given = ("--survey", firm / "other.csv", "--categories", 7, "--by", "plant", "--no-halves", "--json")
    outcome = run("ops", "bridge", firm / "tables", *given, "--construct", "alignment=a1,a2")
    assert outcome.code == 0, outcome.err
    record = json.loads(outcome.out)
    assert [row["unit"] for row in record["table"]] == ["U01", "U02"]
    answers = pd.read_csv(firm / "other.csv")
    own = answers[answers["plant"] == "U01"]
    assert record["table"][0]["perceived"] == pytest.approx(own[["a1", "a2"]].mean(axis=1).mean())
    assert record["pairs"][0]["pearson"] is None
    assert record["floors"][0].startswith("2 units have both")
    assert record["manifest"]["command"] == "ops bridge"


def test_the_projects_questionnaire_is_read_with_its_reversed_items(run, firm, answers):
    answers["unit"] = ["U01" if i % 2 else "U02" for i in range(len(answers))]
    answers.to_csv(firm / "twin.csv", index=False)
    given = ("--survey", firm / "twin.csv", "--instrument", "sop_alignment", "--no-halves", "--json")
    outcome = run("ops", "bridge", firm / "tables", *given, "--role", "department")
    assert outcome.code == 0, outcome.err
    record = json.loads(outcome.out)
    agreement = {row["construct"]: row for row in record["agreement"]}
    assert agreement["internal_performance"]["items"] == 3
    assert agreement["conflict"]["categories"] == 7
    # random halves of one sample are no units: their perceptions are not shared, and nothing is averaged
    assert not agreement["alignment"]["shared"]
    assert record["table"][0]["perceived"] is None
    assert {row["role"] for row in record["roles"]} == {"Sales"}


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ((), 2, "give --categories"),
        (("--categories", 7, "--instrument", "sop_alignment"), 2, "give --categories"),
        (("--categories", 7, "--construct", "alignment"), 2, "NAME=COLUMN"),
        (("--categories", 7, "--by", "plant"), 4, "column 'plant' is missing"),
        (("--categories", 5), 4, "outside 1 to 5"),
        (("--categories", 7, "--at", "2023-Q1"), 4, "is no month"),
    ],
)
def test_what_cannot_be_is_refused(run, firm, more, code, words):
    outcome = run("ops", "bridge", firm / "tables", "--survey", firm / "survey.csv", "--no-halves", *more)
    assert outcome.code == code
    assert words in outcome.err
    assert not outcome.out


def test_a_report_takes_the_survey_as_a_part(run, firm, tmp_path):
    """The numbers are those of ``ops bridge`` over all units of the folder, whichever unit the report is of."""
    given = (firm / "tables", "--survey", firm / "survey.csv", "--categories", 7)
    target = tmp_path / "client.md"
    done = run("ops", "report", *given, "--unit", "U01", "--role", "client", "--replayed", 1, "-o", target)
    assert done.code == 0, done.err
    text = target.read_text("utf-8")
    assert "What people think of it" in text
    bridge = json.loads(run("ops", "bridge", *given, "--json").out)
    for row in bridge["table"]:
        assert row["unit"] in text
    assert bridge["floors"][0].split(":")[0] in text


def test_a_report_says_what_is_missing_of_a_survey_before_it_works(run, firm):
    report = ("ops", "report", firm / "tables", "--unit", "U01")
    alone = run(*report, "--categories", 7)
    assert alone.code == 2
    assert "give --survey FILE too" in alone.err
    unread = run(*report, "--survey", firm / "survey.csv")
    assert unread.code == 2
    assert "give --categories" in unread.err
