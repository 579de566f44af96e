"""A result on record beside the same result made again: every leaf of both, and what differs."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Difference", "differences", "sorted_by_cause"]

ROUNDING = 1e-6  # relative; another processor or library changes last digits, and nothing before them
ABSENT = "(absent)"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One leaf that differs: where it is, what the record says, what was found now.

    ``rounding`` says that both are numbers and agree to 1e-6 of their size.
    """

    place: str
    recorded: object
    found: object
    rounding: bool = False

    @property
    def cause(self) -> str:
        """What kind of thing differs: data, versions, platform, command, model, settings, files or numbers."""
        parts = self.place.split(".")
        if parts[0] != "manifest" or len(parts) == 1:
            return "numbers"
        return CAUSES.get(parts[1], "manifest")

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.place}: recorded {_short(self.recorded)}, found {_short(self.found)}"


CAUSES = {
    "inputs": "inputs",
    "tables": "inputs",
    "data": "inputs",
    "model": "inputs",
    "versions": "versions",
    "platform": "platform",
    "backend": "platform",
    "command": "command",
    "options": "command",
    "settings": "command",
    "files": "files",
}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:80]}...{text[-75:]}"


def differences(recorded: object, found: object, place: str = "") -> Iterator[Difference]:
    """Yield every leaf in which two JSON values differ, in the order of the record.

    Parameters
    ----------
    recorded, found : object
        Made of mappings, lists, texts, numbers, booleans and None.
    place : str
        Where both stand, e.g. ``cells[3].computed``.

    Examples
    --------
    >>> [str(d) for d in differences({"fit": {"chisq": 1.5}}, {"fit": {"chisq": 2.5}})]
    ['fit.chisq: recorded 1.5, found 2.5']

    """
    if isinstance(recorded, Mapping) and isinstance(found, Mapping):
        for key in dict.fromkeys([*recorded, *found]):
            here = f"{place}.{key}" if place else str(key)
            yield from differences(recorded.get(key, ABSENT), found.get(key, ABSENT), here)
    elif isinstance(recorded, list) and isinstance(found, list):
        if len(recorded) != len(found):
            yield Difference(place=f"{place} (length)", recorded=len(recorded), found=len(found))
        for number, pair in enumerate(zip(recorded, found, strict=False)):
            yield from differences(*pair, f"{place}[{number}]")
    elif type(recorded) is not type(found) or recorded != found:
        close = _is_number(recorded) and _is_number(found) and math.isclose(recorded, found, rel_tol=ROUNDING)  # type: ignore[arg-type]
        yield Difference(place=place, recorded=recorded, found=found, rounding=close)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def sorted_by_cause(found: list[Difference]) -> dict[str, list[Difference]]:
    """Return the differences by their cause: inputs first, numbers last.

    >>> both = [Difference(place="a", recorded=1, found=2), Difference(place="manifest.platform", recorded=1, found=2)]
    >>> list(sorted_by_cause(both))
    ['platform', 'numbers']
    """
    order = (*dict.fromkeys(CAUSES.values()), "manifest", "numbers")
    groups = {cause: [d for d in found if d.cause == cause] for cause in order}
    return {cause: listed for cause, listed in groups.items() if listed}
