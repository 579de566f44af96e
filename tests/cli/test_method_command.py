"""``sopsem method``."""

import json

import numpy as np


def test_text_and_files_without_a_marker(run, tmp_path) -> None:
    outcome = run("method", "--out", tmp_path / "made")
    assert outcome.code == 0
    said = " ".join(outcome.out.split())
    assert "Tipping points of the paths" in said
    assert "such a factor masks this negative path" in said
    assert "There is no marker that was chosen beforehand" in said
    names = {p.name for p in (tmp_path / "made").iterdir()}
    assert {"tipping_points.csv", "common_factor_models.csv", "marker_correlations.csv"} <= names
    assert "cfa_marker_models.csv" not in names


def test_json_with_a_marker_in_the_file(run, survey) -> None:
    """Marker items are optional items of the questionnaire."""
    rng = np.random.default_rng(1)
    trait = rng.normal(size=92)

    def with_marker(answers):
        for item in ("mrk1", "mrk2", "mrk3"):
            numbers = np.clip(np.round(4 + 1.2 * trait + rng.normal(size=92)), 1, 7)
            answers[item] = numbers.astype(int).astype(str)
        return answers

    options = ("--marker", "mrk1,mrk2,mrk3", "--sign", "reversed", "--json")
    outcome = run("method", survey(with_marker), *options)
    assert outcome.code == 0, outcome.err
    made = json.loads(outcome.out)
    assert [row["model"] for row in made["cfa_marker"]["models"]][:3] == ["CFA", "Baseline", "Method-C"]
    assert made["marker_correlation"]["choices"][0]["a_priori"] is True
    assert made["common_factor"]["models"][0]["chisq"] > 169.0


def test_a_marker_that_is_not_there_is_a_usage_error(run) -> None:
    outcome = run("method", "--marker", "mrk1,mrk2")
    assert outcome.code == 2
    assert "--marker mrk1,mrk2" in outcome.err
