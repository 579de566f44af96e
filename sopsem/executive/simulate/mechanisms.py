"""The switches of a world: how aligned each mechanism is, and a stream of random numbers of its own for each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sopsem.errors import UsageError

__all__ = ["MECHANISMS", "Streams", "switches"]

MECHANISMS = (
    "forecast",
    "pricing",
    "promise",
    "maintenance",
    "allocation",
    "finance",
    "pipeline",
    "incentives",
    "governance",
)
NULL_LEVEL = 0.5  # in a null world every mechanism stands here, whatever the alignment


def switches(alignment: float, null: bool, given: Mapping[str, float]) -> dict[str, float]:
    """Return the level of every mechanism: the alignment, unless it is set by itself.

    >>> switches(0.2, False, {"pricing": 1.0})["pricing"], switches(0.2, True, {})["promise"]
    (1.0, 0.5)
    """
    unknown = sorted(set(given) - set(MECHANISMS))
    if unknown:
        raise UsageError(f"no mechanism {unknown[0]!r}; there are {', '.join(MECHANISMS)}")
    levels = dict.fromkeys(MECHANISMS, NULL_LEVEL if null else alignment) | dict(given)
    wrong = [name for name, level in {"alignment": alignment, **levels}.items() if not 0 <= level <= 1]
    if wrong:
        raise UsageError(f"{wrong[0]} must be from 0 to 1")
    return levels


@dataclass(frozen=True, kw_only=True)
class Streams:
    """One generator per mechanism and one for demand: a switch changes no other mechanism's luck."""

    demand: np.random.Generator
    by_name: Mapping[str, np.random.Generator]

    @classmethod
    def make(cls, entropy: tuple[int, ...]) -> "Streams":
        """Return the streams of a world; they depend on the numbers given and nothing else."""
        first, *rest = np.random.SeedSequence(list(entropy)).spawn(1 + len(MECHANISMS))
        named = {n: np.random.default_rng(s) for n, s in zip(MECHANISMS, rest, strict=True)}
        return cls(demand=np.random.default_rng(first), by_name=named)

    def __getitem__(self, name: str) -> np.random.Generator:
        """Return the generator of a mechanism."""
        return self.by_name[name]
