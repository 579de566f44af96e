"""``sopsem inspect`` and the column map."""

import json
from pathlib import Path

import pandas as pd
import pytest

SAMPLES = Path(__file__).parent.parent / "data" / "formats"


def test_the_text_names_tool_file_and_questions(run):
    outcome = run("inspect", SAMPLES / "surveymonkey.xlsx")
    assert outcome.code == 0
    for part in (
        "SurveyMonkey",
        "Excel workbook",
        "24",
        "question text",
        "The file can be analysed as it is",
    ):
        assert part in outcome.out, outcome.out


def test_json_holds_everything(run):
    outcome = run("inspect", SAMPLES / "qualtrics.csv", "--json")
    found = json.loads(outcome.out)
    assert (found["tool"], found["n_rows"], found["readable"]) == ("Qualtrics", 24, True)
    assert found["interviews"] == {"previews": 1.0, "unfinished": 1.0}
    assert {row["how"] for row in found["matches"]} == {"name", ""}
    assert [row["row"] for row in found["excluded"]] == [5, 8, 12]


def test_problems_are_told_and_are_no_failure(run, tmp_path):
    (tmp_path / "a.csv").write_text("Col_1,col2\n5,9\n", encoding="utf-8")
    outcome = run("inspect", tmp_path / "a.csv")
    assert outcome.code == 0
    assert "9 is not a code" in outcome.out
    assert "--map QUESTION=COLUMN" in outcome.out


@pytest.mark.parametrize("as_file", [True, False])
def test_a_map_is_applied(run, tmp_path, as_file):
    (tmp_path / "a.csv").write_text("Col_1,col2\n5,6\n", encoding="utf-8")
    (tmp_path / "map.toml").write_text('col1 = "Col_1"\n', encoding="utf-8")
    given = str(tmp_path / "map.toml") if as_file else "col1=Col_1"
    found = json.loads(run("inspect", tmp_path / "a.csv", "--map", given, "--json").out)
    assert (found["matches"][0]["column"], found["matches"][0]["how"]) == ("Col_1", "map")


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (("col1",), 2, "--map takes QUESTION=COLUMN"),
        (("=x",), 2, "--map takes QUESTION=COLUMN"),
        (("col1=a", "col1=b"), 2, "two columns"),
        (("colx=col2",), 2, "does not ask"),
        (("none.toml",), 3, "no such file"),
        (("bad.toml",), 3, "not a TOML file"),
        (("number.toml",), 3, "must be the name of a column"),
    ],
)
def test_a_wrong_map_is_refused(run, tmp_path, monkeypatch, given, code, said):
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("col1,col2\n5,6\n", encoding="utf-8")
    Path("bad.toml").write_text("col1 = \n", encoding="utf-8")
    Path("number.toml").write_text("col1 = 3\n", encoding="utf-8")
    outcome = run("inspect", "a.csv", *(part for each in given for part in ("--map", each)))
    assert (outcome.code, outcome.out) == (code, "")
    assert said in outcome.err


def test_a_file_that_cannot_be_opened_has_its_exit_code(run, tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 cut")
    assert run("inspect", tmp_path / "a.xlsx").code == 3
    assert run("inspect", "https://example.org/a.csv").code == 2


def test_a_map_and_a_sheet_reach_the_analysis(run, tmp_path, answers):
    """A workbook with two filled sheets and a column by another name gives what the CSV file gives."""
    answers.to_csv(tmp_path / "a.csv", index=False)
    with pd.ExcelWriter(tmp_path / "a.xlsx", engine="openpyxl") as book:
        answers.rename(columns={"col1": "Q1"}).to_excel(book, sheet_name="Answers", index=False)
        answers.head(3).to_excel(book, sheet_name="Notes", index=False)
    assert run("screen", tmp_path / "a.xlsx").code == 4
    given = ("--sheet", "Answers", "--map", "col1=Q1", "--json")
    plain = json.loads(run("screen", tmp_path / "a.csv", "--json").out)
    found = json.loads(run("screen", tmp_path / "a.xlsx", *given).out)
    assert found["rows"] == 92
    assert found["screens"] == plain["screens"]


@pytest.mark.parametrize("command", ["validate", "mediation", "replicate", "drivers", "report", "screen"])
def test_every_analysis_of_a_survey_takes_a_map(run, command):
    wrong = ("synthetic_twin_0", "--map", "none") if command == "report" else ("--map", "none")
    outcome = run(command, *wrong)
    assert outcome.code == 2
    assert "QUESTION=COLUMN" in outcome.err


def test_unknown_codes_are_shown_and_no_box_is_empty(run, survey):
    """The table of what the file is has no header, so no rule of one."""

    def slip(frame):
        frame.loc[3, "department"] = "slaes"
        return frame

    text = run("inspect", survey(slip)).out
    lines = text.splitlines()
    assert lines[2].startswith("survey tool")
    at = lines.index("Background answers that the code book does not have, kept as they are")
    assert lines[at + 4].split() == ["department", "slaes", "1", "sales"]


def test_a_shipped_survey_is_inspected_by_its_name(run):
    """As every other command takes it; a name written wrong comes with the nearest."""
    assert "The file can be analysed as it is" in run("inspect", "synthetic_twin_1").out
    assert "did you mean 'synthetic_twin_1'?" in run("inspect", "synthetic_twin1").err


def test_a_file_written_wrong_is_answered_with_the_nearest_beside_it(run, tmp_path):
    (tmp_path / "survey.csv").write_text("col1\n5\n", encoding="utf-8")
    assert "no such file, did you mean 'survey.csv'?" in run("inspect", tmp_path / "survye.csv").err
