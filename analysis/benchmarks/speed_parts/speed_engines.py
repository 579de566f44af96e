"""How every engine is driven: sopsem with either kernel, semopy, and lavaan by way of speed_lavaan.R."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import semopy
from speed_task import SEED, Here, Task, timed

import sopsem
from sopsem.kernel import BACKEND
from sopsem.sem.crosscheck import semopy_text

__all__ = ["SEMOPY", "SOPSEM", "Run", "Semopy", "has_lavaan", "one_fit", "run_lavaan", "run_sopsem"]

SCRIPT = Path(__file__).with_name("speed_lavaan.R")
SOPSEM = f"sopsem {version('sopsem')}, NumPy {np.__version__}, {BACKEND}"
SEMOPY = f"semopy {version('semopy')}, SciPy {version('scipy')}"


@dataclass(frozen=True)
class Run:
    """One repeat of one engine: processor seconds of its draws, and estimates (B, q) if it gives any."""

    engine: str
    software: str
    draws: int
    seconds: float
    estimates: np.ndarray | None = None

    @property
    def microseconds(self) -> float:
        """Per draw."""
        return self.seconds / self.draws * 1e6


def run_sopsem(task: Task, kernel: str, draws: int) -> Run:
    """Time the public ``bootstrap``: rows, moments, refits, and the class of every draw."""

    def work() -> np.ndarray:
        found = sopsem.bootstrap(task.fit, task.items, draws=draws, seed=SEED, kernel=kernel, executor=Here())
        return found.estimates

    seconds, estimates = timed(work)
    return Run(f"sopsem {kernel}", SOPSEM, draws, seconds, estimates)


def one_fit(task: Task) -> list[Run]:
    """Time a fit with standard errors and fit indices."""

    def work() -> None:
        fit = sopsem.fit(task.model, task.items, missing=task.missing)
        sopsem.estimates(fit)
        sopsem.fit_indices(fit)

    return [Run("sopsem, one fit", SOPSEM, 1, timed(work)[0])]


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
        ours = task_solution(self.task)
        distance = np.abs(ours[:, None] - self.start[None, :])
        columns = distance.argmin(axis=1).tolist()
        if len(set(columns)) != len(ours) or distance.min(axis=1).max() > 1e-4:
            raise RuntimeError("semopy's parameters could not be matched with sopsem's by their values")
        return columns

    def _refit(self, ftol: float) -> np.ndarray:
        found = []
        for drawn in self.task.rows:
            self.model.load_cov(np.cov(self.data[drawn], rowvar=False, bias=True))
            self.model.param_vals = self.start.copy()
            outcome = self.model.fit(options={"ftol": ftol})
            found.append(outcome.x[self.columns] if outcome.success else np.full(len(self.columns), np.nan))
        return np.array(found)

    def run(self) -> list[Run]:
        """Time all draws at the usual tolerance and at a tight one."""
        rules, draws = {"usual": 1e-6, "tight": 1e-12}, len(self.task.rows)
        runs = [
            Run(f"semopy, {name}", SEMOPY, draws, *timed(lambda ftol=ftol: self._refit(ftol)))
            for name, ftol in rules.items()
        ]
        return [*runs, Run("semopy, one fit", SEMOPY, 1, timed(self._one_fit)[0])]

    def _one_fit(self) -> None:
        """Fit with standard errors and fit indices."""
        model = semopy.Model(semopy_text(self.task.fit))
        model.fit(self.task.items)
        model.inspect()
        semopy.calc_stats(model)


def task_solution(task: Task) -> np.ndarray:
    """Return the free parameters of the sample, (q,)."""
    return task.metric[0] + task.fit.kernel_theta @ task.metric[1]


def has_lavaan() -> bool:
    """Say whether Rscript is there, and lavaan with it."""
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(["Rscript", "-e", "library(lavaan)"], capture_output=True, check=False)  # noqa: S607
    return asked.returncode == 0


def run_lavaan(task: Task) -> list[Run]:
    """Time lavaan with given rows, by ``bootstrapLavaan``, and one fit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.txt").write_text(task.model + "\n", encoding="utf-8")
        task.items.to_csv(folder / "data.csv", index=False, na_rep="NA")
        np.savetxt(folder / "indices.csv", task.rows + 1, fmt="%d", delimiter=",")
        subprocess.run(["Rscript", str(SCRIPT), name, task.missing], check=True)  # noqa: S603, S607
        seconds = pd.read_csv(folder / "times.csv").set_index("route")["seconds"]
        estimates = pd.read_csv(folder / "estimates.csv")[list(task.fit.names)].to_numpy()
        lavaan, r = (folder / "versions.txt").read_text(encoding="utf-8").split()
    software, draws = f"lavaan {lavaan}, R {r}", len(task.rows)
    return [
        Run("lavaan, given rows", software, draws, seconds["given"], estimates),
        Run("lavaan, bootstrapLavaan", software, draws, seconds["own"]),
        Run("lavaan, one fit", software, 1, seconds["fit"]),
    ]
