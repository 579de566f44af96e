"""The slow campaigns of ``analysis/benchmarks`` run, whatever the number of workers, and what is on record is whole."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sopsem
from sopsem.sem.resampling.policies import NEED_ALL, apply_policy

BENCHMARKS = Path(__file__).resolve().parent.parent / "analysis" / "benchmarks"
SECONDS = 120


def run(script, *arguments, code=0, path=os.environ["PATH"]):
    """Run a campaign as a script, with warnings as errors, that ends with this exit code."""
    command = [sys.executable, "-W", "error", str(BENCHMARKS / script), *map(str, arguments)]
    done = subprocess.run(
        command,
        env={**os.environ, "MPLBACKEND": "Agg", "PATH": path},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == code, done.stderr
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


SMALL = ("--cells", 0, "--replications", 30, "--draws", 99, "--level-sets", 250, "--kernel", "numpy")
OUTPUTS = ("results", "levels", "accounts", "verdict")


def tables(folder):
    """Return the tables of a coverage campaign as text."""
    return {name: (folder / f"coverage_{name}.csv").read_text("utf-8") for name in OUTPUTS}


@pytest.fixture(scope="module")
def right_build(tmp_path_factory):
    """A small coverage campaign, and where its chunks are."""
    folder, store = tmp_path_factory.mktemp("coverage"), tmp_path_factory.mktemp("store")
    run("coverage.py", *SMALL, "--workers", 2, "--folder", folder, "--store", store)
    return folder, store


def test_coverage_passes_its_own_rules_and_accounts_for_every_draw(right_build):
    """No rule fails at this size, and the classes of the draws add up."""
    folder, _ = right_build
    verdict = pd.read_csv(folder / "coverage_verdict.csv")
    assert set(verdict.verdict) <= {"pass", "open"}
    assert (verdict.value[verdict.rule.str.contains("unaccounted|refused")] == 0).all()
    accounts = pd.read_csv(folder / "coverage_accounts.csv").iloc[0]
    assert accounts.filter(like="keep_").sum() == accounts.draws == 99 * (accounts.proper + accounts.improper)
    table = pd.read_csv(folder / "coverage_results.csv")
    np.testing.assert_array_equal(table.defined + table.undefined, accounts.proper + accounts.improper)
    sides = table.coverage + table.missed_below + table.missed_above
    np.testing.assert_allclose(sides, 1.0, atol=2e-5)
    assert (folder / "coverage.png").stat().st_size > 10_000


def test_coverage_does_not_depend_on_workers_and_continues_where_it_stopped(right_build, tmp_path):
    """A chunk that is lost is made again, by one worker, to the same bytes; a store is not continued unasked."""
    folder, store = right_build
    run("coverage.py", *SMALL, "--folder", tmp_path, "--store", store, code=2)
    lost = sorted((store / "data_sets").glob("chunk-*"))[1]
    kept = lost.read_bytes()
    lost.unlink()
    run("coverage.py", *SMALL, "--workers", 1, "--folder", tmp_path, "--store", store, "--resume")
    assert lost.read_bytes() == kept
    assert tables(tmp_path) == tables(folder)


@pytest.mark.parametrize(
    ("wrong", "size", "rule"),
    [
        ("bc_after_drop", SMALL, "default covers"),
        ("se_0.8", ("--cells", 0, "--replications", 150, "--draws", 0, "--level-sets", 250), "delta covers"),
    ],
)
def test_a_wrong_build_is_rejected(tmp_path, wrong, size, rule):
    """BC intervals after dropping improper draws, and standard errors that are too small."""
    run("coverage.py", *size, "--workers", 2, "--folder", tmp_path, "--wrong", wrong, code=1)
    verdict = pd.read_csv(tmp_path / "coverage_verdict.csv")
    assert (verdict.verdict[verdict.rule == rule] == "FAIL").any()
    if wrong == "se_0.8":
        assert (verdict.verdict[verdict.rule == "monte carlo covers"] == "FAIL").all()
        (right := tmp_path / "right").mkdir()
        run("coverage.py", *size, "--workers", 2, "--folder", right)


def test_coverage_takes_the_limits_that_a_user_gets(monkeypatch):
    """Every method is that of ``effects``, with the policy of ``apply_policy``, to the last digit printed."""
    monkeypatch.syspath_prepend(str(BENCHMARKS / "coverage_parts"))
    limits, population = (import_module(f"coverage_{part}") for part in ("limits", "population"))
    seed, r, cell = 3, 5, population.CELLS[1]
    found = limits.data_sets(limits.Plan(seed, 120), (1, r, r + 1))["limits"][0]
    names = [e.name for e in population.wanted()]
    rows = pd.DataFrame(population.sample(cell, seed, r), columns=population.spec().observed)
    fit = sopsem.fit(sopsem.load_instrument().model, rows)
    kept = sopsem.bootstrap(fit, rows, draws=120, seed=r, kernel="numpy")
    assert kept.improper_counts().sum() > 0
    compared = 0
    for method, by_method in zip(limits.METHODS, found, strict=True):
        kind, policy = method
        if (kind in NEED_ALL and policy != "keep") or kind == "monte carlo":
            continue  # refused by the package; has no table
        draws = None if policy == "none" else apply_policy(kept, policy)
        table = sopsem.effects(fit, draws, kind=kind).set_index("effect").loc[names]
        wanted = table[["ci_lower_std", "ci_upper_std"]].to_numpy()
        np.testing.assert_allclose(by_method, wanted, rtol=1e-10, err_msg=str(method))
        compared += 1
    assert compared == 7


@pytest.fixture(scope="module")
def speed(tmp_path_factory):
    """A run of the speed benchmark with a few draws, where no R is found; the folder and what it said."""
    folder = tmp_path_factory.mktemp("speed")
    parts = "study,sizes,growth,profile"
    said = run("speed.py", "--small", "--only", parts, "--folder", folder, path="").stdout
    return folder, said


def test_speed_is_told_with_its_accuracy_and_without_r(speed):
    """Every engine that can be driven has a line, and sopsem's solutions are those of the optimum."""
    folder, said = speed
    assert "lavaan is left out" in said
    table = pd.read_csv(folder / "speed_results.csv")
    study = table[table.part == "study"].set_index(["engine", "draws"])
    assert set(study.index.get_level_values(0)) == {
        "sopsem numpy",
        "sopsem numba",
        "sopsem, one fit",
        "semopy, usual",
        "semopy, tight",
        "semopy, one fit",
    }
    ours = table[table.engine.isin(["sopsem numpy", "sopsem numba"]) & table.largest_gradient.notna()]
    assert set(ours.case.dropna()) == {"25 items, 2,800 rows", "5 % missing", "60 items, 5,000 rows"}
    assert (ours.largest_gradient < 1e-6).all()
    assert (ours.largest_distance_se < 1e-6).all()
    assert (
        study.largest_distance_se["semopy, usual", 8] > study.largest_distance_se["semopy, tight", 8] > 1e-9
    )
    assert (study.compared.dropna() == 5).all()
    assert study.times_numpy_same["sopsem numpy", 8] == study.times_numba_same["sopsem numba", 8] == 1.0


def test_speed_counts_the_draws_it_keeps(speed):
    """None of those streamed to disk is missing, and every demand has its line."""
    folder, _ = speed
    lines = pd.read_csv(folder / "speed_verdict.csv").set_index("rule")
    assert lines.value["60 draws, small model: draws unaccounted for"] == 0
    assert set(lines.verdict) <= {"pass", "FAIL"}
    assert lines.verdict.str.startswith("pass")[lines.index.str.contains("megabytes")].all()
    assert lines.index.str.contains("times as fast as semopy, tight").sum() == 2


def test_stages_of_a_draw_add_up_and_need_as_many_operations_as_the_model_is_large(speed):
    """The stages of both kernels sum to the whole; a product of 18 items three times an iteration is 3 p^3."""
    folder, _ = speed
    table = pd.read_csv(folder / "speed_profile.csv")
    for _, own in table.groupby("engine"):
        stages = own.set_index("stage")
        np.testing.assert_allclose(
            stages.us_per_draw.drop("whole draw").sum(), stages.us_per_draw["whole draw"], atol=0.2
        )
        iterations = stages.operations["W S and W S W"] / (3 * 18**3)
        np.testing.assert_allclose(iterations, stages.iterations.iloc[0], atol=0.01)
        named = stages.us_per_draw.filter(
            regex="^(?!whole|other|search|logs)"
        )  # the rests may be less than noise
        assert (named > 0.0).all(), named  # a stage that is renamed in the package would measure 0
    assert (folder / "speed_profile.png").stat().st_size > 10_000


def test_a_part_run_again_leaves_the_others_alone(speed, tmp_path):
    """The lines of the study are replaced; those of the sizes stay, and so do other tables."""
    folder, _ = speed
    names = ("growth", "results", "verdict")
    for name in names:
        (tmp_path / f"speed_{name}.csv").write_bytes((folder / f"speed_{name}.csv").read_bytes())
    run("speed.py", "--small", "--only", "study", "--folder", tmp_path, path="")
    before, after = (pd.read_csv(f / "speed_results.csv", dtype=str) for f in (folder, tmp_path))
    pd.testing.assert_frame_equal(*(t[t.part == "sizes"].dropna(axis=1, how="all") for t in (before, after)))
    assert before[before.part == "study"].engine.tolist() == after[after.part == "study"].engine.tolist()
    assert (before.us_per_draw != after.us_per_draw)[before.part == "study"].any()
    assert (tmp_path / "speed_growth.csv").read_bytes() == (folder / "speed_growth.csv").read_bytes()


def test_growth_has_both_kernels_on_every_axis(speed):
    """And is drawn."""
    folder, _ = speed
    grown = pd.read_csv(folder / "speed_growth.csv")
    assert (grown.groupby(["axis", "value"]).size() == 2).all()
    assert set(grown["axis"]) == {"draws", "items", "rows", "workers"}
    assert (folder / "speed_growth.png").stat().st_size > 10_000
