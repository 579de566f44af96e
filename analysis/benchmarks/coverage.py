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
from sopsem.kernel import BACKEND
from sopsem.runs.chunk_store import ChunkStore
from sopsem.runs.chunks import run_chunks
from sopsem.runs.identity import platform_identity
from sopsem.runs.processes import Processes

RESULTS, LEVELS = "coverage_results.csv", "coverage_levels.csv"
ACCOUNTS, VERDICT, FIGURE = "coverage_accounts.csv", "coverage_verdict.csv", "coverage.png"
DATA_SETS, LEVEL_SETS = 10, 250  # in a chunk: the most that a run which is stopped loses

Tasks = list[tuple[int, int, int]]


def tasks_of(cells: list[int], total: int, size: int) -> Tasks:
    """Return (cell, first, last) of every chunk."""
    return [(c, first, min(first + size, total)) for c in cells for first in range(0, total, size)]


def run(
    function: Callable[[tuple[int, int, int]], dict[str, np.ndarray]],
    tasks: Tasks,
    chosen: argparse.Namespace,
    stage: str,
) -> dict[int, dict[str, np.ndarray]]:
    """Do one stage and return its arrays by cell, data sets first."""

    def say(done: int, total: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{stage}: {done} of {total} chunks ", end="", file=sys.stderr, flush=True)

    parts: dict[int, list[dict[str, np.ndarray]]] = {}
    with ExitStack() as stack:
        store = None
        if chosen.store is not None:
            identity = {
                "kind": f"coverage campaign, {stage}",
                "plan": repr(function.args[0]),
                "methods": [" ".join(m) for m in METHODS],
                "tasks": [list(task) for task in tasks],
                "backend": BACKEND,
                **platform_identity(),
            }
            store = stack.enter_context(ChunkStore(chosen.store / stage, identity, resume=chosen.resume))
        pool = stack.enter_context(Processes(chosen.workers)) if chosen.workers > 1 else None
        chunks = stack.enter_context(run_chunks(function, tasks, executor=pool, store=store, progress=say))
        for (cell, _, _), chunk in zip(tasks, chunks, strict=True):
            parts.setdefault(cell, []).append(dict(chunk))
    say_end = "\n" if sys.stderr.isatty() else ""
    print(say_end, end="", file=sys.stderr)
    return {
        cell: {name: np.concatenate([part[name] for part in own]) for name in own[0]}
        for cell, own in parts.items()
    }


def campaign(chosen: argparse.Namespace) -> pd.DataFrame:
    """Run both stages, write the tables and the figure, and return the verdicts."""
    cells = [c for c, cell in enumerate(CELLS) if cell.number in chosen.cells]
    for kind in {CELLS[c].kind for c in cells}:
        truth(kind)  # once, before the workers are forked
    plan = Plan(chosen.seed, chosen.draws, chosen.wrong)
    tasks = tasks_of(cells, chosen.replications, DATA_SETS)
    found = run(partial(data_sets, plan), tasks, chosen, "intervals")
    coverage = [coverage_rows(CELLS[c], plan.seed, plan.draws, part) for c, part in found.items()]
    accounts = [account(CELLS[c], plan.seed, plan.draws, part) for c, part in found.items()]
    # the fault is in the intervals alone, so that levels are the same in every build
    tested = run(partial(statistics, Plan(chosen.seed, 0)), tasks_of(cells, chosen.level_sets, LEVEL_SETS), chosen, "levels")
    levels = [level_rows(CELLS[c], plan.seed, part) for c, part in tested.items()]
    tables = [pd.concat(part, ignore_index=True) for part in (coverage, levels, accounts)]
    judged = verdicts(*tables)
    for table, name in zip([*tables, judged], (RESULTS, LEVELS, ACCOUNTS, VERDICT), strict=True):
        write(table, chosen.folder / name)
    figure(tables[0], chosen.folder / FIGURE)
    print(tables[1].to_string(index=False), tables[2].to_string(index=False), sep="\n\n")
    print("", against_reference(tables[0]).to_string(index=False), judged.to_string(index=False), sep="\n\n")
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
    options.add_argument("--level-sets", type=int, default=5000, help="data sets in every cell for the levels")
    numbers = [cell.number for cell in CELLS]
    which = ", ".join(f"{cell.number} {cell.name}" for cell in CELLS)
    options.add_argument("--cells", type=int, nargs="+", choices=numbers, default=numbers, help=which)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--workers", type=int, default=os.cpu_count())
    options.add_argument("--wrong", choices=WRONG, default="", help="a fault to be found")
    options.add_argument("--folder", type=Path, default=HERE, help="where the results go")
    options.add_argument("--store", type=Path, help="folder that keeps finished chunks")
    options.add_argument("--resume", action="store_true", help="continue the run in --store")
    judged = campaign(options.parse_args())
    failed = int((judged.verdict == "FAIL").sum())
    print(f"\n{len(judged)} rules: {(judged.verdict == 'pass').sum()} pass, "
          f"{(judged.verdict == 'open').sum()} open, {failed} fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
