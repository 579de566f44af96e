"""Bollen-Stine bootstrap of a chi2 difference.

Both models are refitted to the same resamples of data that obey the restricted model.

References
----------
Bollen, K. A., & Stine, R. A. (1992). Bootstrapping goodness-of-fit measures in structural equation models.
Sociological Methods & Research, 21.
Davison, A. C., & Hinkley, D. V. (1997). Bootstrap methods and their application. Cambridge University Press.
(p = (k + 1)/(B + 1))

"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from enum import IntEnum
from os import PathLike
from typing import Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.kernel import Outcome
from sopsem.runs.run_folder import RunFolder, run_folder, stage_folder
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.scaling import ScaledModel
from sopsem.sem.fit_measures.compare import ROUNDING, Comparison
from sopsem.sem.fit_measures.nesting import same_order
from sopsem.sem.resampling.bootstrap import bootstrap
from sopsem.sem.resampling.draw_classes import collect_draws
from sopsem.sem.resampling.draw_runs import run_draws
from sopsem.sem.resampling.draw_status import DrawStatus
from sopsem.sem.resampling.draws import Draws
from sopsem.sem.resampling.refit import Found
from sopsem.sem.resampling.resampler import Resampler
from sopsem.sem.resampling.samples import CompleteSample

__all__ = ["DifferenceDraws", "PairStatus", "bootstrap_difference"]

Array = NDArray[np.float64]
Kind = Literal["bollen_stine", "parametric"]


class PairStatus(IntEnum):
    """The one class that a draw of both models ends in; the first two are used."""

    PROPER = 0
    IMPROPER = 1
    RESTRICTED_FAILED = 2
    FULL_FAILED = 3
    BOTH_FAILED = 4
    SINGULAR = 5
    HIGHER_MINIMUM = 6

    @property
    def label(self) -> str:
        """The words used in tables."""
        return {
            0: "both converged, both proper",
            1: "both converged, at least one improper",
            2: "restricted model not converged",
            3: "full model not converged",
            4: "neither model converged",
            5: "singular resample",
            6: "full model at a local minimum above the restricted one",
        }[int(self)]


@dataclass(frozen=True, kw_only=True)
class DifferenceDraws:
    """Bootstrap draws of a chi2 difference under the restricted model.

    Attributes
    ----------
    difference : (B,) array
        chi2 difference of every draw; NaN where it is not used.
    status : (B,) array of PairStatus
    restricted, full : Draws
        Both models' draws, with the class of each.

    """

    comparison: Comparison
    restricted: Draws
    full: Draws
    difference: Array
    status: NDArray[np.int8]

    def __len__(self) -> int:
        """Return the number of draws asked for, B."""
        return len(self.status)

    @property
    def n_used(self) -> int:
        """Draws in which both models have a minimum."""
        return int(np.isfinite(self.difference).sum())

    @property
    def n_exceeding(self) -> int:
        """Used draws whose difference is at least the observed one."""
        return int((self.difference >= self.comparison.dchisq).sum())

    @property
    def pvalue(self) -> float:
        """Return (k + 1)/(used + 1)."""
        return (self.n_exceeding + 1) / (self.n_used + 1)

    @property
    def pvalue_range(self) -> tuple[float, float]:
        """Lowest and highest p: had none, or all, of the unusable draws exceeded the observed value."""
        lost = len(self) - self.n_used
        return (self.n_exceeding + 1) / (len(self) + 1), (self.n_exceeding + lost + 1) / (len(self) + 1)

    @property
    def mc_pvalue(self) -> float:
        """Monte-Carlo standard error of p."""
        p = self.pvalue
        return float(np.sqrt(p * (1.0 - p) / max(self.n_used, 1)))

    def counts(self) -> pd.DataFrame:
        """Return class, count and share; the counts add up to B."""
        rows = [(s.label, int((self.status == s).sum())) for s in PairStatus]
        frame = pd.DataFrame(rows, columns=["draw_class", "count"])
        frame["share"] = frame["count"] / max(len(self), 1)
        return frame

    def __repr__(self) -> str:
        """Show p and the accounting of the draws."""
        parts = [f"{row.draw_class} {row.count}" for row in self.counts().itertuples() if row.count]
        return (
            f"DifferenceDraws: {len(self)} {self.restricted.kind} draws, seed {self.restricted.seed}: p = "
            f"{self.pvalue:.4f} (Monte-Carlo error {self.mc_pvalue:.4f}); " + "; ".join(parts)
        )


def bootstrap_difference(
    comparison: Comparison,
    data: pd.DataFrame | None = None,
    *,
    draws: int = 1000,
    seed: int = 1,
    kind: Kind = "bollen_stine",
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    store: str | PathLike[str] | None = None,
    resume: bool = False,
) -> DifferenceDraws:
    """Bootstrap the chi2 difference under the restricted model.

    Parameters
    ----------
    comparison : Comparison
    data : DataFrame, optional
        The data of the fits; needed when they were made from a covariance matrix, unless ``kind`` is
        parametric.
    draws, seed
        B, and the seed; draw b depends on (seed, b) only.
    kind : {"bollen_stine", "parametric"}
        Rows of data transformed to fit the restricted model exactly, or rows from the normal distribution
        it implies.
    executor, progress, store, resume
        As in ``bootstrap``; progress counts the draws of each model in turn, and each has a folder in the store.

    Returns
    -------
    DifferenceDraws

    Raises
    ------
    UsageError, DataError
        An unknown kind; no raw data for Bollen-Stine draws; another estimator than maximum likelihood, incomplete
        or clustered rows, ordered variables.

    Notes
    -----
    In data that obey the restricted model both models start at their known solutions.  A draw where the
    full model stays above the restricted one is tried again from the full model's own estimates and
    otherwise set aside.

    Examples
    --------
    >>> from sopsem.sem.fit_measures.compare import compare
    >>> from sopsem.sem.estimation.fit import fit
    >>> rng = np.random.default_rng(0)
    >>> f = rng.normal(size=(80, 1))
    >>> data = pd.DataFrame(f + 0.8 * rng.normal(size=(80, 4)), columns=list("abcd"))
    >>> nested = compare(fit("f =~ 1*a + 1*b + 1*c + d", data), fit("f =~ a + b + c + d", data))
    >>> result = bootstrap_difference(nested, data, draws=50, seed=1)
    >>> int(result.counts()["count"].sum())
    50

    """
    if kind not in ("bollen_stine", "parametric"):
        raise UsageError(
            f"kind is {kind!r}; choose 'bollen_stine' or 'parametric', which obey the restricted model"
        )
    for one in (comparison.restricted, comparison.full):
        _check_complete(one)
    restricted = bootstrap(
        comparison.restricted,
        data,
        draws=draws,
        seed=seed,
        kind=kind,
        executor=executor,
        progress=progress,
        store=stage_folder(store, "restricted"),
        resume=resume,
    )
    kept = run_folder(stage_folder(store, "full"), resume=resume)
    full = _full_draws(comparison, restricted, executor, progress, kept)
    difference = restricted.chisq - full.chisq
    status = _pair_status(restricted, full, difference)
    difference = np.where(status <= PairStatus.IMPROPER, np.maximum(difference, 0.0), np.nan)
    for array in (difference, status):
        array.setflags(write=False)
    return DifferenceDraws(
        comparison=comparison, restricted=restricted, full=full, difference=difference, status=status
    )


def _check_complete(fit: Fit) -> None:
    """Refuse fits whose restricted model cannot be drawn from."""
    moments = fit.data_moments
    special = any(m.ordinal is not None or m.saturated is not None or m.clusters is not None for m in moments)
    if special or fit.settings.estimator != "ML":
        raise UsageError(
            "the bootstrap of a chi2 difference is for maximum likelihood fits to complete rows that do not depend on "
            "each other; use the (scaled) difference test of compare() for others"
        )


def _full_draws(
    comparison: Comparison,
    restricted: Draws,
    executor: Executor | None,
    progress: Callable[[int, int], None] | None,
    kept: RunFolder | None,
) -> Draws:
    full = comparison.full
    resampler = _for_full_model(restricted.resampler, comparison.restricted, full)
    start = replace(full, kernel_theta=comparison.null.kernel_theta)
    found = run_draws(start, resampler, restricted.indices, executor, progress, kept=kept)
    above = found.chisq(full.multiplier) > restricted.chisq + ROUNDING
    above &= (found.outcome == Outcome.CONVERGED) & np.isfinite(restricted.chisq)
    if above.any():
        again = run_draws(full, resampler, restricted.indices[above], executor)
        found = _lower_of(found, np.flatnonzero(above), again)
    return collect_draws(full, resampler, found)


def _lower_of(found: Found, at: NDArray[np.intp], again: Found) -> Found:
    """Take the second solution of these draws where its minimum is lower."""
    better = (again.outcome == Outcome.CONVERGED) & (again.minimum < found.minimum[at])
    theta, minimum = found.theta.copy(), found.minimum.copy()
    theta[at[better]], minimum[at[better]] = again.theta[better], again.minimum[better]
    return replace(found, theta=theta, minimum=minimum)


def _for_full_model(resampler: Resampler, restricted: Fit, full: Fit) -> Resampler:
    """Carry rows (and the root of parametric draws) to the full model's variable order and metric."""
    order = same_order(restricted, full)
    samples = cast("tuple[CompleteSample, ...]", resampler.samples)
    groups = zip(samples, restricted.groups, full.groups, strict=True)
    return replace(
        resampler,
        samples=tuple(_carried(s, mine.model, theirs.model, order) for s, mine, theirs in groups),
    )


def _carried(
    sample: CompleteSample, mine: ScaledModel, theirs: ScaledModel, order: list[int]
) -> CompleteSample:
    """Return the rows of one group in another order and metric."""
    p = len(mine.sd)
    raw = (sample.rows[:, :p] * mine.sd + mine.center)[:, order]
    root = sample.root
    if root is not None:
        root = (root * mine.sd[:, None])[order] / theirs.sd[:, None]
    rows = np.column_stack([(raw - theirs.center) / theirs.sd, sample.rows[:, p:]])
    return replace(sample, rows=rows, root=root)


def _pair_status(restricted: Draws, full: Draws, difference: Array) -> NDArray[np.int8]:
    """Classify every draw of the pair, the gravest reason last so that it stays."""
    fails = [np.isnan(d.chisq) for d in (restricted, full)]
    improper = (restricted.status != DrawStatus.PROPER) | (full.status != DrawStatus.PROPER)
    status = np.where(improper, PairStatus.IMPROPER, PairStatus.PROPER).astype(np.int8)
    status[np.nan_to_num(difference) < -ROUNDING] = PairStatus.HIGHER_MINIMUM
    status[fails[0]] = PairStatus.RESTRICTED_FAILED
    status[fails[1]] = PairStatus.FULL_FAILED
    status[fails[0] & fails[1]] = PairStatus.BOTH_FAILED
    status[restricted.status == DrawStatus.SINGULAR] = PairStatus.SINGULAR
    return status
