"""Chunks come in the order of their tasks, few at a time, once each, whatever makes them."""

import os
import signal
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from sopsem.errors import DataError, FileError, ResourceLimitError
from sopsem.runs import chunks as module
from sopsem.runs.chunk_store import ChunkStore
from sopsem.runs.chunks import run_chunks
from sopsem.runs.processes import Processes

TASKS = [range(first, first + 3) for first in range(0, 60, 3)]


def squares(seconds, task):
    time.sleep(seconds * (task[0] % 2))
    return {"square": np.array(task) ** 2, "text": np.array([str(i) for i in task])}


def pids(_):
    time.sleep(0.05)
    return {"pid": np.array([os.getpid()])}


def dies_once(mark, task):
    """Die at one task, the first time it is tried."""
    if task[0] == 9 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return squares(0.0, task)


def dies(parent, task):
    if os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return squares(0.0, task)


def refuses(task):
    if task[0] == 9:
        raise DataError("task 9 is wrong")
    return squares(0.0, task)


def blas_threads(_):
    return {"n": np.array([i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas"])}


def together(function, **options):
    with run_chunks(function, TASKS, **options) as chunks:
        return np.concatenate([chunk["square"] for chunk in chunks]).tolist()


WHOLE = [i**2 for i in range(60)]
EXECUTORS = {
    "here": lambda: None,
    "processes": lambda: Processes(2),
    "threads": lambda: ThreadPoolExecutor(3),
    "pool": lambda: ProcessPoolExecutor(2),
}


@pytest.mark.parametrize("name", EXECUTORS)
def test_the_order_is_that_of_the_tasks(name):
    executor = EXECUTORS[name]()
    assert together(partial(squares, 0.005), executor=executor) == WHOLE
    if executor is not None:
        executor.shutdown()


def test_processes_take_over_when_the_first_chunk_shows_that_they_pay(monkeypatch):
    monkeypatch.setattr(module, "PAYS", 0.5)
    monkeypatch.setattr(module, "usable_cores", lambda: 2)
    monkeypatch.setattr(module, "processes_possible", lambda: True)
    with run_chunks(pids, TASKS) as chunks:
        found = [int(chunk["pid"][0]) for chunk in chunks]
    assert found[0] == os.getpid()
    assert os.getpid() not in found[1:]
    assert len(set(found)) == 3


def test_little_work_stays_here(monkeypatch):
    monkeypatch.setattr(module, "processes_possible", lambda: True)
    with run_chunks(pids, TASKS[:3]) as chunks:
        assert {int(chunk["pid"][0]) for chunk in chunks} == {os.getpid()}


class Counting(ThreadPoolExecutor):
    """Counts the calls that were submitted."""

    def __init__(self):
        super().__init__(2)
        self.submitted = 0

    def submit(self, *args, **kwargs):
        self.submitted += 1
        return super().submit(*args, **kwargs)


def test_few_chunks_are_under_way_at_a_time(monkeypatch):
    monkeypatch.setattr(module, "UNDER_WAY_ELSEWHERE", 4)
    with Counting() as executor, run_chunks(partial(squares, 0.0), TASKS, executor=executor) as chunks:
        for taken, _ in enumerate(chunks, start=1):
            assert executor.submitted <= taken + 3


def test_leaving_early_cancels_what_is_queued():
    class Never(ThreadPoolExecutor):
        def submit(self, *_args, **_kwargs):
            waiting.append(Future())
            return waiting[-1]

    waiting = []
    with run_chunks(squares, TASKS, executor=Never(1)) as chunks:
        threading.Timer(0.1, lambda: waiting[0].set_result({"square": np.zeros(1)})).start()
        next(chunks)
        assert not any(future.cancelled() for future in waiting)
    assert waiting[0].done()
    assert all(future.cancelled() for future in waiting[1:])


def test_a_chunk_whose_worker_died_is_made_by_a_new_one(tmp_path):
    with Processes(2) as pool:
        assert together(partial(dies_once, tmp_path / "died"), executor=pool) == WHOLE
    assert (tmp_path / "died").exists()


def test_a_chunk_that_kills_every_worker_ends_the_run():
    with pytest.raises(ResourceLimitError, match=r"died at chunk \d+ of 20"), Processes(2) as pool:
        together(partial(dies, os.getpid()), executor=pool)


def test_a_pool_that_is_not_ours_is_not_replaced():
    with pytest.raises(ResourceLimitError, match="worker process died"), ProcessPoolExecutor(2) as pool:
        together(partial(dies, os.getpid()), executor=pool)


@pytest.mark.parametrize("name", EXECUTORS)
def test_the_error_of_a_task_comes_through(name):
    executor = EXECUTORS[name]()
    with pytest.raises(DataError, match="task 9 is wrong"):
        together(refuses, executor=executor)
    if executor is not None:
        executor.shutdown()


@pytest.mark.parametrize("name", EXECUTORS)
def test_blas_has_one_thread_wherever_chunks_are_made(name):
    executor = EXECUTORS[name]()
    with (
        threadpool_limits(limits=2, user_api="blas"),
        run_chunks(blas_threads, TASKS, executor=executor) as all_,
    ):
        assert all((chunk["n"] == 1).all() for chunk in all_)
    if executor is not None:
        executor.shutdown()


@pytest.mark.parametrize("name", EXECUTORS)
def test_what_is_kept_is_not_made_again(name, tmp_path):
    with ChunkStore(tmp_path, {}) as store:
        for number in (0, 3, 4, 19):
            store.save(number, {"square": np.array([-number])})
        executor, seen = EXECUTORS[name](), []
        with run_chunks(
            partial(squares, 0.0), TASKS, executor=executor, store=store, progress=lambda *n: seen.append(n)
        ) as chunks:
            found = [chunk["square"].tolist() for chunk in chunks]
        assert len(store) == 20
        if executor is not None:
            executor.shutdown()
    assert [found[i] for i in (0, 3, 4, 19)] == [[0], [-3], [-4], [-19]]
    assert found[5] == [225, 256, 289]
    assert seen == [(done, 20) for done in range(1, 21)]


def test_chunks_are_kept_as_soon_as_they_are_done_not_in_their_turn(tmp_path):
    """A slow first chunk does not keep finished ones from the disk."""
    go_on = threading.Event()

    def first_last(task):
        if task[0] == 0:
            go_on.wait(30)
        return squares(0.0, task)

    class Watched(ChunkStore):
        def save(self, number, chunk):
            super().save(number, chunk)
            order.append(number)
            if len(order) == 5:
                go_on.set()

    order = []
    with ThreadPoolExecutor(2) as pool, Watched(tmp_path, {}) as store:
        assert together(first_last, executor=pool, store=store) == WHOLE
    assert order.index(0) >= 5


def test_a_disk_that_is_full_ends_the_run_with_the_reason(tmp_path):
    class Full(ChunkStore):
        def save(self, number, chunk):
            if number == 7:
                raise FileError("no space")
            super().save(number, chunk)

    with pytest.raises(FileError, match="no space"), Full(tmp_path, {}) as store:
        together(partial(squares, 0.0), store=store)
    with ChunkStore(tmp_path, {}, resume=True) as store:
        assert len(store) == 7


def test_a_worker_of_another_machine_pins_its_own_blas():
    """There nothing is inherited from this process."""
    with threadpool_limits(limits=2, user_api="blas"):
        assert (module._alone(blas_threads, None)["n"] == 1).all()
