"""The class of every draw, and why: what the optimiser reached, what is inadmissible in it, what sits on a bound."""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel import Outcome
from sopsem.sem.estimation.admissibility import admissibility
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.fit_notes import held_on_bounds
from sopsem.sem.resampling.draw_status import DrawStatus
from sopsem.sem.resampling.draws import Draws
from sopsem.sem.resampling.refit import Found
from sopsem.sem.resampling.resampler import Resampler
from sopsem.sem.resampling.samples import BLOCK

__all__ = ["collect_draws", "draw_admissibility"]

Array = NDArray[np.float64]

_WHY: dict[int, str] = {
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
    reason = [_WHY.get(o, "") for o in found.outcome.tolist()]
    for at, loss in enumerate(found.losses):
        if loss is not None:
            status[at], reason[at] = loss.status, loss.reason
    if converged.any():
        proper, reasons = draw_admissibility(fit, theta[converged])
        status[converged] = np.where(proper, DrawStatus.PROPER, DrawStatus.IMPROPER)
        for place, why in zip(np.flatnonzero(converged), reasons, strict=True):
            reason[place] = why
        _mark_bounds(fit, theta, status, reason)
    chisq = found.chisq(fit.multiplier)
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


def draw_admissibility(fit: Fit, theta: Array) -> tuple[NDArray[np.bool_], list[str]]:
    """Say which solutions (B, k) are admissible in every group, and what is not, by group where there are several."""
    parts = [_admissible(fit, theta[first : first + BLOCK]) for first in range(0, max(len(theta), 1), BLOCK)]
    return np.concatenate([proper for proper, _ in parts]), [why for _, reasons in parts for why in reasons]


def _admissible(fit: Fit, theta: Array) -> tuple[NDArray[np.bool_], list[str]]:
    states = [admissibility(g.spec, g.model, theta) for g in fit.groups]
    proper = np.all([s.proper for s in states], axis=0)
    if len(states) == 1:
        return proper, states[0].reasons()
    labelled = [
        [
            ", ".join(f"{part} (group {label})" for part in why.split(", ")) if why else ""
            for why in s.reasons()
        ]
        for s, label in zip(states, fit.spec.groups, strict=True)
    ]
    return proper, [", ".join(filter(None, each)) for each in zip(*labelled, strict=True)]


def _mark_bounds(fit: Fit, theta: Array, status: NDArray[np.int8], reason: list[str]) -> None:
    """Class draws of a bounded model that sit on a bound, with the parameters held there."""
    if fit.parameters.active_bounds is None:
        return
    at = np.flatnonzero(status == DrawStatus.PROPER)
    for i, names in zip(at, held_on_bounds(fit.parameters, theta[at]), strict=True):
        if names:
            status[i], reason[i] = DrawStatus.ON_BOUND, ", ".join(names)
