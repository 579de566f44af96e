"""Workers, stores and resumed runs give the same bytes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace

import pytest

from sopsem.errors import UsageError
from sopsem.runs.processes import Processes
from sopsem.sem.power.quantities import quantities_of
from sopsem.sem.power.replicates import Plan
from sopsem.sem.power.running import Running, run_sizes


@pytest.fixture(scope="module")
def plan(mediation):
    return Plan(
        design=mediation, quantities=quantities_of(mediation.full), seed=2, level=0.95, interval_draws=0
    )


def bytes_of(found):
    return {(n, f.name): getattr(r, f.name).tobytes() for n, r in found.items() for f in fields(r)}


def test_executors_and_stores_do_not_change_a_byte(plan, tmp_path):
    alone = bytes_of(run_sizes(plan, [40, 60], 300, Running()))
    with Processes(2) as processes, ThreadPoolExecutor(2) as threads:
        for executor in (processes, threads):
            assert bytes_of(run_sizes(plan, [40, 60], 300, Running(executor=executor))) == alone
    kept = Running(store=tmp_path / "run")
    assert bytes_of(run_sizes(plan, [40, 60], 300, kept)) == alone
    for chunk in sorted((tmp_path / "run" / "grid").glob("chunk-*"))[2:4]:
        chunk.unlink()
    again = Running(store=tmp_path / "run", resume=True)
    assert bytes_of(run_sizes(plan, [40, 60], 300, again)) == alone


def test_more_replications_begin_with_the_fewer(plan):
    few, many = (run_sizes(plan, [50], r, Running())[50] for r in (100, 150))
    assert many.est[:100].tobytes() == few.est.tobytes()


def test_a_store_of_another_run_is_refused(plan, tmp_path):
    run_sizes(plan, [40], 20, Running(store=tmp_path))
    with pytest.raises(UsageError, match="resume"):
        run_sizes(plan, [40], 20, Running(store=tmp_path))
    with pytest.raises(UsageError, match="replications is 20 there and 30 here"):
        run_sizes(plan, [40], 30, Running(store=tmp_path, resume=True))
    for changed in (replace(plan, seed=9), replace(plan, level=0.9), replace(plan, interval_draws=100)):
        with pytest.raises(UsageError, match="holds another run"):
            run_sizes(changed, [40], 20, Running(store=tmp_path, resume=True))


def test_progress_counts_the_blocks(plan):
    seen = []
    run_sizes(plan, [40, 50], 200, Running(progress=lambda done, total: seen.append((done, total))))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
