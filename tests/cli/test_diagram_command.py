"""``sopsem diagram``."""

import json

import pytest

import sopsem


@pytest.fixture
def files(tmp_path):
    """A model and rows of two groups."""
    data = sopsem.simulate(
        "f =~ 0.8*a + 0.7*b + 0.8*c; y ~ 0.4*f", 300, seed=1, groups=("here", "there"), group="where"
    )
    model, table = tmp_path / "model.txt", tmp_path / "synthetic.csv"
    model.write_text("f =~ a + b + c\ny ~ f\n", "utf-8")
    data.to_csv(table, index=False)
    return model, table


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_the_ending_chooses(run, files, tmp_path, kind, start) -> None:
    """The file, and nothing on stdout."""
    target = tmp_path / "new" / f"model.{kind}"
    outcome = run("diagram", *files, "--group", "where", "--stars", "--out", target)
    assert (outcome.code, outcome.out) == (0, "")
    assert target.read_bytes().startswith(start)


def test_dot_is_shown(run, files) -> None:
    """Without --out the graph goes to stdout."""
    outcome = run("diagram", *files, "--no-items")
    assert outcome.code == 0
    assert outcome.out.startswith("digraph")
    assert '"a"' not in outcome.out


def test_json_has_the_words_and_the_graph(run, files) -> None:
    """What the picture shows as text, and its size."""
    made = json.loads(run("diagram", *files, "--json").out)
    assert "f → y" in made["text"]
    assert made["dot"].startswith("digraph")
    assert 2.0 < made["width_inches"] < 12.0


def test_the_shipped_survey_has_labels(run) -> None:
    """Names come from the instrument."""
    outcome = run("diagram")
    assert outcome.code == 0
    assert "Sales-operations" in outcome.out


def test_wrong_endings_and_half_of_the_files(run, files, tmp_path) -> None:
    """One message each, nothing written."""
    outcome = run("diagram", *files, "--out", tmp_path / "model.gif")
    assert outcome.code == 2
    assert ".svg, .png, .pdf, .dot" in outcome.err
    assert run("diagram", files[0]).code == 2
    assert not (tmp_path / "model.gif").exists()
