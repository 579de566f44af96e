"""The notes on a fit: everything a reader should know before trusting the estimates, one sentence each."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel import BatchFit, Outcome, matrices
from sopsem.sem.estimation.admissibility import Improper
from sopsem.sem.estimation.parameter_map import ParameterMap
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.estimation.scaling import ScaledModel
from sopsem.sem.estimation.search import STRATEGIES, starts_tried
from sopsem.sem.estimation.standardize import standardized_rows
from sopsem.sem.model.parameter_table import ModelSpec
from sopsem.sem.sample.moments import Moments

__all__ = [
    "broken_constraints",
    "failure_notes",
    "fit_notes",
    "held_on_bounds",
    "loop_variables",
    "stability_index",
]

Array = NDArray[np.float64]
BROKEN = 1e-6  # a constraint that is off by more does not hold
UNLIKE = 1e5  # ratio of variances that leaves too few digits for the small variables
AGAINST = 0.1  # standardized loadings of the other sign count from this size on


def fit_notes(
    problem: Problem,
    data_moments: tuple[Moments, ...],
    theta: Array,
    improper: tuple[Improper, ...],
    strategy: int,
) -> tuple[str, ...]:
    """Return the notes on the solution ``theta`` (k,) found with starting strategy ``strategy``."""
    spec = problem.spec
    notes = [*spec.notes, *dict.fromkeys(note for m in data_moments for note in m.notes)]
    excluded = sum(len(m.rows_excluded) for m in data_moments)
    if excluded and not (
        problem.settings.incomplete or problem.settings.two_stage
    ):  # those say why themselves
        have, were = ("has", "was") if excluded == 1 else ("have", "were")
        notes.append(
            f"{excluded} of {sum(m.rows_given for m in data_moments)} rows {have} a missing value "
            f"and {were} left out (listwise)"
        )
    if strategy:
        notes.append(f"the default start failed; starting strategy {strategy} of {STRATEGIES - 1} was used")
    if problem.settings.mimic == "amos":
        notes.append(
            "mimic='amos': moments with divisor N, chi2 = (N - 1) F, standard errors with N - 1, AIC = chi2 + 2q, "
            "BIC = chi2 + q ln N, GFI in Joreskog's form; by default bias-corrected intervals, p by inversion, "
            "improper draws kept"
        )
    notes.extend(_two_indicators(spec))
    notes.extend(_unlike_scales(problem))
    for group in problem.groups:
        where = f" (group {group.spec.groups[0]})" if spec.n_groups > 1 else ""
        notes.extend(note + where for note in _loops(group.spec, group.model, theta))
        notes.extend(note + where for note in _reversed_items(group.spec, group.model, theta))
    on_bounds = held_on_bounds(problem.parameters, theta[None])[0]
    if on_bounds:
        notes.append(f"on a bound, counted as constants without standard errors: {', '.join(on_bounds)}")
    notes.extend(f"improper solution: {one}" for one in improper)
    return tuple(notes)


def _unlike_scales(problem: Problem) -> list[str]:
    """Return a note where unweighted least squares meet variables of very different scales."""
    if problem.settings.estimator != "ULS" or any(g.moments.ordinal is not None for g in problem.groups):
        return []
    for group in problem.groups:
        variances, names = np.diag(group.moments.covariance), group.moments.names
        low, high = int(variances.argmin()), int(variances.argmax())
        if variances[high] > UNLIKE * variances[low]:
            note = (
                f"the variance of {names[high]!r} is {variances[high] / variances[low]:.1e} times that of "
                f"{names[low]!r}: unweighted least squares then fit little but the large variables. Rescale "
                "them, or use 'DWLS' or 'ML'"
            )
            return [note]
    return []


def failure_notes(problem: Problem, best: BatchFit, strategy: int) -> tuple[str, ...]:
    """Return what was tried where no start led to a certified optimum, and what does not hold at the best point."""
    accepted = best.outcome[0] == Outcome.CONVERGED
    tried = starts_tried(strategy + 1 if accepted else STRATEGIES)
    ends = {
        Outcome.ITERATION_LIMIT: "the limit of iterations was reached",
        Outcome.SADDLE_POINT: "a saddle point",
        Outcome.NO_PROGRESS: "no step lowers the discrepancy further",
    }
    end = ends.get(Outcome(best.outcome[0]), "the certificate does not hold")
    reached = f"{problem.multiplier * best.minimum[0]:.6g} ({end})"
    note = (
        f"no convergence; tried: {tried}. Lowest point: chi2 = {reached}. Simplify the model, give start() "
        "values, or check items that hardly correlate"
    )
    return (note, *broken_constraints(problem.parameters, best.theta[0]))


def broken_constraints(parameters: ParameterMap, theta: Array) -> tuple[str, ...]:
    """Return a sentence for every constraint that does not hold at kernel parameters (k,)."""
    found = parameters.constraints(theta[None])
    off = [*np.abs(found.equality[0]), *np.maximum(0.0, -found.inequality[0])]
    written = (*parameters.equalities, *parameters.inequalities)
    return tuple(
        f"the constraint {c.lhs} {c.op} {c.rhs} does not hold at the point reached (off by {by:.3g}); "
        "do the constraints contradict each other?"
        for c, by in zip(written, off, strict=True)
        if not by <= BROKEN
    )


def held_on_bounds(parameters: ParameterMap, theta: Array) -> list[tuple[str, ...]]:
    """Return for each of B solutions (B, k) the names of the parameters that sit on a bound."""
    lower, upper = parameters.bounds
    held = (theta <= lower) | (theta >= upper)
    moved = np.abs(parameters.row_basis) > 0.0
    return [
        tuple(dict.fromkeys(p.name for p, m in zip(parameters.spec, moved, strict=True) if (m & h).any()))
        for h in held
    ]


def _two_indicators(spec: ModelSpec) -> Iterator[str]:
    """Second-order factors with two first-order factors are nearly unidentified (Rindskopf & Rose, 1988)."""
    for factor in spec.latent:
        items = [p.rhs for p in spec if p.op == "=~" and p.lhs == factor and p.group == 1]
        if len(items) == 2 and all(i in spec.latent and i != factor for i in items):
            yield (
                f"the second-order factor {factor} has two indicators only: improper solutions are to be "
                "expected in small samples (in simulations at N = 92 with 18 items, in 18 to 90% of the draws)"
            )


def loop_variables(model: ScaledModel) -> tuple[str, ...]:
    """Return the variables that can be reached from themselves along the paths of the model."""
    sends = model.layout.fixed_paths != 0.0
    sends[model.layout.paths[:, 0], model.layout.paths[:, 1]] = True
    reached = sends.copy()
    for _ in range(len(sends).bit_length()):
        reached |= reached @ reached
    return tuple(v for v, back in zip(model.variables, np.diagonal(reached), strict=True) if back)


def stability_index(model: ScaledModel, theta: Array) -> float:
    """Return the largest modulus of the eigenvalues of the matrix of paths (Bentler & Freeman, 1983).

    Below 1 the effects around a feedback loop die out; a model without a loop has 0.
    """
    return float(np.abs(np.linalg.eigvals(matrices(model.layout, theta[None])[0][0])).max(initial=0.0))


def _loops(spec: ModelSpec, model: ScaledModel, theta: Array) -> Iterator[str]:
    if not any(p.op == "~" for p in spec):
        return
    if inside := loop_variables(model):
        index = stability_index(model, theta) if np.isfinite(theta).all() else float("nan")
        verdict = "below 1, so that" if index < 1.0 else "not below 1: do not interpret"
        rest = "its effects are defined" if index < 1.0 else "its total effects"
        yield (
            f"the model has a feedback loop through {', '.join(inside)}; its stability index is {index:.3f}, "
            f"{verdict} {rest}. Remove a path if the loop is not meant"
        )


def _reversed_items(spec: ModelSpec, model: ScaledModel, theta: Array) -> Iterator[str]:
    """Name items that load against the others of their factor: the sign of an item not recoded."""
    values = standardized_rows(spec, model, theta[None])[0]
    for factor in spec.latent:
        own = [
            (p, v)
            for p, v in zip(spec, values, strict=True)
            if p.op == "=~" and p.lhs == factor and p.rhs in spec.observed
        ]
        signs = [np.sign(v) for _, v in own if abs(v) > AGAINST]
        majority = np.sign(sum(signs))
        against = [(p.rhs, v) for p, v in own if v * majority < -AGAINST]
        if len(signs) > 2 and len(against) * 3 <= len(signs):
            for item, value in against:
                yield (
                    f"{item} loads against the other items of {factor} (standardized loading {value:.2f}): "
                    "is it worded the other way round and not recoded?"
                )
