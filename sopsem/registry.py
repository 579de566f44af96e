"""One registry: a name, the function that computes the number, its printed label, its digits, its source.

The label and the digits live with the function, so a printed label can never drift from the computation.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Entry", "Registry"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One registered statistic: ``function`` computes it, the rest says how it is shown."""

    name: str
    function: Callable[..., Any]
    label: str
    digits: int
    source: str


class Registry:
    """An ordered collection of entries, filled by the decorator ``register``.

    Examples
    --------
    >>> indices = Registry("fit index")
    >>> @indices.register("chisq", label="chi2", digits=2, source="Joreskog (1969)")
    ... def chisq(n, f):
    ...     return n * f
    >>> indices["chisq"].label
    'chi2'
    >>> indices["chisq"].function(91, 2.0)
    182.0

    """

    def __init__(self, kind: str) -> None:
        """Make an empty registry; ``kind`` names what it holds in messages."""
        self.kind = kind
        self._entries: dict[str, Entry] = {}

    def register(
        self, name: str, *, label: str, digits: int = 3, source: str = ""
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Return a decorator that adds a function under ``name``; a name taken twice is a bug."""

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            if name in self._entries:
                raise ValueError(f"{self.kind} {name!r} is registered twice")
            self._entries[name] = Entry(
                name=name, function=function, label=label, digits=digits, source=source
            )
            return function

        return add

    def __getitem__(self, name: str) -> Entry:
        """Return the entry of that name."""
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        """Say whether a name is registered."""
        return name in self._entries

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the entries in the order of registration."""
        return iter(self._entries.values())

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._entries)
