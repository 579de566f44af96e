"""``sopsem quality`` and ``sopsem efa``."""

import json

import pandas as pd

import sopsem


def test_text_files_and_json(run, tmp_path) -> None:
    folder = tmp_path / "made"
    outcome = run("quality", "--draws", 5, "--no-drops", "--out", folder)
    assert outcome.code == 0
    assert "(synthetic data)" in outcome.out
    assert "KMO is 0.77 (middling)" in outcome.out
    wanted = {"items.csv", "constructs.csv", "loadings.csv", "number_of_factors.csv"}
    assert wanted <= {p.name for p in folder.iterdir()}
    items = pd.read_csv(folder / "items.csv")
    assert (
        items["mean"][0]
        == sopsem.item_descriptives(
            sopsem.read_responses(sopsem.find_survey(), sopsem.load_instrument()).items
        )["mean"][0]
    )


def test_json_with_item_drops(run) -> None:
    made = json.loads(run("quality", "--draws", 5, "--json").out)
    assert len(made["items"]) == 18
    assert made["mardia"]["p"] == 18
    assert {row["item"] for row in made["item_drop"]["paths"]} == {row["item"] for row in made["items"]}
    assert made["item_drop"]["refused"] == []


def test_efa_of_a_file_of_numbers(run, tmp_path) -> None:
    options = ("--factors", 4, "--draws", 0, "--rotation", "promax", "--out", tmp_path / "o")
    outcome = run("efa", sopsem.find_survey(), *options)
    assert outcome.code == 0
    assert "left out: respondent_id, department, region" in outcome.err
    assert "loadings of .30 and more" in outcome.out
    loadings = pd.read_csv(tmp_path / "o" / "loadings.csv")
    assert len(loadings) == 18
    eight = "col1,col2,col3,col4,ali1,ali2,ali3,ali4"
    made = json.loads(run("efa", sopsem.find_survey(), "--items", eight, "--draws", 20, "--json").out)
    assert made["n_factors"] == 2
    assert len(made["loadings"]) == 8


def test_wrong_use_is_told(run) -> None:
    outcome = run("efa", sopsem.find_survey(), "--items", "col1,nowhere")
    assert outcome.code == 2
    assert "nowhere" in outcome.err
    outcome = run("efa", sopsem.find_survey(), "--draws", 0)
    assert outcome.code == 2
    assert "n_factors" in outcome.err
    assert run("efa", "no_such_file.csv").code == 3
