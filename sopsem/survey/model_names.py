"""A light scan of lavaan model text for names the questionnaire does not have.

It reads names only.  Whether the text is a model is for the parser of the ``sem`` room to say.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sopsem.survey.messages import quote, suggestion

__all__ = ["model_faults"]

OPERATORS = ("=~", "~~", "~")  # longest first: '~' is inside both others
WORD = re.compile(r"[^\W\d][\w.]*")


def model_faults(
    model: str, items: Mapping[str, Mapping[str, Any]], constructs: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    """Yield one line per name of the model text that is unknown or contradicts the items' own constructs."""
    for number, statement in _statements(model):
        place = f"model, line {number}"
        operator, left, right = _split(statement)
        if not operator:
            continue
        for name in (*left, *right):
            yield from _unknown(place, name, items, constructs)
        if operator == "=~":
            yield from _misplaced(place, left, right, items)


def _statements(model: str) -> Iterator[tuple[int, str]]:
    """Yield each statement with its line; a line that ends in an operator or a plus continues on the next."""
    held, start = "", 1
    for number, line in enumerate(model.splitlines(), start=1):
        code = re.split("[#!]", line, maxsplit=1)[0].strip()
        start = start if held else number
        held = f"{held} {code}".strip()
        if held.endswith(("+", "~", "*")) or code == "":
            continue
        yield from ((start, part) for part in held.split(";"))
        held = ""
    if held:
        yield start, held


def _split(statement: str) -> tuple[str, list[str], list[str]]:
    if ":=" in statement or "==" in statement:
        return "", [], []  # defined parameters and constraints speak of labels
    operator = next((o for o in OPERATORS if o in statement), "")
    if not operator:
        return "", [], []
    left, _, right = statement.partition(operator)
    return operator, _names(left), _names(right)


def _names(side: str) -> list[str]:
    """Return the variable of each term: what follows the last ``*``, when it is a word and not a number."""
    terms = [term.rsplit("*", 1)[-1].strip() for term in side.split("+")]
    return [term for term in terms if WORD.fullmatch(term)]


def _unknown(
    place: str, name: str, items: Mapping[str, Mapping[str, Any]], constructs: Mapping[str, Any]
) -> Iterator[str]:
    if name not in items and name not in constructs:
        yield f"{place}: unknown name {quote(name)}{suggestion(name, [*items, *constructs])}"
    elif name in items and items[name].get("optional") is True:
        yield f"{place}: {quote(name)} is an optional item and cannot stand in the model"


def _misplaced(
    place: str, left: list[str], right: list[str], items: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    for name in right:
        own = items.get(name, {}).get("construct")
        if own is not None and own not in left:
            under = quote(" + ".join(left))
            yield f"{place}: {quote(name)} stands under {under}, but items.{name} says {quote(own)}"
