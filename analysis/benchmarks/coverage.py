"""Do the intervals cover, and do the tests keep their level?  The study's model, simulated.

Percentile, BC, BCa, studentized, delta and Monte Carlo intervals of the direct, indirect and total standardized
effects, with improper draws kept, dropped or refitted with bounds; N = 92 and 300; normal rows and skewed answers
in five categories.  And how often the chi2 test, raw and corrected, and the test of the direct path reject a true
model.  What is drawn and how is written at the top of the files in ``coverage_parts``.

Data set r of a cell depends on (seed, cell, r), its draws on r alone: the same bytes for any number of workers,
and one campaign after another sees the same data.  With --store every finished chunk is kept; --resume goes on.

Writes coverage_results.csv, coverage_levels.csv, coverage_accounts.csv, coverage_verdict.csv and coverage.png, and
ends with pass or fail lines; exit code 1 if one fails.  --wrong builds a fault in that must be found:
``bc_after_drop`` puts BC intervals of the draws left after dropping in place of the default, ``se_0.8`` multiplies
standard errors by 0.8.
"""

import argparse
import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # before NumPy is loaded

import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
# in place of this folder, where other packages would take this file for the package "coverage"
sys.path[0] = str(HERE / "coverage_parts")

import numpy as np
import pandas as pd
from coverage_figure import figure
from coverage_levels import level_rows, statistics
from coverage_limits import METHODS, WRONG, Plan, data_sets
from coverage_population import CELLS, truth
from coverage_summary import account, coverage_rows
from coverage_verdict import against_reference, verdicts

import sopsem
from sopsem.kernel import BACKEND, prepare_compiled
from sopsem.runs.chunk_store import ChunkStore
from sopsem.runs.chunks import run_chunks
from sopsem.runs.identity import platform_identity
from sopsem.runs.processes import Processes

RESULTS, LEVELS = "coverage_results.csv", "coverage_levels.csv"
ACCOUNTS, VERDICT, FIGURE = "coverage_accounts.csv", "coverage_verdict.csv", "coverage.png"
DATA_SETS, LEVEL_SETS = 10, 250  # in a chunk: the most that a run which is stopped loses

Task = tuple[int, int, int]  # cell, first and last data set
Arrays = dict[str, np.ndarray]


def tasks_of(cells: list[int], total: int, size: int) -> list[Task]:
    """Return the chunks of so many data sets in every cell."""
    return [(c, first, min(first + size, total)) for c in cells for first in range(0, total, size)]


def run(
    function: Callable[[Plan, Task], Arrays],
    plan: Plan,
    tasks: list[Task],
    chosen: argparse.Namespace,
) -> dict[int, Arrays]:
    """Do all tasks and return their arrays by cell, data sets first."""
    name = function.__name__

    def say(done: int, total: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if done == total else ""
            print(f"\r{name}: {done} of {total} chunks", end=end, file=sys.stderr, flush=True)

    parts: dict[int, list[Arrays]] = {}
    with ExitStack() as stack:
        store = None
        if chosen.store is not None:
            folder, identity = chosen.store / name, identity_of(name, plan, tasks)
            store = stack.enter_context(ChunkStore(folder, identity, resume=chosen.resume))
        pool = stack.enter_context(Processes(chosen.workers)) if chosen.workers > 1 else None
        work = run_chunks(partial(function, plan), tasks, executor=pool, store=store, progress=say)
        for (cell, _, _), chunk in zip(tasks, stack.enter_context(work), strict=True):
            parts.setdefault(cell, []).append(dict(chunk))
    return {
        cell: {key: np.concatenate([part[key] for part in own]) for key in own[0]}
        for cell, own in parts.items()
    }


def identity_of(name: str, plan: Plan, tasks: list[Task]) -> dict[str, object]:
    """Return what makes two runs the same: chunks of another are not continued."""
    return {
        "kind": f"coverage campaign, {name}",
        "plan": repr(plan),
        "methods": [" ".join(method) for method in METHODS],
        "tasks": [list(task) for task in tasks],
        "backend": BACKEND,
        **platform_identity(),
    }


def campaign(chosen: argparse.Namespace) -> pd.DataFrame:
    """Run both parts, write the tables and the figure, and return the verdicts."""
    cells = sorted(set(chosen.cells))
    for cell in cells:
        truth(CELLS[cell].kind)  # once, before workers are forked
    plan = Plan(chosen.seed, chosen.draws, chosen.wrong, chosen.kernel)
    if plan.draws and plan.kernel == "numba":
        prepare_compiled()
    found = run(data_sets, plan, tasks_of(cells, chosen.replications, DATA_SETS), chosen)
    # faults are built into intervals only: levels are the same in every build
    tested = run(statistics, Plan(chosen.seed, 0), tasks_of(cells, chosen.level_sets, LEVEL_SETS), chosen)
    coverage, levels, accounts = (
        pd.concat([make(CELLS[c], plan, part) for c, part in by_cell.items()], ignore_index=True)
        for make, by_cell in ((coverage_rows, found), (level_rows, tested), (account, found))
    )
    judged = verdicts(coverage, levels, accounts)
    files = ((coverage, RESULTS), (levels, LEVELS), (accounts, ACCOUNTS), (judged, VERDICT))
    for table, name in files:
        write(table, chosen.folder / name)
    figure(coverage, chosen.folder / FIGURE)
    for table in (levels, accounts, against_reference(coverage), judged):
        print(table.to_string(index=False), end="\n\n")
    return judged


def write(table: pd.DataFrame, path: Path) -> None:
    """Replace a file in one step."""
    waiting = path.with_suffix(".part")
    table.to_csv(waiting, index=False)
    waiting.replace(path)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--replications", type=int, default=2000, help="data sets in every cell")
    options.add_argument("--draws", type=int, default=1000, help="0: delta and Monte Carlo intervals only")
    options.add_argument(
        "--level-sets", type=int, default=5000, help="data sets in every cell for the levels"
    )
    numbers = [cell.number for cell in CELLS]
    which = ", ".join(f"{cell.number} {cell.name}" for cell in CELLS)
    options.add_argument("--cells", type=int, nargs="+", choices=numbers, default=numbers, help=which)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--workers", type=int, default=os.cpu_count())
    fast = "numba" if BACKEND.startswith("numba") else "numpy"
    options.add_argument("--kernel", choices=("numpy", "numba"), default=fast, help="what refits the draws")
    options.add_argument("--wrong", choices=WRONG, default="", help="a fault to be found")
    options.add_argument("--folder", type=Path, default=HERE, help="where the results go")
    options.add_argument("--store", type=Path, help="folder that keeps finished chunks")
    options.add_argument("--resume", action="store_true", help="continue the run in --store")
    chosen = options.parse_args()
    try:
        judged = campaign(chosen)
    except KeyboardInterrupt:
        print("\nstopped; the same command with --resume continues the run in --store", file=sys.stderr)
        return 130
    except sopsem.SopsemError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    failed = int((judged.verdict == "FAIL").sum())
    print(
        f"{len(judged)} rules: {(judged.verdict == 'pass').sum()} pass, "
        f"{(judged.verdict == 'open').sum()} open, {failed} fail"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
