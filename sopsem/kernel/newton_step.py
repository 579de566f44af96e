"""Newton steps of many problems: one factorisation each, put right where a Hessian is not positive definite."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv, dpotrf, dpotrs, dtrtrs

__all__ = ["newton_step"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

FLAT = 1e-4  # least pivot, as a share of the diagonal, where the Hessian is not positive definite
TINY = 1e-280  # stands for a second derivative of 0, so that damping has something to act on


def newton_step(hessian: Array, slope: Array, damping: Array, held: Mask) -> tuple[Array, Array, Mask]:
    """Return a descent step, its decrement g'H^-1 g / 2, and whether H is positive definite.

    Damping is relative to the diagonal of H, so no scale of a parameter matters.  Where H is not positive
    definite the pivots of its factorisation are taken without their sign (Gill & Murray, 1974): the step leaves
    a saddle, and runs along a flat valley where Fisher scoring creeps.
    """
    if held.any():
        hessian[held[:, :, None] | held[:, None, :]] = 0.0
    diagonal = np.arange(hessian.shape[1])
    own = np.where(held, 1.0, hessian[:, diagonal, diagonal])
    size = np.maximum(np.abs(own), TINY)
    hessian[:, diagonal, diagonal] = own + damping[:, None] * size
    step, good = _cholesky_step(hessian.copy(), slope)
    if not good.all():
        step[~good] = _without_signs(hessian[~good], slope[~good], size[~good])
    return step, -0.5 * (step * slope).sum(axis=1), good


def _cholesky_step(hessian: Array, slope: Array) -> tuple[Array, Mask]:
    """Return -H^-1 g and where H is positive definite: one factorisation says both; overwrites H."""
    step, good = -slope, np.ones(len(slope), dtype=bool)
    for i, one in enumerate(hessian):
        # LAPACK counts by columns: the transposed view is in its order, so nothing is copied
        good[i] = not len(one) or dposv(one.T, step[i], lower=1, overwrite_a=1, overwrite_b=1)[2] == 0
    return step, good & np.isfinite(step).all(axis=1)


def _without_signs(hessian: Array, slope: Array, size: Array) -> Array:
    """Return -(LL')^-1 g with pivots that are not positive without their sign, and not below FLAT of ``size``.

    Each such pivot is put right on the diagonal, and the factorisation begins again.
    """
    step = np.full_like(slope, np.nan)
    for one, down, unit, target in zip(hessian, slope, size, step, strict=True):
        for _ in range(len(down) + 1):
            # the transposed view is in LAPACK's order and filled below the diagonal
            factor, broken = dpotrf(one.T, lower=1)
            if not broken:
                target[:] = -dpotrs(factor, down, lower=1)[0]
                break
            j = broken - 1
            row = dtrtrs(factor[:j, :j], one[:j, j], lower=1)[0] if j else down[:0]
            pivot = one[j, j] - row @ row
            one[j, j] += max(-pivot, FLAT * unit[j]) - pivot
    return step
