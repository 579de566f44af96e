"""How wide the columns of a Word table are: no word broken, the page turned only when it must be."""

from sopsem.report.escape import display_width
from sopsem.report.table import Table
from sopsem.report.table_shape import is_heading, printed_rows, spans

__all__ = ["INDENT", "LANDSCAPE", "PORTRAIT", "fitted"]

PORTRAIT, LANDSCAPE = 6.5, 9.0  # inches between the margins
INDENT = 0.16  # inches per level
_PAGES = ((PORTRAIT, 10.0), (PORTRAIT, 9.0), (LANDSCAPE, 9.0), (LANDSCAPE, 8.0), (LANDSCAPE, 7.0))
_WIDEST, _READABLE, _SPACE = 3.8, 1.9, 0.18


def fitted(table: Table) -> tuple[float, float, list[float]]:
    """Return width of the page, font size (points) and column widths (inches) that fit.

    Long texts wrap first, to columns that still read well; then letters get smaller, then the page is turned.

    >>> room, size, widths = fitted(Table(title="Fit", columns=("Index", "Value"), rows=(("CFI", ".942"),)))
    >>> room, size, sum(widths) < 2
    (6.5, 10.0, True)
    """
    for room, size in _PAGES:
        least, most = _bounds(table, size)
        if sum(least) <= room:
            break
    spare = max(room - sum(least), 0.0)
    wanted = sum(most) - sum(least)
    share = min(1.0, spare / wanted) if wanted else 0.0
    widths = [low + share * (high - low) for low, high in zip(least, most, strict=True)]
    return room, size, [width * min(1.0, room / sum(widths)) for width in widths]


def _bounds(table: Table, size: float) -> tuple[list[float], list[float]]:
    """Return the width that every column needs, and the one at which nothing wraps."""
    rows = [row for place, row in enumerate(printed_rows(table)) if not is_heading(table, place)]
    deepest = max(table.levels, default=0)
    least, most = [], []
    for place, header in enumerate(table.columns):
        indent = INDENT * deepest if place == 0 else 0.0
        cells = [row[place] for row in rows]
        words = [word for text in (header, *_texts(table, place, cells)) for word in text.split(" ")]
        whole = max([_inches(text, size) for text in cells], default=0.1)
        word = max([_inches(word, size) for word in words], default=0.1)
        own = max(whole, min(_inches(header, size), 0.9))
        narrow = max(word, min(own, _READABLE))
        least.append(min(narrow, 1.5 * _WIDEST) + indent + _SPACE)
        most.append(max(least[-1], min(own, _WIDEST) + indent + _SPACE))
    _make_room(table, size, least, most)
    return least, most


def _make_room(table: Table, size: float, least: list[float], most: list[float]) -> None:
    """Widen the columns below a text that is wider than they are together."""
    place = 0
    for text, count in spans(table.spanners):
        below = range(place, place + count)
        for widths in (least, most):
            lacking = (_inches(text, size) + _SPACE - sum(widths[n] for n in below)) / count
            for n in below:
                widths[n] += max(lacking, 0.0)
        place += count


def _inches(text: str, size: float) -> float:
    """Return about how wide a text is: in Times a digit takes half the size of the letters, a capital .72."""
    capitals = sum(letter.isupper() for letter in text)
    return (0.0071 * display_width(text) + 0.0030 * capitals) * size


def _texts(table: Table, place: int, cells: list[str]) -> list[str]:
    """Return cells that may wrap at blanks, and numbers as one word each."""
    if table.alignment[place] == "l":
        return cells
    return [cell.replace(" ", "\u00a0") for cell in cells]
