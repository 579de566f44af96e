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
    draws, few_draws : int
        Draws of lavaan and semopy, and the first number for sopsem; of larger models.
    more_draws : tuple of int
        Further numbers for sopsem.
    many_draws, stream_draws : int
        Draws with all intervals (twice as many for worker processes), and those kept on disk.
    streamed : tuple of str
        Models of these: small, study.

    """

    repeats: int
    compiles: int
    draws: int
    few_draws: int
    more_draws: tuple[int, ...]
    many_draws: int
    stream_draws: int
    streamed: tuple[str, ...]


FULL = Plan(
    repeats=5,
    compiles=3,
    draws=200,
    few_draws=20,
    more_draws=(1000, 2000, 10_000),
    many_draws=10_000,
    stream_draws=1_000_000,
    streamed=("small",),
)
SMALL = Plan(
    repeats=1,
    compiles=1,
    draws=8,
    few_draws=2,
    more_draws=(16,),
    many_draws=60,
    stream_draws=60,
    streamed=("small",),
)
