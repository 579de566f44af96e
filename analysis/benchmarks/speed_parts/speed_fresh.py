"""Runs in a process of their own, whose memory and start are theirs alone; prints what it took as JSON.

python speed_fresh.py intervals|stream|compile --kernel numba --draws 10000 [--model small] [--store DIR]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import speed_task

import sopsem
from sopsem.kernel import KERNELS, prepare_compiled

KINDS = ("percentile", "bc", "bca", "normal", "basic", "studentized")
MEGABYTE = 1024  # kB


def fresh(*arguments: object, cache: Path | None = None) -> dict[str, float]:
    """Run this file in a new process and return what it says; ``cache`` is where compiled code is kept."""
    environment = {**os.environ, **({} if cache is None else {"XDG_CACHE_HOME": str(cache)})}
    command = [sys.executable, __file__, *map(str, arguments)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)  # noqa: S603
    said: dict[str, float] = json.loads(done.stdout)
    return said


def peak() -> float:
    """Return the most memory that this process has had, in megabytes.

    ``getrusage`` starts from what the process that started this one had, so Linux is asked first.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / MEGABYTE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


def problem(name: str) -> tuple[sopsem.Fit, object]:
    """Fit the study's model or a small one."""
    if name == "study":
        items = speed_task.study_items()
        return sopsem.fit(sopsem.load_instrument().model, items), items
    model, items = speed_task.small()
    return sopsem.fit(model, items), items


def work(chosen: argparse.Namespace) -> dict[str, float]:
    """Do what is asked and return numbers."""
    if chosen.what == "compile":
        prepare_compiled()
        return {}
    fit, items = problem(chosen.model)
    if chosen.what == "intervals":
        draws = sopsem.bootstrap(fit, items, draws=chosen.draws, kernel=chosen.kernel)
        effects = [sopsem.effects(fit, draws, kind=kind) for kind in KINDS]
        return {"intervals": sum(len(table) for table in effects)}
    draws = sopsem.bootstrap(fit, items, draws=chosen.draws, kernel=chosen.kernel, store=chosen.store)
    return {"accounted": int(draws.counts()["count"].sum()), "converged": int(draws.used.sum())}


def main() -> None:
    """Work and report."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("what", choices=("intervals", "stream", "compile"))
    asked.add_argument("--kernel", choices=KERNELS, default="auto")
    asked.add_argument("--draws", type=int, default=10_000)
    asked.add_argument("--model", choices=("study", "small"), default="study")
    asked.add_argument("--store", default=None)
    chosen = asked.parse_args()
    started, processor = time.perf_counter(), time.process_time()
    found = work(chosen)
    took = {"seconds": time.perf_counter() - started, "processor": time.process_time() - processor}
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / MEGABYTE
    print(json.dumps({**took, "megabytes": peak(), "worker_megabytes": workers, **found}))


if __name__ == "__main__":
    main()
