"""What the manifest of a command says, and that it says it for every command that prints JSON."""

import json

import pandas as pd

from sopsem.cli.provenance import frame_digest, run_manifest, sealed


def test_outside_of_a_command_there_is_no_manifest():
    assert run_manifest() == {}
    assert sealed({"a": 1}) == {"a": 1}


def test_options_that_change_no_number_are_left_out_and_paths_are_told_from_where_we_are(
    run, tmp_path, answers, monkeypatch
):
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    answers.to_csv(tmp_path / "survey.csv", index=False)
    printed = run("draw", tmp_path / "survey.csv", "--json").out
    manifest = json.loads(printed)["manifest"]
    assert manifest["command"] == "draw"
    assert manifest["options"]["survey"] == "../survey.csv"
    assert manifest["options"]["seed"] == 1
    assert "as_json" not in manifest["options"]
    assert set(manifest["inputs"]) == {"survey", "instrument"}
    assert all(len(one["sha256"]) == 64 for one in manifest["inputs"].values())
    assert len(manifest["tables"]["survey"]["sha256_matrix"]) == 64
    assert str(tmp_path) not in printed


def test_the_hash_of_a_table_sees_names_order_and_values():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    others = [
        frame.rename(columns={"a": "c"}),
        frame[["b", "a"]],
        frame.iloc[::-1],
        frame.assign(a=[1.0, 2.5]),
    ]
    assert len({frame_digest(one) for one in (frame, *others)}) == 5
