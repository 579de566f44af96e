"""Worker processes: one BLAS thread each, deaf to Ctrl-C, replaced when one dies, and gone when we are.

Every worker has a pipe of its own and a thread here that waits for it: nothing is shared, so that a worker may be
killed at any moment without leaving the others, or us, waiting.
"""

import multiprocessing
import os
import queue
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import connection
from multiprocessing.context import BaseContext
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from sopsem.errors import UsageError
from sopsem.runs.blas import one_blas_thread

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
    BrokenExecutor
        By the result of a call: its worker died.  Later calls get a new one.

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
        self._threads = ThreadPoolExecutor(workers)
        self._context = multiprocessing.get_context("fork" if FORKS else "spawn")
        self._all: list[_Worker] = []
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._killed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue a call."""
        while len(self._all) < self.workers:
            self._idle.put(self._start())
        return cast("Future[T]", self._threads.submit(self._call, fn, args, kwargs))

    def _start(self) -> "_Worker":
        """Start one worker at a time, so that none inherits an end of another's pipe that is to be closed."""
        with self._starting:
            if self._killed:
                raise BrokenExecutor("the workers were ended")
            worker = _Worker(self._context)
            self._all.append(worker)
        return worker

    def _call(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        """Have an idle worker make a call; one that died is replaced first."""
        worker = self._idle.get()
        try:
            if not worker.process.is_alive():
                worker = self._start()
            return cast("T", worker.call(fn, args, kwargs))
        finally:
            self._idle.put(worker)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers after the calls that are queued."""
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        if wait:
            for worker in self._all:
                worker.dismiss()
            for worker in self._all:
                worker.end()

    def kill(self) -> None:
        """End the workers at once; what is queued is cancelled, what they work on is lost."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._starting:
            self._killed = True
            for worker in self._all:
                worker.process.kill()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the workers, or end them at once where an error leads out."""
        if kind is not None:
            self.kill()
        self.shutdown(wait=True)


class _Worker:
    """A process and our end of its pipe."""

    def __init__(self, context: BaseContext) -> None:
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, self.pipe), daemon=True)  # type: ignore[attr-defined]
        with warnings.catch_warnings():
            # BLAS stops its threads around a fork, and a worker touches nothing that other threads hold
            warnings.filterwarnings("ignore", ".*multi-threaded", DeprecationWarning)
            self.process.start()
        theirs.close()

    def call(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Send a call and wait for what it gives or raises."""
        try:
            self.pipe.send((fn, args, kwargs))
            error, result = self.pipe.recv()
        except (EOFError, OSError) as lost:
            self.process.join()
            raise BrokenExecutor(f"a worker ended with exit code {self.process.exitcode}") from lost
        if error is not None:
            raise error
        return result

    def dismiss(self) -> None:
        """Tell an idle worker to go; closing the pipe would not do, as workers started later hold our end too."""
        with suppress(OSError):
            self.pipe.send(None)

    def end(self) -> None:
        """Wait until a worker that was dismissed or killed is gone."""
        self.process.join()
        self.pipe.close()


def _work(pipe: "connection.Connection", parents: "connection.Connection") -> None:
    """Make the calls that come through the pipe until None does.

    Ctrl-C is for the parent to handle, and no worker outlives it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parents.close()
    one_blas_thread()
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    with ThreadPoolExecutor(1) as here:
        while (asked := pipe.recv()) is not None:
            fn, args, kwargs = asked
            made = here.submit(fn, *args, **kwargs)
            error = made.exception()
            if error is not None:
                error.add_note("".join(traceback.format_exception(error)))
            pipe.send((error, made.result() if error is None else None))


def _leave_with_parent() -> None:
    """End this worker when its parent has ended, however that was."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
    os._exit(1)
