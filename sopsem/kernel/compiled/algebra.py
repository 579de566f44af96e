"""Dense algebra of W matrices at once; ``w`` is the work space, places in it count groups of W numbers."""

from typing import Any

import numpy as np

from sopsem.kernel.compiled.compiling import compiled
from sopsem.kernel.compiled.lanes import div, fma, fnma, load, mul, positive, smaller, splat, sqrt, store, sub

__all__ = ["backward", "cholesky", "clear", "inverse", "product"]


@compiled
def clear(w: Any, at: int, count: int) -> None:
    """Put 0 in ``count`` places."""
    nothing = splat(0.0)
    for i in range(at, at + count):
        store(w, i, nothing)


@compiled
def cholesky(w: Any, a: int, l: int, n: int, rows: int, floor: int, least: int) -> None:  # noqa: E741
    """Factor a symmetric matrix given by the rows of its lower triangle; 1/L_ii stands on the diagonal.

    Rows from n on are right sides: what comes out there is L^-1 b.  A pivot that is not positive is taken without
    its sign, and not below ``floor`` (n places); the smallest pivot found is put at ``least``.
    """
    store(w, least, splat(np.inf))
    for j in range(0, n, 2):
        two = j + 1 < n
        _factor_diagonal(w, a, l, j, two, floor, least)
        i = j + 2 if two else j + 1
        while i < rows:
            if two and i + 1 < rows:
                _factor_four(w, a, l, i, j)
                i += 2
            else:
                _factor_row(w, a, l, i, j, two)
                i += 1


@compiled
def _root_of_pivot(w: Any, pivot: Any, floor: int, least: int) -> Any:
    """Return one over the root of a pivot made positive."""
    store(w, least, smaller(load(w, least), pivot))
    return div(splat(1.0), sqrt(positive(pivot, load(w, floor))))


@compiled
def _factor_diagonal(w: Any, a: int, l: int, j: int, two: bool, floor: int, least: int) -> None:  # noqa: E741
    r0 = j * (j + 1) // 2
    r1 = r0 + j + 1
    c00 = load(w, a + r0 + j)
    for k in range(j):
        x = load(w, l + r0 + k)
        c00 = fnma(x, x, c00)
    d0 = _root_of_pivot(w, c00, floor + j, least)
    store(w, l + r0 + j, d0)
    if two:
        c10 = load(w, a + r1 + j)
        c11 = load(w, a + r1 + j + 1)
        for k in range(j):
            y = load(w, l + r1 + k)
            c10 = fnma(y, load(w, l + r0 + k), c10)
            c11 = fnma(y, y, c11)
        c10 = mul(c10, d0)
        store(w, l + r1 + j, c10)
        store(w, l + r1 + j + 1, _root_of_pivot(w, fnma(c10, c10, c11), floor + j + 1, least))


@compiled
def _factor_four(w: Any, a: int, l: int, i: int, j: int) -> None:  # noqa: E741
    ri, rj = i * (i + 1) // 2, j * (j + 1) // 2
    si, sj = ri + i + 1, rj + j + 1
    c00, c01 = load(w, a + ri + j), load(w, a + ri + j + 1)
    c10, c11 = load(w, a + si + j), load(w, a + si + j + 1)
    for k in range(j):
        x0, x1 = load(w, l + ri + k), load(w, l + si + k)
        y0, y1 = load(w, l + rj + k), load(w, l + sj + k)
        c00 = fnma(x0, y0, c00)
        c01 = fnma(x0, y1, c01)
        c10 = fnma(x1, y0, c10)
        c11 = fnma(x1, y1, c11)
    d0, e, d1 = load(w, l + rj + j), load(w, l + sj + j), load(w, l + sj + j + 1)
    c00 = mul(c00, d0)
    c10 = mul(c10, d0)
    store(w, l + ri + j, c00)
    store(w, l + si + j, c10)
    store(w, l + ri + j + 1, mul(fnma(c00, e, c01), d1))
    store(w, l + si + j + 1, mul(fnma(c10, e, c11), d1))


@compiled
def _factor_row(w: Any, a: int, l: int, i: int, j: int, two: bool) -> None:  # noqa: E741
    ri, rj = i * (i + 1) // 2, j * (j + 1) // 2
    sj = rj + j + 1
    c0 = load(w, a + ri + j)
    for k in range(j):
        c0 = fnma(load(w, l + ri + k), load(w, l + rj + k), c0)
    c0 = mul(c0, load(w, l + rj + j))
    store(w, l + ri + j, c0)
    if two:
        c1 = load(w, a + ri + j + 1)
        for k in range(j):
            c1 = fnma(load(w, l + ri + k), load(w, l + sj + k), c1)
        c1 = fnma(c0, load(w, l + sj + j), c1)
        store(w, l + ri + j + 1, mul(c1, load(w, l + sj + j + 1)))


@compiled
def backward(w: Any, l: int, n: int, y: int, x: int) -> None:  # noqa: E741
    """Solve L'x = y for a factor of ``cholesky``; y is overwritten."""
    for i in range(n - 1, -1, -1):
        row = l + i * (i + 1) // 2
        value = mul(load(w, y + i), load(w, row + i))
        store(w, x + i, value)
        for k in range(i):
            store(w, y + k, fnma(load(w, row + k), value, load(w, y + k)))


@compiled
def inverse(w: Any, l: int, n: int, x: int, c: int) -> None:  # noqa: E741
    """Return (LL')^-1 of a factor of ``cholesky`` as a full matrix at ``c``; ``x`` (n, n) takes L^-1."""
    clear(w, x, n * n)
    for i in range(n):
        row = l + i * (i + 1) // 2
        diagonal = load(w, row + i)
        minus = sub(splat(0.0), diagonal)
        j = 0
        while j < i:
            if j + 3 < i:
                s0, s1, s2, s3 = splat(0.0), splat(0.0), splat(0.0), splat(0.0)
                for k in range(j, i):
                    factor, at = load(w, row + k), x + k * n + j
                    s0 = fma(factor, load(w, at), s0)
                    s1 = fma(factor, load(w, at + 1), s1)
                    s2 = fma(factor, load(w, at + 2), s2)
                    s3 = fma(factor, load(w, at + 3), s3)
                at = x + i * n + j
                store(w, at, mul(s0, minus))
                store(w, at + 1, mul(s1, minus))
                store(w, at + 2, mul(s2, minus))
                store(w, at + 3, mul(s3, minus))
                j += 4
            else:
                s0 = splat(0.0)
                for k in range(j, i):
                    s0 = fma(load(w, row + k), load(w, x + k * n + j), s0)
                store(w, x + i * n + j, mul(s0, minus))
                j += 1
        store(w, x + i * n + i, diagonal)
    _gram(w, x, n, c)


@compiled
def _gram(w: Any, x: int, n: int, c: int) -> None:
    """Return X'X at ``c`` for a lower triangular X, full."""
    i = 0
    while i < n:
        two = i + 1 < n
        other = i + 1 if two else i
        for j in range(i + 1):
            s0, s1 = splat(0.0), splat(0.0)
            for k in range(i, n):
                at = x + k * n
                value = load(w, at + j)
                s0 = fma(load(w, at + i), value, s0)
                s1 = fma(load(w, at + other), value, s1)
            store(w, c + i * n + j, s0)
            store(w, c + j * n + i, s0)
            if two:
                store(w, c + other * n + j, s1)
                store(w, c + j * n + other, s1)
        if two:
            s0 = splat(0.0)
            for k in range(other, n):
                value = load(w, x + k * n + other)
                s0 = fma(value, value, s0)
            store(w, c + other * n + other, s0)
        i += 2


@compiled
def product(w: Any, a: int, b: int, c: int, rows: int, columns: int, inner: int, reach: int) -> None:
    """Put A B at ``c``, rows one after another; of rows i and i + 1 the first i + ``reach`` columns or more."""
    i = 0
    while i < rows:
        two = i + 1 < rows
        end = min(columns, i + reach)
        j = 0
        while j < end:
            left, right, out = a + i * inner, b + j, c + i * columns + j
            if two and j + 3 < columns:
                _tile_eight(w, left, right, out, columns, inner)
                j += 4
            elif two and j + 1 < columns:
                _tile_four(w, left, right, out, columns, inner)
                j += 2
            else:
                _tile_one(w, left, right, out, columns, inner)
                if two:
                    _tile_one(w, left + inner, right, out + columns, columns, inner)
                j += 1
        i += 2


@compiled
def _tile_eight(w: Any, a: int, b: int, c: int, columns: int, inner: int) -> None:
    nothing = splat(0.0)
    c00, c01, c02, c03 = nothing, nothing, nothing, nothing
    c10, c11, c12, c13 = nothing, nothing, nothing, nothing
    for k in range(inner):
        x0, x1, at = load(w, a + k), load(w, a + inner + k), b + k * columns
        y0, y1, y2, y3 = load(w, at), load(w, at + 1), load(w, at + 2), load(w, at + 3)
        c00 = fma(x0, y0, c00)
        c01 = fma(x0, y1, c01)
        c02 = fma(x0, y2, c02)
        c03 = fma(x0, y3, c03)
        c10 = fma(x1, y0, c10)
        c11 = fma(x1, y1, c11)
        c12 = fma(x1, y2, c12)
        c13 = fma(x1, y3, c13)
    store(w, c, c00)
    store(w, c + 1, c01)
    store(w, c + 2, c02)
    store(w, c + 3, c03)
    store(w, c + columns, c10)
    store(w, c + columns + 1, c11)
    store(w, c + columns + 2, c12)
    store(w, c + columns + 3, c13)


@compiled
def _tile_four(w: Any, a: int, b: int, c: int, columns: int, inner: int) -> None:
    nothing = splat(0.0)
    c00, c01, c10, c11 = nothing, nothing, nothing, nothing
    for k in range(inner):
        x0, x1, at = load(w, a + k), load(w, a + inner + k), b + k * columns
        y0, y1 = load(w, at), load(w, at + 1)
        c00 = fma(x0, y0, c00)
        c01 = fma(x0, y1, c01)
        c10 = fma(x1, y0, c10)
        c11 = fma(x1, y1, c11)
    store(w, c, c00)
    store(w, c + 1, c01)
    store(w, c + columns, c10)
    store(w, c + columns + 1, c11)


@compiled
def _tile_one(w: Any, a: int, b: int, c: int, columns: int, inner: int) -> None:
    value = splat(0.0)
    for k in range(inner):
        value = fma(load(w, a + k), load(w, b + k * columns), value)
    store(w, c, value)
