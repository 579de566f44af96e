"""Names that other programs accept: what must be renamed, and to what."""

import re
from collections.abc import Callable, Iterable

__all__ = ["mplus_names", "r_names"]

_R = re.compile(r"[A-Za-z][A-Za-z0-9._]*")
_R_WORDS = {"if", "else", "repeat", "while", "function", "for", "next", "break", "in"}
_R_WORDS |= {"TRUE", "FALSE", "NULL", "Inf", "NaN", "NA"}
_MPLUS = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,7}")
_MPLUS_WORDS = {
    "on",
    "by",
    "with",
    "at",
    "pon",
    "pwith",
    "xwith",
    "model",
    "new",
    "do",
    "all",
    "eq",
    "ge",
    "le",
}
MPLUS_LENGTH = 8


def _renamed(
    names: Iterable[str], accepted: Callable[[str], bool], propose: Callable[[str, int], str], fold: bool
) -> dict[str, str]:
    """Return name -> new name; accepted names keep theirs, the others get the first free proposal."""
    listed = list(dict.fromkeys(names))
    made: dict[str, str] = {}
    taken: set[str] = set()
    for wanted in (True, False):
        for name in listed:
            key = name.lower() if fold else name
            if name in made or (wanted and (not accepted(name) or key in taken)):
                continue
            new, number = name, 1
            while not accepted(new) or (new.lower() if fold else new) in taken:
                new, number = propose(name, number), number + 1
            made[name] = new
            taken.add(new.lower() if fold else new)
    return {name: made[name] for name in listed}


def r_names(names: Iterable[str]) -> dict[str, str]:
    """Return name -> a name that R and lavaan accept without quotes; most stay as they are.

    Examples
    --------
    >>> r_names(["x1", "my item", "if"])
    {'x1': 'x1', 'my item': 'my_item', 'if': 'if_'}

    """

    def accepted(name: str) -> bool:
        return bool(_R.fullmatch(name)) and name not in _R_WORDS

    def propose(name: str, number: int) -> str:
        plain = re.sub(r"[^A-Za-z0-9._]", "_", name)
        plain = plain if plain[:1].isalpha() else f"v{plain}"
        plain = plain + "_" if plain in _R_WORDS else plain
        return plain if number == 1 else f"{plain}_{number}"

    return _renamed(names, accepted, propose, fold=False)


def mplus_names(names: Iterable[str]) -> dict[str, str]:
    """Return name -> a name of at most eight characters; capitals make no difference in Mplus.

    Examples
    --------
    >>> mplus_names(["coordination1", "coordination2", "x"])
    {'coordination1': 'coordina', 'coordination2': 'coordin2', 'x': 'x'}

    """

    def accepted(name: str) -> bool:
        return bool(_MPLUS.fullmatch(name)) and name.lower() not in _MPLUS_WORDS

    def propose(name: str, number: int) -> str:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
        plain = plain if plain[:1].isalpha() and plain[:1].isascii() else f"v{plain.lstrip('_')}"
        plain = f"{plain}_" if plain.lower() in _MPLUS_WORDS else plain
        end = "" if number == 1 else str(number)
        return plain[: MPLUS_LENGTH - len(end)] + end

    return _renamed(names, accepted, propose, fold=True)
