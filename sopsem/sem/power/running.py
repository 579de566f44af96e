"""Where replications are run and kept: blocks of them on any executor, the same bytes whatever the workers."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sopsem.kernel import backend_used, prepare_compiled
from sopsem.runs.chunk_store import Chunk, ChunkStore
from sopsem.runs.chunks import run_chunks
from sopsem.runs.identity import digest, platform_identity
from sopsem.sem.power.replicates import Block, Plan, Replicates, joined_replicates, run_block

__all__ = ["Running", "run_sizes"]

BLOCK = 128


@dataclass(frozen=True, kw_only=True)
class Running:
    """Executor, folder that keeps finished blocks, whether to continue what it holds, and a progress callback."""

    executor: Executor | None = None
    store: str | os.PathLike[str] | None = None
    resume: bool = False
    progress: Callable[[int, int], None] | None = None
    kernel: str = "auto"


def run_sizes(
    plan: Plan, sizes: Sequence[int], replications: int, running: Running, *, part: str = "grid"
) -> dict[int, Replicates]:
    """Run the replications of every N; ``part`` names the folder in the store that keeps them.

    Raises
    ------
    UsageError, FileError, ResourceLimitError
        See ``ChunkStore`` and ``run_chunks``.

    """
    blocks = [
        Block(n, first, min(first + BLOCK, replications))
        for n in sizes
        for first in range(0, replications, BLOCK)
    ]
    found: dict[int, list[Chunk]] = {n: [] for n in sizes}
    if replications > plan.first_compiled:
        prepare_compiled()
    with ExitStack() as stack:
        store = None
        if running.store is not None:
            identity = _identity(plan, sizes, replications)
            store = stack.enter_context(
                ChunkStore(Path(running.store) / part, identity, resume=running.resume)
            )
        chunks = stack.enter_context(
            run_chunks(
                partial(run_block, plan),
                blocks,
                executor=running.executor,
                store=store,
                progress=running.progress,
            )
        )
        for block, chunk in zip(blocks, chunks, strict=True):
            found[block.n].append(chunk)
    return {n: joined_replicates(parts) for n, parts in found.items()}


def _identity(plan: Plan, sizes: Sequence[int], replications: int) -> dict[str, object]:
    """Return all that the blocks depend on."""
    design, restricted = plan.design, plan.design.restricted
    return {
        "kind": "power",
        "model": digest(repr(design.full.spec.parameters)),
        "restricted": "" if restricted is None else digest(repr(restricted.spec.parameters)),
        "population": digest(*design.sampler.numbers()),
        "mimic": design.full.mimic or "",
        "seed": plan.seed,
        "n": list(sizes),
        "replications": replications,
        "block": BLOCK,
        "level": plan.level,
        "interval_draws": plan.interval_draws,
        "backend": backend_used(plan.first_compiled, replications),
        **platform_identity(),
    }
