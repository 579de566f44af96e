"""Worker processes: one BLAS thread each, deaf to Ctrl-C, replaced when one dies, and gone when we are."""

import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from types import TracebackType
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from sopsem.errors import UsageError
from sopsem.runs.blas import one_blas_thread

if TYPE_CHECKING:
    from multiprocessing.queues import SimpleQueue

__all__ = ["Processes", "processes_possible", "usable_cores"]

P = ParamSpec("P")
T = TypeVar("T")
FORKS = sys.platform == "linux"  # elsewhere forking a process with threads is not safe
MOST = 1024


def usable_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processes_possible() -> bool:
    """Say whether worker processes may be started unasked, and could help.

    That takes forking (a script without a main guard must keep working), a second core, and that this is neither
    a worker itself nor a side thread.
    """
    alone = multiprocessing.parent_process() is None
    main = threading.current_thread() is threading.main_thread()
    return FORKS and alone and main and usable_cores() > 1


class Processes(Executor):
    """An executor of worker processes; leaving its ``with`` block by an error ends them at once.

    They start with the first call, so that what this process has loaded and compiled by then is theirs too.

    Workers are forked on Linux; elsewhere they import the main script anew, which then needs a main guard.

    Parameters
    ----------
    workers : int

    Raises
    ------
    UsageError
        ``workers`` is not a whole number from 1 to 1024.

    Examples
    --------
    >>> with Processes(2) as pool:
    ...     pool.submit(abs, -3).result()
    3

    """

    def __init__(self, workers: int) -> None:
        """Take the number of workers; they start with the first call."""
        if isinstance(workers, bool) or not isinstance(workers, int) or not 1 <= workers <= MOST:
            raise UsageError(f"workers is {workers!r}; give a whole number from 1 to {MOST}")
        self.workers = workers
        self._context = multiprocessing.get_context("fork" if FORKS else "spawn")
        self._pids: SimpleQueue[int] = self._context.SimpleQueue()
        self._pool: ProcessPoolExecutor | None = None

    def _started(self) -> ProcessPoolExecutor:
        pool = ProcessPoolExecutor(
            self.workers, mp_context=self._context, initializer=_settle, initargs=(self._pids,)
        )
        with warnings.catch_warnings():
            # BLAS stops its threads around a fork, and a worker touches nothing that others hold
            warnings.filterwarnings("ignore", ".*multi-threaded", DeprecationWarning)
            pool.submit(os.getpid)
        return pool

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue a call; workers that died are replaced first."""
        if self._pool is not None:
            try:
                return self._pool.submit(fn, *args, **kwargs)
            except BrokenProcessPool:
                pass
        self._pool = self._started()
        return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers after the calls that are queued."""
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)

    def kill(self) -> None:
        """End the workers at once; what is queued is cancelled, what they work on is lost."""
        self.shutdown(wait=False, cancel_futures=True)
        own = set()
        while not self._pids.empty():
            own.add(self._pids.get())
        for child in multiprocessing.active_children():
            if child.pid in own:
                child.kill()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the workers, or end them at once where an error leads out."""
        if kind is None:
            self.shutdown(wait=True)
        else:
            self.kill()


def _settle(pids: "SimpleQueue[int]") -> None:
    """Make a new worker ours: Ctrl-C is for the parent to handle, and no worker outlives it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    one_blas_thread()
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    pids.put(os.getpid())


def _leave_with_parent() -> None:
    """End this worker when its parent has ended, however that was."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
    os._exit(1)
