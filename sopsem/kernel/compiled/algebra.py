"""Dense algebra of W matrices at once; ``w`` is the work space, a matrix the place of its first element.

All of it is sums of products over tiles of two rows and four columns, so a matrix has room for one row and three
columns more than it has; what stands there is of no account.
"""

from typing import Any

import numpy as np

from sopsem.kernel.compiled.compiling import compiled, woven
from sopsem.kernel.compiled.lanes import (
    choose,
    fma,
    four,
    larger,
    part,
    put_four,
    smaller,
    splat,
    sqrt,
    zeros,
)
from sopsem.kernel.compiled.regions import LEAST

# numbers for which a function is not compiled once more, as it would be for literals
N0, N1, N2 = np.intp(0), np.intp(1), np.intp(2)

__all__ = ["cholesky", "clear", "mirror", "product"]


@compiled
def clear(w: Any, start: int, end: int) -> None:
    """Put 0 in the places from start to end."""
    nothing = splat(0.0)
    for i in range(start, end):
        w[i] = nothing


@woven
def _tile(w: Any, a: int, row: int, step: int, b: int, pitch: int, count: int) -> Any:
    """Return sum_k A_ik B_kj of two rows i and four columns j: rows of A are ``row`` apart, its columns ``step``."""
    one, other = zeros(), zeros()
    for k in range(count):
        right = four(w, b + k * pitch)
        one = fma(w[a + k * step], right, one)
        other = fma(w[a + k * step + row], right, other)
    return one, other


@compiled
def product(w: Any, left: Any, right: Any, into: Any, shape: Any, grow: int, skip: int) -> None:
    """Put A B at C: ``left`` is the place of A and how far its rows and columns are apart, others place and rows.

    ``shape`` is rows and columns of C and columns of A.  With ``grow`` 1 rows i and i + 1 have i columns more: with
    two at first this is the lower triangle.  With ``skip`` 1 the first i columns of A are 0 in these rows.
    """
    (a, row, step), (b, pitch), (c, out), (rows, columns, inner) = left, right, into, shape
    for i in range(0, rows, 2):
        first = i * skip
        for j in range(0, columns + i * grow, 4):
            one, other = _tile(
                w, a + i * row + first * step, row, step, b + first * pitch + j, pitch, inner - first
            )
            put_four(w, c + i * out + j, one)
            put_four(w, c + i * out + out + j, other)


@compiled
def mirror(w: Any, c: int, pitch: int, n: int) -> None:
    """Put the lower triangle of a symmetric matrix into the upper."""
    for i in range(n):
        for j in range(i):
            w[c + j * pitch + i] = w[c + i * pitch + j]


@compiled
def cholesky(w: Any, a: int, u: int, pitch: int, n: int, wide: int, beside: int, floor: int) -> None:
    """Factor A = U'U, given by its upper triangle; 1/U_ii stands on the diagonal of U.

    Columns from n to ``wide`` are right sides: what comes out there is U'^-1 b.  So are n columns from ``beside`` on
    (none with 0), a lower triangle.  A pivot that is not positive is taken without its sign, and not below ``floor``
    (n places); the smallest pivot found is put at LEAST.
    """
    w[LEAST] = splat(np.inf)
    for i in range(0, n, 2):
        top, own = u + i * pitch, (wide - i + 3) // 4
        d0, d1, e = splat(1.0), splat(1.0), splat(1.0)
        for t in range(own + (i + 5) // 4 if beside > 0 else own):
            first = 4 * (t - own) if t > own else 0
            j, above = i + 4 * t if t < own else beside + first, u + first * pitch
            one, other = _tile(w, above + i, 1, pitch, above + j, pitch, i - first)
            one, other = four(w, a + i * pitch + j) - one, four(w, a + (i + 1) * pitch + j) - other
            if t == 0:
                d0 = _root_of_pivot(w, part(one, 0), floor + i, i < n)
                e = part(one, 1) * d0
                d1 = _root_of_pivot(w, fma(-e, e, part(other, 1)), floor + i + 1, i + 1 < n)
            one = one * d0
            put_four(w, top + j, one)
            put_four(w, top + pitch + j, fma(-e, one, other) * d1)
        w[top + i], w[top + pitch + i + 1] = d0, d1


@compiled
def _root_of_pivot(w: Any, pivot: Any, floor: int, counts: bool) -> Any:
    """Return one over the root of a pivot made positive."""
    if counts:
        w[LEAST] = smaller(w[LEAST], pivot)
    return 1.0 / sqrt(choose(pivot <= 0.0, larger(-pivot, w[floor]), pivot))
