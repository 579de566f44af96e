"""Worker processes: pinned, replaced when they die, gone when we are."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor

import pytest
from threadpoolctl import threadpool_info

from sopsem.errors import DataError, UsageError
from sopsem.runs import processes
from sopsem.runs.processes import Processes, processes_possible, usable_cores


def own_pid(seconds=0.0):
    time.sleep(seconds)
    return os.getpid()


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def refused():
    raise DataError("row 3 is wrong")


def threads_and_signal():
    blas = {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}
    return blas, signal.getsignal(signal.SIGINT)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def gone(pids, seconds=10.0):
    """Wait until these processes are gone; say whether they are."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(alive(pid) for pid in pids):
        time.sleep(0.01)
    return not any(alive(pid) for pid in pids)


def test_calls_are_made_elsewhere_by_as_many_workers_as_asked_for():
    with Processes(3) as pool:
        pids = {future.result() for future in [pool.submit(own_pid, 0.1) for _ in range(3)]}
    assert len(pids) == 3
    assert os.getpid() not in pids
    assert gone(pids)


def test_workers_have_one_blas_thread_and_leave_ctrl_c_to_the_parent():
    with Processes(1) as pool:
        assert pool.submit(threads_and_signal).result() == ({1}, signal.SIG_IGN)


def test_an_error_comes_back_with_its_place_in_the_worker():
    with Processes(1) as pool:
        error = pool.submit(refused).exception()
    assert isinstance(error, DataError)
    assert str(error) == "row 3 is wrong"
    assert "in refused" in "".join(error.__notes__)


def test_a_worker_that_dies_fails_its_call_alone_and_is_replaced():
    with Processes(2) as pool:
        slow = pool.submit(own_pid, 0.5)
        with pytest.raises(BrokenExecutor, match="exit code -9"):
            pool.submit(killed).result()
        assert slow.result() > 0
        pids = {future.result() for future in [pool.submit(own_pid, 0.2) for _ in range(2)]}
    assert len(pids) == 2


def test_an_error_in_the_block_ends_the_workers_at_once():
    seen = {}

    def interrupted():
        with Processes(2) as pool:
            seen["pids"] = [future.result() for future in [pool.submit(own_pid, 0.05) for _ in range(2)]]
            seen["waiting"] = [pool.submit(own_pid, 3600.0) for _ in range(4)]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert gone(seen["pids"])
    assert all(future.done() for future in seen["waiting"])


def test_workers_leave_when_the_parent_is_killed():
    code = (
        "import os, time\n"
        "from sopsem.runs.processes import Processes\n"
        "pool = Processes(2)\n"
        "print(*{f.result() for f in [pool.submit(os.getpid) for _ in range(20)]}, flush=True)\n"
        "pool.submit(time.sleep, 3600).result()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert pids
    assert gone(pids)


@pytest.mark.parametrize("workers", [0, -1, 2.0, True, 100_000])
def test_the_number_of_workers_is_a_whole_number_within_reason(workers):
    with pytest.raises(UsageError, match="workers is"):
        Processes(workers)


def test_processes_are_started_unasked_only_where_that_is_safe_and_helps(monkeypatch):
    monkeypatch.setattr(processes, "usable_cores", lambda: 2)
    monkeypatch.setattr(processes, "FORKS", True)
    assert processes_possible()
    with Processes(1) as pool:
        assert not pool.submit(processes_possible).result()
    monkeypatch.setattr(processes, "usable_cores", lambda: 1)
    assert not processes_possible()
    monkeypatch.setattr(processes, "usable_cores", lambda: 2)
    monkeypatch.setattr(processes, "FORKS", False)
    assert not processes_possible()


def test_cores_are_those_this_process_may_use():
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
