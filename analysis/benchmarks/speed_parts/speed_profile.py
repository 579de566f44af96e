"""Where the time of a draw goes in either kernel, beside the operations it needs.

Times of Python functions are those of Python's own profiler over a whole run: few calls do much, so that it hardly
slows them.  The compiled search is one call to it; its stages are timed in loops of their own (speed_compiled.py),
once per iteration of the draws, and what they do not explain is the search's own ("search, other").
"""

import cProfile
import pstats
import time
from functools import cached_property

import numpy as np
import pandas as pd
from speed_compiled import stages_of_search
from speed_flops import STAGES, operations, peak
from speed_plan import Plan
from speed_task import SEED, Here, study_items

import sopsem
from sopsem.kernel import Likelihood, minimise, predicted_starts
from sopsem.sem.resampling.draw_runs import draw_task

__all__ = ["profile"]


class Times:
    """Seconds by function of a run."""

    def __init__(self, fit: sopsem.Fit, items: pd.DataFrame, draws: int, kernel: str) -> None:
        profiler = cProfile.Profile(time.process_time)
        with profiler:
            sopsem.bootstrap(fit, items, draws=draws, seed=SEED, kernel=kernel, executor=Here())
        self._stats = pstats.Stats(profiler)
        self._draws = draws

    @cached_property
    def whole(self) -> float:
        """Microseconds per draw of the run."""
        return self._stats.total_tt / self._draws * 1e6  # type: ignore[attr-defined]

    def of(self, file: str, *functions: str, caller: str | None = None, own: bool = False) -> float:
        """Return microseconds per draw in functions of a file, with what they call unless ``own``."""
        total = 0.0
        for (path, _, name), (_, _, alone, below, callers) in self._stats.stats.items():  # type: ignore[attr-defined]
            if not path.endswith(file) or name not in functions:
                continue
            if caller is None:
                total += alone if own else below
            else:
                total += sum(times[3] for (_, _, by), times in callers.items() if by == caller)
        return total / self._draws * 1e6


def profile(plan: Plan) -> pd.DataFrame:
    """Return one row per kernel and stage: microseconds, share, operations, and what share of the peak they reach."""
    items = study_items()
    fit = sopsem.fit(sopsem.load_instrument().model, items)
    task = draw_task(fit, sopsem.bootstrap(fit, items, draws=1, seed=SEED).resampler)
    draws = np.arange(plan.profile_draws)
    objective = Likelihood(fit.model.layout, task.resampler.moments(draws.tolist()))
    starts = predicted_starts(objective, task.starts[0], task.inverse_hessian)
    best = peak()
    tables = []
    for kernel in ("numpy", "numba"):
        sopsem.bootstrap(
            fit, items, draws=64, seed=SEED, kernel=kernel, executor=Here()
        )  # compiled, caches warm
        times = Times(fit, items, len(draws), kernel)
        found = minimise(objective, starts, max_iterations=60, trusting=True, compiled=kernel == "numba")
        iterations = float(found.iterations.mean())
        parts = _outside(times)
        if kernel == "numpy":
            parts |= _reference(times)
        else:
            parts |= _compiled(times, stages_of_search(objective, starts, plan.loops), iterations)
        parts["other"] = times.whole - sum(parts.values())
        tables.append(_table(kernel, parts, operations(fit, iterations), best, iterations))
    return pd.concat(tables, ignore_index=True)


def _outside(times: Times) -> dict[str, float]:
    """Return what is done outside the search."""
    setup = times.of("draw_runs.py", "draw_task", "_identity") + times.of("resampler.py", "make_resampler")
    return {
        "set-up of the run": setup,
        "resampling counts": times.of("resampler.py", "counts"),
        "moments": times.of("samples.py", "moments"),
        "check of moments": times.of("samples.py", "objective"),
        "predicted start": times.of("prediction.py", "predicted_starts"),
        "classes": times.of("draw_classes.py", "collect_draws"),
    }


def _reference(times: Times) -> dict[str, float]:
    """Return the stages of the reference."""
    file = "kernel/reference.py"
    evaluate = times.of(file, "evaluate", caller="evaluate")
    implied = times.of("kernel/reduced.py", "reduced")
    factor = times.of(file, "_inverse_of_positive")
    hessians = times.of("kernel/objective.py", "expected_hessian", "observed_hessian")
    slope, inner = times.of("kernel/objective.py", "gradient"), times.of(file, "_inner")
    solve = times.of("kernel/newton.py", "_directions") - hessians
    search = times.of("kernel/newton.py", "minimise")
    return {
        "implied moments": implied,
        "factor and inverse": factor,
        "W S and W S W": evaluate - implied - factor,
        "M'WM and M'QM": inner,
        "Hessian, gradient": hessians + slope - inner,
        "Newton solve": solve,
        "search, other": search - evaluate - hessians - slope - solve,
    }


def _compiled(times: Times, stages: dict[str, float], iterations: float) -> dict[str, float]:
    """Return the stages of the compiled search, each once per iteration."""
    parts = {stage: us * iterations for stage, us in stages.items()}
    whole = times.of("compiled/__init__.py", "minimise")
    plan = times.of("compiled/plan.py", "plan_of")
    return parts | {"plan": plan, "search, other": whole - plan - sum(parts.values())}


def _table(
    kernel: str, parts: dict[str, float], count: dict[str, float], best: float, iterations: float
) -> pd.DataFrame:
    rows = [(stage, parts[stage], count.get(stage, np.nan)) for stage in STAGES if stage in parts]
    rows.append(("whole draw", sum(parts.values()), sum(count.values())))
    table = pd.DataFrame(rows, columns=["stage", "us_per_draw", "operations"])
    table.insert(0, "engine", f"sopsem {kernel}")
    table.insert(0, "part", "profile")
    table["share"] = (table.us_per_draw / table.us_per_draw.iloc[-1]).round(3)
    table["gflops"] = (table.operations / table.us_per_draw / 1e3).round(2)
    table["least_us"] = (table.operations / best * 1e6).round(2)
    table["times_least"] = (table.us_per_draw / table.operations * best / 1e6).round(1)
    table["iterations"] = round(iterations, 2)
    table["peak_gflops"] = round(best / 1e9, 1)
    return table.round({"us_per_draw": 2, "operations": 0})
