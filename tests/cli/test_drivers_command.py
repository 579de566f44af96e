"""``sopsem drivers``."""

import json


def test_text_files_and_json_agree(run, tmp_path) -> None:
    folder = tmp_path / "made"
    outcome = run("drivers", "--draws", 30, "--seed", 3, "--out", folder)
    assert outcome.code == 0
    assert "first lever on Performance" in " ".join(outcome.out.split())
    assert "(synthetic data)" in outcome.out
    assert {p.name for p in folder.iterdir()} >= {
        "drivers.csv",
        "driver_ranks.csv",
        "drivers.html",
        "driver_map.png",
        "driver_map.svg",
    }
    made = json.loads(run("drivers", "--draws", 30, "--seed", 3, "--json").out)
    assert made["outcome"] == "performance"
    assert [d["driver"] for d in made["drivers"]] == ["alignment", "coordination", "conflict"]
    assert sum(d["count"] for d in made["draws"]) == 30
    assert repr(made["drivers"][0]["importance"]) in (folder / "drivers.csv").read_text("utf-8")


def test_an_unknown_outcome_is_a_usage_error(run) -> None:
    outcome = run("drivers", "--outcome", "profit")
    assert outcome.code == 2
    assert "--outcome profit" in outcome.err
