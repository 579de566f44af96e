"""Bootstrap: every draw refitted, classified and accounted for.

Draw b depends on (seed, b) alone; draws of a block are refitted together by the kernel where their moments
allow it (maximum likelihood), else one by one.  The classes add up to the draws asked for, and any draw can be
made again on its own (``redo``).
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from os import PathLike
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.kernel import NEVER, Kernel, Outcome
from sopsem.runs.blas import one_blas_thread
from sopsem.runs.run_folder import run_folder
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.resampling.draw_classes import collect_draws
from sopsem.sem.resampling.draw_runs import BLOCK, classified_draws, draw_task, run_draws
from sopsem.sem.resampling.draw_status import DrawStatus
from sopsem.sem.resampling.draws import Draws
from sopsem.sem.resampling.refit import fit_counts, joined
from sopsem.sem.resampling.resampler import KINDS, make_resampler
from sopsem.sem.resampling.resampling import check_seed

__all__ = ["DrawStatus", "Draws", "Kind", "bootstrap", "jackknife", "redo"]

Array = NDArray[np.float64]
Kind = Literal["case", "bollen_stine", "parametric"]


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
    store: str | PathLike[str] | None = None,
    resume: bool = False,
    chunk: int | None = None,
    kernel: Kernel = "auto",
) -> Draws:
    """Refit a model to resampled data.

    Parameters
    ----------
    fit : Fit
    data : DataFrame, optional
        The data of the fit; needed when the fit was made from a covariance matrix and rows are to be
        resampled.  Rows that the fit left out are left out of the draws.
    draws : int
        B.
    seed : int
        Draw b depends on (seed, b) only: the first 200 of 5,000 draws are the 200-draw run.
    kind : {"case", "bollen_stine", "parametric"}
        Rows with replacement, within every group, and whole clusters where the fit has them (their sizes and so
        that of the draw vary); rows of data transformed to fit the model exactly in every group (Bollen & Stine,
        1992; maximum likelihood, complete rows); rows from the fitted normal distribution (complete rows).
    executor : concurrent.futures.Executor, optional
        Where chunks of draws are run: processes, threads, or a cluster (``Client.get_executor()`` of dask).  By
        default processes of this machine when more than two seconds of work are left and they can be forked, else
        this process.  The result is the same bytes anywhere.
    indices : (B, n) int array, optional
        Row positions from 0 to use instead of drawing, in the rows that the fit used; of several groups in
        their rows one group after another, each block of columns within the positions of its group.
    progress : callable, optional
        Called with (draws done, draws in all).
    store : path-like, optional
        Folder that keeps every chunk as soon as it is done, so that a run that ends early loses few.
    resume : bool
        Continue the run in ``store``, if there is one; the result is that of a run in one go.
    chunk : int, optional
        Draws that are made and kept together; the result does not depend on it.  By default those of about
        two seconds, at most 4096; 16 where every draw's moments are made by themselves (two stages, ordered variables,
        weights that depend on the sample).
    kernel : {"auto", "numpy", "numba"}
        Which kernel fits the draws: the NumPy reference; its compiled twin (extra ``fast``); or the reference for
        as many draws as it fits while the other compiles (5 seconds), and the twin for those after.  Draw b is
        the same bytes in every run of one choice; among kernels draws agree to about 1e-10.

    Returns
    -------
    Draws
        With the policy "keep"; see ``sopsem.sem.resampling.policies`` for the others.

    Raises
    ------
    UsageError, DataError
        A fit that did not converge, or of one group of several; rows that are not the fit's; a kind that is
        unknown or that the data or the estimator do not have; a store that holds another run.
    FileError
        The store cannot be written; what it holds is intact.
    ResourceLimitError
        A worker process died, and did so again with new ones.

    Notes
    -----
    Every draw is treated as the data were: saturated moments of incomplete rows (two stages), thresholds,
    correlations and weights of ordered variables, weights of least squares are made again.  A draw in which an
    ordered variable has no answer in one of its categories cannot be fitted; it is counted in a class of its own,
    with item and category as the reason.

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
    resampler = make_resampler(fit, data, kind, check_seed(seed), indices, kernel)
    if indices is not None:
        draws = len(indices)
    return classified_draws(
        fit,
        resampler,
        np.arange(draws),
        executor=executor,
        progress=progress,
        kept=run_folder(store, resume=resume),
        chunk=chunk,
    )


def _check(fit: Fit, draws: int, kind: str) -> None:
    if kind not in KINDS:
        raise UsageError(f"kind is {kind!r}; choose one of {', '.join(KINDS)}")
    if isinstance(draws, bool) or not isinstance(draws, (int, np.integer)) or draws < 1:
        raise UsageError(f"draws is {draws!r}; give a whole number of at least 1")
    if not fit.status.converged:
        raise UsageError(
            "the fit did not converge, so there is nothing to resample; mend the model or the data first"
        )
    if not (fit.parameters.row_basis != 0.0).any(axis=0).all():
        raise UsageError(
            "this fit is that of one group of several, and the groups share parameters; resample the fit of all "
            "groups and take draws.of_group(1) ..."
        )


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
    draws.require_whole("redo")
    given = draws.resampler.given
    last = len(given) if given is not None else 2**63
    if isinstance(index, bool) or not isinstance(index, (int, np.integer)) or not 0 <= index < last:
        raise UsageError(f"index is {index!r}; give the number of a draw, from 0 to {last - 1}")
    found = run_draws(draws.fit, draws.resampler, np.array([index]))
    return replace(collect_draws(draws.fit, draws.resampler, found), first_compiled=draws.first_compiled)


def jackknife(draws: Draws) -> Array:
    """Return leave-one-out solutions on the kernel's metric, (n, k), for the acceleration of BCa.

    Every row of every group is left out in turn; where whole clusters were drawn, every cluster.

    Raises
    ------
    UsageError
        The draws are parametric, or a leave-one-out fit did not converge.

    """
    if draws.kind == "parametric":
        raise UsageError("the jackknife needs rows; BCa is for case and Bollen-Stine draws")
    fit = draws.whole or draws.fit
    task = draw_task(fit, replace(draws.resampler, kind="case"))
    # leave-one-out solutions are near the fit's: another start would find another minimum, if any
    first = 0 if task.first_compiled == 0 else NEVER  # these are few, and have numbers of their own
    task = replace(task, starts=task.starts[:1], first_compiled=first)
    units = list(task.resampler.left_out())
    found = []
    with one_blas_thread():
        for first in range(0, len(units), BLOCK):
            counts = task.resampler.without(units[first : first + BLOCK])
            found.append(fit_counts(task, range(first, first + len(counts[0])), counts))
    result = joined(found)
    failed = np.flatnonzero(result.outcome != Outcome.CONVERGED)
    if len(failed):
        first = int(failed[0])
        group, rows = units[first]
        what = "row" if draws.resampler.clusters[group] is None else "cluster with row"
        where = f" of group {group + 1}" if fit.n_groups > 1 else ""
        loss = result.losses[first] if result.losses else None
        why = f": {loss.reason}" if loss else ""
        raise UsageError(
            f"{len(failed)} leave-one-out fits did not converge (first: without {what} {rows[0] + 1}{where}"
            f"{why}); BCa is not defined, use kind='percentile'"
        )
    return result.theta
