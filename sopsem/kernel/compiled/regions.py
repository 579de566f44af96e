"""Where things stand in the work space of one search: places count groups of W numbers."""

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.compiled import columns as at
from sopsem.kernel.compiled.plan import Plan

__all__ = ["work_space"]

THETA = 0  # parameters under trial
HESSIAN = 1  # lower triangle by rows, the gradient as one row more
FACTOR = 2
STEP = 3
RIGHT = 4
MOMENTS = 5  # packed moments of every term
WEIGHTS = 6  # of every term
NEAR = 7  # 1 where the observed Hessian is wanted, else 0
CELLS = 8
SPREAD = 9  # E[:, sources] (v, m), then G[sources, sources] (m, m)
CARRIED = 10  # E S[:, sources] (v, m)
LATENT = 11  # S[sources, sources] (m, m)
COLUMNS = 12  # K = [E, G][observed, sources] (p, 2m), then K'
SIGMA = 13  # full (p, p)
SUBSET = 14  # lower triangle by rows of Sigma of a pattern, then its factor
ROOT = 15  # L^-1 (p, p)
WEIGHT = 16  # Sigma^-1 of a pattern (p, p)
DATA = 17  # its moments, full (p, p)
MIXED = 18  # Sigma^-1 S (p, p)
INNER = 19  # W, WK, K'WK and a place with 0
CROSSED = 20  # the same of Q = W - W S W
TRACE = 21
FLOOR = 22  # least pivots
LEAST = 23  # the smallest pivot
HERE = 24  # parameters to step from
LENGTH = 25  # of the step on trial
MOVED = 26  # 1 where the point evaluated becomes HERE
STEPPING = 27  # 1 where a new step is taken
DAMPING = 28
GAIN = 29  # decrement g'H^-1 g / 2 of the step
BROKEN = 30  # 0, or NaN where the step is not finite
N_REGIONS = 31


def work_space(plan: Plan) -> NDArray[np.intp]:
    """Return where every region starts, and after the last the size of all, in groups of W numbers."""
    q, parts = plan.n_parameters, plan.parts
    p, v, m, cells = (int(parts[:, c].max()) for c in (at.P, at.V, at.M, at.CELLS))
    lower, inner = p * (p + 1) // 2, p * p + 2 * p * m + 4 * m * m + 1
    sizes = {
        THETA: q,
        HESSIAN: (q + 1) * (q + 2) // 2,
        FACTOR: (q + 1) * (q + 2) // 2,
        STEP: q,
        RIGHT: q,
        MOMENTS: plan.data.shape[1],
        WEIGHTS: len(plan.terms),
        NEAR: 1,
        CELLS: cells,
        SPREAD: v * m + m * m,
        CARRIED: v * m,
        LATENT: m * m,
        COLUMNS: 4 * p * m,
        SIGMA: p * p,
        SUBSET: 2 * lower,
        ROOT: p * p,
        WEIGHT: p * p,
        DATA: p * p,
        MIXED: p * p,
        INNER: inner,
        CROSSED: inner,
        TRACE: 1,
        FLOOR: max(p, q),
        LEAST: 1,
        HERE: q,
        LENGTH: 1,
        MOVED: 1,
        STEPPING: 1,
        DAMPING: 1,
        GAIN: 1,
        BROKEN: 1,
    }
    return np.concatenate([[0], np.cumsum([sizes[r] for r in range(N_REGIONS)])]).astype(np.intp)
