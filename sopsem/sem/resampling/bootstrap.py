"""Bootstrap: every draw refitted, classified and accounted for.

Draw b depends on (seed, b) alone; all draws of a block are refitted together by the kernel.  The classes add
up to the draws asked for, and any draw can be made again on its own (``redo``).
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sopsem.errors import UsageError
from sopsem.kernel import BatchFit, Layout, Outcome, fit_batch
from sopsem.sem.estimation.admissibility import admissibility
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.fit_notes import held_on_bounds
from sopsem.sem.estimation.start import start_values
from sopsem.sem.resampling.draws import Draws, DrawStatus
from sopsem.sem.resampling.resampler import KINDS, Resampler, make_resampler
from sopsem.sem.resampling.resampling import check_seed

__all__ = [
    "DrawStatus",
    "Draws",
    "Found",
    "Kind",
    "Resampler",
    "bootstrap",
    "collect_draws",
    "jackknife",
    "redo",
    "run_draws",
]

Array = NDArray[np.float64]
Kind = Literal["case", "bollen_stine", "parametric"]
BLOCK = 256
RETRIES = 3
RETRY_ITERATIONS = 60  # few draws that converge at all need more


def bootstrap(
    fit: Fit,
    data: pd.DataFrame | None = None,
    *,
    draws: int = 5000,
    seed: int = 1,
    kind: Kind = "case",
    executor: Executor | None = None,
    indices: NDArray[np.integer] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Draws:
    """Refit a model to resampled data.

    Parameters
    ----------
    fit : Fit
    data : DataFrame, optional
        The data of the fit; needed when the fit was made from a covariance matrix and rows are to be
        resampled.
    draws : int
        B.
    seed : int
        Draw b depends on (seed, b) only: the first 200 of 5,000 draws are the 200-draw run.
    kind : {"case", "bollen_stine", "parametric"}
        Rows with replacement; rows of data transformed to fit the model exactly (Bollen & Stine, 1992); rows
        from the fitted normal distribution.
    executor : concurrent.futures.Executor, optional
        Where blocks of draws are run; the result is the same bytes with any or none.
    indices : (B, n) int array, optional
        Row positions from 0 to use instead of drawing.
    progress : callable, optional
        Called with (draws done, draws in all).

    Returns
    -------
    Draws
        With the policy "keep"; see ``sopsem.sem.resampling.policies`` for the others.

    Raises
    ------
    UsageError, DataError
        A fit that did not converge; rows that are not the fit's; an unknown kind.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sopsem.sem.estimation.fit import fit
    >>> rng = np.random.default_rng(0)
    >>> f = rng.normal(size=(80, 1))
    >>> data = pd.DataFrame(f + 0.8 * rng.normal(size=(80, 3)), columns=["a", "b", "c"])
    >>> result = bootstrap(fit("f =~ a + b + c", data), data, draws=20, seed=1)
    >>> int(result.counts()["count"].sum())
    20

    """
    _check(fit, draws, kind)
    resampler = make_resampler(fit, data, kind, check_seed(seed), indices)
    if indices is not None:
        draws = len(indices)
    found = run_draws(fit, resampler, np.arange(draws), executor, progress)
    return collect_draws(fit, resampler, found)


def _check(fit: Fit, draws: int, kind: str) -> None:
    if kind not in KINDS:
        raise UsageError(f"kind is {kind!r}; choose one of {', '.join(KINDS)}")
    if isinstance(draws, bool) or not isinstance(draws, (int, np.integer)) or draws < 1:
        raise UsageError(f"draws is {draws!r}; give a whole number of at least 1")
    if not fit.status.converged:
        raise UsageError(
            "the fit did not converge, so there is nothing to resample; mend the model or the data first"
        )


@dataclass(frozen=True)
class _Task:
    """One block of draws: everything a worker needs."""

    layout: Layout
    resampler: Resampler
    starts: Array
    draws: NDArray[np.int64]
    bounds: tuple[Array, Array] | None


@dataclass(frozen=True)
class Found:
    """Raw solutions of some draws, before they are classified."""

    draws: NDArray[np.int64]
    theta: Array
    minimum: Array
    outcome: NDArray[np.int8]


def _fit_block(task: _Task) -> Found:
    """Refit one block: from the fit's solution, then from other starts where that failed."""
    with threadpool_limits(limits=1, user_api="blas"):
        moments = task.resampler.moments(int(b) for b in task.draws)
        result = fit_batch(task.layout, task.starts[0], moments, bounds=task.bounds)
        theta, minimum, outcome = result.theta.copy(), result.minimum.copy(), result.outcome.copy()
        again = np.flatnonzero((outcome != Outcome.CONVERGED) & (outcome != Outcome.SINGULAR_DATA))
        if len(again):
            found, retry = _retry(task, moments[again])
            theta[again[found]], minimum[again[found]] = retry.theta, retry.minimum
            outcome[again[found]] = Outcome.CONVERGED
    return Found(task.draws, theta, minimum, outcome)


def _retry(task: _Task, moments: Array) -> tuple[NDArray[np.intp], BatchFit]:
    """Try all other starts together; return which problems converged, each by its first start that did."""
    others = task.starts[1:]
    tried = fit_batch(
        task.layout,
        np.repeat(others, len(moments), axis=0),
        np.tile(moments, (len(others), 1, 1)),
        bounds=task.bounds,
        max_iterations=RETRY_ITERATIONS,
    )
    good = (tried.outcome == Outcome.CONVERGED).reshape(len(others), len(moments))
    found = np.flatnonzero(good.any(axis=0))
    return found, tried.select(good.argmax(axis=0)[found] * len(moments) + found)


def run_draws(
    fit: Fit,
    resampler: Resampler,
    draws: NDArray[np.int64],
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    bounds: tuple[Array, Array] | None = None,
) -> Found:
    """Refit these draws in blocks, here or in an executor, in order."""
    if bounds is None and np.isfinite(np.concatenate(fit.model.bounds)).any():
        bounds = fit.model.bounds
    starts = np.stack([fit.kernel_theta, *(start_values(fit.problem, s) for s in range(RETRIES))])
    tasks = [
        _Task(fit.model.layout, resampler, starts, draws[first : first + BLOCK], bounds)
        for first in range(0, len(draws), BLOCK)
    ]
    found: list[Found] = []
    for block in map(_fit_block, tasks) if executor is None else executor.map(_fit_block, tasks):
        found.append(block)
        if progress is not None:
            progress(sum(len(f.draws) for f in found), len(draws))
    return Found(
        np.concatenate([f.draws for f in found]),
        np.concatenate([f.theta for f in found]),
        np.concatenate([f.minimum for f in found]),
        np.concatenate([f.outcome for f in found]),
    )


_WHY = {
    Outcome.NO_PROGRESS: "no step lowered the discrepancy",
    Outcome.ITERATION_LIMIT: "iteration limit: no minimum was reached",
    Outcome.SADDLE_POINT: "stopped at a saddle point",
    Outcome.NO_START: "no start had a positive definite implied matrix",
    Outcome.SINGULAR_DATA: "the resampled covariance matrix is singular",
}


def collect_draws(fit: Fit, resampler: Resampler, found: Found) -> Draws:
    """Classify every draw and freeze the result."""
    theta = found.theta.copy()
    converged = found.outcome == Outcome.CONVERGED
    theta[~converged] = np.nan
    status = np.full(len(theta), DrawStatus.NOT_CONVERGED, dtype=np.int8)
    status[found.outcome == Outcome.SINGULAR_DATA] = DrawStatus.SINGULAR
    reason = [_WHY.get(Outcome(o), "") for o in found.outcome]
    if converged.any():
        state = admissibility(fit.spec, fit.model, theta[converged])
        status[converged] = np.where(state.proper, DrawStatus.PROPER, DrawStatus.IMPROPER)
        for at, why in zip(np.flatnonzero(converged), state.reasons(), strict=True):
            reason[at] = why
        _mark_bounds(fit, theta, status, reason)
    chisq = np.where(converged, fit.multiplier * found.minimum, np.nan)
    for array in (theta, status, chisq):
        array.setflags(write=False)
    return Draws(
        fit=fit,
        resampler=resampler,
        kernel_theta=theta,
        status=status,
        reason=tuple(reason),
        chisq=chisq,
        indices=found.draws,
    )


def _mark_bounds(fit: Fit, theta: Array, status: NDArray[np.int8], reason: list[str]) -> None:
    """Class draws of a bounded model that sit on a bound, with the parameters held there."""
    if not np.isfinite(np.concatenate(fit.model.bounds)).any():
        return
    at = np.flatnonzero(status == DrawStatus.PROPER)
    for i, names in zip(at, held_on_bounds(fit.parameters, theta[at]), strict=True):
        if names:
            status[i], reason[i] = DrawStatus.ON_BOUND, ", ".join(names)


def redo(draws: Draws, index: int) -> Draws:
    """Make one draw again, alone, from (seed, index) and the data, as the policy "keep" has it.

    Parameters
    ----------
    draws : Draws
    index : int
        Number of the draw, from 0; under "redraw" those in ``draws.indices``.

    Raises
    ------
    UsageError
        There is no draw of that number.

    Examples
    --------
    ``redo(draws, 317).status[0] == draws.status[317]``

    """
    given = draws.resampler.given
    last = len(given) if given is not None else 2**63
    if isinstance(index, bool) or not isinstance(index, (int, np.integer)) or not 0 <= index < last:
        raise UsageError(f"index is {index!r}; give the number of a draw, from 0 to {last - 1}")
    found = run_draws(draws.fit, draws.resampler, np.array([index]))
    return collect_draws(draws.fit, draws.resampler, found)


def jackknife(draws: Draws) -> Array:
    """Return leave-one-out solutions on the kernel's metric, (n, k), for the acceleration of BCa.

    Raises
    ------
    UsageError
        The draws are parametric, or a leave-one-out fit did not converge.

    """
    resampler = replace(draws.resampler, kind="case")
    if draws.kind == "parametric":
        raise UsageError("the jackknife needs rows; BCa is for case and Bollen-Stine draws")
    moments = resampler.without_each_row()
    bounds = draws.fit.model.bounds if np.isfinite(np.concatenate(draws.fit.model.bounds)).any() else None
    with threadpool_limits(limits=1, user_api="blas"):
        result = fit_batch(draws.fit.model.layout, draws.fit.kernel_theta, moments, bounds=bounds)
    failed = np.flatnonzero(result.outcome != Outcome.CONVERGED)
    if len(failed):
        raise UsageError(
            f"{len(failed)} leave-one-out fits did not converge (first: row {failed[0] + 1}); "
            "BCa is not defined"
        )
    return result.theta
