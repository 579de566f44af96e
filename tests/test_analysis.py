"""The analyses that ship with sopsem run, and give the numbers on record."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

ANALYSIS = Path(__file__).resolve().parent.parent / "analysis"
NOTEBOOKS = sorted((ANALYSIS / "notebooks").glob("[0-9]*.py"))
SECONDS = 60


def load(path):
    """Import a script by its path: analysis/ is no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tables():
    """Return the replication table on record and the one made now, row by row the same cells."""
    make = load(ANALYSIS / "alignment_paper" / "make.py")
    recorded = pd.read_csv(make.EXPECTED, dtype={"printed": str})
    made = make.make()
    assert recorded[["survey", "id"]].to_numpy().tolist() == made[["survey", "id"]].to_numpy().tolist()
    return recorded, made


def test_the_replication_table_is_that_on_record(tables):
    recorded, made = tables
    np.testing.assert_allclose(made["computed"], recorded["computed"], rtol=0, atol=1e-6)
    assert made["printed"].tolist() == recorded["printed"].tolist()
    assert made["verdict"].tolist() == recorded["verdict"].tolist()


def test_every_twin_returns_every_number_that_data_determine(tables):
    """Bootstrap limits are random and were not aimed at; everything else must round to the print."""
    _, made = tables
    random = made["id"].str.match(r"ci_lower:|ci_upper:|p:")
    assert made["survey"].nunique() == 3
    assert set(made.loc[~random, "verdict"]) == {"reproduced"}
    assert (~random).sum() == 3 * 15


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs_as_a_script(path, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "synthetic" in done.stdout
    assert not list(tmp_path.iterdir()), "a notebook leaves no files behind"


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::UserWarning:zmq.*"
)
@pytest.mark.parametrize("path", NOTEBOOKS[:1], ids=lambda p: p.stem)
def test_a_notebook_runs_in_jupyter(path, tmp_path):
    notebook = jupytext.read(path)
    NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    kinds = {
        kind for cell in notebook.cells for out in cell.get("outputs", []) for kind in out.get("data", {})
    }
    assert "image/png" in kinds, "figures are shown"
    assert sum(cell.cell_type == "markdown" for cell in notebook.cells) > 10


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_notebook_file_is_that_of_its_script(path):
    """Same cells, all run, no error among the outputs, a figure, exercises."""
    build = load(ANALYSIS / "notebooks" / "build.py")
    assert not build.is_stale(path), "run python analysis/notebooks/build.py"
    notebook = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert not [out for out in outputs if out.output_type == "error"]
    assert any("image/png" in out.get("data", {}) for out in outputs)
    titles = [cell.source.splitlines()[0] for cell in notebook.cells if cell.cell_type == "markdown"]
    assert "## Exercises" in titles
    assert "## Answers" in titles


def test_a_changed_cell_makes_a_notebook_file_stale(tmp_path):
    build = load(ANALYSIS / "notebooks" / "build.py")
    script = tmp_path / "07_copy.py"
    source = next(path for path in NOTEBOOKS if path.stem.startswith("07"))
    script.write_text(source.read_text("utf-8"), "utf-8")
    script.with_suffix(".ipynb").write_bytes(source.with_suffix(".ipynb").read_bytes())
    assert not build.is_stale(script)
    script.write_text(source.read_text("utf-8").replace("0.069", "0.070"), "utf-8")
    assert build.is_stale(script)
