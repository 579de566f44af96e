"""Chunks of work on any executor: in order, with bounded memory, each kept on disk as soon as it is done."""

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sopsem.errors import ResourceLimitError
from sopsem.runs.blas import one_blas_thread
from sopsem.runs.chunk_store import Chunk, ChunkStore
from sopsem.runs.processes import Processes, processes_possible, usable_cores

__all__ = ["Chunk", "run_chunks"]

T = TypeVar("T")
Progress = Callable[[int, int], None]
PAYS = 2.0  # seconds of work left from which worker processes are worth their start
UNDER_WAY = 4  # chunks queued, running or waiting for their turn, per worker process of ours
UNDER_WAY_ELSEWHERE = 64  # the same on an executor whose workers we do not know
TRIES = 3


@contextmanager
def run_chunks(
    function: Callable[[T], Chunk],
    tasks: Sequence[T],
    *,
    executor: Executor | None = None,
    store: ChunkStore | None = None,
    progress: Progress | None = None,
) -> Iterator[Iterator[Chunk]]:
    """Do every task and give the results in the order of the tasks, one by one.

    Parameters
    ----------
    function : callable
        Turns a task into a chunk: arrays by name (numbers, booleans or text).  For worker processes it is a
        function of a module, or ``functools.partial`` of one that carries what all tasks share.  It may depend
        on nothing but the task, so that the results are the same wherever and in whatever order they are made.
    tasks : sequence
        Small descriptions, such as ranges of draw numbers.
    executor : concurrent.futures.Executor, optional
        By default worker processes when they pay: when the first task shows that more than two seconds are left,
        a second core is there, and forking is safe; else this process.
    store : ChunkStore, optional
        Keeps every chunk as soon as it is done; those it has are not made again.
    progress : callable, optional
        Called with (tasks done, tasks in all).

    Yields
    ------
    iterator of chunks
        Leaving the ``with`` block early cancels what is queued.  Few chunks are in memory at a time.

    Raises
    ------
    ResourceLimitError
        A worker process died, and did so again with new ones.
    FileError
        A chunk cannot be written; those before are intact.

    Examples
    --------
    >>> import numpy as np
    >>> def squares(draws):
    ...     return {"square": np.array(draws) ** 2}
    >>> with run_chunks(squares, [range(0, 2), range(2, 3)]) as chunks:
    ...     [chunk["square"].tolist() for chunk in chunks]
    [[0, 1], [4]]

    """
    run = _Run(function, tasks, store)
    with one_blas_thread(), closing(run.chunks(executor)) as chunks:
        yield _counted(chunks, len(tasks), progress)


def _counted(chunks: Iterator[Chunk], total: int, progress: Progress | None) -> Iterator[Chunk]:
    for done, chunk in enumerate(chunks, start=1):
        if progress is not None:
            progress(done, total)
        yield chunk


@dataclass(frozen=True)
class _Run(Generic[T]):
    """The work of one call of ``run_chunks``."""

    function: Callable[[T], Chunk]
    tasks: Sequence[T]
    store: ChunkStore | None
    deaths: Counter[int] = field(default_factory=Counter)

    def chunks(self, executor: Executor | None) -> Generator[Chunk, None, None]:
        """Yield all chunks in order."""
        if executor is not None:
            yield from self._elsewhere(executor, 0)
            return
        for number in range(len(self.tasks)):
            if self._kept(number):
                yield self._load(number)
                continue
            began = time.perf_counter()
            chunk = self._keep(number, self.function(self.tasks[number]))
            seconds = time.perf_counter() - began
            yield chunk
            if seconds * (len(self.tasks) - number - 1) > PAYS and processes_possible():
                with Processes(usable_cores()) as pool:
                    yield from self._elsewhere(pool, number + 1)
                return

    def _elsewhere(self, executor: Executor, first: int) -> Iterator[Chunk]:
        """Yield the chunks from ``first`` on, with few of them under way at a time."""
        ahead = UNDER_WAY * executor.workers if isinstance(executor, Processes) else UNDER_WAY_ELSEWHERE
        under_way: dict[Future[Chunk], int] = {}
        done: dict[int, Chunk] = {}
        asked = first
        try:
            for number in range(first, len(self.tasks)):
                while asked < min(number + ahead, len(self.tasks)):
                    if not self._kept(asked):
                        under_way[self._submit(executor, asked)] = asked
                    asked += 1
                while number not in done and not self._kept(number):
                    for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                        at = under_way.pop(future)
                        if isinstance(future.exception(), BrokenExecutor):
                            under_way[self._submit(executor, at, again=True)] = at
                        else:
                            done[at] = self._keep(at, future.result())
                yield done.pop(number) if number in done else self._load(number)
        finally:
            for future in under_way:
                future.cancel()

    def _submit(self, executor: Executor, number: int, *, again: bool = False) -> Future[Chunk]:
        """Queue a task; one whose worker died is tried again where workers are ours to replace."""
        self.deaths[number] += again
        where = f"a worker process died at chunk {number + 1} of {len(self.tasks)}"
        if again and (not isinstance(executor, Processes) or self.deaths[number] >= TRIES):
            raise ResourceLimitError(
                f"{where} (killed, or out of memory); use fewer workers or smaller chunks, and resume from the store "
                "where there is one"
            )
        try:
            return executor.submit(_alone, self.function, self.tasks[number])
        except BrokenExecutor as death:
            raise ResourceLimitError(f"{where} or before ({death}); give a new executor") from death

    def _kept(self, number: int) -> bool:
        return self.store is not None and number in self.store

    def _keep(self, number: int, chunk: Chunk) -> Chunk:
        if self.store is not None:
            self.store.save(number, chunk)
        return chunk

    def _load(self, number: int) -> Chunk:
        return self.store.load(number) if self.store is not None else {}


def _alone(function: Callable[[T], Chunk], task: T) -> Chunk:
    """Do one task in a worker, whose BLAS may not be ours."""
    with one_blas_thread():
        return function(task)
