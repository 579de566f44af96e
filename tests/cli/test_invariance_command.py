"""``sopsem invariance``."""

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def files(tmp_path):
    """A model and 300 rows of two groups, one of which finds c easier, and a third of five rows."""
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.normal(size=(305, 4)) + rng.normal(size=(305, 1)), columns=list("abcd"))
    data["where"] = ["here"] * 150 + ["there"] * 150 + ["far"] * 5
    data.loc[data["where"] == "there", "c"] += 1.0
    model, table = tmp_path / "model.txt", tmp_path / "data.csv"
    model.write_text("f =~ a + b + c + d\n", "utf-8")
    data.to_csv(table, index=False)
    return table, "--model", model, "--group", "where"


def test_levels_and_a_search(run, files) -> None:
    """The ladder as text and as JSON."""
    two = (*files, "--group-label", "here,there", "--partial", "scalar")
    outcome = run("invariance", *two)
    assert outcome.code == 0
    assert "Search for exceptions" in outcome.out
    made = json.loads(run("invariance", *two, "--json").out)
    assert [row["level"] for row in made["levels"]] == [
        "configural",
        "metric",
        "scalar",
        "strict",
        "structural",
    ]
    assert made["search"]["freed"] == ["c~1"]
    assert made["search"]["tenable"] is True
    assert made["groups"] == {"here": 150, "there": 150}


def test_a_small_group_is_refused_in_words(run, files) -> None:
    """Five rows carry a model of four variables just so; with a larger minimum the refusal says who is small."""
    outcome = run("invariance", *files, "--min-group-size", 50)
    assert outcome.code == 4
    assert "'far' has 5 row(s), 45 too few" in outcome.err
    assert outcome.out == ""


def test_an_unknown_level_is_a_usage_error(run, files) -> None:
    """The message names the levels."""
    outcome = run("invariance", *files, "--levels", "configural,weak")
    assert outcome.code == 2
    assert "metric" in outcome.err
