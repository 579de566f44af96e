"""Modifiers in front of a term: numbers, NA, labels, strings, calls, constant arithmetic."""

from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from sopsem.errors import ModelSyntaxError
from sopsem.sem.model.expressions import FUNCTION_NAMES, differentiate, names_in, parse_expression
from sopsem.sem.model.scanner import Token, syntax_error

__all__ = ["BRACKETS", "Source", "modifier", "plain_name", "separators", "split", "start_value"]

BRACKETS = {"(": 1, ")": -1}
_MODIFIER_CALLS = ("start", "label", "equal", "lower", "upper", "c", "fixed")


@dataclass(frozen=True)
class Source:
    """The model text with the one place where errors are made."""

    text: str

    def error(self, token: Token, message: str, fix: str) -> ModelSyntaxError:
        """Build the error that points at a token."""
        return syntax_error(self.text, token.line, token.column, message, fix)


def split(tokens: list[Token], characters: str) -> list[list[Token]]:
    """Split at characters that stand outside brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += BRACKETS.get(token.text, 0)
        if token.text in characters and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def separators(tokens: list[Token], characters: str) -> list[Token]:
    """Return the tokens that ``split`` splits at."""
    depth, found = 0, []
    for token in tokens:
        depth += BRACKETS.get(token.text, 0)
        if token.text in characters and depth == 0:
            found.append(token)
    return found


def plain_name(token: Token) -> str:
    """Return the name in a token, without its quotes."""
    return token.text[1:-1] if token.kind == "string" else token.text


def modifier(source: Source, tokens: list[Token]) -> tuple[str, tuple[object, ...]]:
    """Return (kind, values) of one modifier: number, NA, label, string, call or constant in brackets."""
    first = tokens[0]
    if (
        first.kind == "name"
        and len(tokens) > 1
        and tokens[1].text == "("
        and first.text not in FUNCTION_NAMES
    ):
        return _call_modifier(source, tokens)
    if len(tokens) == 1 and first.kind == "name" and first.text != "NA":
        return "label", (first.text,)
    if len(tokens) == 1 and first.kind == "string":
        return "label", (first.text[1:-1],)
    return "fixed", (_constant(source, tokens),)


def start_value(source: Source, tokens: list[Token]) -> tuple[str, tuple[object, ...]]:
    """Return (kind, values) of what stands before a question mark: 0.5?x is start(0.5)*x."""
    called = tokens[0].text in ("c", "start") and len(tokens) > 1 and tokens[1].text == "("
    _, values = _call_modifier(source, tokens) if called else ("", (_constant(source, tokens),))
    return "start", values


def _call_modifier(source: Source, tokens: list[Token]) -> tuple[str, tuple[object, ...]]:
    name = tokens[0].text
    if name not in _MODIFIER_CALLS:
        near = get_close_matches(name, _MODIFIER_CALLS, 1)
        hint = (
            f"Did you mean {near[0]}()?"
            if near
            else "Allowed are " + ", ".join(f"{c}()" for c in _MODIFIER_CALLS) + "."
        )
        raise source.error(tokens[0], f"there is no modifier {name}()", hint)
    if tokens[-1].text != ")":
        raise source.error(
            tokens[-1], f"{tokens[-1].text!r} after the bracket of {name}()", "Put * between modifiers."
        )
    arguments = split(tokens[2:-1], ",")
    if (
        len(arguments) == 1
        and len(arguments[0]) > 2
        and arguments[0][0].text == "c"
        and arguments[0][1].text == "("
    ):
        arguments = split(arguments[0][2:-1], ",")
    if any(not argument for argument in arguments):
        raise source.error(tokens[0], f"{name}() has an empty argument", "Give one value, or one per group.")
    if name in ("label", "equal") or (name == "c" and _all_labels(arguments)):
        names = tuple(_one_name(source, name, argument) for argument in arguments)
        if not any(names):
            raise source.error(
                tokens[2], "an empty name", "Put a label between the quotes of one group at least."
            )
        return "equal" if name == "equal" else "label", names
    kind = "fixed" if name == "c" else name
    return kind, tuple(_constant(source, a) for a in arguments)


def _all_labels(arguments: list[list[Token]]) -> bool:
    """Say whether c() holds labels: names and strings, and NA or "" for groups without one."""
    words = all(len(a) == 1 and a[0].kind in ("name", "string") for a in arguments)
    return words and any(a[0].text != "NA" for a in arguments)


def _one_name(source: Source, call: str, argument: list[Token]) -> str:
    if len(argument) > 1 or argument[0].kind not in ("name", "string"):
        wrong = argument[-1]
        raise source.error(wrong, f"{call}() takes one name, not {wrong.text!r}", f'Write e.g. {call}("a").')
    return "" if argument[0].text == "NA" else plain_name(argument[0]).strip()


def _constant(source: Source, tokens: list[Token]) -> float:
    """Evaluate constant arithmetic such as -1, (1/2) or sqrt(2); NA is NaN (a free parameter)."""
    if len(tokens) == 1 and tokens[0].text == "NA":
        return float("nan")

    def fail(token: Token | None, message: str) -> ModelSyntaxError:
        return source.error(
            token or tokens[0], message, "A fixed value is a number, NA, or arithmetic in brackets."
        )

    tree = parse_expression(tokens, fail)
    if names_in(tree):
        raise fail(tokens[0], "a label cannot stand inside a fixed value")
    value, _ = differentiate(tree, {"": (np.zeros(1), np.zeros((1, 0)))})
    if not np.isfinite(value[0]):
        raise fail(tokens[0], f"this value is {value[0]}, not a finite number")
    return float(value[0])
