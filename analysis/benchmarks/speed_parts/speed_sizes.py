"""Larger work: every interval of many draws, worker processes, larger models, missing answers, a million draws."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from speed_fresh import fresh
from speed_plan import Plan
from speed_study import compare
from speed_task import SEED, Here, Task, bfi_like, gaps, make_task, sixty_items, study_items, timed
from speed_verdict import Line

import sopsem
from sopsem.kernel import prepare_compiled
from sopsem.runs.processes import Processes

__all__ = ["compiling", "sizes"]

KERNELS = ("numpy", "numba")
SECONDS = {"numpy": 15.0, "numba": 5.0}  # of all intervals
MEGABYTES = 500.0
TWO_WORKERS = 1.8
COMPILING = 10.0
COMPILED = ("seconds", "processor", "megabytes")
Say = Callable[[str], None]
Rows = list[dict[str, object]]


def sizes(plan: Plan, say: Say) -> tuple[pd.DataFrame, list[Line]]:
    """Return a row for every size and engine, and what is asked of them."""
    rows: Rows = []
    lines: list[Line] = []
    for part in (_intervals, _workers, _stream):
        say(f"sizes:{part.__name__.replace('_', ' ')}")
        for row, demanded in part(plan):
            rows.append({"part": "sizes", **row})
            lines += demanded
    tables = [pd.DataFrame(rows)]
    for case, task, least in _tasks(plan):
        table = compare("sizes", task, plan.repeats, plan.few_draws, semopy=False, say=say)
        tables.append(table.assign(case=case))
        lines += [] if least is None else _ratios(case, table, least)
    return pd.concat(tables, ignore_index=True), lines


def _ratios(case: str, table: pd.DataFrame, least: float) -> Iterator[Line]:
    """Yield how many times as fast as lavaan either kernel is."""
    for row in table[table.engine.str.startswith("lavaan") & (table.draws > 1)].itertuples():
        for kernel in KERNELS:
            value = getattr(row, f"times_{kernel}_steady")
            yield Line("sizes", f"{case}, {kernel}: times as fast as {row.engine}", value, least=least)


def _tasks(plan: Plan) -> Iterator[tuple[str, Task, float | None]]:
    """Yield name, task and the least ratio to lavaan."""
    few = plan.few_draws[0]
    yield "25 items, 2,800 rows", make_task(*bfi_like(), few), 20.0
    incomplete = gaps(study_items())
    yield "5 % missing", make_task(sopsem.load_instrument().model, incomplete, few, "ml"), 10.0
    yield "60 items, 5,000 rows", make_task(*sixty_items(), few), None


def _intervals(plan: Plan) -> Iterator[tuple[dict[str, object], list[Line]]]:
    """Time draws with every kind of interval of every effect, from an empty process on."""
    for kernel in (*KERNELS, "auto"):
        found = fresh("intervals", "--kernel", kernel, "--draws", plan.many_draws)
        what = f"{plan.many_draws:,} draws, all intervals"
        most = SECONDS.get(kernel, SECONDS["numpy"])
        yield (
            _row(what, kernel, plan.many_draws, found),
            [
                Line("sizes", f"{what}, {kernel}: seconds", found["seconds"], most=most),
                Line("sizes", f"{what}, {kernel}: megabytes", found["megabytes"], most=MEGABYTES),
            ],
        )


def _row(case: str, kernel: str, draws: int, found: dict[str, float]) -> dict[str, object]:
    return {
        "case": case,
        "engine": f"sopsem {kernel}",
        "draws": draws,
        "seconds": round(found["seconds"], 2),
        "megabytes": round(found["megabytes"]),
        "worker_megabytes": round(found["worker_megabytes"]),
    }


def _workers(plan: Plan) -> Iterator[tuple[dict[str, object], list[Line]]]:
    """Time one process, two that share a run, and two with a run each, by the clock and in turns."""
    items, draws = study_items(), plan.many_draws * 2
    fit = sopsem.fit(sopsem.load_instrument().model, items)
    prepare_compiled()

    def shared(workers: int, kernel: str) -> None:
        with nullcontext(Here()) if workers == 1 else Processes(workers) as pool:
            sopsem.bootstrap(fit, items, draws=draws, seed=SEED, kernel=kernel, executor=pool)

    def side_by_side(kernel: str) -> None:
        with Processes(2) as pool:
            for run in [pool.submit(_whole, fit, items, draws, kernel) for _ in range(2)]:
                run.result()

    for kernel in KERNELS:
        works = (partial(shared, 1, kernel), partial(shared, 2, kernel), partial(side_by_side, kernel))
        turns = np.array([[timed(work, time.perf_counter)[0] for work in works] for _ in range(plan.repeats)])
        gain = float(np.median(turns[:, 0] / turns[:, 1]))
        ceiling = float(np.median(2 * turns[:, 0] / turns[:, 2]))
        case = f"{draws:,} draws, two processes"
        row = {"case": case, "engine": f"sopsem {kernel}", "draws": draws, "repeats": plan.repeats}
        row |= {"seconds": round(float(np.median(turns[:, 1])), 2), "times_one_process": round(gain, 2)}
        row |= {"times_side_by_side": round(ceiling, 2)}
        rule = f"{case}, {kernel}: times as fast as one"
        whole = (
            f"two whole runs side by side, {kernel}: times as fast as one after the other (told, not asked)"
        )
        yield row, [Line("sizes", rule, gain, least=TWO_WORKERS), Line("sizes", whole, ceiling)]


def _whole(fit: sopsem.Fit, items: pd.DataFrame, draws: int, kernel: str) -> None:
    """Bootstrap in this process alone: two of these share nothing, so their gain is what the machine allows."""
    sopsem.bootstrap(fit, items, draws=draws, seed=SEED, kernel=kernel, executor=Here())


def _stream(plan: Plan) -> Iterator[tuple[dict[str, object], list[Line]]]:
    """Make a great many draws, each chunk kept on disk, and count them."""
    for model in plan.streamed:
        with tempfile.TemporaryDirectory() as store:
            ask = ("--draws", plan.stream_draws, "--model", model, "--store", Path(store) / "draws")
            found = fresh("stream", *ask)
        case = f"{plan.stream_draws:,} draws, {model} model"
        missing = plan.stream_draws - found["accounted"]
        row = _row(case, "auto", plan.stream_draws, found) | {"solved": int(found["converged"])}
        yield row, [Line("sizes", f"{case}: draws unaccounted for", missing, least=0, most=0)]


def compiling(plan: Plan) -> tuple[pd.DataFrame, list[Line]]:
    """Time the first compile, with an empty cache, and loading what it kept."""
    rows: Rows = []
    for _ in range(plan.compiles):
        with tempfile.TemporaryDirectory() as cache:
            for case in ("first compile, empty cache", "load from the cache"):
                found = fresh("compile", cache=Path(cache))
                rows.append({"case": case, **{name: found[name] for name in COMPILED}})
    table = pd.DataFrame(rows).groupby("case", sort=False).median().round(2).reset_index()
    table = table.assign(part="compile", engine="sopsem numba", repeats=plan.compiles)
    first = float(table.seconds[0])
    return table, [Line("compile", "first compile: seconds", first, most=COMPILING)]
