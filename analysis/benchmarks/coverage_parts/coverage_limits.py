"""The intervals of one data set after another: the package's own functions, from the rows to the limits.

A data set is fitted (``sopsem.fit``), its rows are resampled and refitted (``sopsem.bootstrap``, with the number
of the data set as seed, so that draw b depends on (r, b) alone), improper draws are kept, dropped or refitted with
variances at or above 0 (``apply_policy``), and every formula is that of ``interval`` or ``monte_carlo_limits``.
BC and BCa of draws that were dropped or bounded, which the package refuses, are made here to show why.

An interval is undefined with fewer than 39 draws left (its limit would be the outermost draw), without a
standard error, or without leave-one-out fits; such data sets are counted, never dropped silently.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from coverage_population import CELLS, Cell, sample, spec, wanted
from scipy.special import ndtri

import sopsem
from sopsem.sem.effects.effect_values import effect_slopes, effect_values
from sopsem.sem.resampling.bootstrap import jackknife
from sopsem.sem.resampling.draw_errors import draw_standard_errors
from sopsem.sem.resampling.draw_status import DrawStatus
from sopsem.sem.resampling.draws import Draws
from sopsem.sem.resampling.intervals import interval
from sopsem.sem.resampling.monte_carlo import monte_carlo_limits, parameter_draws
from sopsem.sem.resampling.policies import apply_policy

LEVEL = 0.95
FEWEST = 39
MONTE_CARLO_DRAWS = 1000
METHODS = (  # interval, policy for improper draws
    ("percentile", "keep"),
    ("bc", "keep"),
    ("bca", "keep"),
    ("studentized", "keep"),
    ("percentile", "drop"),
    ("bc", "drop"),
    ("bca", "drop"),
    ("studentized", "drop"),
    ("percentile", "bound"),
    ("bc", "bound"),
    ("bca", "bound"),
    ("delta", "none"),
    ("monte carlo", "none"),
)
DEFAULT, BC_AFTER_DROP = METHODS.index(("percentile", "keep")), METHODS.index(("bc", "drop"))
WRONG = ("", "bc_after_drop", "se_0.8")
PROPER, IMPROPER, NOT_CONVERGED, REFUSED, CRASHED = range(5)


@dataclass(frozen=True)
class Plan:
    """What all data sets share; ``wrong`` names a fault built in on purpose."""

    seed: int
    draws: int
    wrong: str = ""
    kernel: str = "numpy"

    @property
    def se_factor(self) -> float:
        return 0.8 if self.wrong == "se_0.8" else 1.0


def data_sets(plan: Plan, task: tuple[int, int, int]) -> dict[str, np.ndarray]:
    """Return the numbers of data sets ``first`` to ``last`` - 1 of a cell: arrays with the data sets first."""
    cell, first, last = task
    found = [_one(plan, CELLS[cell], r) for r in range(first, last)]
    return {name: np.stack([one[name] for one in found]) for name in found[0]}


def _one(plan: Plan, cell: Cell, r: int) -> dict[str, np.ndarray]:
    """Return limits (methods, effects, 2), the outcome of the fit, and the classes of draws (policies, classes)."""
    limits = np.full((len(METHODS), len(wanted()), 2), np.nan)
    classes = np.zeros((2, len(DrawStatus)), dtype=np.int64)
    try:
        outcome = _analyse(
            plan, pd.DataFrame(sample(cell, plan.seed, r), columns=spec().observed), r, limits, classes
        )
    except sopsem.SopsemError:
        outcome = REFUSED
    except np.linalg.LinAlgError:
        outcome = CRASHED
    if outcome > NOT_CONVERGED:
        limits[:], classes[:] = np.nan, 0
    if plan.wrong == "bc_after_drop":
        limits[DEFAULT] = limits[BC_AFTER_DROP]
    return {"limits": limits, "outcome": np.array(outcome), "classes": classes}


def _analyse(plan: Plan, rows: pd.DataFrame, r: int, limits: np.ndarray, classes: np.ndarray) -> int:
    """Fill in limits and classes of one data set and return how its fit ended."""
    fit = sopsem.fit(spec(), rows)
    if not fit.status.converged:
        return NOT_CONVERGED
    limits[METHODS.index(("delta", "none"))] = _delta(fit, plan)
    limits[METHODS.index(("monte carlo", "none"))] = _monte_carlo(fit, plan, r)
    if plan.draws:
        draws = sopsem.bootstrap(fit, draws=plan.draws, seed=r, kernel=plan.kernel)
        bounded = apply_policy(draws, "bound")
        classes[:] = [_classes(draws), _classes(bounded)]
        for method, found in _resampled(draws, bounded, plan):
            limits[METHODS.index(method)] = found
    return IMPROPER if fit.improper else PROPER


def _classes(draws: Draws) -> np.ndarray:
    return np.bincount(draws.status, minlength=len(DrawStatus))


def _delta(fit: sopsem.Fit, plan: Plan) -> np.ndarray:
    """Return Wald limits from the package's table of effects."""
    table = sopsem.effects(fit, level=LEVEL).set_index("effect").loc[[e.name for e in wanted()]]
    est, half = table.est_std.to_numpy(), ndtri(0.5 + LEVEL / 2.0) * table.se_std.to_numpy() * plan.se_factor
    return np.column_stack([est - half, est + half])


def _monte_carlo(fit: sopsem.Fit, plan: Plan, r: int) -> np.ndarray:
    """Return quantiles of the effects over parameters drawn from the distribution of the estimates."""
    try:
        drawn = parameter_draws(fit, MONTE_CARLO_DRAWS, r)
    except sopsem.UsageError:
        return np.full((len(wanted()), 2), np.nan)
    drawn = fit.kernel_theta + plan.se_factor * (drawn - fit.kernel_theta)
    values = effect_values(fit.spec, fit.model, drawn, list(wanted()), standardized=True)
    return np.array([monte_carlo_limits(column, LEVEL) for column in values.T])


def _resampled(draws: Draws, bounded: Draws, plan: Plan) -> Iterator[tuple[tuple[str, str], np.ndarray]]:
    """Yield every method that rests on resampled rows, with its limits (effects, 2)."""
    fit = draws.fit
    kept = _values(draws)
    improper = (draws.status == DrawStatus.IMPROPER)[:, None]
    by_policy = {"keep": kept, "drop": np.where(improper, np.nan, kept), "bound": _values(bounded)}
    est = effect_values(fit.spec, fit.model, fit.kernel_theta[None], list(wanted()), standardized=True)[0]
    left_out = _left_out(draws)
    in_draws, in_fit = draw_standard_errors(draws, partial(_slopes, fit))
    for kind, policy in METHODS:
        if policy == "none" or (kind == "bca" and left_out is None):
            continue
        limits = np.full((len(est), 2), np.nan)
        for i, values in enumerate(by_policy[policy].T):
            extra = {}
            if kind == "bca":
                extra = {"jackknife": left_out[:, i]}
            elif kind == "studentized":
                extra = {"draw_se": in_draws[:, i], "se": plan.se_factor * in_fit[i]}
            if np.isfinite(values).sum() >= FEWEST:
                limits[i] = interval(values, est[i], kind=kind, level=LEVEL, **extra)
        yield (kind, policy), limits


def _values(draws: Draws) -> np.ndarray:
    """Return the effects in every draw (B, effects); NaN without a solution."""
    fit, used = draws.fit, draws.used
    values = np.full((len(draws), len(wanted())), np.nan)
    values[used] = effect_values(
        fit.spec, fit.model, draws.kernel_theta[used], list(wanted()), standardized=True
    )
    return values


def _slopes(fit: sopsem.Fit, theta: np.ndarray) -> np.ndarray:
    return effect_slopes(fit.model, theta, list(wanted()), standardized=True)


def _left_out(draws: Draws) -> np.ndarray | None:
    """Return the effects without each row in turn (n, effects); None where a leave-one-out fit fails."""
    fit = draws.fit
    try:
        theta = jackknife(draws)
    except sopsem.UsageError:
        return None
    return effect_values(fit.spec, fit.model, theta, list(wanted()), standardized=True)
