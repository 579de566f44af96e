"""The slow campaigns of ``analysis/benchmarks`` run, whatever the number of workers, and what is on record is whole."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "analysis" / "benchmarks"
SECONDS = 120


def run(script, *arguments):
    """Run a campaign as a script, with warnings as errors."""
    command = [sys.executable, "-W", "error", str(BENCHMARKS / script), *map(str, arguments)]
    done = subprocess.run(
        command,
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_levels_do_not_depend_on_workers_and_go_on_where_they_stopped(tmp_path):
    """Two workers give the bytes of one; --resume adds the cells that are missing and touches no other."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    run("robust_levels.py", "--replications", 2, "--workers", 2, "--folder", first)
    path = first / "robust_levels_results.csv"
    whole = path.read_text("utf-8")
    table = pd.read_csv(path)
    assert len(table) == 3 * 3 + 3 * 3 + 3 * 4
    assert (table.replications == 2).all()
    assert (first / "robust_levels.png").stat().st_size > 10_000
    kept = whole.splitlines(keepends=True)[: 1 + 9]
    (second / "robust_levels_results.csv").write_text("".join(kept), "utf-8")
    run("robust_levels.py", "--replications", 2, "--workers", 1, "--folder", second, "--resume")
    assert (second / "robust_levels_results.csv").read_text("utf-8") == whole


@pytest.fixture(scope="module")
def levels():
    """The levels on record."""
    return pd.read_csv(BENCHMARKS / "robust_levels_results.csv").set_index(["data", "n", "method"])


def test_every_replication_on_record_is_accounted_for(levels):
    """Tested, not converged or in error: nothing is missing."""
    assert len(levels) == 30
    np.testing.assert_array_equal(levels.tested + levels.not_converged + levels.errors, levels.replications)
    assert (levels.replications >= 1000).all()


def test_levels_on_record_come_near_5_percent_where_theory_says_so(levels):
    """At N = 500, within four Monte Carlo standard errors: ML with normal rows, Satorra-Bentler with any."""
    for data, method in (("normal", "ML"), ("normal", "MLM"), ("normal", "MLR"), ("skewed", "MLM")):
        row = levels.loc[data, 500, method]
        assert abs(row.rejected - 0.05) < 4.0 * row.rejected_se, (data, method)
    assert levels.loc["skewed", 500, "ML"].rejected > 0.2
    for method in ("ML", "MLM", "MLR"):
        row = levels.loc["normal", 500, method]
        assert abs(row.coverage_loadings - 0.95) < 4.0 * row.coverage_loadings_se, method


def test_random_models_reach_one_minimum(tmp_path):
    """One model of every kind; no start may reach a lower point than the fit."""
    run("random_models.py", "--models", 9, "--workers", 2, "--folder", tmp_path)
    table = pd.read_csv(tmp_path / "random_models_results.csv").set_index("kind")
    assert table.models["all"] == 9
    assert (table.drop("all").models == 1).all()
    assert table.certified["all"] == 9
    assert table.lower["all"] == 0
    np.testing.assert_array_equal(table.same + table.higher + table.lower + table.none, table.refits)


def test_no_start_on_record_found_a_lower_minimum():
    """Of 500 models, and nearly every refit came to the same one."""
    table = pd.read_csv(BENCHMARKS / "random_models_results.csv").set_index("kind").loc["all"]
    assert table.models == 500
    assert table.lower == 0
    assert table.same > 0.95 * table.refits
