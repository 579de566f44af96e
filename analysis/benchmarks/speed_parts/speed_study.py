"""Engines against each other on the same resamples, one thread each, taking turns."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from speed_engines import Run, Semopy, has_lavaan, one_fit, run_lavaan, run_sopsem
from speed_task import Task
from speed_verdict import Line

__all__ = ["compare", "study_lines"]

LEAST = {"numpy": {"lavaan": 50, "semopy": 40}, "numba": {"lavaan": 150, "semopy": 120}}
FAR = 1e-3  # median distance from the optimum, in standard errors, of an engine that did not do the same work
GRADIENT = 1e-6  # on the correlation metric


def compare(
    part: str, task: Task, repeats: int, ours: tuple[int, ...], *, semopy: bool, say: Callable[[str], None]
) -> pd.DataFrame:
    """Return one row per engine and number of draws.

    Parameters
    ----------
    part : str
        First column.
    task : Task
        Its draws are those of lavaan and semopy.
    repeats : int
        The engines take turns in each; ratios are medians of those within a repeat.
    ours : tuple of int
        Numbers of draws for sopsem; the first is that of the task.
    semopy : bool
        Whether semopy takes part.
    say : callable
        Told which repeat begins.

    """
    other, with_lavaan = Semopy(task) if semopy else None, has_lavaan()
    turns: list[list[Run]] = []
    for kernel in ("numpy", "numba"):
        run_sopsem(task, kernel, len(task.rows))  # compiled, or taken from the cache, before the clock runs
    for repeat in range(repeats):
        say(f"{part}: repeat {repeat + 1} of {repeats}")
        runs = [run_sopsem(task, kernel, n) for n in ours for kernel in ("numpy", "numba")]
        runs += one_fit(task)
        runs += other.run() if other else []
        runs += run_lavaan(task) if with_lavaan else []
        turns.append(runs)
    return pd.DataFrame([_row(part, task, turns, k, ours) for k in range(len(turns[0]))])


def _row(part: str, task: Task, turns: list[list[Run]], k: int, ours: tuple[int, ...]) -> dict[str, object]:
    """Return the row of the k-th engine."""
    one = turns[-1][k]
    us = np.array([runs[k].microseconds for runs in turns])
    row = {
        "part": part,
        "engine": one.engine,
        "software": one.software,
        "draws": one.draws,
        "repeats": len(turns),
        "us_per_draw": round(float(np.median(us)), 1),
        "fastest": round(us.min(), 1),
        "slowest": round(us.max(), 1),
    }
    if one.draws > 1:
        for kernel in ("numpy", "numba"):
            for n, name in ((len(task.rows), "same"), (max(ours), "steady")):
                rate = np.array([_rate(runs, f"sopsem {kernel}", n) for runs in turns])
                row[f"times_{kernel}_{name}"] = round(float(np.median(us / rate)), 2)
    if one.estimates is not None:
        accuracy = task.accuracy(one.estimates[: len(task.rows)])
        row |= {name: f"{x:.1e}" if isinstance(x, float) else x for name, x in accuracy.items()}
        row["solved"] = int(np.isfinite(one.estimates).all(axis=1).sum())
    return row


def _rate(runs: list[Run], engine: str, draws: int) -> float:
    return next(r.microseconds for r in runs if r.engine == engine and r.draws == draws)


def study_lines(table: pd.DataFrame) -> Iterator[Line]:
    """Yield what is asked of the study's model: how many times as fast as each engine, and how accurate."""
    for row in table.itertuples():
        if row.draws == 1:
            continue
        if row.engine.startswith("sopsem"):
            rule = f"{row.engine}, {row.draws} draws: largest scaled gradient"
            yield Line(row.part, rule, float(row.largest_gradient), most=GRADIENT)
        else:
            for kernel, least in LEAST.items():
                value = getattr(row, f"times_{kernel}_steady")
                wanted = least["lavaan" if row.engine.startswith("lavaan") else "semopy"]
                rule = f"{kernel}: times as fast as {row.engine}"
                if float(row.median_distance_se) > FAR:
                    yield Line(row.part, f"{rule} (stops far from the optimum: told, not asked)", value)
                else:
                    yield Line(row.part, rule, value, least=wanted)
