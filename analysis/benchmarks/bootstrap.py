"""How long does one bootstrap draw take in sopsem, lavaan and semopy?

    python analysis/benchmarks/bootstrap.py [--draws 200] [--repeat 5] [--survey NAME_OR_FILE]

What is compared
    The study's model (18 items, 42 parameters) on one survey, N = 92.  All engines refit the same
    resamples: the rows of draw b come from sopsem's (seed, b) and are handed over.  Every engine starts
    at its solution of the sample.  ML with divisor N everywhere.
What is timed
    Processor time of drawing or taking the rows, sample moments and refits, one thread (BLAS pinned, R's
    own BLAS has one).  Processor time rather than the clock, because other programs slow the clock and
    not the work.  Not timed: starting a program, reading data, the fit of the sample.  sopsem is timed
    through its public ``bootstrap`` and so also classifies every draw; the other engines only refit.
Repeats
    The engines take turns, so that a slow minute of the machine hits all of them; medians over the
    repeats.
Accuracy
    Stopping rules of different engines are not on one scale.  So each engine's estimates are set against
    the optimum of the same draw, found by going on from sopsem's solution to the limit of rounding: the
    distance is the largest |estimate - optimum| / standard error over the parameters.  Every engine runs
    at its usual stopping rule.  sopsem's is by far the tightest, so the ratios count against sopsem.
    semopy also runs at a tight rule; lavaan's optimiser accepts no rule much tighter than its usual one
    (bootstrap.R). Draws whose optimum is improper are left out of the distances: semopy bounds variances
    at 0 and cannot reach it.

Writes bootstrap_results.csv beside this file.  lavaan is left out, and that is said, where Rscript with
lavaan is missing.
"""

import argparse
import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # before NumPy is loaded; R inherits it

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import semopy
from threadpoolctl import threadpool_limits

import sopsem
from sopsem.kernel import fit_batch
from sopsem.sem.crosscheck import semopy_text

HERE = Path(__file__).resolve().parent
SEED = 1
LIMIT_OF_ROUNDING = 1e-26  # a decrement only an exact solution has


@dataclass(frozen=True)
class Run:
    """One repeat of one engine: seconds, and estimates (B, q) in the order of ``fit.names`` if any."""

    engine: str
    seconds: float
    estimates: np.ndarray | None


@dataclass(frozen=True)
class Task:
    """The problem all engines get."""

    fit: sopsem.Fit
    items: pd.DataFrame
    rows: np.ndarray  # (B, n), from 0
    optimum: np.ndarray  # (B, q)
    proper: np.ndarray  # (B,)
    se: np.ndarray  # (q,)

    def distance(self, estimates: np.ndarray) -> np.ndarray:
        """Return the largest distance to the optimum in standard errors, per proper draw solved."""
        solved = self.proper & np.isfinite(estimates).all(axis=1)
        return (np.abs(estimates - self.optimum) / self.se)[solved].max(axis=1)


def make_task(items: pd.DataFrame, draws: int) -> Task:
    fit = sopsem.fit(sopsem.load_instrument().model, items)
    found = sopsem.bootstrap(fit, items, draws=draws, seed=SEED)
    rows = np.stack([found.resampler.rows_of(b) for b in range(draws)])
    best = fit_batch(
        fit.model.layout,
        found.kernel_theta,
        found.resampler.moments(range(draws)),
        tolerance=LIMIT_OF_ROUNDING,
        max_iterations=30,
    )
    table = sopsem.estimates(fit)
    errors = table.set_index(table["lhs"] + table["op"] + table["rhs"])["se"]
    return Task(
        fit=fit,
        items=items,
        rows=rows,
        optimum=fit.model.rows(best.theta)[:, fit.free],
        proper=found.status == sopsem.DrawStatus.PROPER,
        se=errors.loc[list(fit.names)].to_numpy(),
    )


def timed(call: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    started = time.process_time()
    answer = call()
    return time.process_time() - started, answer


def run_sopsem(task: Task) -> list[Run]:
    seconds, estimates = timed(
        lambda: sopsem.bootstrap(task.fit, task.items, draws=len(task.rows), seed=SEED).estimates
    )
    return [Run("sopsem", seconds, estimates)]


class Semopy:
    """semopy's fastest repeated fit: covariance handed over, parameters started at the sample's solution."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.model = semopy.Model(semopy_text(task.fit))
        self.model.fit(task.items, options={"ftol": 1e-14})
        self.start = self.model.param_vals.copy()
        self.columns = self._columns()
        self.data = task.items[self.model.vars["observed"]].to_numpy(dtype=float)

    def _columns(self) -> list[int]:
        """Find the place of every parameter of sopsem in semopy's vector, by value at the same solution."""
        ours = self.task.fit.model.rows(self.task.fit.kernel_theta[None])[0, self.task.fit.free]
        distance = np.abs(ours[:, None] - self.start[None, :])
        columns = distance.argmin(axis=1).tolist()
        if len(set(columns)) != len(ours) or distance.min(axis=1).max() > 1e-4:
            raise RuntimeError("semopy's parameters could not be matched with sopsem's by their values")
        return columns

    def refit(self, ftol: float) -> np.ndarray:
        found = []
        for drawn in self.task.rows:
            self.model.load_cov(np.cov(self.data[drawn], rowvar=False, bias=True))
            self.model.param_vals = self.start.copy()
            outcome = self.model.fit(options={"ftol": ftol})
            found.append(outcome.x[self.columns] if outcome.success else np.full(len(self.columns), np.nan))
        return np.array(found)

    def run(self) -> list[Run]:
        usual, tight = timed(lambda: self.refit(1e-6)), timed(lambda: self.refit(1e-12))
        return [Run("semopy", *usual), Run("semopy, tight", *tight)]


def has_lavaan() -> bool:
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(["Rscript", "-e", "library(lavaan)"], capture_output=True, check=False)  # noqa: S607
    return asked.returncode == 0


def run_lavaan(task: Task) -> tuple[list[Run], list[str]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.txt").write_text(sopsem.load_instrument().model, encoding="utf-8")
        task.items.to_csv(folder / "data.csv", index=False)
        np.savetxt(folder / "indices.csv", task.rows + 1, fmt="%d", delimiter=",")
        subprocess.run(["Rscript", str(HERE / "bootstrap.R"), str(folder)], check=True)  # noqa: S603, S607
        seconds = pd.read_csv(folder / "times.csv").set_index("route")["seconds"]
        estimates = pd.read_csv(folder / "estimates.csv")[list(task.fit.names)].to_numpy()
        versions = (folder / "versions.txt").read_text(encoding="utf-8").split()
    runs = [
        Run("lavaan, given rows", seconds["given"], estimates),
        Run("lavaan, bootstrapLavaan", seconds["own"], None),
    ]
    return runs, versions


def summary(task: Task, runs: list[Run], software: dict[str, str]) -> pd.DataFrame:
    """Return one row per engine: microseconds per draw, ratio to sopsem, accuracy."""
    draws = len(task.rows)
    per_draw = pd.DataFrame([(r.engine, r.seconds / draws * 1e6) for r in runs], columns=["engine", "us"])
    ours = per_draw.loc[per_draw["engine"] == "sopsem", "us"].to_numpy()
    rows = []
    for engine, group in per_draw.groupby("engine", sort=False):
        last = next(r for r in reversed(runs) if r.engine == engine)
        distance = np.array([]) if last.estimates is None else task.distance(last.estimates)
        rows.append(
            {
                "what": engine,
                "software": software[str(engine).split(",")[0]],
                "draws": draws,
                "repeats": len(group),
                "us_per_draw": round(group["us"].median(), 1),
                "fastest": round(group["us"].min(), 1),
                "slowest": round(group["us"].max(), 1),
                "times_sopsem": round(float(np.median(group["us"].to_numpy() / ours)), 1),
                "solved": ""
                if last.estimates is None
                else int(np.isfinite(last.estimates).all(axis=1).sum()),
                "median_distance_se": f"{np.median(distance):.1e}" if len(distance) else "",
                "largest_distance_se": f"{distance.max():.1e}" if len(distance) else "",
            }
        )
    return pd.DataFrame(rows)


def whole_runs(survey: str | None, items: pd.DataFrame, software: str) -> pd.DataFrame:
    """Time what a user waits for: a whole ``sopsem replicate``, and 5,000 draws inside Python."""
    command = [sys.executable, "-m", "sopsem", "replicate", *([survey] if survey else [])]
    started = time.perf_counter()
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    replicate = time.perf_counter() - started
    fit = sopsem.fit(sopsem.load_instrument().model, items)
    started, processor = time.perf_counter(), time.process_time()
    sopsem.bootstrap(fit, items, draws=5000, seed=SEED)
    clock, processor = time.perf_counter() - started, time.process_time() - processor
    return pd.DataFrame(
        [
            {
                "what": "sopsem replicate, whole process, clock seconds",
                "draws": 200,
                "seconds": round(replicate, 2),
            },
            {"what": "sopsem 5,000 draws, clock seconds", "draws": 5000, "seconds": round(clock, 2)},
            {"what": "sopsem 5,000 draws, processor seconds", "draws": 5000, "seconds": round(processor, 2)},
        ]
    ).assign(software=software, repeats=1)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--draws", type=int, default=200)
    arguments.add_argument("--repeat", type=int, default=5)
    arguments.add_argument("--survey", default=None, help="shipped name or file; the shipped twin by default")
    chosen = arguments.parse_args()
    items = (
        sopsem.read_responses(sopsem.find_survey(chosen.survey), sopsem.load_instrument()).complete().items
    )
    software = {
        "sopsem": f"sopsem {version('sopsem')}, NumPy {np.__version__}, SciPy {version('scipy')}",
        "semopy": f"semopy {version('semopy')}, SciPy {version('scipy')}",
    }
    with threadpool_limits(limits=1):
        task, with_lavaan, runs = make_task(items, chosen.draws), has_lavaan(), []
        other = Semopy(task)
        for repeat in range(chosen.repeat):
            print(f"repeat {repeat + 1} of {chosen.repeat}", file=sys.stderr)
            runs += run_sopsem(task)
            runs += other.run()
            if with_lavaan:
                found, versions = run_lavaan(task)
                runs += found
                software["lavaan"] = f"lavaan {versions[0]}, R {versions[1]}"
        table = pd.concat(
            [summary(task, runs, software), whole_runs(chosen.survey, items, software["sopsem"])]
        )
    if not with_lavaan:
        print("lavaan is left out: no Rscript with lavaan on the path")
    table.to_csv(HERE / "bootstrap_results.csv", index=False)
    print(table.astype(object).fillna("").to_string(index=False))


if __name__ == "__main__":
    main()
