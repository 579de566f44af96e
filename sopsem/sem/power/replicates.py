"""Replications: samples of one size drawn, fitted together and classified; every one is accounted for."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.kernel import NEVER, Likelihood, Outcome
from sopsem.runs.chunk_store import Chunk
from sopsem.sem.estimation.admissibility import admissibility
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.start import start_values
from sopsem.sem.power.design import Design
from sopsem.sem.power.quantities import Quantities
from sopsem.sem.power.sample_moments import INTERVAL, replication_rng
from sopsem.sem.resampling.draw_status import DrawStatus
from sopsem.sem.resampling.refit import inverse_hessian_of, refit

__all__ = ["Block", "Plan", "Replicates", "joined_replicates", "run_block"]

Array = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]
RETRIES = 3
RIDGE = 1e-12  # keeps a singular information invertible: its errors come out huge, not missing


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What all replications share.

    ``interval_draws`` above 0 asks for Monte Carlo intervals at ``level``; replications from ``first_compiled`` on
    are fitted by the compiled kernel.
    """

    design: Design
    quantities: Quantities
    seed: int
    level: float
    interval_draws: int
    first_compiled: int = NEVER


class Block(NamedTuple):
    """The replications ``first`` to ``last - 1`` of one size."""

    n: int
    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class Replicates:
    """What R replications of one size gave; NaN where a model has no solution.

    Attributes
    ----------
    status, status_restricted : (R,) int8 arrays
        Classes of ``DrawStatus``; of the restricted model -1 where there is none.
    chisq, chisq_restricted : (R,) arrays
    est, se : (R, s) arrays
        Quantities of the full model, and standard errors from the expected information.
    lower, upper : (R, e) arrays
        Monte Carlo intervals of the effects, raw then standardized; no columns where they were not asked for.

    """

    status: NDArray[np.int8]
    status_restricted: NDArray[np.int8]
    chisq: Array
    chisq_restricted: Array
    est: Array
    se: Array
    lower: Array
    upper: Array

    def __len__(self) -> int:
        """Return R."""
        return len(self.status)

    def proper(self, *, both: bool = False) -> NDArray[np.bool_]:
        """Say where the full model is proper; with ``both``, the restricted one too."""
        fine = self.status == DrawStatus.PROPER
        return np.asarray(fine & (self.status_restricted == DrawStatus.PROPER) if both else fine)

    def counts(self, model: str) -> dict[str, int]:
        """Return how many replications are in each class; together R."""
        status = self.status_restricted if model == "restricted" else self.status
        classes = {
            "proper": DrawStatus.PROPER,
            "improper": DrawStatus.IMPROPER,
            "not_converged": DrawStatus.NOT_CONVERGED,
            "singular": DrawStatus.SINGULAR,
        }
        return {name: int((status == s).sum()) for name, s in classes.items()}

    def frame(self, labels: Sequence[tuple[str, str]]) -> pd.DataFrame:
        """Return estimates and standard errors by quantity and scale, with chi2 and class of every replication."""
        columns: Arrays = {"status": self.status, "chisq": self.chisq}
        for at, (name, scale) in enumerate(labels):
            columns[f"est:{name}:{scale}"], columns[f"se:{name}:{scale}"] = self.est[:, at], self.se[:, at]
        return pd.DataFrame(columns)


def joined_replicates(parts: Sequence[Chunk]) -> Replicates:
    """Return the replications of several blocks, in their order, read-only."""
    made = {f.name: np.concatenate([p[f.name] for p in parts]) for f in fields(Replicates)}
    for array in made.values():
        array.setflags(write=False)
    return Replicates(**made)


def run_block(plan: Plan, block: Block) -> Arrays:
    """Draw, fit and classify the replications of a block; a replication is the same in any block.

    Returns
    -------
    dict of str to array
        The members of ``Replicates``.

    """
    design, replications = plan.design, range(block.first, block.last)
    covariance, mean = design.sampler.moments(plan.seed, block.n, replications)
    full = _solutions(design.full, covariance, mean, replications, plan.first_compiled)
    return {
        "status": full.status,
        "chisq": design.multiplier(block.n) * full.minimum,
        **_restricted(plan, block, covariance, mean),
        **_estimates(plan, block, full),
    }


@dataclass(frozen=True)
class _Solutions:
    """One model fitted to B samples: NaN where it has no solution; V of the estimates but for 1/multiplier."""

    theta: Array
    minimum: Array
    status: NDArray[np.int8]
    unit_vcov: Array


def _solutions(fit: Fit, covariance: Array, mean: Array, numbers: range, first_compiled: int) -> _Solutions:
    starts = np.stack([fit.kernel_theta, *(start_values(fit.problem, s) for s in range(RETRIES))])
    scaled = fit.model.scaled_moments(covariance, mean if fit.model.meanstructure else None)
    objective = Likelihood(fit.model.layout, scaled)
    found = refit(
        fit.problem,
        starts,
        numbers,
        objective,
        inverse_hessian=inverse_hessian_of(fit),
        first_compiled=first_compiled,
    )
    converged = found.outcome == Outcome.CONVERGED
    status = np.full(len(scaled), DrawStatus.NOT_CONVERGED, dtype=np.int8)
    status[found.outcome == Outcome.SINGULAR_DATA] = DrawStatus.SINGULAR
    theta = np.where(converged[:, None], found.theta, np.nan)
    k = theta.shape[1]
    vcov = np.full((len(scaled), k, k), np.nan)
    at = np.flatnonzero(converged)
    if len(at):
        proper = admissibility(fit.spec, fit.model, theta[at]).proper
        status[at] = np.where(proper, DrawStatus.PROPER, DrawStatus.IMPROPER)
        hessian = objective.expected_hessian(objective.evaluate(theta[at], at))
        vcov[at] = 2.0 * np.linalg.inv(hessian + RIDGE * np.eye(k))
    return _Solutions(theta, np.where(converged, found.minimum, np.nan), status, vcov)


def _restricted(plan: Plan, block: Block, covariance: Array, mean: Array) -> Arrays:
    """Return chi2 and class of the restricted model."""
    design, size = plan.design, len(covariance)
    if design.restricted is None:
        return {
            "status_restricted": np.full(size, -1, dtype=np.int8),
            "chisq_restricted": np.full(size, np.nan),
        }
    at = list(design.order)
    numbers = range(block.first, block.last)
    own = covariance[:, at][:, :, at], mean[:, at]
    found = _solutions(design.restricted, *own, numbers, plan.first_compiled)
    return {
        "status_restricted": found.status,
        "chisq_restricted": design.multiplier(block.n) * found.minimum,
    }


def _estimates(plan: Plan, block: Block, full: _Solutions) -> dict[str, Array]:
    """Return estimates, standard errors and, where they are asked for, intervals of the effects."""
    wanted, size = plan.quantities, len(full.theta)
    effects = 2 * len(wanted.effects) if plan.interval_draws else 0
    made = {
        name: np.full((size, width), np.nan)
        for name, width in (
            ("est", len(wanted.labels)),
            ("se", len(wanted.labels)),
            ("lower", effects),
            ("upper", effects),
        )
    }
    at = np.flatnonzero(np.isfinite(full.minimum))
    if len(at):
        vcov = full.unit_vcov[at] / plan.design.multiplier(block.n)
        made["est"][at] = wanted.values(full.theta[at])
        made["se"][at] = wanted.errors(full.theta[at], vcov)
        if effects:
            for i, v in zip(at, vcov, strict=True):
                rng = replication_rng(plan.seed, block.n, block.first + int(i), INTERVAL)
                made["lower"][i], made["upper"][i] = _interval(plan, full.theta[i], v, rng)
    return made


def _interval(plan: Plan, theta: Array, vcov: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return the Monte Carlo limits (e,) of the effects of one replication: quantiles over N(theta, V)."""
    wanted = plan.quantities
    values, vectors = np.linalg.eigh(vcov[np.ix_(wanted.moving, wanted.moving)])
    z = rng.standard_normal((plan.interval_draws, len(values)))
    drawn = np.tile(theta, (plan.interval_draws, 1))
    drawn[:, wanted.moving] += z @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    tail = (1.0 - plan.level) / 2.0
    lower, upper = np.nanquantile(wanted.effect_values(drawn), [tail, 1.0 - tail], axis=0)
    return lower, upper
