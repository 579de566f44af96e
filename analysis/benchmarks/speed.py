"""How fast is a bootstrap draw, how far from the machine's limit, and how does it grow?

    python analysis/benchmarks/speed.py [--only study,sizes,growth,profile,compile] [--small] [--million]
        [--folder DIR]

Parts
    study     the study's model: sopsem with either kernel, lavaan and semopy on the same resamples
    sizes     single fits, many draws, every interval, worker processes, larger models, missing values, a million draws
    growth    time per draw against the number of draws, items, rows and workers
    profile   where the time of a draw goes, beside a count of its operations and what this machine can do
    compile   the first compile of the numba kernel, and loading it from its cache
Same work
    All engines refit the same resamples: the rows of draw b come from sopsem's (seed, b) and are handed over.  Every
    engine starts at its solution of the sample.  ML with divisor N everywhere, one thread each (BLAS pinned, R's own
    BLAS has one).
What is timed
    Processor time of drawing or taking the rows, sample moments and refits.  Processor time rather than the clock,
    because other programs slow the clock and not the work; where worker processes take part, the clock.  Not timed:
    starting a program, reading data, the fit of the sample.  sopsem is timed through its public ``bootstrap`` and so
    also classifies every draw; the other engines only refit.  The compiled kernel is compiled before (part compile).
Repeats
    The engines take turns, so that a slow minute of the machine hits all of them; ratios are medians of the ratios
    within a repeat.
Accuracy
    Stopping rules of different engines are not on one scale.  So each engine's estimates are set against the optimum
    of the same draw, found by going on from sopsem's solution to the limit of rounding: the distance is the largest
    |estimate - optimum| / standard error over the parameters, the gradient the largest |dF/dtheta| on the
    correlation metric.  Every engine runs at its usual stopping rule.  sopsem's is by far the tightest, so the ratios
    count against sopsem.  semopy also runs at a tight rule; lavaan's optimiser accepts no rule much tighter than its
    usual one (speed_lavaan.R).  Draws whose optimum is improper are left out of the distances: semopy bounds
    variances at 0 and cannot reach it.

Writes speed_results.csv, speed_growth.csv, speed_profile.csv, speed_verdict.csv, speed_growth.png and
speed_profile.png; parts that are not run keep their lines.  Ends with pass or fail lines; exit code 1 if one fails.
lavaan is left out, and that is said, where Rscript with lavaan is missing.
"""

import argparse
import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # before NumPy is loaded; R inherits it

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE / "speed_parts")

import pandas as pd
from speed_engines import has_lavaan
from speed_figures import growth_figure, profile_figure
from speed_growth import growth
from speed_plan import FULL, SMALL, Plan
from speed_profile import profile
from speed_sizes import compiling, sizes
from speed_study import compare, study_lines
from speed_task import make_task, study_items
from speed_verdict import Line, verdicts
from threadpoolctl import threadpool_limits

import sopsem

Found = tuple[dict[str, pd.DataFrame], list[Line]]


def study(plan: Plan) -> Found:
    """Compare engines on the study's model."""
    task = make_task(sopsem.load_instrument().model, study_items(), plan.draws[0])
    table = compare("study", task, plan.repeats, plan.draws, semopy=True, say=say)
    return {"results": table}, list(study_lines(table))


def larger(plan: Plan) -> Found:
    """Go through the sizes."""
    table, lines = sizes(plan, say)
    return {"results": table}, lines


def growing(plan: Plan) -> Found:
    """Follow the time of a draw along every axis."""
    return {"growth": growth(plan, say)}, []


def stages(plan: Plan) -> Found:
    """Take a draw apart."""
    return {"profile": profile(plan)}, []


def first_compile(plan: Plan) -> Found:
    """Time compiling."""
    table, lines = compiling(plan)
    return {"results": table}, lines


PARTS: dict[str, Callable[[Plan], Found]] = {
    "study": study,
    "sizes": larger,
    "growth": growing,
    "profile": stages,
    "compile": first_compile,
}
FIGURES = {"growth": growth_figure, "profile": profile_figure}


def say(text: str) -> None:
    """Report progress where someone is watching."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)


def keep(path: Path, part: str, table: pd.DataFrame) -> None:
    """Put the lines of a part in place of those that the file has of it."""
    if path.exists():
        before = pd.read_csv(path, dtype=str)
        table = pd.concat([before[before["part"] != part], table.astype(object)], ignore_index=True)
    order = {name: place for place, name in enumerate(PARTS)}
    table.sort_values("part", key=lambda names: names.map(order), kind="stable").to_csv(path, index=False)


def main() -> int:
    """Run the parts; return 1 if a demand is not met."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    asked.add_argument("--small", action="store_true", help="a few draws, to see that it runs")
    asked.add_argument("--million", action="store_true", help="a million draws of the study's model too")
    asked.add_argument("--folder", type=Path, default=HERE, help="where the tables and figures go")
    chosen = asked.parse_args()
    wanted = chosen.only.split(",")
    if unknown := [name for name in wanted if name not in PARTS]:
        asked.error(f"--only has {', '.join(unknown)}; parts are {', '.join(PARTS)}")
    if not has_lavaan():
        print("lavaan is left out: no Rscript with lavaan on the path")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    plan = SMALL if chosen.small else FULL
    if chosen.million:
        plan = replace(plan, streamed=("small", "study"))
    failed = False
    for part in wanted:
        with threadpool_limits(limits=1):
            tables, lines = PARTS[part](plan)
        for name, table in {**tables, "verdict": verdicts(lines)}.items():
            if not table.empty:
                keep(chosen.folder / f"speed_{name}.csv", part, table)
                print(table.astype(object).fillna("").to_string(index=False), end="\n\n")
            if name in FIGURES:
                FIGURES[name](table, chosen.folder / f"speed_{name}.png")
        failed |= any(line.verdict == "FAIL" for line in lines)
    return int(failed and not chosen.small)  # so few draws say nothing about speed


if __name__ == "__main__":
    sys.exit(main())
