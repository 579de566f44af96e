"""Uploaded files: harmless names, the same readers, columns asked for where they are not found."""

import pandas as pd
import pytest

import sopsem
from sopsem.app.study_table import study_tables
from sopsem.app.uploads import kept, match_sentence, match_table, missing_questions
from sopsem.client.scorecard.making import make_scorecard
from sopsem.errors import DataError, FileError
from sopsem.survey import load_instrument


@pytest.fixture(scope="module")
def frame():
    return pd.read_csv(sopsem.find_survey("synthetic_twin_1"), dtype=str, keep_default_na=False)


def upload(folder, content, name):
    path = folder / "0.csv"
    path.write_bytes(content)
    return kept(path, name, folder)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("acme 2026 (1).csv", "acme 2026 (1).csv"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x.csv", "x.csv"),
        ("<img src=x onerror=alert(1)>.csv", "_img src_x onerror_alert(1)_.csv"),
        ("\x00\x1b[31m\u202egnp.csv", "___31m_gnp.csv"),
        ("...", "survey"),
        ("", "survey"),
        ("x" * 300 + ".csv", "x" * 76 + ".csv"),
    ],
)
def test_names_lose_what_they_must_not_hold(tmp_path, name, safe):
    """No folder, no control character, not too long; the file stays in the folder."""
    made = upload(tmp_path, b"a\n1\n", name)
    assert made.path == tmp_path / safe
    assert made.path.read_bytes() == b"a\n1\n"


def test_questions_without_a_column_are_asked_for(tmp_path, frame):
    """The column that looks like it is said, and used only when chosen."""
    renamed = frame.rename(columns={"col1": "Coll1", "ali2": "promise"})
    made = upload(tmp_path, renamed.to_csv(index=False).encode(), "acme.csv")
    instrument = load_instrument()
    found = made.inspect(instrument, {})
    assert missing_questions(found) == {"col1": "Coll1", "ali2": ""}
    assert match_sentence(found) == "csv, 92 rows: 19 of 21 questions have a column."
    assert ("col1", "", "not found") in match_table(found).rows
    with pytest.raises(DataError, match="col1"):
        made.read(instrument, {})
    answers = made.read(instrument, {"col1": "Coll1", "ali2": "promise"})
    assert answers.items["col1"].tolist() == frame["col1"].astype(float).tolist()


def test_files_pass_the_same_door(tmp_path):
    """What is no survey is refused as on the command line."""
    made = upload(tmp_path, b"%PDF-1.7 nothing", "x.csv")
    with pytest.raises(FileError):
        made.inspect(load_instrument(), {})
    assert upload(tmp_path, b"a\n1\n", "synthetic_x.csv").label == "synthetic data"


def test_the_model_is_shown_beside_the_study_or_alone(frame):
    """With the study's items its table, with other items the effects of the questionnaire's model."""
    instrument = load_instrument()
    answers = sopsem.responses_from_frame(frame, instrument)
    titles = [table.title for table in study_tables(answers, "synthetic data")]
    assert titles == ["Standardized total effects: the paper's table beside ours", "Fit"]
    data = instrument.model_dump(by_alias=True)
    data["items"] = {name: item for name, item in data["items"].items() if name != "col4"}
    data["model"] = data["model"].replace(" + col4", "")
    own = sopsem.Instrument.model_validate(data)
    (table,) = study_tables(sopsem.responses_from_frame(frame, own), "synthetic data")
    assert table.title == "Effects, standardized"
    assert table.source_label == "synthetic data"
    assert len(table.rows) > 5


def test_a_benchmark_is_a_survey_or_a_scorecard(tmp_path, frame):
    """The ending tells them apart."""
    instrument = load_instrument()
    made = upload(tmp_path, frame.to_csv(index=False).encode(), "synthetic other.csv")
    survey = made.norms(instrument)
    card = make_scorecard(made.read(instrument, {}))
    from_card = upload(tmp_path, card.to_bytes(), "card.json").norms(instrument)
    assert (survey.label, survey.n) == (from_card.label, from_card.n) == ("synthetic data", 92)
    assert survey.responses is not None
    assert from_card.responses is None
