"""The model at W parameter vectors: implied moments, discrepancy, gradient and both Hessians (see ``reference``)."""

from typing import Any

import numpy as np

from sopsem.kernel.compiled import columns as of
from sopsem.kernel.compiled.algebra import N0, N1, N2, cholesky, clear, mirror, product
from sopsem.kernel.compiled.compiling import compiled, woven
from sopsem.kernel.compiled.lanes import choose, fma, larger, log, shifted, smaller, splat
from sopsem.kernel.compiled.regions import CLOSE, LEAST, VALUE

__all__ = ["evaluate"]

NO_PIVOT = 1e-9  # as in the reference


@compiled
def evaluate(model: Any, w: Any) -> None:
    """Put the discrepancy (without its constant) at VALUE, inf where it is not defined, and g and H in their place."""
    at, part = model.at, -1
    clear(w, at.hessian, at.factor)
    w[VALUE] = splat(0.0)
    for t in range(model.n_terms):
        term = shifted(model.table, t * of.N_TERM)
        row, share = shifted(model.table, term[of.PART]), w[term[of.SHARE]]
        if term[of.PART] != part:
            part = term[of.PART]
            implied(row, model, w)
        _moments(term, model, w)
        invert(term[of.COUNT], model, w)
        misfit(term[of.COUNT], model, w, share)
        crossing(row, term, model, w, at.weight, at.inner)
        crossing(row, term, model, w, at.data, at.crossed)
        derivatives(row, model, w, share)


@compiled
def _add_sums(model: Any, w: Any, start: int, end: int, share: Any) -> None:
    """Add share x sum of coefficient x y to the targets of some sums."""
    for r in range(start, end, of.N_SUM):
        row, value = shifted(model.table, r), splat(0.0)
        for i in range(row[of.FIRST], row[of.N_SUM + of.FIRST]):
            value = fma(model.coefficient[i] * w[model.left[i]], w[model.right[i]], value)
        w[row[of.TARGET]] = fma(share, value, w[row[of.TARGET]])


@woven
def implied(row: Any, model: Any, w: Any) -> None:
    """Work out cells, E, G, K and Sigma."""
    clear(w, model.at.implied, model.at.subset)
    _add_sums(model, w, row[of.IMPLIED], row[of.GRADIENT], splat(1.0))


@woven
def _moments(term: Any, model: Any, w: Any) -> None:
    """Take what a pattern observes out of Sigma, and its moments out of the row of data."""
    at, n, seen = model.at, term[of.COUNT], shifted(model.table, term[of.OBSERVED])
    place = term[of.DATA]
    for j in range(n):
        for i in range(j + 1):
            w[at.subset + i * 2 * at.row + j] = w[at.sigma + seen[j] * at.row + seen[i]]
            w[at.data + j * at.row + i] = w[place]
            place += 1
    mirror(w, at.data, at.row, n)


@woven
def invert(n: int, model: Any, w: Any) -> None:
    """Put the inverse of a pattern's Sigma in WEIGHT: L^-T L^-1."""
    at = model.at
    twice = 2 * at.row
    cholesky(w, at.subset, at.root, twice, n, n, at.row, at.floor)
    root = at.root + at.row
    product(w, (root, N1, twice), (root, twice), (at.weight, at.row), (n, N2, n), N1, N1)
    mirror(w, at.weight, at.row, n)


@woven
def misfit(n: int, model: Any, w: Any, share: Any) -> None:
    """Add share (log|Sigma| + tr(S Sigma^-1)), and put Q = W - W S W on the place of S.

    Pivots of rounding size are no pivots.
    """
    at, row = model.at, model.at.row
    product(w, (at.weight, row, N1), (at.data, row), (at.mixed, row), (n, n, n), N0, N0)
    total, logs, least, most = splat(0.0), splat(0.0), splat(np.inf), splat(0.0)
    for i in range(n):
        pivot = 1.0 / w[at.root + i * (2 * row + 1)]
        logs, total = logs + log(pivot), total + w[at.mixed + i * (row + 1)]
        least, most = smaller(least, pivot), larger(most, pivot)
    fine = (w[LEAST] > 0.0) & (least > NO_PIVOT * most)
    w[VALUE] = choose(fine, fma(share, 2.0 * logs + total, w[VALUE]), np.inf)
    product(w, (at.mixed, row, N1), (at.weight, row), (at.data, row), (n, N2, n), N1, N0)
    for i in range(n):
        for j in range(i + 1):
            w[at.data + i * row + j] = w[at.weight + i * row + j] - w[at.data + i * row + j]
    mirror(w, at.data, row, n)


@compiled
def crossing(row: Any, term: Any, model: Any, w: Any, x: int, into: int) -> None:
    """Put X, XK and the lower triangle of K'XK at ``into``, X being given for variables seen and 0 for others."""
    at, p, k, n, seen = (
        model.at,
        row[of.P],
        row[of.K],
        term[of.COUNT],
        shifted(model.table, term[of.OBSERVED]),
    )
    far = at.row_k
    ahead = into + (p + 1) * at.row
    if n < p:
        clear(w, into, ahead)
    for i in range(n):
        for j in range(n):
            w[into + seen[i] * at.row + seen[j]] = w[x + i * at.row + j]
    product(w, (into, at.row, N1), (at.columns, far), (ahead, far), (p, k, p), N0, N0)
    both = ahead + (p + 1) * far
    product(w, (at.columns, N1, far), (ahead, far), (both, far), (k, N2, p), N1, N0)


@woven
def derivatives(row: Any, model: Any, w: Any, share: Any) -> None:
    """Add share times gradient and second derivatives: observed where CLOSE is 1, expected where it is 0."""
    at, near = model.at, w[CLOSE]
    _add_sums(model, w, row[of.GRADIENT], row[of.HESSIAN], share)
    far = at.crossed - at.inner
    for i in range(at.inner, at.crossed):
        # with Q = 0 the observed Hessian is the expected one
        crossed = w[i + far] * near
        w[i], w[i + far] = w[i] - crossed, crossed
    _add_sums(model, w, row[of.HESSIAN], row[of.END], share)
