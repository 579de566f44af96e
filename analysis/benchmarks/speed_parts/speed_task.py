"""What all engines get: a model, its rows, the rows of every draw, and the optimum that each draw should reach."""

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

import sopsem
from sopsem.kernel import Likelihood, Objective, minimise

__all__ = [
    "SEED",
    "Here",
    "Task",
    "bfi_like",
    "correlated_factors",
    "gaps",
    "make_task",
    "sixty_items",
    "small",
    "study_items",
    "timed",
]

SEED = 1
LIMIT_OF_ROUNDING = 1e-26  # a decrement only an exact solution has


class Here(Executor):
    """Runs every call at once in this process: sopsem would start worker processes by itself in long runs."""

    def submit(self, fn, /, *args, **kwargs) -> Future:
        """Call and return the result as a future that is done."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@dataclass(frozen=True, kw_only=True)
class Task:
    """The first B draws of a run.

    Attributes
    ----------
    model : str
    items : DataFrame
        Rows of the data.
    missing : str
        "listwise" or "ml", as in ``sopsem.fit`` and in lavaan.
    fit : Fit
    rows : (B, n) int array
        Rows of every draw, from 0.
    objective : Objective
        Discrepancy of every draw on the correlation metric.
    optimum : (B, q) array
    proper : (B,) bool array
        Draws that converged to a proper solution: the others are left out of all distances, since semopy bounds
        variances at 0 and cannot reach them.
    se : (q,) array
        Standard errors of the fit.
    metric : (q,) and (q, q) array
        Estimates are the first plus the solution on the correlation metric (as a row) times the second.

    """

    model: str
    items: pd.DataFrame
    missing: str
    fit: sopsem.Fit
    rows: np.ndarray
    objective: Objective
    optimum: np.ndarray
    proper: np.ndarray
    se: np.ndarray
    metric: tuple[np.ndarray, np.ndarray]

    def accuracy(self, estimates: np.ndarray) -> dict[str, object]:
        """Return how far from the optimum estimates (B, q) are: in standard errors, and by their gradient."""
        solved = np.isfinite(estimates).all(axis=1)
        at = np.flatnonzero(self.proper & solved)
        distance = (np.abs(estimates - self.optimum) / self.se)[at].max(axis=1)
        theta = (estimates[at] - self.metric[0]) @ np.linalg.inv(self.metric[1])
        point = self.objective.evaluate(theta, at)
        slope = np.abs(self.objective.gradient(point)).max(axis=1)
        return {
            "solved": int(solved.sum()),
            "compared": len(at),
            "median_distance_se": float(np.median(distance)),
            "largest_distance_se": float(distance.max()),
            "median_gradient": float(np.median(slope)),
            "largest_gradient": float(slope.max()),
        }


def make_task(model: str, items: pd.DataFrame, draws: int, missing: str = "listwise") -> Task:
    """Fit the sample, draw the rows and find the optimum of every draw with the NumPy reference."""
    fit = sopsem.fit(model, items, missing=missing)
    found = sopsem.bootstrap(fit, items, draws=draws, seed=SEED, kernel="numpy")
    objective = _objective(fit, found)
    usable = np.where(np.isfinite(found.kernel_theta), found.kernel_theta, fit.kernel_theta)
    best = minimise(objective, usable, tolerance=LIMIT_OF_ROUNDING, max_iterations=30).theta
    table = sopsem.estimates(fit)
    errors = table.set_index(table["lhs"] + table["op"] + table["rhs"])["se"]
    return Task(
        model=model,
        items=items,
        missing=missing,
        fit=fit,
        rows=np.stack([found.resampler.rows_of(b) for b in range(draws)]),
        objective=objective,
        optimum=_estimates(fit, best),
        proper=found.status == sopsem.DrawStatus.PROPER,
        se=errors.loc[list(fit.names)].to_numpy(),
        metric=_metric(fit, best),
    )


def _objective(fit: sopsem.Fit, draws: sopsem.Draws) -> Objective:
    """Return the discrepancy of all draws."""
    resampler, layout = draws.resampler, fit.problem.groups[0].model.layout
    if resampler.complete:
        return Likelihood(layout, resampler.moments(range(len(draws))))
    objective: Objective = resampler.samples[0].objective(layout, resampler.counts(range(len(draws)))[0])[0]
    return objective


def _metric(fit: sopsem.Fit, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return shift and matrix of the estimates; the map is linear, and that is checked."""
    q = theta.shape[1]
    shift = _estimates(fit, np.zeros((1, q)))[0]
    matrix = _estimates(fit, np.eye(q)) - shift
    if not np.allclose(_estimates(fit, theta), shift + theta @ matrix, rtol=1e-10, atol=1e-10):
        raise RuntimeError("estimates are no linear function of the solution on the correlation metric")
    return shift, matrix


def _estimates(fit: sopsem.Fit, theta: np.ndarray) -> np.ndarray:
    """Return free parameters (B, q), in the order of ``fit.names``, of solutions on the correlation metric."""
    rows: np.ndarray = fit.model.rows(theta)[:, fit.free]
    return rows


def timed(call: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> tuple[float, Any]:
    """Return the seconds a call takes, and its answer."""
    started = clock()
    answer = call()
    return clock() - started, answer


def study_items() -> pd.DataFrame:
    """Return the complete rows of the shipped twin, 92 rows of 18 items."""
    instrument = sopsem.load_instrument()
    return sopsem.read_responses(sopsem.find_survey(), instrument).complete().items


def gaps(items: pd.DataFrame, share: float = 0.05) -> pd.DataFrame:
    """Return the rows with a share of the answers missing completely at random."""
    missing = np.random.default_rng(SEED).random(items.shape) < share
    return items.mask(missing)


def correlated_factors(factors: int, items: int, rows: int) -> tuple[str, pd.DataFrame]:
    """Return a model of correlated factors with so many items each, and rows simulated from it.

    Loadings from .8 to .6: with weaker ones many draws of small models have no minimum, and their time is that of
    giving up.
    """
    names = [[f"x{f}_{i}" for i in range(1, items + 1)] for f in range(1, factors + 1)]
    loading = partial("{:.2f}*{}".format)
    truth = [
        f"f{f} =~ " + " + ".join(loading(0.8 - 0.2 * i / items, name) for i, name in enumerate(own))
        for f, own in enumerate(names, start=1)
    ]
    truth += [f"f{f} ~~ 0.3*f{g}" for f in range(1, factors + 1) for g in range(1, f)]
    model = [f"f{f} =~ {' + '.join(own)}" for f, own in enumerate(names, start=1)]
    return "\n".join(model), sopsem.simulate("\n".join(truth), rows, seed=SEED)


def bfi_like(rows: int = 2800) -> tuple[str, pd.DataFrame]:
    """Return 25 items of five factors, as in the bfi data of the R package psych."""
    return correlated_factors(5, 5, rows)


def sixty_items(rows: int = 5000) -> tuple[str, pd.DataFrame]:
    """Return 60 items of six factors."""
    return correlated_factors(6, 10, rows)


def small(rows: int = 200) -> tuple[str, pd.DataFrame]:
    """Return eight items of two factors."""
    return correlated_factors(2, 4, rows)
