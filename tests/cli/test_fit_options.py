"""The options of a fit from the command line: groups, estimators, missing and ordered data."""

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def files(tmp_path):
    """A model of one factor and 200 rows of two groups, whose labels are numbers."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame(rng.normal(size=(200, 4)) + rng.normal(size=(200, 1)), columns=list("abcd")).round(4)
    data["wave"] = np.repeat([1, 2], 100)
    data["firm"] = np.arange(200) // 8
    model, table = tmp_path / "model.txt", tmp_path / "data.csv"
    model.write_text("f =~ a + b + c + d\n", "utf-8")
    data.to_csv(table, index=False)
    return model, table


def fitted(run, files, *options):
    outcome = run("fit", *files, *options, "--json")
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def test_groups_keep_their_whole_number_labels(run, files) -> None:
    """Group 1 is 1, not 1.0; equal loadings cost three parameters."""
    free = fitted(run, files, "--group", "wave")
    equal = fitted(run, files, "--group", "wave", "--group-equal", "loadings", "--group-label", "2,1")
    assert free["groups"] == ["1", "2"]
    assert equal["groups"] == ["2", "1"]
    assert equal["fit"]["df"] - free["fit"]["df"] == 3
    partial = fitted(run, files, "--group", "wave", "--group-equal", "loadings", "--group-partial", "f=~b")
    assert partial["fit"]["df"] - free["fit"]["df"] == 2


@pytest.mark.parametrize(
    ("options", "scaled"),
    [(("--estimator", "MLR"), True), (("--cluster", "firm"), True), (("--se", "robust_sem"), False)],
)
def test_scaled_tests_are_shown_where_they_exist(run, files, options, scaled) -> None:
    """And small-sample corrections of the plain test only without them."""
    made = fitted(run, files, *options)
    assert ("chisq_scaled" in made["fit"]) == scaled
    assert bool(made["corrected_tests"]) != scaled
    text = run("fit", *files, *options).out
    assert ("scaled chi2" in text) == scaled


def test_the_group_of_a_row_is_shown(run, files) -> None:
    """Sizes in the title, a column in the table of estimates."""
    out = run("fit", *files, "--group", "wave").out
    assert "1 100, 2 100" in out
    assert "group" in out


def test_ordered_answers(run, files) -> None:
    """--ordered all makes thresholds of all indicators."""
    model, table = files
    data = pd.read_csv(table)
    for v in "abcd":
        data[v] = np.digitize(data[v], [-0.5, 0.8])
    data.to_csv(table, index=False)
    made = fitted(run, (model, table), "--ordered", "all")
    assert sum(row["op"] == "|" for row in made["estimates"]) == 8


def test_missing_values_by_full_information(run, files) -> None:
    """All rows are used with --missing ml."""
    model, table = files
    data = pd.read_csv(table)
    data.loc[::9, "b"] = np.nan
    data.to_csv(table, index=False)
    assert fitted(run, (model, table), "--missing", "ml")["fit"]["ntotal"] == 200
    assert fitted(run, (model, table))["fit"]["ntotal"] < 200


@pytest.mark.parametrize(
    ("options", "code"),
    [(("--group", "nothing"), 2), (("--estimator", "MLQ"), 2), (("--group-equal", "loadings"), 2)],
)
def test_wrong_options_end_with_their_code(run, files, options, code) -> None:
    """A column that is not there, an estimator that does not exist, equal groups without groups."""
    outcome = run("fit", *files, *options)
    assert outcome.code == code
    assert outcome.err.startswith("sopsem: ")
