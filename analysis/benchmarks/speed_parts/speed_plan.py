"""How much of everything: the full campaign, and a small one that shows that it runs."""

from dataclasses import dataclass

__all__ = ["FULL", "SMALL", "Plan"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Sizes of one campaign.

    Attributes
    ----------
    repeats, compiles : int
        Turns of every engine, and of compiling.
    draws, few_draws : tuple of int
        Numbers of draws for sopsem, of the study and of larger models; the first is that of lavaan and semopy.
    many_draws, stream_draws : int
        Draws with all intervals (twice as many for worker processes), and those kept on disk.
    streamed : tuple of str
        Models of these: small, study.
    growth_draws, growth_items, growth_rows, growth_workers : tuple of int
        Places on every axis; items of each of three factors.
    profile_draws, loops : int
        Draws of the profile, and repetitions of a stage of the compiled search.

    """

    repeats: int
    compiles: int
    draws: tuple[int, ...]
    few_draws: tuple[int, ...]
    many_draws: int
    stream_draws: int
    streamed: tuple[str, ...]
    growth_draws: tuple[int, ...]
    growth_items: tuple[int, ...]
    growth_rows: tuple[int, ...]
    growth_workers: tuple[int, ...]
    profile_draws: int
    loops: int


FULL = Plan(
    repeats=5,
    compiles=3,
    draws=(200, 1000, 2000, 10_000),
    few_draws=(20, 400),
    many_draws=10_000,
    stream_draws=1_000_000,
    streamed=("small",),
    growth_draws=(10, 100, 1000, 10_000),
    growth_items=(3, 6, 10, 16),
    growth_rows=(200, 500, 2000, 5000),
    growth_workers=(1, 2),
    profile_draws=8192,
    loops=2000,
)
SMALL = Plan(
    repeats=1,
    compiles=1,
    draws=(8, 16),
    few_draws=(2, 4),
    many_draws=60,
    stream_draws=60,
    streamed=("small",),
    growth_draws=(8, 16),
    growth_items=(3, 4),
    growth_rows=(200, 300),
    growth_workers=(1, 2),
    profile_draws=32,
    loops=2,
)
