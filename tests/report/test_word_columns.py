"""Columns as wide as they need; texts wrap before the page is turned."""

from sopsem.report.table import Table
from sopsem.report.word_columns import LANDSCAPE, PORTRAIT, fitted

TEXT = "We meet on a fixed calendar, every month, to settle one common plan for all of us, and keep it."


def table(numbers, text="item", header="Value", **changes):
    columns = ("Item", *(f"{header} {n}" for n in range(numbers)))
    rows = ((text, *("-1.234" for _ in range(numbers))),) * 3
    return Table(title="T", columns=columns, rows=rows, alignment="l" + "d" * numbers, **changes)


def test_a_small_table_is_as_wide_as_its_texts():
    """No stretching to the margins."""
    room, size, widths = fitted(table(2))
    assert (room, size) == (PORTRAIT, 10.0)
    assert sum(widths) < 3.0


def test_long_texts_wrap_on_an_upright_page():
    """The column of texts gives way to a readable width, the numbers do not."""
    room, size, widths = fitted(table(5, TEXT))
    assert (room, size) == (PORTRAIT, 10.0)
    assert 1.9 < widths[0] < 4.2
    assert sum(widths) <= PORTRAIT + 1e-9
    assert min(widths[1:]) > 6 * 0.0071 * 10


def test_many_columns_turn_the_page_and_stay_within_it():
    """Smaller letters first, then landscape, then smaller ones."""
    rooms = [fitted(table(n))[:2] for n in (3, 12, 16)]
    assert rooms[0] == (PORTRAIT, 10.0)
    assert rooms[1][0] == LANDSCAPE
    assert rooms[2][1] <= rooms[1][1]
    assert all(sum(fitted(table(n))[2]) <= fitted(table(n))[0] + 1e-9 for n in (3, 12, 16, 60))


def test_a_text_above_narrow_columns_has_room():
    """A spanner is not broken within a word."""
    narrow = Table(
        title="T", columns=("a", "b", "c"), rows=(("x", ".1", ".2"),), alignment="ldd",
        spanners=("", "Unstandardized", "Unstandardized"),
    )  # fmt: skip
    assert sum(fitted(narrow)[2][1:]) >= len("Unstandardized") * 0.0071 * 10


def test_indented_rows_have_room_for_their_indentation():
    """Two levels deep is a third of an inch more."""
    deep = fitted(table(1, levels=(0, 1, 2)))[2][0]
    assert deep > fitted(table(1))[2][0] + 0.3
