"""``sopsem replicate``, ``audit`` and ``draw`` from the command line."""

import json
import subprocess
import sys

import numpy as np
import pytest

import sopsem

FIT_IDS = ["chisq", "df", "npar", "pvalue", "dchisq", "dpvalue", "cfi", "tli", "rmsea", "srmr"]
PAIRS = [
    "conflict~coordination",
    "alignment~coordination",
    "performance~coordination",
    "performance~conflict",
    "performance~alignment",
]


def test_without_arguments_one_screen_says_what_there_is(run) -> None:
    """The overview names every command and fits a screen."""
    outcome = run()
    assert outcome.code == 0
    assert len(outcome.out.splitlines()) < 40
    assert max(map(len, outcome.out.splitlines())) < 100
    assert "sopsem replicate" in outcome.out


def test_the_thin_slice_prints_the_table_of_the_paper_beside_ours(run) -> None:
    """Survey file in, table out, with the label of the data."""
    outcome = run("replicate")
    assert outcome.code == 0
    assert "alignment → performance" in outcome.out
    assert "[0.601, 1.354]" in outcome.out
    assert "synthetic data" in outcome.out
    assert "left out" in outcome.err


def test_json_is_one_object_with_the_agreed_cells(run) -> None:
    """The ids other tools rely on, and nothing but JSON on stdout."""
    result = json.loads(run("replicate", "--json").out)
    cells = {cell["id"]: cell for cell in result["cells"]}
    expected = FIT_IDS + [f"{p}:{pair}" for p in ("effect", "ci_lower", "ci_upper", "p") for pair in PAIRS]
    assert sorted(cells) == sorted(expected)
    assert {"id", "printed", "computed", "lower", "upper", "verdict"} <= set(cells["chisq"])
    assert cells["chisq"]["computed"] == pytest.approx(169.04, abs=0.005)
    assert result["manifest"]["settings"]["draws"] == 200
    assert result["manifest"]["data"]["label"] == "synthetic data"
    assert sum(row["count"] for row in result["draws"]) == 200


def test_every_file_is_written_and_marked_synthetic(run, tmp_path) -> None:
    """Tables in five formats, page, figures, JSON, manifest."""
    folder = tmp_path / "out"
    assert run("replicate", "--draws", 50, "--out", folder).code == 0
    names = {path.name for path in folder.iterdir()}
    assert {f"effects.{e}" for e in ("csv", "md", "tex", "docx", "html")} <= names
    figures = ("path_diagram", "forest", "bootstrap", "draws")
    assert {f"{figure}.{kind}" for figure in figures for kind in ("png", "svg")} <= names
    assert {"report.html", "manifest.json", "result.json"} <= names
    page = (folder / "report.html").read_text("utf-8")
    assert "synthetic data" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "synthetic" in (folder / "effects.csv").read_text("utf-8")


def test_the_same_seed_gives_the_same_bytes(run, tmp_path) -> None:
    """Two runs write the same files, byte for byte."""
    for name in ("one", "two"):
        run("replicate", "--draws", 40, "--seed", 7, "--out", tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_a_refused_interval_is_replaced_and_the_reason_stated(run) -> None:
    """BC after dropping more than 5 % of the draws."""
    result = json.loads(run("replicate", "--policy", "drop", "--interval", "bc", "--json").out)
    assert result["manifest"]["settings"]["interval"] == "percentile"
    assert any("refused" in sentence for sentence in result["sentences"])


def test_unknown_choices_end_with_usage(run) -> None:
    """A misspelt policy or interval is exit code 2."""
    assert run("replicate", "--policy", "kepe").code == 2
    assert run("replicate", "--interval", "percentil").code == 2
    assert run("replicate", "--rule", "median").code == 2
    assert run("replicate", "--seed", "-1").code == 2
    assert run("replicat").code == 2


def test_audit_prints_every_check(run) -> None:
    """The shipped paper is consistent; a file that does not exist is exit code 3."""
    outcome = run("audit")
    assert outcome.code == 0
    assert "35 consistent, 0 inconsistent, 16 undecidable" in outcome.out
    assert json.loads(run("audit", "--json").out)["summary"]["inconsistent"] == 0
    assert run("audit", "no_such_study.toml").code == 3


def test_a_draw_made_again_is_that_draw(run) -> None:
    """Seed and index alone give the rows and the class."""
    first = json.loads(run("draw", "--seed", 42, "--index", 317, "--json").out)
    again = json.loads(run("draw", "--seed", 42, "--index", 317, "--json").out)
    assert first == again
    assert len(first["rows"]) == 92
    assert all(1 <= row <= 92 for row in first["rows"])


def test_the_rows_printed_for_a_draw_are_the_rows_that_give_its_estimates(run) -> None:
    """Text and JSON name one set of rows, counted from 1; fitting them gives the draw's estimates."""
    told = json.loads(run("draw", "--seed", 42, "--index", 317, "--json").out)
    text = " ".join(run("draw", "--seed", 42, "--index", 317).out.split())
    assert f"Rows of the data, from 1: {' '.join(map(str, told['rows']))}" in text
    instrument = sopsem.load_instrument()
    items = sopsem.read_responses(sopsem.find_survey(), instrument).items
    drawn = items.iloc[[row - 1 for row in told["rows"]]].reset_index(drop=True)
    refitted = sopsem.estimates(sopsem.fit(instrument.model, drawn, mimic="amos"))["est"]
    np.testing.assert_allclose([row["draw"] for row in told["estimates"]], refitted, atol=1e-4)


def test_the_module_runs_as_a_program() -> None:
    """``python -m sopsem`` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "sopsem", "--version"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert done.stdout.startswith("sopsem 0.")
