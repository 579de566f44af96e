"""Cut model text into tokens in one pass over the characters: linear time, no backtracking, no evaluation."""

import re
from typing import NamedTuple

from sopsem.errors import ModelSyntaxError, ResourceLimitError

__all__ = ["MAX_CHARACTERS", "Token", "scan", "syntax_error"]

MAX_CHARACTERS = 1_000_000

_BLANKS = " \t\r\f\v\u00a0"
# Longest operators first.  No alternative can match the empty string or overlap another at the same start,
# so the scanner never backtracks.
_TOKEN = re.compile(
    rf"""
    [{_BLANKS}]*+
    (?: (?P<comment>[#!][^\n]*)
      | (?P<newline>[\n;])
      | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<name>[^\W\d]\w*(?:\.\w+)*\.?|\.[^\W\d]\w*(?:\.\w+)*)
      | (?P<string>"[^"\n]*"|'[^'\n]*')
      | (?P<operator>=~|<~|~\*~|~~|:=|==|:|~|\||<|>)
      | (?P<sign>[-+*/^(),?])
    )
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """One token: its kind, its text, and where it stands (line and column count from 1)."""

    kind: str
    text: str
    line: int
    column: int


def syntax_error(text: str, line: int, column: int, message: str, fix: str) -> ModelSyntaxError:
    """Build the error that shows the line with a caret under the character."""
    lines = text.split("\n")
    shown = lines[line - 1] if line <= len(lines) else ""
    start = max(0, column - 60)
    window = shown[start : column + 60].replace("\t", " ")
    caret = " " * (column - 1 - start) + "^"
    return ModelSyntaxError(f"model line {line}, column {column}: {message}\n  {window}\n  {caret}\n{fix}")


def scan(text: str) -> list[Token]:
    """Return the tokens of a model text, newlines and semicolons included, comments and blanks left out.

    Parameters
    ----------
    text : str
        Model text, at most ``MAX_CHARACTERS`` characters.

    Raises
    ------
    ResourceLimitError
        The text is longer than the limit.
    ModelSyntaxError
        A character that no token starts with; the message shows the line with a caret.

    Examples
    --------
    >>> [t.text for t in scan("f =~ 0.5*x1  # loading")]
    ['f', '=~', '0.5', '*', 'x1']

    """
    if len(text) > MAX_CHARACTERS:
        raise ResourceLimitError(
            f"the model text has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}. Split the model."
        )
    tokens: list[Token] = []
    line, line_start, position, end = 1, 0, 0, len(text.rstrip(_BLANKS))
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _unexpected(text, position, line, line_start)
        kind = match.lastgroup or ""
        start, position = match.span(kind)
        if kind == "comment":
            continue
        tokens.append(Token(kind, text[start:position], line, start - line_start + 1))
        if text[start] == "\n":
            line, line_start = line + 1, position
    return tokens


def _unexpected(text: str, position: int, line: int, line_start: int) -> ModelSyntaxError:
    position += len(text[position:]) - len(text[position:].lstrip(_BLANKS))
    character = text[position]
    if character in "\"'":
        fix = "Close the quote on the same line."
    elif character == "=":
        fix = "Use =~ to define a factor, == for a constraint, := to define a new parameter."
    elif character in "[]{}":
        fix = "Use round brackets ( ) only."
    else:
        fix = 'Put names with unusual characters in double quotes, e.g. "item 1".'
    return syntax_error(text, line, position - line_start + 1, f"unexpected character {character!r}", fix)
