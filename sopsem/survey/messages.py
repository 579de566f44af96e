"""How this room words a fault: cells quoted safely, long lists cut, the nearest known name suggested."""

import difflib
import unicodedata
from collections.abc import Iterable, Sequence

__all__ = ["enumerated", "nearest", "normalised", "places", "quote", "quote_path", "suggestion"]

SHOWN = 20  # of a long list, so many are shown and the rest is counted
LONGEST_QUOTE = 40
LONGEST_PATH = 1000
LONGEST_COMPARED = 100  # difflib is quadratic; names longer than this are not typing slips
MOST_COMPARED = 2000


def quote(text: object, longest: int = LONGEST_QUOTE) -> str:
    r"""Return a value in quotes, shortened, with every control and format character escaped.

    Escape sequences and bidirectional marks in a cell must not reach a terminal or a log.

    Examples
    --------
    >>> quote("a\x1b[31mred")
    "'a\\x1b[31mred'"
    >>> quote("x" * 60)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'"

    """
    whole = str(text)
    kept = "".join(map(_escaped, whole[:longest]))
    return f"'{kept}...'" if len(whole) > longest else f"'{kept}'"


def quote_path(path: object) -> str:
    r"""Return a path in quotes, escaped like a cell but long enough to be found.

    Examples
    --------
    >>> quote_path("a" * 50 + "\n.csv") == "'" + "a" * 50 + "\\n.csv'"
    True

    """
    return quote(path, LONGEST_PATH)


def _escaped(character: str) -> str:
    if unicodedata.category(character)[0] != "C" and character not in "\u2028\u2029":
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def normalised(text: str) -> str:
    """Return the text as labels are compared: NFKC, case folded, every run of spaces one space.

    Examples
    --------
    >>> normalised("  Strongly   AGREE ")
    'strongly agree'

    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like this one, or None; it is only ever suggested, never applied.

    Examples
    --------
    >>> nearest("revers", ["scale", "reverse"])
    'reverse'
    >>> nearest("xyz", ["scale", "reverse"]) is None
    True

    """
    candidates = {normalised(k): k for k in list(known)[:MOST_COMPARED] if len(k) <= LONGEST_COMPARED}
    if len(name) > LONGEST_COMPARED:
        return None
    found = difflib.get_close_matches(normalised(name), candidates, n=1, cutoff=0.6)
    return candidates[found[0]] if found else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``, did you mean 'x'?`` or nothing."""
    found = nearest(name, known)
    return f", did you mean {quote(found)}?" if found is not None else ""


def places(numbers: Sequence[int], word: str = "line") -> str:
    """Name the first twenty places and count the rest.

    Examples
    --------
    >>> places([4])
    'line 4'
    >>> places(range(2, 30))
    'lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 and 8 more'

    """
    shown = ", ".join(str(n) for n in numbers[:SHOWN])
    more = f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else ""
    return f"{word}{'s' if len(numbers) != 1 else ''} {shown}{more}"


def enumerated(title: str, faults: Sequence[str], shown: int = SHOWN, hints: Iterable[str] = ()) -> str:
    """Return one message that lists the faults of a file, the first ones in full and the rest as a count.

    Hints follow the list, each once: they help with many faults and are no faults themselves.

    Examples
    --------
    >>> print(enumerated("a.csv", ["col1 is missing", "row 3 is too short"]))
    a.csv: 2 problems
      - col1 is missing
      - row 3 is too short

    """
    said = [f"  {hint[0].upper()}{hint[1:]}" for hint in dict.fromkeys(hints)]
    if len(faults) == 1:
        return "\n".join([f"{title}: {faults[0]}", *said])
    lines = [f"{title}: {len(faults)} problems", *(f"  - {fault}" for fault in faults[:shown])]
    if len(faults) > shown:
        lines.append(f"  - and {len(faults) - shown} more")
    return "\n".join([*lines, *said])
