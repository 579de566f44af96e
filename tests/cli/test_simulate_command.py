"""``sopsem simulate``."""

import io

import pandas as pd
import pytest


@pytest.fixture
def model(tmp_path):
    """A regression with values."""
    path = tmp_path / "model.txt"
    path.write_text("y ~ b*x; x ~~ 1*x; y ~~ 1*y\n", "utf-8")
    return path


def test_rows_are_shown_or_written(run, model, tmp_path) -> None:
    """The same rows either way, and the same for the same seed."""
    shown = run(
        "simulate",
        model,
        "--n",
        40,
        "--seed",
        7,
        "--values",
        "b=0.5",
        "--skewness",
        "x=1",
        "--kurtosis",
        "x=2",
    )
    assert shown.code == 0
    frame = pd.read_csv(io.StringIO(shown.out))
    assert frame.shape == (40, 2)
    out = tmp_path / "rows.csv"
    options = (
        "--n",
        40,
        "--seed",
        7,
        "--values",
        "b=0.5",
        "--skewness",
        "x=1",
        "--kurtosis",
        "x=2",
        "--out",
        out,
    )
    assert run("simulate", model, *options).code == 0
    assert out.read_text("utf-8") == shown.out


def test_groups_of_different_size(run, model) -> None:
    """One number for each group."""
    made = run("simulate", model, "--n", "10,20", "--groups", "a,b")
    assert pd.read_csv(io.StringIO(made.out))["group"].value_counts().to_dict() == {"b": 20, "a": 10}


@pytest.mark.parametrize(
    "options",
    [
        ("--n", "many"),
        ("--n", 10, "--values", "b"),
        ("--n", 10, "--skewness", "high"),
        ("--n", 10, "--skewness", "5"),
    ],
)
def test_wrong_numbers_are_usage_errors(run, model, options) -> None:
    """What is no number, and a skewness that no polynomial has."""
    outcome = run("simulate", model, *options)
    assert outcome.code == 2
    assert outcome.err.startswith("sopsem: ")
