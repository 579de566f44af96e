"""How much of everything: the full campaign, and a small one that shows that it runs."""

from dataclasses import dataclass

__all__ = ["FULL", "SMALL", "Plan"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Sizes of one campaign.

    Attributes
    ----------
    repeats : int
        Turns of every engine.
    draws : int
        Draws of lavaan and semopy, and the first number for sopsem.
    more_draws : tuple of int
        Further numbers for sopsem.

    """

    repeats: int
    draws: int
    more_draws: tuple[int, ...]


FULL = Plan(repeats=5, draws=200, more_draws=(2000, 10_000))
SMALL = Plan(repeats=1, draws=8, more_draws=(16,))
