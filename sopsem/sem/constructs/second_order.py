"""Reliability of second-order constructs, one registered function per coefficient.

With ΛB the loadings of the items carried through the dimensions, φ the implied variance of the second-order
factor, Φ the implied covariances of its dimensions, γ its standardized loadings:

    omega_L1       1'ΛBφB'Λ'1 / 1'Σ1                        of the sum of all items
    omega_L2       1'BφB'1 / 1'Φ1                           of the sum of the dimensions, in their own metrics
    omega_partial  1'ΛBφB'Λ'1 / (1'ΛBφB'Λ'1 + 1'Θ1)         after the dimensions' own parts are set aside
    ave_L2         mean(γ²)
    cr_L2          (Σγ)² / ((Σγ)² + Σ(1 - γ²))              of the sum of the standardized dimensions

omega_L2 depends on which item is the marker of each dimension; cr_L2 does not.  With two dimensions of equal
loading and correlation r, cr_L2 = 2r / (1 + r).

References
----------
Raykov, T., & Marcoulides, G. A. (2012). Evaluation of validity and reliability for hierarchical scales using
latent variable modeling. Structural Equation Modeling, 19.
Credé, M., & Harms, P. D. (2015). 25 years of higher-order confirmatory factor analysis in the organizational
sciences. Journal of Organizational Behavior, 36.

"""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sopsem.registry import Registry
from sopsem.sem.constructs.draw_tables import with_intervals
from sopsem.sem.constructs.groups import table_of_groups
from sopsem.sem.constructs.measurement import first_order_factors, second_order_factors
from sopsem.sem.constructs.solution import Solution, solution, square
from sopsem.sem.estimation.fit import Fit

__all__ = [
    "SECOND_ORDER",
    "SecondOrderBlock",
    "ave_L2",
    "cr_L2",
    "omega_L1",
    "omega_L2",
    "omega_partial",
    "second_order",
    "second_order_blocks",
]

Array = NDArray[np.float64]
SECOND_ORDER = Registry("second-order reliability coefficient")


@dataclass(frozen=True, kw_only=True)
class SecondOrderBlock:
    """A second-order factor with d dimensions and k items; leading axes, if any, are draws.

    ``carried`` (..., k) is ΛB, ``variance`` (...) is φ, ``second_loadings`` (..., d) is B,
    ``dimension_covariance`` (..., d, d) is Φ, ``implied`` and ``residual`` (..., k, k) are Σ and Θ of the
    items, ``std_second_loadings`` (..., d) is γ.
    """

    carried: Array
    variance: Array
    second_loadings: Array
    std_second_loadings: Array
    dimension_covariance: Array
    implied: Array
    residual: Array


def _common(loadings: Array, variance: Array) -> Array:
    return np.asarray(loadings.sum(axis=-1) ** 2 * variance)


def _share(part: Array, whole: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part / whole)


@SECOND_ORDER.register("omega_L1", label="ω L1", source="Raykov & Marcoulides (2012)")
def omega_L1(carried: Array, variance: Array, implied: Array) -> Array:
    """Share of the variance of the sum of all items that the second-order factor explains.

    >>> float(omega_L1(np.array([0.5, 0.5]), np.array(1.0), np.array([[1.0, 0.25], [0.25, 1.0]])).round(6))
    0.4
    """
    return _share(_common(carried, variance), implied.sum(axis=(-2, -1)))


@SECOND_ORDER.register("omega_L2", label="ω L2", source="Raykov & Marcoulides (2012)")
def omega_L2(second_loadings: Array, variance: Array, dimension_covariance: Array) -> Array:
    """Share of the variance of the sum of the dimensions that the second-order factor explains.

    >>> float(omega_L2(np.array([0.8, 0.8]), np.array(1.0), np.array([[1.0, 0.64], [0.64, 1.0]])).round(6))
    0.780488
    """
    return _share(_common(second_loadings, variance), dimension_covariance.sum(axis=(-2, -1)))


@SECOND_ORDER.register("omega_partial", label="ω partial", source="Raykov & Marcoulides (2012)")
def omega_partial(carried: Array, variance: Array, residual: Array) -> Array:
    """Second-order variance of the sum of all items against that and the items' residual variance.

    >>> float(omega_partial(np.array([0.5, 0.5]), np.array(1.0), np.diag([0.5, 0.5])).round(6))
    0.5
    """
    common = _common(carried, variance)
    return _share(common, common + residual.sum(axis=(-2, -1)))


@SECOND_ORDER.register("ave_L2", label="AVE L2", source="Credé & Harms (2015)")
def ave_L2(std_second_loadings: Array) -> Array:
    """Mean squared standardized second-order loading.

    >>> float(ave_L2(np.array([0.8, 0.6])).round(6))
    0.5
    """
    return np.asarray((std_second_loadings**2).mean(axis=-1))


@SECOND_ORDER.register("cr_L2", label="CR L2", source="Credé & Harms (2015)")
def cr_L2(std_second_loadings: Array) -> Array:
    """Composite reliability of the standardized dimensions; 2r/(1 + r) for two of equal loading.

    >>> float(cr_L2(np.sqrt([0.4, 0.4])).round(6)), round(2 * 0.4 / 1.4, 6)
    (0.571429, 0.571429)
    """
    true = std_second_loadings.sum(axis=-1) ** 2
    return _share(true, true + (1.0 - std_second_loadings**2).sum(axis=-1))


_READS = {entry.name: tuple(inspect.signature(entry.function).parameters) for entry in SECOND_ORDER}


def _block(
    at: Solution, factor: str, dimensions: tuple[str, ...], items: tuple[str, ...]
) -> SecondOrderBlock:
    h, i = at.latent.index(factor), at.positions(items)
    d = np.array([at.latent.index(part) for part in dimensions])
    loadings, variance = at.paths[:, d, h], at.factor_covariance[:, h, h]
    covariance = square(at.factor_covariance, d)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
        standard = loadings * np.sqrt(variance)[:, None] / spread
    return SecondOrderBlock(
        carried=np.einsum("bkd,bd->bk", at.loadings[:, i[:, None], d], loadings),
        variance=variance,
        second_loadings=loadings,
        std_second_loadings=standard,
        dimension_covariance=covariance,
        implied=square(at.implied, i),
        residual=square(at.residual, i),
    )


@table_of_groups
def second_order(fit: Fit, *, drawn: Solution | None = None, level: float = 0.95) -> pd.DataFrame:
    """Return the reliability of every second-order factor of a model.

    Parameters
    ----------
    fit : Fit
        The model with the second-order factor: a CFA, or the structural model when two dimensions alone do
        not identify it.
    drawn : Solution, optional
        Bootstrap draws of this fit, from ``solution(fit, draws.kernel_theta)``.
    level : float
        Of the percentile intervals.

    Returns
    -------
    DataFrame
        factor, part (a dimension, or "" for the whole), coefficient, label, note, est, ci_lower, ci_upper,
        draws_used, draws_failed.  For a dimension omega_L1 is the share of the variance of its sum score that
        the second-order factor explains.  Empty when the model has no second-order factor.

    """
    here = solution(fit)
    rows: list[dict[str, str]] = []
    estimates: list[float] = []
    values: list[Array | None] = []
    for factor, part, dimensions, items in _parts(fit):
        one = _block(here, factor, dimensions, items)
        many = None if drawn is None else _block(drawn, factor, dimensions, items)
        for name in ["omega_L1"] if part else [entry.name for entry in SECOND_ORDER]:
            row = {"factor": factor, "part": part, "coefficient": name, "label": SECOND_ORDER[name].label}
            rows.append(row | {"note": _note(factor, dimensions, one)})
            estimates.append(float(_value(name, one)[0]))
            values.append(None if many is None else _value(name, many))
    return with_intervals(rows, estimates, values, level=level)


def second_order_blocks(fit: Fit) -> dict[str, tuple[tuple[str, ...], tuple[str, ...], SecondOrderBlock]]:
    """Return factor -> dimensions, items and block of every second-order factor of a fit."""
    here = solution(fit)
    return {f: (d, i, _block(here, f, d, i)) for f, part, d, i in _parts(fit) if not part}


def _parts(fit: Fit) -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Yield (factor, part, dimensions, items) of each second-order factor, then of its dimensions."""
    first = first_order_factors(fit.spec)
    for factor, dimensions in second_order_factors(fit.spec).items():
        yield factor, "", dimensions, tuple(dict.fromkeys(v for part in dimensions for v in first[part]))
        for part in dimensions:
            yield factor, part, (part,), first[part]


def _note(factor: str, dimensions: tuple[str, ...], block: SecondOrderBlock) -> str:
    if not block.variance[0] > 0.0:
        return f"the variance of {factor} is {block.variance[0]:.4g}: improper, the coefficients mean nothing"
    above = [d for d, g in zip(dimensions, block.std_second_loadings[0], strict=True) if abs(g) > 1.0]
    return (
        f"the loading of {', '.join(above)} exceeds 1: improper, the coefficients are too high"
        if above
        else ""
    )


def _value(name: str, block: SecondOrderBlock) -> Array:
    return np.asarray(SECOND_ORDER[name].function(*(getattr(block, part) for part in _READS[name])))
