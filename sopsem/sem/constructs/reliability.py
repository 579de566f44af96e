"""Reliability and convergent validity: one registered function per coefficient.

A function names what it reads (``loadings``, ``variance``, ``residual``, ``sample``, ``std_loadings``: the
attributes of ``Block``), takes arrays with any leading axes, and returns one number per leading index.  To
add a coefficient, write one such function; the frame, the intervals and the printed label follow.

References
----------
Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika, 16.
McDonald, R. P. (1999). Test theory: A unified treatment. Erlbaum.  (omega)
Joreskog, K. G. (1971). Statistical analysis of sets of congeneric tests. Psychometrika, 36.
Fornell, C., & Larcker, D. F. (1981). Evaluating structural equation models with unobservable variables and
measurement error. Journal of Marketing Research, 18.  (CR, AVE)

"""

import inspect

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.registry import Registry
from sopsem.sem.constructs.draw_tables import with_intervals
from sopsem.sem.constructs.groups import table_of_groups
from sopsem.sem.constructs.measurement import first_order_factors
from sopsem.sem.constructs.solution import Block, Solution, correlations, solution
from sopsem.sem.estimation.fit import Fit

__all__ = [
    "COEFFICIENTS",
    "alpha",
    "alpha_std",
    "ave",
    "ave_std",
    "coefficients",
    "cr",
    "cr_std",
    "omega",
    "omega_obs",
    "reliability",
    "reliability_intervals",
    "reliability_notes",
]

Array = NDArray[np.float64]
COEFFICIENTS = Registry("reliability coefficient")


def _total(matrix: Array) -> Array:
    return np.asarray(matrix.sum(axis=(-2, -1)))


def _ratio(part: Array, whole: Array) -> Array:
    """Divide; 0/0 is NaN, as for a factor without variance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part / whole)


def _trace(matrix: Array) -> Array:
    return np.asarray(np.trace(matrix, axis1=-2, axis2=-1))


def _true_variance(loadings: Array, variance: Array) -> Array:
    return np.asarray(loadings.sum(axis=-1) ** 2 * variance)


@COEFFICIENTS.register("alpha", label="α", source="Cronbach (1951)")
def alpha(sample: Array) -> Array:
    """Cronbach's alpha, k/(k-1) (1 - tr S / 1'S1); NaN for one item.

    >>> float(alpha(np.array([[1.0, 0.5], [0.5, 1.0]])).round(6))
    0.666667
    """
    k = sample.shape[-1]
    if k < 2:
        return np.full(sample.shape[:-2], np.nan)
    return np.asarray(k / (k - 1) * (1.0 - _ratio(_trace(sample), _total(sample))))


@COEFFICIENTS.register("alpha_std", label="α (standardized)", source="Cronbach (1951)")
def alpha_std(sample: Array) -> Array:
    """Alpha of the items divided by their standard deviations.

    >>> float(alpha_std(np.array([[4.0, 1.0], [1.0, 1.0]])).round(6))
    0.666667
    """
    return np.asarray(alpha(correlations(sample)))


@COEFFICIENTS.register("omega", label="ω", source="McDonald (1999)")
def omega(loadings: Array, variance: Array, residual: Array) -> Array:
    """Composite reliability with residual covariances, (Σl)²ψ / ((Σl)²ψ + 1'Θ1).

    >>> float(omega(np.array([0.8, 0.8]), np.array(1.0), np.diag([0.36, 0.36])).round(6))
    0.780488
    """
    true = _true_variance(loadings, variance)
    return _ratio(true, true + _total(residual))


@COEFFICIENTS.register("omega_obs", label="ω (observed variance)", source="McDonald (1999)")
def omega_obs(loadings: Array, variance: Array, sample: Array) -> Array:
    """Share of the observed variance of the sum score that the factor explains, (Σl)²ψ / 1'S1.

    >>> float(omega_obs(np.array([1.0, 1.0]), np.array(0.5), np.array([[1.0, 0.5], [0.5, 1.0]])).round(6))
    0.666667
    """
    return _ratio(_true_variance(loadings, variance), _total(sample))


@COEFFICIENTS.register("cr", label="CR", source="Fornell & Larcker (1981)")
def cr(loadings: Array, variance: Array, residual: Array) -> Array:
    """Composite reliability, (Σl)²ψ / ((Σl)²ψ + tr Θ): omega if no residuals covary.

    >>> float(cr(np.array([0.8, 0.8]), np.array(1.0), np.diag([0.36, 0.36])).round(6))
    0.780488
    """
    true = _true_variance(loadings, variance)
    return _ratio(true, true + _trace(residual))


@COEFFICIENTS.register("cr_std", label="CR (standardized)", source="Fornell & Larcker (1981)")
def cr_std(std_loadings: Array) -> Array:
    """Composite reliability of standardized items, (Σλ)² / ((Σλ)² + Σ(1 - λ²)).

    >>> float(cr_std(np.array([0.8, 0.8])).round(6))
    0.780488
    """
    true = std_loadings.sum(axis=-1) ** 2
    return _ratio(true, true + (1.0 - std_loadings**2).sum(axis=-1))


@COEFFICIENTS.register("ave", label="AVE", source="Fornell & Larcker (1981)")
def ave(loadings: Array, variance: Array, residual: Array) -> Array:
    """Average variance extracted in the metric of the items, Σl²ψ / (Σl²ψ + tr Θ).

    >>> float(ave(np.array([0.8, 0.8]), np.array(1.0), np.diag([0.36, 0.36])).round(6))
    0.64
    """
    explained = (loadings**2).sum(axis=-1) * variance
    return _ratio(explained, explained + _trace(residual))


@COEFFICIENTS.register("ave_std", label="AVE (standardized)", source="Fornell & Larcker (1981)")
def ave_std(std_loadings: Array) -> Array:
    """Average variance extracted, the mean squared standardized loading.

    >>> float(ave_std(np.array([0.8, 0.6])).round(6))
    0.5
    """
    return np.asarray((std_loadings**2).mean(axis=-1))


_READS = {entry.name: tuple(inspect.signature(entry.function).parameters) for entry in COEFFICIENTS}


def coefficients(block: Block) -> dict[str, Array]:
    """Return every registered coefficient of one factor, each with the leading axes of the block.

    One item gives NaN throughout: its reliability cannot be told from its variance.
    """
    lead = block.variance.shape
    if block.loadings.shape[-1] < 2:
        return {entry.name: np.full(lead, np.nan) for entry in COEFFICIENTS}
    return {
        entry.name: np.broadcast_to(
            entry.function(*(getattr(block, part) for part in _READS[entry.name])), lead
        )
        for entry in COEFFICIENTS
    }


@table_of_groups
def reliability(fit: Fit, *, at: Solution | None = None) -> pd.DataFrame:
    """Return reliability and AVE of every factor that observed variables measure.

    Parameters
    ----------
    fit : Fit
        A CFA, or any model with first-order factors (the implied total variance of a factor is used).
    at : Solution, optional
        Its model matrices, when they are already at hand.

    Returns
    -------
    DataFrame
        One row per factor: factor, items (names joined by blanks), n_items, one column per coefficient, note.
        A coefficient that does not exist is NaN and the note says why.

    Examples
    --------
    >>> from sopsem.sem.estimation.fit import fit
    >>> r = 0.5 + 0.5 * np.eye(3)
    >>> frame = pd.DataFrame(r, index=list("abc"), columns=list("abc"))
    >>> table = reliability(fit("f =~ a + b + c", sample_cov=frame, n_obs=90))
    >>> table[["alpha", "omega", "ave"]].round(6).iloc[0].tolist()
    [0.75, 0.75, 0.5]

    """
    found = solution(fit) if at is None else at
    rows = []
    for factor, items in first_order_factors(fit.spec).items():
        values = {name: float(value[0]) for name, value in coefficients(found.block(factor, items)).items()}
        rows.append(
            {"factor": factor, "items": " ".join(items), "n_items": len(items), **values}
            | {"note": "; ".join(reliability_notes(fit, factor, items))}
        )
    return pd.DataFrame(rows)


@table_of_groups
def reliability_intervals(fit: Fit, *, drawn: Solution | None = None, level: float = 0.95) -> pd.DataFrame:
    """Return every coefficient of every factor with its percentile interval, one row each.

    Parameters
    ----------
    fit : Fit
        A CFA, or any model with first-order factors.
    drawn : Solution, optional
        Bootstrap draws of this fit, from ``drawn_solution``.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        factor, coefficient, label, note, est, ci_lower, ci_upper, draws_used, draws_failed.

    """
    here = solution(fit)
    rows: list[dict[str, str]] = []
    estimates: list[float] = []
    values: list[Array | None] = []
    for factor, items in first_order_factors(fit.spec).items():
        note = "; ".join(reliability_notes(fit, factor, items))
        many = None if drawn is None else coefficients(drawn.block(factor, items))
        for name, value in coefficients(here.block(factor, items)).items():
            rows.append(
                {"factor": factor, "coefficient": name, "label": COEFFICIENTS[name].label, "note": note}
            )
            estimates.append(float(value[0]))
            values.append(None if many is None else many[name])
    return with_intervals(rows, estimates, values, level=level)


def reliability_notes(fit: Fit, factor: str, items: tuple[str, ...]) -> list[str]:
    """Return what a reader must know about the coefficients of one factor."""
    if len(items) == 1:
        return [f"{factor} has the one item {items[0]}: alpha, omega, CR and AVE need at least two"]
    notes = []
    crossed = sorted({p.rhs for p in fit.spec if p.op == "=~" and p.lhs != factor and p.rhs in items})
    if crossed:
        notes.append(
            f"{', '.join(crossed)} also load on another factor, which counts neither as truth nor as error"
        )
    block = solution(fit).block(factor, items)
    if not block.variance[0] > 0.0:
        notes.append(
            f"the variance of {factor} is {block.variance[0]:.4g}: improper, the coefficients mean nothing"
        )
    negative = [v for v, t in zip(items, np.diagonal(block.residual[0]), strict=True) if t < 0.0]
    if negative:
        notes.append(
            f"negative residual variance of {', '.join(negative)}: improper, omega and AVE are too high"
        )
    mixed = np.sign(block.loadings[0])
    if len(set(mixed.tolist())) > 1:
        notes.append("loadings have different signs: reverse the items that are keyed the other way")
    return notes
