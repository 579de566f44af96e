"""How many floating-point operations a draw takes at least, by stage, and how many this machine does in a second.

An addition and a multiplication count as two.  Structural zeros, symmetric halves and triangles are left out, so the
count is of the work that the model needs, whoever does it.
"""

import time

import numpy as np

import sopsem
from sopsem.kernel import Layout

__all__ = ["STAGES", "operations", "peak"]

STAGES = (
    "set-up of the run",
    "resampling counts",
    "moments",
    "check of moments",
    "predicted start",
    "plan",
    "implied moments",
    "factor and inverse",
    "W S and W S W",
    "M'WM and M'QM",
    "Hessian, gradient",
    "Newton solve",
    "logs, copies, cache",
    "search, other",
    "classes",
    "other",
)
SIZE, TIMES = 1000, 5


def peak() -> float:
    """Return floating-point operations a second of a product of large matrices on one thread: the best of five."""
    a = np.random.default_rng(1).random((SIZE, SIZE))
    best = np.inf
    for _ in range(TIMES):
        started = time.process_time()
        a @ a
        best = min(best, time.process_time() - started)
    return 2.0 * SIZE**3 / best


def operations(fit: sopsem.Fit, iterations: float) -> dict[str, float]:
    """Return operations per draw by stage; stages that do no arithmetic to speak of are left out.

    Parameters
    ----------
    fit : Fit
        Of complete rows and one group.
    iterations : float
        Of a draw, on average.

    """
    layout = fit.model.layout
    p, q, cells, moments = layout.n_observed, layout.n_parameters, len(layout.offset), fit.n
    packed = p * (p + 1) // 2
    once = {
        "moments": 2 * moments * (packed + p),
        "check of moments": p**3 / 3,
        "predicted start": 2 * packed * cells + 2 * q * q,
    }
    return once | {stage: count * iterations for stage, count in _per_iteration(layout).items()}


def _per_iteration(layout: Layout) -> dict[str, float]:
    p, v, q, m = layout.n_observed, layout.n_variables, layout.n_parameters, len(layout.sources)
    k, pairs = 2 * m, layout.pairs
    curved = sum(len(c.weight) for c in pairs.curvature)
    spread = 2 * m * (len(layout.paths) + np.count_nonzero(layout.fixed_paths))
    return {
        "implied moments": spread + 2 * v * m * m + 2 * p * m * m + 2 * m**3 + p * (p + 1) * m,
        "factor and inverse": p**3 / 3 + 2 * p**3 / 3,
        "W S and W S W": 2 * p**3 + p**3,
        "M'WM and M'QM": 2 * (2 * p * p * k + p * k * k),
        "Hessian, gradient": 11 * len(pairs.both) + 3 * curved + 4 * len(layout.offset),
        "Newton solve": q**3 / 3 + 2 * q * q,
    }
