"""One survey as every tool exports it gives the same answers, by whichever file."""

from pathlib import Path

import pandas as pd
import pytest

from sopsem.survey import read_responses, responses_from_frame
from sopsem.survey.formats import formats

SAMPLES = Path(__file__).parent.parent / "data" / "formats"
TOOLS = {
    "google_forms.csv": "Google Forms",
    "limesurvey_code_text.csv": "LimeSurvey",
    "limesurvey_codes.csv": "LimeSurvey",
    "limesurvey_expression_codes.csv": "LimeSurvey",
    "microsoft_forms.xlsx": "Microsoft Forms",
    "plain.csv": "plain",
    "plain.dta": "plain",
    "plain.ods": "plain",
    "plain.parquet": "plain",
    "plain.xls": "plain",
    "plain.xlsx": "plain",
    "plain_semicolon.csv": "plain",
    "qualtrics.csv": "Qualtrics",
    "qualtrics.sav": "Qualtrics",
    "qualtrics.tsv": "Qualtrics",
    "qualtrics_legacy.csv": "Qualtrics (legacy)",
    "qualtrics_spss.zip": "Qualtrics",
    "surveymonkey.csv": "SurveyMonkey",
    "surveymonkey.xlsx": "SurveyMonkey",
    "vvexport_123456.txt": "LimeSurvey vv",
}
# tool -> what it says of the fifth respondent, who stopped early, and of the tenth, who is a test
SAYS_FINISHED = ("Qualtrics", "LimeSurvey")
NEEDED = {"plain.parquet": "pyarrow"}


@pytest.fixture(scope="module")
def reference(instrument):
    return read_responses(SAMPLES / "plain.csv", instrument)


def test_every_sample_is_listed_and_every_format_has_one():
    assert {path.name for path in SAMPLES.iterdir()} == set(TOOLS)
    endings = {name.rpartition(".")[2] for name in TOOLS}
    assert {entry.name for entry in formats} <= endings


@pytest.mark.parametrize("name", TOOLS)
def test_each_sample_gives_the_same_answers(name, reference, instrument):
    if name in NEEDED:
        pytest.importorskip(NEEDED[name])
    answers = read_responses(SAMPLES / name, instrument)
    assert answers.source.tool == TOOLS[name]
    assert answers.source.matrix_sha256 == reference.source.matrix_sha256
    pd.testing.assert_frame_equal(answers.items, reference.items)
    pd.testing.assert_frame_equal(answers.optional_items, reference.optional_items)
    pd.testing.assert_frame_equal(answers.respondents, reference.respondents)
    missing = answers.log[
        answers.log["rule"].str.startswith("missing") & ~answers.log["item"].isin(["region"])
    ]
    assert missing["n_cells"].sum() == 4
    if TOOLS[name].startswith(SAYS_FINISHED):
        assert answers.metadata.index[~answers.metadata["is_finished"]].tolist() == [5]
    if TOOLS[name].startswith("Qualtrics"):
        assert answers.metadata.index[answers.metadata["is_preview"]].tolist() == [10]


def test_a_frame_gives_the_same_answers(reference, instrument):
    frame = pd.read_csv(SAMPLES / "plain.csv", dtype=str, keep_default_na=False)
    answers = responses_from_frame(frame, instrument)
    assert answers.source.matrix_sha256 == reference.source.matrix_sha256
    pd.testing.assert_frame_equal(answers.respondents, reference.respondents)


def test_durations_of_all_tools_agree(instrument):
    expected = [240.0 + 20 * row for row in range(24)]
    for name in ("qualtrics.csv", "limesurvey_codes.csv", "surveymonkey.csv", "microsoft_forms.xlsx"):
        assert read_responses(SAMPLES / name, instrument).metadata["duration_seconds"].tolist() == expected, (
            name
        )


def test_times_of_all_tools_agree(instrument):
    """Google's are written two hours ahead of Greenwich and come back as UTC."""
    local = read_responses(SAMPLES / "qualtrics.csv", instrument).metadata["ended"]
    utc = read_responses(SAMPLES / "google_forms.csv", instrument).metadata["ended"]
    assert (local - utc == pd.Timedelta(hours=2)).all()
    for name in ("qualtrics.sav", "microsoft_forms.xlsx", "surveymonkey.csv"):
        assert read_responses(SAMPLES / name, instrument).metadata["ended"].tolist() == local.tolist(), name
