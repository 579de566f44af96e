"""Draws refitted in chunks, here or on an executor, and put together in their order.

A chunk of classified draws holds what ``Draws`` holds, so that all work on a draw is done where it is made.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import partial
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.kernel import BACKEND, NEVER, first_compiled, prepare_compiled, seconds_per_fit
from sopsem.runs.chunk_store import Chunk
from sopsem.runs.chunks import run_chunks
from sopsem.runs.identity import digest, platform_identity
from sopsem.runs.run_folder import RunFolder, opened
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.estimation.start import start_values
from sopsem.sem.resampling.draw_classes import collect_draws
from sopsem.sem.resampling.draw_status import DrawStatus
from sopsem.sem.resampling.draws import Draws
from sopsem.sem.resampling.refit import Found, Task, fit_block, inverse_hessian_of, joined
from sopsem.sem.resampling.resampler import Resampler
from sopsem.sem.resampling.samples import Loss, PatternSample, SingleSample

__all__ = ["BLOCK", "classified_draws", "draw_task", "run_draws"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Progress = Callable[[int, int], None]
BLOCK = 256
FEW, MANY = 16, 4096  # draws in a chunk: few share out evenly, many wait together for the slowest
CHUNK_SECONDS = 1.6
RETRIES = 3


def draw_task(fit: Fit, resampler: Resampler, problem: Problem | None = None) -> Task:
    """Return a block without draws: the problem, the starts that every draw has, and which kernel fits it."""
    starts = np.stack([fit.kernel_theta, *(start_values(fit.problem, s) for s in range(RETRIES))])
    together = not any(isinstance(s, SingleSample) for s in resampler.samples)
    together = together and not fit.parameters.constrained
    first = first_compiled(resampler.kernel, _seconds(fit.problem, resampler))
    return Task(
        problem=problem or fit.problem,
        resampler=resampler,
        starts=starts,
        draws=np.empty(0, dtype=np.int64),
        inverse_hessian=inverse_hessian_of(fit) if together else None,
        first_compiled=first if together else NEVER,
    )


def _seconds(problem: Problem, resampler: Resampler) -> float:
    """Return about how long the reference takes for a draw."""
    patterns = max(len(s.masks) if isinstance(s, PatternSample) else 1 for s in resampler.samples)
    return seconds_per_fit(tuple(g.model.layout for g in problem.groups), patterns)


def classified_draws(
    fit: Fit,
    resampler: Resampler,
    draws: Index,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    kept: RunFolder | None = None,
    chunk: int | None = None,
) -> Draws:
    """Refit and classify these draws; see ``bootstrap`` for the arguments and errors.

    No array is held twice: what is needed is the result and a few chunks.
    """
    task, total = draw_task(fit, resampler), len(draws)
    theta = np.empty((total, task.starts.shape[1]))
    status, chisq = np.empty(total, dtype=np.int8), np.empty(total)
    reason: list[str] = []
    texts: dict[str, str] = {}
    size = _chunk_size(task, total, chunk)
    identity = _identity("bootstrap", task, draws) if kept is not None else {}
    with _chunks(
        partial(_classified, fit, task),
        task,
        draws,
        size,
        executor=executor,
        progress=progress,
        kept=kept,
        identity=identity,
    ) as chunks:
        for one in chunks:
            at = slice(len(reason), len(reason) + len(one["status"]))
            theta[at], status[at], chisq[at] = one["theta"], one["status"], one["chisq"]
            own = [texts.setdefault(text, text) for text in one["reasons"].tolist()]
            reason.extend([own[code] for code in one["reason"].tolist()])
    for array in (theta, status, chisq):
        array.setflags(write=False)
    return Draws(
        fit=fit,
        resampler=resampler,
        kernel_theta=theta,
        status=status,
        reason=tuple(reason),
        chisq=chisq,
        indices=draws,
        first_compiled=task.first_compiled,
    )


def _classified(fit: Fit, task: Task, draws: Index) -> Chunk:
    """Refit and classify the draws of one chunk; reasons as codes into the texts that occur."""
    found = collect_draws(fit, task.resampler, fit_block(replace(task, draws=draws)))
    reasons, reason = np.unique(np.array(found.reason), return_inverse=True)
    return {
        "theta": found.kernel_theta,
        "status": found.status,
        "chisq": found.chisq,
        "reason": reason.astype(np.int32),
        "reasons": reasons,
    }


def run_draws(
    fit: Fit,
    resampler: Resampler,
    draws: Index,
    executor: Executor | None = None,
    progress: Progress | None = None,
    *,
    problem: Problem | None = None,
    kept: RunFolder | None = None,
) -> Found:
    """Refit these draws without classifying them; ``problem`` may carry other bounds."""
    task = draw_task(fit, resampler, problem)
    identity = _identity("refit", task, draws) if kept is not None else {}
    with _chunks(
        partial(_refitted, task),
        task,
        draws,
        _chunk_size(task, len(draws)),
        executor=executor,
        progress=progress,
        kept=kept,
        identity=identity,
    ) as chunks:
        return joined([_found(one) for one in chunks])


def _refitted(task: Task, draws: Index) -> Chunk:
    """Refit the draws of one chunk."""
    found = fit_block(replace(task, draws=draws))
    chunk: dict[str, NDArray[Any]] = {
        "draws": found.draws,
        "theta": found.theta,
        "minimum": found.minimum,
        "outcome": found.outcome,
        "lost": np.array([-1 if loss is None else loss.status for loss in found.losses], dtype=np.int8),
        "why": np.array(["" if loss is None else loss.reason for loss in found.losses], dtype=np.str_),
    }
    return chunk if found.multiplier is None else {**chunk, "multiplier": found.multiplier}


def _found(chunk: Chunk) -> Found:
    """Return what a chunk holds as the solutions they are."""
    lost = zip(chunk["lost"].tolist(), chunk["why"].tolist(), strict=True)
    return Found(
        chunk["draws"],
        chunk["theta"],
        chunk["minimum"],
        chunk["outcome"],
        tuple(None if status < 0 else Loss(DrawStatus(status), why) for status, why in lost),
        chunk.get("multiplier"),
    )


@contextmanager
def _chunks(
    function: Callable[[Index], Chunk],
    task: Task,
    draws: Index,
    size: int,
    *,
    executor: Executor | None,
    progress: Progress | None,
    kept: RunFolder | None,
    identity: Mapping[str, object],
) -> Iterator[Iterator[Chunk]]:
    """Run draws in chunks of a size, counting draws where progress is wanted."""
    blocks = [draws[first : first + size] for first in range(0, len(draws), size)]
    if len(draws) and draws.max() >= task.first_compiled:
        prepare_compiled()

    def report(done: int, _: int) -> None:
        if progress is not None:
            progress(min(done * size, len(draws)), len(draws))

    with (
        opened(kept, {**identity, "chunk": size}) as store,
        run_chunks(function, blocks, executor=executor, store=store, progress=report) as chunks,
    ):
        yield chunks


def _chunk_size(task: Task, draws: int, chunk: int | None = None) -> int:
    """Return how many draws to make at a time: those of less than two seconds, in an even number of equal chunks."""
    if chunk is None:
        if any(isinstance(s, SingleSample) for s in task.resampler.samples):
            return FEW
        most = int(np.clip(CHUNK_SECONDS / _seconds(task.problem, task.resampler), FEW, MANY))
        return most if draws <= most else ceil(draws / (2 * ceil(draws / (2 * most))))
    if isinstance(chunk, bool) or not isinstance(chunk, (int, np.integer)) or chunk < 1:
        raise UsageError(f"chunk is {chunk!r}; give a whole number of at least 1")
    return int(chunk)


def _identity(run: str, task: Task, draws: Index) -> dict[str, object]:
    """Return all that the bytes of the draws depend on."""
    resampler, problem = task.resampler, task.problem
    spec = problem.spec
    return {
        "run": run,
        "kind": resampler.kind,
        "seed": resampler.seed,
        "draws": len(draws),
        "model": digest(spec.text, repr(spec.parameters), repr(spec.constraints), repr(spec.groups)),
        "settings": digest(repr(problem.settings)),
        "data": digest(*_data(resampler)),
        "starts": digest(task.starts, task.inverse_hessian),
        "numbers": digest(draws, resampler.given),
        "kernel": resampler.kernel,
        "backend": BACKEND,
        **platform_identity(),
    }


def _data(resampler: Resampler) -> Iterator[NDArray[Any] | str]:
    """Yield what draws are made of: the arrays of every group, its moments, its clusters."""
    for sample, clusters in zip(resampler.samples, resampler.clusters, strict=True):
        values = [getattr(sample, part.name) for part in fields(sample)]
        yield from (value for value in values if isinstance(value, np.ndarray))
        if isinstance(sample, SingleSample):
            yield sample.moments.fingerprint
        yield from clusters or ()
