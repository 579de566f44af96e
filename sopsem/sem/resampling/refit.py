"""Refitting blocks of draws: many together where their moments allow it, else one by one.

A draw starts at the solution of the data and, where that fails, at other starts; no draw depends on another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import DataError
from sopsem.kernel import NEVER, BatchFit, Objective, Outcome, Selection, WeightedSum, predicted_starts
from sopsem.runs.blas import one_blas_thread
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.estimation.search import minimise_problem
from sopsem.sem.resampling.draw_status import DrawStatus
from sopsem.sem.resampling.resampler import Resampler
from sopsem.sem.resampling.samples import CompleteSample, Loss, PatternSample, SingleSample
from sopsem.sem.sample.moments import Moments

__all__ = ["Found", "Task", "fit_block", "fit_counts", "inverse_hessian_of", "joined", "refit"]

Array = NDArray[np.float64]
ITERATIONS = 60  # few draws that converge at all need more from the solution of the data
NUMBERS = (
    4_000_000  # numbers that the counts, or the moments of the patterns, of one piece of a block may take
)


@dataclass(frozen=True)
class Task:
    """One block of draws: everything a worker needs.

    ``inverse_hessian`` is that of the data at ``starts[0]``; draws from ``first_compiled`` on are the compiled
    kernel's.
    """

    problem: Problem
    resampler: Resampler
    starts: Array
    draws: NDArray[np.int64]
    inverse_hessian: Array | None = None
    first_compiled: int = NEVER


@dataclass(frozen=True)
class Found:
    """Raw solutions of some draws, before they are classified.

    ``losses`` say why draws have no moments (empty: no draw was lost); ``multiplier`` (B,) is what turns a
    minimum into chi2: NaN where the minimum lacks the saturated model's part.
    """

    draws: NDArray[np.int64]
    theta: Array
    minimum: Array
    outcome: NDArray[np.int8]
    losses: tuple[Loss | None, ...] = ()
    multiplier: Array | None = None

    def chisq(self, multiplier: int) -> Array:
        """Return chi2 of every draw, NaN where it did not converge; ``multiplier`` where draws have no own."""
        factor = multiplier if self.multiplier is None else self.multiplier
        return np.where(self.outcome == Outcome.CONVERGED, factor * self.minimum, np.nan)


def joined(parts: Sequence[Found]) -> Found:
    """Return the draws of several blocks in their order."""
    multipliers = [p.multiplier for p in parts if p.multiplier is not None]
    return Found(
        np.concatenate([p.draws for p in parts]),
        np.concatenate([p.theta for p in parts]),
        np.concatenate([p.minimum for p in parts]),
        np.concatenate([p.outcome for p in parts]),
        tuple(loss for p in parts for loss in p.losses),
        np.concatenate(multipliers) if multipliers else None,
    )


def fit_block(task: Task) -> Found:
    """Refit the draws of one block."""
    resampler, draws = task.resampler, [int(b) for b in task.draws]
    with one_blas_thread():
        if resampler.kind != "parametric":
            step = _piece(resampler)
            pieces = [draws[i : i + step] for i in range(0, len(draws), step)]
            return joined([fit_counts(task, piece, resampler.counts(piece)) for piece in pieces])
        if resampler.complete:
            return _matrices(task, draws, resampler.group_moments(draws), None)
        samples = cast("tuple[SingleSample, ...]", resampler.samples)
        return joined(
            [_alone(task, b, [s.normal(resampler.seed, b, g) for g, s in enumerate(samples)]) for b in draws]
        )


def _piece(resampler: Resampler) -> int:
    """Return how many draws to hold in memory together."""
    sizes = [max(s.n, s.size if isinstance(s, PatternSample) else 0) for s in resampler.samples]
    return max(1, NUMBERS // max(sizes))


def fit_counts(task: Task, draws: Sequence[int], counts: tuple[Array, ...]) -> Found:
    """Refit the model to rows taken ``counts`` times, (B, n_g) of every group."""
    samples = task.resampler.samples
    if task.resampler.complete:
        complete = cast("tuple[CompleteSample, ...]", samples)
        moments = tuple(s.moments(c) for s, c in zip(complete, counts, strict=True))
        return _matrices(task, draws, moments, counts)
    if isinstance(samples[0], PatternSample):
        return _patterns(task, draws, counts)
    single = cast("tuple[SingleSample, ...]", samples)
    return joined(
        [
            _alone(task, b, [s.drawn(c[i]) for s, c in zip(single, counts, strict=True)])
            for i, b in enumerate(draws)
        ]
    )


def _matrices(
    task: Task, draws: Sequence[int], moments: tuple[Array, ...], counts: tuple[Array, ...] | None
) -> Found:
    """Refit draws whose moment matrices are all that is needed."""
    pairs = zip(task.resampler.samples, task.problem.groups, moments, strict=True)
    parts = tuple(cast("CompleteSample", s).objective(g.model.layout, m) for s, g, m in pairs)
    found = _together(task, draws, _summed(task.problem, parts, counts))
    return replace(found, multiplier=_multiplier(task.problem, counts))


def _patterns(task: Task, draws: Sequence[int], counts: tuple[Array, ...]) -> Found:
    """Refit draws of incomplete rows; the first group without usable moments says why a draw is lost."""
    samples = cast("tuple[PatternSample, ...]", task.resampler.samples)
    pairs = [
        s.objective(g.model.layout, c) for s, g, c in zip(samples, task.problem.groups, counts, strict=True)
    ]
    found = _together(task, draws, _summed(task.problem, tuple(p for p, _ in pairs), counts))
    losses = zip(*(lost for _, lost in pairs), strict=True)
    return replace(
        found,
        losses=tuple(next((one for one in each if one), None) for each in losses),
        multiplier=np.full(len(draws), np.nan),
    )


def _summed(problem: Problem, parts: tuple[Objective, ...], counts: tuple[Array, ...] | None) -> Objective:
    """Return the discrepancy of all groups, weighted by the rows that each has in a draw."""
    if len(parts) == 1:
        return parts[0]
    if counts is None:
        return WeightedSum(parts, problem.weights)
    return WeightedSum(parts, problem.shares(np.stack([c.sum(axis=1) for c in counts], axis=1)))


def _multiplier(problem: Problem, counts: tuple[Array, ...] | None) -> Array | None:
    """Return N of every draw in place of that of the fit; None where all draws have the fit's rows."""
    if counts is None:
        return None
    rows = sum(g.moments.n for g in problem.groups)
    return np.asarray(problem.multiplier + sum(c.sum(axis=1) for c in counts) - rows)


def _together(task: Task, draws: Sequence[int], objective: Objective) -> Found:
    return refit(
        task.problem,
        task.starts,
        draws,
        objective,
        inverse_hessian=task.inverse_hessian,
        first_compiled=task.first_compiled,
    )


def inverse_hessian_of(fit: Fit) -> Array | None:
    """Return the inverse of the second derivatives at the solution of a fit; None where it is no minimum."""
    with one_blas_thread():  # two threads give other last bits, and every draw starts from these
        objective = fit.problem.objective()
        point = objective.evaluate(fit.kernel_theta[None], np.zeros(1, dtype=np.intp))
        hessian = objective.observed_hessian(point)[0]
        if not np.isfinite(hessian).all() or np.linalg.eigvalsh(hessian).min(initial=1.0) <= 0.0:
            return None
        return np.asarray(np.linalg.inv(hessian))


def refit(
    problem: Problem,
    starts: Array,
    draws: Sequence[int],
    objective: Objective,
    *,
    inverse_hessian: Array | None = None,
    first_compiled: int = NEVER,
) -> Found:
    """Refit all problems of an objective, from ``starts[0]`` and then from the other starts where that failed.

    With the inverse of the second derivatives at ``starts[0]`` each first start is moved to where the solution is
    to be expected.  Draws with numbers from ``first_compiled`` on are the compiled kernel's.
    """
    numbers = np.array(draws, dtype=np.int64)
    late = numbers >= first_compiled
    parts = _parts(late, alone=problem.parameters.constrained)
    found = []
    for at in parts:
        own = objective if len(parts) == 1 else Selection(objective, at)
        solved = _solved(problem, starts, own, inverse_hessian, compiled=bool(late[at].any()))
        found.append(Found(numbers[at], solved.theta, solved.minimum, solved.outcome))
    return joined(found)


def _parts(late: NDArray[np.bool_], *, alone: bool) -> list[NDArray[np.intp]]:
    """Return positions that are solved together: of one kernel, in their order."""
    at = np.arange(len(late))
    if alone:  # penalties grow for all problems at once: only by itself is a draw the same in any company
        return np.split(at, at[1:])
    return np.split(at, np.flatnonzero(late[1:] != late[:-1]) + 1)


def _solved(
    problem: Problem, starts: Array, objective: Objective, inverse_hessian: Array | None, *, compiled: bool
) -> BatchFit:
    """Return the solutions of one kernel."""
    first = starts[0]
    if inverse_hessian is not None:
        first = predicted_starts(objective, first, inverse_hessian)
    result = minimise_problem(
        problem, objective, first, max_iterations=ITERATIONS, trusting=True, compiled=compiled
    )
    beside = np.flatnonzero(result.outcome == Outcome.NO_START)  # the prediction lay outside of the model
    _retry(problem, starts[:1], objective, beside, result, compiled=compiled)
    failed = (result.outcome != Outcome.CONVERGED) & (result.outcome != Outcome.SINGULAR_DATA)
    _retry(problem, starts[1:], objective, np.flatnonzero(failed), result, compiled=compiled)
    return result


def _retry(
    problem: Problem,
    starts: Array,
    objective: Objective,
    again: NDArray[np.intp],
    result: BatchFit,
    *,
    compiled: bool,
) -> None:
    """Try these problems from all of these starts together; put in ``result`` what the first start found that did."""
    if not len(again) or not len(starts):
        return
    repeated = Selection(objective, np.tile(again, len(starts)))
    first = np.repeat(starts, len(again), axis=0)
    tried = minimise_problem(
        problem, repeated, first, max_iterations=ITERATIONS, trusting=True, compiled=compiled
    )
    good = (tried.outcome == Outcome.CONVERGED).reshape(len(starts), len(again))
    found = np.flatnonzero(good.any(axis=0))
    best = tried.select(good.argmax(axis=0)[found] * len(again) + found)
    result.theta[again[found]], result.minimum[again[found]] = best.theta, best.minimum
    result.outcome[again[found]] = Outcome.CONVERGED


def _alone(task: Task, draw: int, moments: Sequence[Moments | Loss]) -> Found:
    """Refit one draw whose moments, and with them the weights of the estimator, were made by themselves."""
    for one in moments:
        if isinstance(one, Loss):
            return _lost(task, draw, one)
    problem = task.problem.resampled(tuple(cast("Sequence[Moments]", moments)))
    try:
        objective = problem.objective()
    except DataError as error:
        return _lost(task, draw, Loss(DrawStatus.SINGULAR, str(error)))
    found = refit(problem, task.starts, [draw], objective)
    return replace(found, losses=(None,), multiplier=np.array([float(problem.multiplier)]))


def _lost(task: Task, draw: int, loss: Loss) -> Found:
    return Found(
        np.array([draw], dtype=np.int64),
        np.full((1, task.starts.shape[1]), np.nan),
        np.full(1, np.nan),
        np.full(1, Outcome.SINGULAR_DATA, dtype=np.int8),
        (loss,),
        np.full(1, np.nan),
    )
