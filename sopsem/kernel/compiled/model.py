"""The model at W parameter vectors: implied moments, discrepancy, gradient and both Hessians (see ``reference``)."""

from typing import Any

import numpy as np

from sopsem.kernel.compiled import columns as at
from sopsem.kernel.compiled import regions as to
from sopsem.kernel.compiled.algebra import cholesky, clear, inverse, product
from sopsem.kernel.compiled.compiling import compiled, woven
from sopsem.kernel.compiled.lanes import WIDTH, add, fma, fnma, load, mul, shifted, splat, store, sub

__all__ = ["evaluate"]

NO_PIVOT = 1e-9  # as in the reference


@compiled
def evaluate(model: Any, w: Any, q: int, objective: Any, defined: Any) -> None:
    """Put the discrepancy (without its constant) in ``objective`` (W,) and g and H in the work space.

    ``defined`` (W,) says where every Sigma is positive definite.
    """
    for lane in range(WIDTH):
        objective[lane], defined[lane] = 0.0, 1
    clear(w, model.start[to.HESSIAN], (q + 1) * (q + 2) // 2)
    part = -1
    for t in range(model.n_terms):
        term = shifted(model.terms, t * at.N_TERM_COLUMNS)
        row = shifted(model.parts, term[at.PART] * at.N_COLUMNS)
        if term[at.PART] != part:
            part = term[at.PART]
            _implied(row, model, w)
        _term(row, term, model, w, model.start[to.WEIGHTS] + t, objective, defined)
        _add_gradient(row, model, w, q, load(w, model.start[to.WEIGHTS] + t))
        _add_hessian(row, model, w, load(w, model.start[to.WEIGHTS] + t))


@compiled
def _cell_or_fixed(model: Any, w: Any, cell: int, fixed: int) -> Any:
    """Return the value of a free cell, or the fixed value."""
    value = splat(model.floats[fixed])
    if cell >= 0:
        value = load(w, model.start[to.CELLS] + cell)
    return value


@woven
def _implied(row: Any, model: Any, w: Any) -> None:
    """Work out E, G, K and Sigma."""
    p, v, m = row[at.P], row[at.V], row[at.M]
    _cells(row, model, w)
    spread, carried, columns = model.start[to.SPREAD], model.start[to.CARRIED], model.start[to.COLUMNS]
    _spread(row, model, w)
    _carried(row, model, w)
    for a in range(p):  # K = [E, G] of the observed rows; G[a, s] = sum_t R[a, t] E[s, t]
        for s in range(m):
            near, far = (
                load(w, spread + a * m + s),
                _dot(w, carried + a * m, spread + model.ints[row[at.SOURCES] + s] * m, m),
            )
            store(w, columns + a * 2 * m + s, near)
            store(w, columns + a * 2 * m + m + s, far)
            store(w, columns + (2 * m + s) * p + a, near)
            store(w, columns + (3 * m + s) * p + a, far)
    for r in range(m):
        for s in range(m):
            left = carried + model.ints[row[at.SOURCES] + r] * m
            right = spread + model.ints[row[at.SOURCES] + s] * m
            store(w, spread + v * m + r * m + s, _dot(w, left, right, m))
    _sigma(row, model, w)


@compiled
def _dot(w: Any, a: int, b: int, n: int) -> Any:
    total = splat(0.0)
    for k in range(n):
        total = fma(load(w, a + k), load(w, b + k), total)
    return total


@compiled
def _cells(row: Any, model: Any, w: Any) -> None:
    """Put offset + basis @ theta in the cells."""
    first = row[at.CELL_FIRST]
    for c in range(row[at.CELLS]):
        value = splat(model.floats[row[at.CELL_OFFSET_F] + c])
        for i in range(model.ints[first + c], model.ints[first + c + 1]):
            coefficient = splat(model.floats[row[at.CELL_COEFFICIENT_F] + i])
            value = fma(
                coefficient, load(w, model.start[to.THETA] + model.ints[row[at.CELL_PARAMETER] + i]), value
            )
        store(w, model.start[to.CELLS] + c, value)


@compiled
def _spread(row: Any, model: Any, w: Any) -> None:
    """Put E[:, sources] together: a variable's row is its own unit and what its causes send."""
    m, spread = row[at.M], model.start[to.SPREAD]
    clear(w, spread, row[at.V] * m)
    for place in range(row[at.V]):
        variable = model.ints[row[at.ORDER] + place]
        own = model.ints[row[at.SOURCE_OF] + variable]
        if own >= 0:
            store(w, spread + variable * m + own, splat(1.0))
        for i in range(model.ints[row[at.ARROW_FIRST] + place], model.ints[row[at.ARROW_FIRST] + place + 1]):
            cause = model.ints[row[at.SOURCES] + model.ints[row[at.ARROW_SOURCE] + i]]
            value = _cell_or_fixed(model, w, model.ints[row[at.ARROW_CELL] + i], row[at.ARROW_FIXED_F] + i)
            for s in range(m):
                here = spread + variable * m + s
                store(w, here, fma(value, load(w, spread + cause * m + s), load(w, here)))


@compiled
def _carried(row: Any, model: Any, w: Any) -> None:
    """Put R = E S[:, sources] together."""
    m, latent = row[at.M], model.start[to.LATENT]
    clear(w, latent, m * m)
    for i in range(row[at.N_LATENT]):
        entry = row[at.LATENT] + 3 * i
        value = _cell_or_fixed(model, w, model.ints[entry + 2], row[at.LATENT_FIXED_F] + i)
        store(w, latent + model.ints[entry] * m + model.ints[entry + 1], value)
        store(w, latent + model.ints[entry + 1] * m + model.ints[entry], value)
    product(w, model.start[to.SPREAD], latent, model.start[to.CARRIED], row[at.V], m, m, m)
    for i in range(row[at.N_MIXED]):
        entry = row[at.MIXED] + 3 * i
        value = _cell_or_fixed(model, w, model.ints[entry + 2], row[at.MIXED_FIXED_F] + i)
        here = model.start[to.CARRIED] + model.ints[entry + 1] * m + model.ints[entry]
        store(w, here, add(load(w, here), value))


@compiled
def _sigma(row: Any, model: Any, w: Any) -> None:
    """Put the lower triangle of Sigma = R E' + the covariances of variables that send no path, and mirror it."""
    p, m, sigma, spread = row[at.P], row[at.M], model.start[to.SIGMA], model.start[to.SPREAD]
    for a in range(p):
        for b in range(a + 1):
            store(w, sigma + a * p + b, _dot(w, model.start[to.CARRIED] + a * m, spread + b * m, m))
    for i in range(row[at.N_OWN]):
        entry = row[at.OWN] + 3 * i
        value = _cell_or_fixed(model, w, model.ints[entry + 2], row[at.OWN_FIXED_F] + i)
        here = sigma + model.ints[entry] * p + model.ints[entry + 1]
        store(w, here, add(load(w, here), value))
    for i in range(row[at.N_MIXED]):
        entry = row[at.MIXED] + 3 * i
        value = _cell_or_fixed(model, w, model.ints[entry + 2], row[at.MIXED_FIXED_F] + i)
        b = model.ints[entry + 1]
        for a in range(b, p):
            here = sigma + a * p + b
            store(w, here, fma(load(w, spread + a * m + model.ints[entry]), value, load(w, here)))


@woven
def _term(row: Any, term: Any, model: Any, w: Any, share: int, objective: Any, defined: Any) -> None:
    """Add what one pattern of observed variables has, and put its M'WM and M'QM together."""
    p, n, seen = row[at.P], term[at.COUNT], term[at.OBSERVED]
    subset, factor = model.start[to.SUBSET], model.start[to.SUBSET] + p * (p + 1) // 2
    weight, data, mixed = model.start[to.WEIGHT], model.start[to.DATA], model.start[to.MIXED]
    for a in range(n):
        for b in range(a + 1):
            here = load(w, model.start[to.SIGMA] + model.ints[seen + a] * p + model.ints[seen + b])
            store(w, subset + a * (a + 1) // 2 + b, here)
            moment = load(w, model.start[to.MOMENTS] + term[at.DATA] + a * (a + 1) // 2 + b)
            store(w, data + a * n + b, moment)
            store(w, data + b * n + a, moment)
    cholesky(w, subset, factor, n, n, model.start[to.FLOOR], model.start[to.LEAST])
    inverse(w, factor, n, model.start[to.ROOT], weight)
    product(w, weight, data, mixed, n, n, n, n)
    trace = splat(0.0)
    for a in range(n):
        trace = add(trace, load(w, mixed + a * n + a))
    store(w, model.start[to.TRACE], trace)
    _add_objective(model, w, factor, n, share, objective, defined)
    # Q = W - (W S) W, on the place of S
    product(w, mixed, weight, data, n, n, n, min(n, 2))
    for a in range(n):
        for b in range(a + 1):
            value = sub(load(w, weight + a * n + b), load(w, data + a * n + b))
            store(w, data + a * n + b, value)
            store(w, data + b * n + a, value)
    _crossing(row, model, w, n, seen, weight, model.start[to.INNER])
    _crossing(row, model, w, n, seen, data, model.start[to.CROSSED])


@compiled
def _add_objective(model: Any, w: Any, factor: int, n: int, share: int, objective: Any, defined: Any) -> None:
    """Add share (log|Sigma| + tr(S Sigma^-1)) lane by lane; pivots of rounding size are no pivots."""
    for lane in range(WIDTH):
        logs, least, largest = 0.0, np.inf, 0.0
        if not w[model.start[to.LEAST] * WIDTH + lane] > 0.0:
            defined[lane] = 0
        for a in range(n):
            pivot = 1.0 / w[(factor + a * (a + 1) // 2 + a) * WIDTH + lane]
            logs += np.log(pivot)
            least = min(least, pivot)
            largest = max(largest, pivot)
        if not least > NO_PIVOT * largest:
            defined[lane] = 0
        objective[lane] += w[share * WIDTH + lane] * (2.0 * logs + w[model.start[to.TRACE] * WIDTH + lane])


@woven
def _crossing(row: Any, model: Any, w: Any, n: int, seen: int, x: int, into: int) -> None:
    """Put X, XK, K'XK and a 0 at ``into``, X being given for the ``n`` variables seen and 0 for others."""
    p, k = row[at.P], 2 * row[at.M]
    columns, turned = model.start[to.COLUMNS], model.start[to.COLUMNS] + p * k
    ahead, both = into + p * p, into + p * p + p * k
    store(w, both + k * k, splat(0.0))
    if n < p:  # rows and columns of unseen variables are 0
        clear(w, into, p * p)
    for a in range(n):
        for b in range(n):
            store(w, into + model.ints[seen + a] * p + model.ints[seen + b], load(w, x + a * n + b))
    product(w, into, columns, ahead, p, k, p, k)
    product(w, turned, ahead, both, k, k, p, min(k, 2))
    for a in range(k):
        for b in range(a):
            store(w, both + b * k + a, load(w, both + a * k + b))


@compiled
def _add_gradient(row: Any, model: Any, w: Any, q: int, share: Any) -> None:
    """Add share tr(Q dSigma_k), carried to the parameters, to the last row of the Hessian's place."""
    last, first = model.start[to.HESSIAN] + q * (q + 1) // 2, row[at.CELL_FIRST]
    for c in range(row[at.CELLS]):
        slope = load(w, model.start[to.CROSSED] + model.ints[row[at.SLOPE] + c])
        slope = mul(mul(slope, splat(model.floats[row[at.SLOPE_WEIGHT_F] + c])), share)
        for i in range(model.ints[first + c], model.ints[first + c + 1]):
            here = last + model.ints[row[at.CELL_PARAMETER] + i]
            coefficient = splat(model.floats[row[at.CELL_COEFFICIENT_F] + i])
            store(w, here, fma(coefficient, slope, load(w, here)))


@compiled
def _add_hessian(row: Any, model: Any, w: Any, share: Any) -> None:
    """Add share times the second derivatives: observed where NEAR is 1, expected where it is 0."""
    near, inner, crossed = load(w, model.start[to.NEAR]), model.start[to.INNER], model.start[to.CROSSED]
    # with Q = 0 the observed Hessian is the expected one
    p, m = row[at.P], row[at.M]
    for i in range(p * p + 2 * p * m + 4 * m * m):
        store(w, crossed + i, mul(load(w, crossed + i), near))
    for r in range(row[at.PAIRS]):
        places = row[at.INNER] + 4 * r
        bb, cc, bc, cb = (
            model.ints[places],
            model.ints[places + 1],
            model.ints[places + 2],
            model.ints[places + 3],
        )
        i_bb, i_bc = load(w, inner + bb), load(w, inner + bc)
        value = mul(load(w, inner + cc), sub(i_bb, load(w, crossed + bb)))
        value = fnma(load(w, crossed + cc), i_bb, value)
        value = fma(i_bc, sub(load(w, inner + cb), load(w, crossed + cb)), value)
        value = fnma(load(w, crossed + bc), load(w, inner + cb), value)
        value = mul(value, splat(model.floats[row[at.BOTH_F] + r]))
        for i in range(model.ints[row[at.CURVE_FIRST] + r], model.ints[row[at.CURVE_FIRST] + r + 1]):
            through = load(w, model.start[to.SPREAD] + model.ints[row[at.CURVE_THROUGH] + i])
            bend = mul(through, load(w, crossed + model.ints[row[at.CURVE_CROSSED] + i]))
            value = fma(splat(model.floats[row[at.CURVE_WEIGHT_F] + i]), bend, value)
        value = mul(value, share)
        for i in range(model.ints[row[at.TARGET_FIRST] + r], model.ints[row[at.TARGET_FIRST] + r + 1]):
            here = model.start[to.HESSIAN] + model.ints[row[at.TARGET] + i]
            coefficient = splat(model.floats[row[at.TARGET_COEFFICIENT_F] + i])
            store(w, here, fma(coefficient, value, load(w, here)))
