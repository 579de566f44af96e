"""Tokens with their places, the limits, and the error that points at a character."""

import contextlib
import time

import pytest

from sopsem.errors import ModelSyntaxError, ResourceLimitError
from sopsem.sem.model.scanner import MAX_CHARACTERS, scan, syntax_error


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("f =~ x1", ["name", "operator", "name"]),
        ("0.5*x1", ["number", "sign", "name"]),
        ("1e-3 .5 2.", ["number"] * 3),
        ("x.1 .x a.b.c", ["name"] * 3),
        ("'a b' \"c~d\"", ["string", "string"]),
        ("y~1", ["name", "operator", "number"]),
        ("a := b^2; c", ["name", "operator", "name", "sign", "number", "newline", "name"]),
        ("x ~*~ y <~ z | t1", ["name", "operator", "name", "operator", "name", "operator", "name"]),
        ("größe =~ 数", ["name", "operator", "name"]),
        ("# only a comment", []),
        ("a ! b # c", ["name"]),
        ("a\u00a0~\u00a0b  \t", ["name", "operator", "name"]),
        ("", []),
    ],
)
def test_text_is_cut_into_kinds(text, kinds):
    assert [t.kind for t in scan(text)] == kinds


def test_every_token_knows_its_line_and_column():
    places = [(t.text, t.line, t.column) for t in scan("f =~ x1\n  # c\n  y ~ x;z")]
    assert places == [
        ("f", 1, 1), ("=~", 1, 3), ("x1", 1, 6), ("\n", 1, 8), ("\n", 2, 6),
        ("y", 3, 3), ("~", 3, 5), ("x", 3, 7), (";", 3, 8), ("z", 3, 9),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("f =~ x1 $ x2", (1, 9), "double quotes"),
        ("f =~ 'x1", (1, 6), "Close the quote"),
        ("f = x1", (1, 3), "=~ to define a factor"),
        ("a\n  f =~ [x]", (2, 8), "round brackets"),
        ("f =~ x1\0", (1, 8), "double quotes"),
        ("f   @", (1, 5), "double quotes"),
    ],
)
def test_a_character_that_begins_nothing_is_shown_with_a_caret(text, place, hint):
    with pytest.raises(ModelSyntaxError, match=hint) as caught:
        scan(text)
    message = str(caught.value).split("\n")
    assert message[0].startswith(f"model line {place[0]}, column {place[1]}: unexpected character")
    line = text.split("\n")[place[0] - 1]
    assert message[1] == "  " + line
    assert message[2].index("^") == place[1] + 1


def test_a_long_line_is_shown_around_the_caret():
    message = str(syntax_error("x" * 500 + "!" + "y" * 500, 1, 501, "wrong", "fix it")).split("\n")
    assert len(message[1]) < 130
    assert message[1][message[2].index("^")] == "!"


def test_longer_text_than_the_limit_is_refused_before_it_is_read():
    assert scan(" " * MAX_CHARACTERS) == []
    with pytest.raises(ResourceLimitError, match="1,000,001 characters"):
        scan(" " * (MAX_CHARACTERS + 1))


@pytest.mark.parametrize(
    "text",
    [
        "START " + "a" * 900_000 + "!",
        "a" + ",  " * 100_000 + "!",
        '"' + "'" * 900_000,
        "1" * 900_000 + "e",
        "a." * 200_000,
        " " * 900_000 + "\0",
        "." * 900_000,
    ],
)
def test_hostile_text_is_read_in_linear_time(text):
    """A backtracking scanner needs hours for these."""
    start = time.process_time()
    with contextlib.suppress(ModelSyntaxError):
        scan(text)
    assert time.process_time() - start < 3.0
