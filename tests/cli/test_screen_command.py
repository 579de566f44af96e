"""``sopsem screen``."""

import json

import pandas as pd
import pytest


def test_text_files_and_json_agree(run, tmp_path) -> None:
    folder = tmp_path / "made"
    options = ("--screen", "mahalanobis=exclude", "--threshold", "mahalanobis=0.05", "--paths")
    outcome = run("screen", *options, "--out", folder)
    assert outcome.code == 0
    assert "92 respondents in, 91 kept, 1 excluded." in outcome.out
    assert "(synthetic data)" in outcome.out
    assert "Kuriakose" in outcome.out
    names = {"screening.csv", "screens.csv", "items.csv", "excluded_rows.csv", "paths.csv", "screening.html"}
    names |= {"manifest.json"}
    assert {p.name for p in folder.iterdir()} == names
    made = json.loads(run("screen", *options, "--json").out)
    assert (made["rows"], made["rows_kept"]) == (92, 91)
    assert made["excluded"] == [{"row": 33, "reason": "screened: mahalanobis"}]
    assert [row["row"] for row in made["marked"]] == [33]
    assert {row["screen"] for row in made["paths"]} == {"mahalanobis"}
    table = pd.read_csv(folder / "screening.csv", index_col="row")
    assert len(table) == 92
    assert table["excluded"].sum() == 1
    assert table.loc[33, "mahalanobis"] == made["marked"][0]["mahalanobis"]


def test_nothing_is_left_out_unasked_and_duplicates_are_looked_at(run, survey) -> None:
    path = survey(lambda answers: answers.assign(respondent_id=["a", "b", "c", "c", *map(str, range(88))]))
    outcome = run("screen", path, "--json")
    made = json.loads(outcome.out)
    assert made["rows_kept"] == 92
    assert made["paths"] is None
    assert [row["row"] for row in made["marked"]] == [4]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--screen", "speeders"), 2, "not of the form NAME=VALUE"),
        (("--screen", "speeder=mark"), 2, "did you mean 'speeders'"),
        (("--screen", "speeders=mark", "--screen", "speeders=skip"), 2, "is given twice"),
        (("--threshold", "speeders=fast"), 2, "fast is not a number"),
        (("--screen", "speeders=exclude"), 4, "the file has no durations"),
    ],
)
def test_what_is_asked_wrongly_is_refused(run, options, code, words) -> None:
    outcome = run("screen", *options)
    assert outcome.code == code
    assert words in outcome.err
    assert outcome.out == ""
