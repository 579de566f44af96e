"""Time per draw against the number of draws, items, rows and worker processes, one axis at a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import numpy as np
import pandas as pd
from speed_plan import Plan
from speed_task import SEED, Here, correlated_factors, study_items, timed

import sopsem
from sopsem.runs.processes import Processes

__all__ = ["AXES", "growth"]

AXES = {
    "draws": "the study's model, 92 rows",
    "items": "three factors, 300 rows",
    "rows": "three factors of four items",
    "workers": "the study's model, by the clock",
}
KERNELS = ("numpy", "numba")
Work = Callable[[str], float]  # microseconds per draw with a kernel


def growth(plan: Plan, say: Callable[[str], None]) -> pd.DataFrame:
    """Return one row per axis, place on it and kernel; kernels take turns."""
    rows = []
    for axis, value, work in _points(plan):
        say(f"growth: {axis} {value}")
        for kernel in KERNELS:
            work(kernel)  # compiled, caches warm
        turns = np.array([[work(kernel) for kernel in KERNELS] for _ in range(plan.repeats)])
        for kernel, us in zip(KERNELS, turns.T, strict=True):
            rows.append(
                {
                    "part": "growth",
                    "axis": axis,
                    "value": value,
                    "engine": f"sopsem {kernel}",
                    "repeats": plan.repeats,
                    "us_per_draw": round(float(np.median(us)), 1),
                    "fastest": round(us.min(), 1),
                    "slowest": round(us.max(), 1),
                }
            )
    return pd.DataFrame(rows)


def _points(plan: Plan) -> Iterator[tuple[str, int, Work]]:
    study = sopsem.load_instrument().model, study_items()
    for draws in plan.growth_draws:
        yield "draws", draws, _work(*study, draws)
    usual = min(max(plan.growth_draws), 500)
    for items in plan.growth_items:
        yield "items", 3 * items, _work(*correlated_factors(3, items, 300), usual)
    for rows in plan.growth_rows:
        yield "rows", rows, _work(*correlated_factors(3, 4, rows), usual)
    for workers in plan.growth_workers:
        yield "workers", workers, _work(*study, plan.many_draws, workers)


def _work(model: str, items: pd.DataFrame, draws: int, workers: int = 0) -> Work:
    """Return what times a run, by the processor or, with worker processes, by the clock."""
    fit = sopsem.fit(model, items)
    clock = time.perf_counter if workers else time.process_time

    def microseconds(kernel: str) -> float:
        def run() -> None:
            with Processes(workers) if workers > 1 else nullcontext(Here()) as pool:
                sopsem.bootstrap(fit, items, draws=draws, seed=SEED, kernel=kernel, executor=pool)

        return timed(run, clock)[0] / draws * 1e6

    return microseconds
