"""``sopsem ops dashboard``: the files, the findings, what the data are."""

import json

import pytest

from sopsem.executive.simulate import simulate_manufacturer
from sopsem.report.operations.simulated_files import table_files
from sopsem.runs.atomic import write_all


@pytest.fixture
def folder(tmp_path):
    """Two tables of a simulated plant, so that the command is quick and most panels are cards."""
    frames = simulate_manufacturer(0.5, 13, seed=3).frames
    files = table_files({name: frames[name] for name in ("financials", "pipeline")})
    root = tmp_path / "plant"
    write_all({str(root / name): content for name, content in files.items()})
    (root / "truth.json").write_text('{"label": "synthetic data"}')
    return root


def test_every_file_is_written_and_the_findings_are_told(run, folder, tmp_path):
    done = run("ops", "dashboard", folder, "-o", tmp_path / "out", "--json")
    assert done.code == 0, done.err
    ends = ("-2.png", "-2.svg", ".html", ".pdf", ".png", ".svg")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"manifest.json", *(f"dashboard{end}" for end in ends)}
    record = json.loads(done.out)
    assert record["label"] == "synthetic data"
    found = [each["finding"] for each in record["findings"]]
    assert any("wins" in text for text in found)
    assert any(text.startswith("Not shown: E-T01 capacity.csv is needed") for text in found)


def test_a_place_that_cannot_be_written_ends_in_3_before_any_work(run, folder, tmp_path):
    (tmp_path / "file").write_text("")
    done = run("ops", "dashboard", folder, "-o", tmp_path / "file" / "out")
    assert done.code == 3
    assert "cannot be written" in done.err


def test_the_findings_fit_a_terminal(run, folder, tmp_path):
    """A finding to a line, what its panel shows below it."""
    done = run("ops", "dashboard", folder, "-o", tmp_path / "out", "--replayed", 1)
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 100
    assert sum(line.startswith("- ") for line in lines) == 16
