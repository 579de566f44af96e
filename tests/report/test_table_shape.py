"""Decimal points below each other; headers above the digits; symbols."""

import pytest

from sopsem.report.table import Table
from sopsem.report.table_shape import (
    decimals_aligned,
    full_headers,
    is_heading,
    level_of,
    printed_headers,
    printed_rows,
    symbols,
)

TABLE = Table(
    title="T",
    columns=("", "β", "df"),
    rows=(("f", "", ""), ("a", "-.41**", "3"), ("b", ".5", "12")),
    alignment="ldd",
    spanners=("", "Std.", ""),
    levels=(0, 1, 1),
)


@pytest.mark.parametrize(
    "cells",
    [
        (".404", "-.448", "1.354"),
        (".40***", ".1", "-.22*", "—", ""),
        ("169.04", "12", "< .001", "∞"),
        ("1,234.5", ".5"),
    ],
)
def test_points_stand_below_each_other(cells):
    """From the right end every number has its point (or the blank for one) at the same place."""
    shown = [cell for cell in decimals_aligned(cells) if cell]
    points = {
        len(cell) - max(cell.rfind("."), cell.rfind("\u00a0"))
        for cell in shown
        if set(cell) & {".", "\u00a0"}
    }
    assert len(points) == 1
    assert [cell.rstrip("\u2007\u00a0") for cell in decimals_aligned(cells)] == list(cells)


def test_words_are_left_alone():
    """Only numbers are filled up."""
    assert decimals_aligned(["fixed value", ".12"]) == ["fixed value", ".12"]


def test_headers_stand_above_the_digits():
    """Stars are no part of the number."""
    assert printed_headers(TABLE) == ["", "β\u2007\u2007", "df"]
    assert printed_headers(Table(title="", columns=("a",), rows=(), alignment="d")) == ["a"]


def test_rows_and_levels():
    """A row with a first cell only heads those below it; without levels there are no headings."""
    assert printed_rows(TABLE)[2] == ("b", ".5\u2007\u2007\u2007", "12")
    assert [is_heading(TABLE, n) for n in range(3)] == [True, False, False]
    assert [level_of(TABLE, n) for n in range(3)] == [0, 1, 1]
    flat = Table(title="", columns=("a", "b"), rows=(("x", ""),))
    assert not is_heading(flat, 0)


def test_one_row_of_headers():
    """For formats that cannot span."""
    assert full_headers(TABLE) == ["", "Std.: β", "df"]


@pytest.mark.parametrize(
    ("text", "italic"),
    [
        ("SD", ["SD"]),
        ("Model B", []),
        ("N = 92. All λ have p < .001.", ["N", "p"]),
        ("* p < .05. ** p < .01.", ["p", "p"]),
        ("group p is large", []),
        ("", []),
    ],
)
def test_symbols_are_found(text, italic):
    """Headers that are symbols, letters before a relation; joined, the parts are the text."""
    parts = symbols(text)
    assert [part for part, symbol in parts if symbol] == italic
    assert "".join(part for part, _ in parts) == text
