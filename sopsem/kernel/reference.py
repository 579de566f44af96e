"""Batched NumPy reference: evaluates and fits B problems of one layout together.  The definition of truth.

Discrepancy (Joreskog, 1969):  F = log|Sigma| + tr(S Sigma^-1) - log|S| - p.

Both Hessians are exact.  With W = Sigma^-1, Q = W - W S W and dSigma_k = w_k (b_k c_k' + c_k b_k'):

    gradient     tr(Q dSigma_k)
    expected     tr(W dSigma_k W dSigma_l)
    observed     expected - 2 tr(Q dSigma_k W dSigma_l) + tr(Q d2Sigma_kl)
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotri

from sopsem.kernel.cells import carry_curvature, carry_gradient, carry_jacobian, cells, matrices
from sopsem.kernel.layout import Layout
from sopsem.kernel.reduced import all_columns, each_or_nan, reduced

__all__ = [
    "Point",
    "cells",
    "curvature",
    "evaluate",
    "evaluate_patterns",
    "expected_hessian",
    "gradient",
    "implied",
    "jacobian",
    "matrices",
    "observed_hessian",
]

Array = NDArray[np.float64]
NO_PIVOT = 1e-9  # least share of the largest Cholesky pivot that counts as positive definite


class Point(NamedTuple):
    """The model at B parameter vectors; ``objective`` is inf where Sigma is not positive definite."""

    objective: Array  # (B,)
    inverse_sources: Array  # E of the sources, (B, m, m)
    total_sources: Array  # G of the sources, (B, m, m)
    columns: Array  # [E_{o,sources}, G_{o,sources}], (B, p, 2m)
    weight: Array  # W = Sigma^-1, (B, p, p)
    misfit: Array  # Q = W - W S W, (B, p, p)
    theta: Array  # (B, q)


def implied(layout: Layout, theta: Array) -> Array:
    """Return Sigma at theta (B, q), shape (B, p, p)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return reduced(layout, theta).sigma


def cholesky_or_nan(matrix: Array) -> Array:
    """Batched Cholesky factor, NaN where a matrix is not positive definite."""
    return each_or_nan(np.linalg.cholesky, matrix)


def log_determinant(factor: Array) -> Array:
    """Return log|A| from the Cholesky factor of A, batched."""
    logs: Array = 2.0 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
    return logs


def evaluate(layout: Layout, theta: Array, moments: Array, log_moments: Array) -> Point:
    """Evaluate the discrepancy and what its derivatives need.

    Parameters
    ----------
    theta : (B, q) array
    moments : (B, p, p) array
        Positive definite moment matrices.
    log_moments : (B,) array
        log|S|.

    """
    with np.errstate(all="ignore"):  # a wild step overflows: not positive definite, hence inf
        model = reduced(layout, theta)
        sigma, parts = model.sigma, model[1:]
        weight, log_sigma, proper = _inverse_of_positive(sigma)
        product = weight @ moments
        trace = np.trace(product, axis1=1, axis2=2)
        objective = log_sigma + trace - log_moments - layout.n_observed
        objective = _defined(objective, proper, parts)
        return Point(objective, *parts, weight, weight - product @ weight, theta)


def _defined(objective: Array, proper: NDArray[np.bool_], parts: tuple[Array, ...]) -> Array:
    """Return the objective, inf where it is not defined; there nothing is to overflow in the derivatives either."""
    fine = proper & np.isfinite(objective)
    if not fine.all():
        for part in parts:
            part[~fine] = 0.0
    return np.where(fine, objective, np.inf)


def _inverse_of_positive(sigma: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return inverses, log determinants and which matrices are positive definite; others count as the identity.

    One factorisation says all three; ``sigma`` (B, p, p) is overwritten.
    """
    pivots = np.empty(sigma.shape[:2])
    for one, own in zip(sigma, pivots, strict=True):
        # LAPACK counts by columns: the transposed view is in its order, so nothing is copied
        if dpotrf(one.T, lower=1, clean=0, overwrite_a=1)[1]:
            own[:] = np.nan
            continue
        own[:] = one.diagonal()
        dpotri(one.T, lower=1, overwrite_c=1)
    # a pivot of rounding size passes the factorisation, but the matrix has no inverse
    proper = pivots.min(axis=1) > NO_PIVOT * pivots.max(axis=1)
    upper = np.triu(np.ones(sigma.shape[1:]))
    sigma *= upper
    inverse = sigma + sigma.transpose(0, 2, 1)
    inverse *= 1.0 - 0.5 * np.eye(len(upper))
    if not proper.all():
        inverse[~proper] = np.eye(len(upper))
        pivots[~proper] = 1.0
    return inverse, 2.0 * np.log(pivots).sum(axis=1), proper


class PatternPoint(NamedTuple):
    """The model at b parameter vectors, with the weight and misfit of each of P patterns of observed variables."""

    objective: Array  # (b,)
    inverse_sources: Array
    total_sources: Array
    columns: Array
    shares: Array  # (b, P)
    weight: Array  # (b, P, p, p)
    misfit: Array  # (b, P, p, p)
    theta: Array  # (b, q)


def evaluate_patterns(
    layout: Layout, theta: Array, moments: Array, shares: Array, masks: NDArray[np.bool_]
) -> PatternPoint:
    """Evaluate F = sum_g share_g (log|Sigma_g| + tr(S_g Sigma_g^-1)) over patterns g of observed variables.

    Parameters
    ----------
    theta : (b, q) array
    moments : (b, P, p, p) array
        Second moments of every pattern, 0 where a variable is not observed.
    shares : (b, P) array
        Share of the rows that have the pattern.
    masks : (P, p) bool array
        Which variables a pattern observes.

    """
    with np.errstate(all="ignore"):
        model = reduced(layout, theta)
        sigma, parts = model.sigma, model[1:]
        p = layout.n_observed
        both = masks[:, :, None] & masks[:, None, :]
        # a variable that is not observed stands as one of variance 1, unrelated to the others: it adds nothing
        padded = np.where(both, sigma[:, None], np.eye(p) * ~masks[:, None, :]).reshape(-1, p, p)
        inverse, log_sigma, proper = _inverse_of_positive(padded)
        weight = np.where(both, inverse.reshape(-1, *both.shape), 0.0)
        product = weight @ moments
        trace = np.trace(product, axis1=2, axis2=3)
        each = log_sigma.reshape(trace.shape) + trace
        objective = (shares * each).sum(axis=1)
        objective = _defined(objective, np.asarray(proper.reshape(trace.shape).all(axis=1)), parts)
        return PatternPoint(objective, *parts, shares, weight, weight - product @ weight, theta)


def _square(layout: Layout, upper: Array) -> Array:
    """Return second derivatives given for pairs k <= l (n(n+1)/2, B) as full matrices (B, n, n)."""
    n = len(layout.offset)
    rows = np.ascontiguousarray(upper.T)  # each problem in one place, as LAPACK wants it
    return rows.take(layout.pairs.square, axis=1, mode="clip").reshape(len(rows), n, n)


def _gather(rows: Array, at: NDArray[np.intp]) -> Array:
    """Return rows[at]; "clip" only because it spares NumPy a copy of what the positions never need."""
    return rows.take(at, axis=0, mode="clip")


def _inner(point: Point, middle: Array) -> Array:
    """Return M'XM with a row for each of the positions of ``Pairs`` and a column for each problem.

    What is gathered is then a row of numbers side by side, which is copied three times as fast as one by one.
    """
    ahead = middle @ point.columns
    both = point.columns.transpose(0, 2, 1) @ ahead
    parts = [part.reshape(len(middle), part.shape[1] * part.shape[2]) for part in (middle, ahead, both)]
    return _in_rows([*parts, np.zeros((len(middle), 1))])


def _in_rows(parts: list[Array]) -> Array:
    """Return parts (B, n_i) one below another, (sum n_i, B)."""
    found = np.empty((sum(part.shape[1] for part in parts), len(parts[0])))
    first = 0
    for part in parts:
        found[first : first + part.shape[1]] = part.T
        first += part.shape[1]
    return found


def gradient(layout: Layout, point: Point) -> Array:
    """Return dF/dtheta, (B, q)."""
    return carry_gradient(layout, point.theta, _in_cells(layout, _inner(point, point.misfit)))


def _in_cells(layout: Layout, crossed: Array) -> Array:
    """Return tr(X dSigma_k) for every cell, (B, n), from M'XM."""
    pairs = layout.pairs
    return np.ascontiguousarray((2.0 * pairs.weight[:, None] * _gather(crossed, pairs.slope)).T)


def expected_hessian(layout: Layout, point: Point) -> Array:
    """Return the expectation of d2F under the model, (B, q, q); the expected information is N/2 times it."""
    bb, cc, bc, cb = layout.pairs.inner
    inner = _inner(point, point.weight)
    upper = _gather(inner, bb) * _gather(inner, cc) + _gather(inner, bc) * _gather(inner, cb)
    return carry_curvature(layout, point.theta, _square(layout, layout.pairs.both[:, None] * upper))


def observed_hessian(layout: Layout, point: Point) -> Array:
    """Return d2F at the data, (B, q, q); the observed information is N/2 times it.

    With I = M'WM and C = M'QM both trace terms together are
    2 w_k w_l {I_cc (I - C)_bb - C_cc I_bb + I_bc (I - C)_cb - C_bc I_cb}.
    """
    pairs = layout.pairs
    bb, cc, bc, cb = pairs.inner
    inner, crossed = _inner(point, point.weight), _inner(point, point.misfit)
    rest = inner - crossed
    upper = _gather(inner, cc) * _gather(rest, bb) - _gather(crossed, cc) * _gather(inner, bb)
    upper += _gather(inner, bc) * _gather(rest, cb) - _gather(crossed, bc) * _gather(inner, cb)
    upper *= pairs.both[:, None]
    _add_curvature(layout, point, crossed, upper)
    return carry_curvature(layout, point.theta, _square(layout, upper), _in_cells(layout, crossed))


def _add_curvature(layout: Layout, point: Point, crossed: Array, upper: Array) -> None:
    """Add tr(X d2Sigma_kl) to ``upper``; ``crossed`` is M'XM."""
    through = _through(point)
    for where, weight, t, x in layout.pairs.curvature:
        upper[where] += weight[:, None] * _gather(through, t) * _gather(crossed, x)


def curvature(layout: Layout, point: Point, middle: Array) -> Array:
    """Return tr(X d2Sigma_kl), (B, q, q), for symmetric matrices X (B, p, p)."""
    crossed = _inner(point, middle)
    upper = np.zeros((len(layout.pairs.both), len(middle)))
    _add_curvature(layout, point, crossed, upper)
    return carry_curvature(layout, point.theta, _square(layout, upper), _in_cells(layout, crossed))


def _through(point: Point) -> Array:
    """Return E and G of the sources with a row for each number and a column for each problem."""
    parts = (point.inverse_sources, point.total_sources)
    return _in_rows([part.reshape(len(part), part.shape[1] * part.shape[2]) for part in parts])


def jacobian(layout: Layout, theta: Array) -> Array:
    """Return d vec(Sigma)/d theta at one theta (q,), shape (p, p, q)."""
    columns = all_columns(layout, reduced(layout, theta[None]).columns[0])
    pairs = layout.pairs
    left, right = columns[:, pairs.b], columns[:, pairs.c]
    half = np.einsum("ik,jk,k->ijk", left, right, pairs.weight)
    in_cells = half + half.transpose(1, 0, 2)
    return carry_jacobian(layout, theta, in_cells)
