"""Bootstrap: every draw refitted, classified and accounted for.

Draw b depends on (seed, b) alone; all draws of a block are refitted together by the kernel.  The classes add
up to the draws asked for, and any draw can be made again on its own (``redo``).
"""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sopsem.errors import DataError, UsageError
from sopsem.kernel import Layout, Outcome, fit_batch
from sopsem.sem.admissibility import admissibility
from sopsem.sem.fit import Fit
from sopsem.sem.moments import moments_from_data
from sopsem.sem.resampling import check_seed, normal_rows, resample_indices
from sopsem.sem.start import start_values

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
KINDS = ("case", "bollen_stine", "parametric")
BLOCK = 256
RETRIES = 3


class DrawStatus(IntEnum):
    """The one class every draw ends in."""

    PROPER = 0
    IMPROPER = 1
    ON_BOUND = 2
    NOT_CONVERGED = 3
    SINGULAR = 4

    @property
    def label(self) -> str:
        """The words used in tables."""
        return {
            0: "converged, proper",
            1: "converged, improper",
            2: "converged, on a bound",
            3: "not converged",
            4: "singular resample",
        }[int(self)]


@dataclass(frozen=True, kw_only=True)
class Resampler:
    """What makes the moments of draw b: rows on the kernel's metric, and how they are drawn.

    ``rows`` (n, p) carries a column of ones for models with intercepts; ``root`` (p, p) turns standard normal
    rows into parametric draws.
    """

    kind: str
    seed: int
    rows: Array
    scale: float
    meanstructure: bool
    root: Array | None = None
    given: NDArray[np.intp] | None = None

    def moments(self, draws: Iterable[int]) -> Array:
        """Return the moment matrices of these draws, (len(draws), p, p)."""
        return np.stack([self._one(b) for b in draws])

    def rows_of(self, draw: int) -> NDArray[np.intp] | None:
        """Return the row positions (from 0) of a draw; None for parametric draws, which have no rows."""
        if self.kind == "parametric":
            return None
        return (
            self.given[draw] if self.given is not None else resample_indices(self.seed, draw, len(self.rows))
        )

    def _one(self, draw: int) -> Array:
        n = len(self.rows)
        if self.kind == "parametric" and self.root is not None:
            free = normal_rows(self.seed, draw, n, self.root.shape[0]) @ self.root.T
            used = np.column_stack([free + self.rows[0, :-1], np.ones(n)]) if self.meanstructure else free
            return self._covariance(used.T @ used / n, used.mean(axis=0))
        picked = self.rows_of(draw)
        counts = np.bincount(picked, minlength=n).astype(np.float64)
        weighted = self.rows * counts[:, None]
        return self._covariance(weighted.T @ self.rows / n, weighted.sum(axis=0) / n)

    def _covariance(self, second: Array, mean: Array) -> Array:
        symmetric = (second + second.T) / 2.0
        return symmetric if self.meanstructure else (symmetric - np.outer(mean, mean)) * self.scale

    def without(self, row: int) -> Array:
        """Return the moment matrix without one row (for the jackknife)."""
        left = np.delete(self.rows, row, axis=0)
        n = len(left)
        return self._covariance(left.T @ left / n, left.mean(axis=0))


@dataclass(frozen=True, kw_only=True)
class Draws:
    """Bootstrap draws of a fit; frozen, arrays read-only.

    Attributes
    ----------
    estimates : (B, q) array
        Free parameters of every draw in the order of ``fit.names``; NaN where a draw has no solution.
    status : (B,) array of DrawStatus
    reason : tuple of str
        For every draw "" or what was wrong: the improper parameters, or why it did not converge.
    chisq : (B,) array
    kernel_theta : (B, k) array
        Solutions on the correlation metric.
    policy : str
        What ``kernel_theta`` holds: "keep" everything that converged, "drop" improper draws (NaN), "bound"
        (improper draws refitted with variances at or above 0), "redraw" (improper draws replaced by later
        ones).
    indices : (B,) array
        Number of every draw: it and the seed make the draw again.
    discarded : dict
        Under "redraw", how many further draws were made and not used, by class label.

    """

    fit: Fit
    resampler: Resampler
    kernel_theta: Array
    status: NDArray[np.int8]
    reason: tuple[str, ...]
    chisq: Array
    indices: NDArray[np.int64]
    policy: str = "keep"
    discarded: tuple[tuple[str, int], ...] = ()

    @property
    def seed(self) -> int:
        """The seed."""
        return self.resampler.seed

    @property
    def kind(self) -> str:
        """How rows were drawn."""
        return self.resampler.kind

    def __len__(self) -> int:
        """Return the number of draws asked for, B."""
        return len(self.status)

    @property
    def rows(self) -> Array:
        """Every row of the parameter table in every draw, (B, n_rows)."""
        return self.fit.model.rows(self.kernel_theta)

    @property
    def estimates(self) -> Array:
        """Free parameters in every draw, (B, q)."""
        estimates = self.rows[:, self.fit.free]
        estimates.setflags(write=False)
        return estimates

    @property
    def used(self) -> NDArray[np.bool_]:
        """Which draws have estimates under the policy."""
        return np.isfinite(self.kernel_theta).all(axis=1)

    def counts(self) -> pd.DataFrame:
        """Return class, count and share; the counts add up to B."""
        rows = [(s.label, int((self.status == s).sum())) for s in DrawStatus]
        frame = pd.DataFrame(rows, columns=["draw_class", "count"])
        frame["share"] = frame["count"] / max(len(self), 1)
        return frame

    def improper_counts(self) -> pd.Series:
        """Return in how many draws each parameter was improper; a draw may have several."""
        bad = (DrawStatus.IMPROPER, DrawStatus.ON_BOUND)
        named = Counter(
            name for r, s in zip(self.reason, self.status, strict=True) if s in bad for name in r.split(", ")
        )
        return pd.Series(dict(named.most_common()), name="count", dtype=int)

    @property
    def share_lost(self) -> float:
        """Share of draws dropped or put on a bound by the policy: what makes BC and BCa unusable."""
        bound = int((self.status == DrawStatus.ON_BOUND).sum())
        dropped = int((self.status == DrawStatus.IMPROPER).sum()) if self.policy == "drop" else 0
        replaced = sum(count for _, count in self.discarded)
        return (bound + dropped) / max(len(self), 1) + replaced / max(len(self) + replaced, 1)

    def __repr__(self) -> str:
        """Show the accounting of the draws."""
        parts = [f"{row.draw_class} {row.count}" for row in self.counts().itertuples() if row.count]
        return f"Draws: {len(self)} {self.kind} draws, seed {self.seed}, policy {self.policy}: " + "; ".join(
            parts
        )


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
        With the policy "keep"; see ``sopsem.sem.policies`` for the others.

    Raises
    ------
    UsageError, DataError
        A fit that did not converge; rows that are not the fit's; an unknown kind.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from sopsem.sem.fit import fit
    >>> rng = np.random.default_rng(0)
    >>> f = rng.normal(size=(80, 1))
    >>> data = pd.DataFrame(f + 0.8 * rng.normal(size=(80, 3)), columns=["a", "b", "c"])
    >>> result = bootstrap(fit("f =~ a + b + c", data), data, draws=20, seed=1)
    >>> int(result.counts()["count"].sum())
    20

    """
    _check(fit, draws, kind)
    resampler = _resampler(fit, data, kind, check_seed(seed), indices)
    if indices is not None:
        draws = len(indices)
    found = run_draws(fit, resampler, np.arange(draws), executor, progress)
    return collect_draws(fit, resampler, found)


def _check(fit: Fit, draws: int, kind: str) -> None:
    if kind not in KINDS:
        raise UsageError(f"kind is {kind!r}; choose one of {', '.join(KINDS)}")
    if draws < 1:
        raise UsageError(f"draws is {draws}; give a whole number of at least 1")
    if not fit.status.converged:
        raise UsageError(
            "the fit did not converge, so there is nothing to resample; mend the model or the data first"
        )


def _resampler(
    fit: Fit, data: pd.DataFrame | None, kind: str, seed: int, indices: NDArray[np.integer] | None
) -> Resampler:
    model = fit.model
    scale = fit.n / (fit.n - 1) if fit.likelihood == "wishart" else 1.0
    if kind == "parametric":
        return _parametric(fit, seed)
    raw = fit.moments.data
    if data is not None:
        raw = moments_from_data(data, fit.spec.observed).data
    if raw is None:
        raise DataError("resampling rows needs the raw data; give data=, or use kind='parametric'")
    if len(raw) != fit.n:
        raise DataError(
            f"the data have {len(raw)} complete rows, the fit used {fit.n}; give the data of the fit"
        )
    if kind == "bollen_stine":
        raw = _transformed(fit, raw)
    rows = (raw - model.center) / model.sd
    if model.meanstructure:
        rows = np.column_stack([rows, np.ones(len(rows))])
    given = None
    if indices is not None:
        given = np.asarray(indices, dtype=np.intp)
        if given.ndim != 2 or given.min(initial=0) < 0 or given.max(initial=0) >= len(raw):
            raise UsageError(f"indices must be (B, {len(raw)}) row positions from 0 to {len(raw) - 1}")
    return Resampler(
        kind=kind, seed=seed, rows=rows, scale=scale, meanstructure=model.meanstructure, given=given
    )


def _parametric(fit: Fit, seed: int) -> Resampler:
    model = fit.model
    correlation = fit.sigma / np.outer(model.sd, model.sd)
    mean = np.zeros(len(model.sd)) if fit.mu is None else (fit.mu - model.center) / model.sd
    rows = np.tile(np.append(mean, 1.0) if model.meanstructure else mean, (fit.n, 1))
    root = np.linalg.cholesky(correlation)
    # fit.sigma already carries the divisor of the likelihood, so no further scale
    return Resampler(
        kind="parametric", seed=seed, rows=rows, scale=1.0, meanstructure=model.meanstructure, root=root
    )


def _transformed(fit: Fit, raw: Array) -> Array:
    """Return Z = (X - mean) S^-1/2 Sigma^1/2 + implied mean, with symmetric roots and divisor N."""
    centred = raw - raw.mean(axis=0)
    sd = fit.model.sd  # roots on the correlation metric: the power of the units would spoil them
    sample = centred.T @ centred / len(raw) / np.outer(sd, sd)
    target = fit.sigma / np.outer(sd, sd)
    if fit.likelihood == "wishart":
        target = target * (fit.n - 1) / fit.n
    mixed = _power(sample, -0.5) @ _power(target, 0.5)
    mean = raw.mean(axis=0) if fit.mu is None else fit.mu
    return np.asarray((centred / sd) @ mixed * sd + mean)


def _power(matrix: Array, exponent: float) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * values**exponent) @ vectors.T)


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
        for start in task.starts[1:]:
            again = np.flatnonzero((outcome != Outcome.CONVERGED) & (outcome != Outcome.SINGULAR_DATA))
            if not len(again):
                break
            retry = fit_batch(task.layout, start, moments[again], bounds=task.bounds)
            good = retry.outcome == Outcome.CONVERGED
            theta[again[good]], minimum[again[good]] = retry.theta[good], retry.minimum[good]
            outcome[again[good]] = Outcome.CONVERGED
    return Found(task.draws, theta, minimum, outcome)


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
    starts = np.stack(
        [fit.kernel_theta, *(start_values(fit.spec, fit.model, fit.moments, s) for s in range(RETRIES))]
    )
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


def redo(draws: Draws, index: int) -> Draws:
    """Make one draw again, alone: its solution, class and reason, from (seed, index) and the data.

    Examples
    --------
    ``redo(draws, 317).status[0] == draws.status[317]``

    """
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
    moments = np.stack([resampler.without(i) for i in range(len(resampler.rows))])
    with threadpool_limits(limits=1, user_api="blas"):
        result = fit_batch(draws.fit.model.layout, draws.fit.kernel_theta, moments)
    failed = np.flatnonzero(result.outcome != Outcome.CONVERGED)
    if len(failed):
        raise UsageError(
            f"{len(failed)} leave-one-out fits did not converge (first: row {failed[0] + 1}); "
            "BCa is not defined"
        )
    return result.theta
