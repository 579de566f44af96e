"""Tables and sentences as a terminal shows them."""

from collections.abc import Iterable
from textwrap import fill

from sopsem.report.escape import display_width, terminal_text
from sopsem.report.table import Table
from sopsem.report.table_shape import (
    FIGURE_SPACE,
    POINT_SPACE,
    is_heading,
    level_of,
    printed_headers,
    printed_rows,
    spans,
)

__all__ = ["table_text", "text_of", "wrapped"]


def text_of(*tables: Table, sentences: Iterable[str] = ()) -> str:
    """Return tables one below the other, and sentences as a list under them."""
    parts = [table_text(table).rstrip() for table in tables]
    listed = "\n".join(fill(s, 100, initial_indent="- ", subsequent_indent="  ") for s in sentences)
    return "\n\n".join([*parts, listed] if listed else parts) + "\n"


def wrapped(text: str, width: int = 100) -> str:
    r"""Return text whose long lines go on below, indented by two more than they begin.

    >>> print(wrapped("short\n  a line that is long", width=14))
    short
      a line that
        is long
    """
    lines = []
    for line in text.splitlines():
        start = line[: len(line) - len(line.lstrip())]
        lines.append(
            fill(line, width, subsequent_indent=f"{start}  ", break_on_hyphens=False)
            if len(line) > width
            else line
        )
    return "\n".join(lines) + ("\n" if text.endswith("\n") else "")


def table_text(table: Table) -> str:
    """Return the table for a terminal, columns padded to the width they take there."""
    rows = [("  " * level_of(table, n) + row[0], *row[1:]) for n, row in enumerate(printed_rows(table))]
    own = [[terminal_text(cell) for cell in line] for line in (printed_headers(table), *rows)]
    sized = [line for n, line in enumerate(own) if n == 0 or not is_heading(table, n - 1)]
    widths = [max(display_width(line[place]) for line in sized) for place in range(len(table.columns))]
    above = _above(table, widths)
    shown = [_padded(line, widths, table.alignment) for line in own]
    rule = "\N{BOX DRAWINGS LIGHT HORIZONTAL}" * (sum(widths) + 2 * (len(widths) - 1))
    label = f" ({terminal_text(table.source_label)})" if table.source_label else ""
    head = [terminal_text(table.number)] if table.number else []
    head += [terminal_text(table.title) + label] if table.title or label else []
    notes = [
        fill(f"{'' if number else 'Note. '}{terminal_text(note)}", width=max(60, min(100, len(rule))))
        for number, note in enumerate(table.notes)
    ]
    headed = [*above, shown[0], rule] if any(line.strip() for line in own[0]) else []
    return "\n".join([*head, rule, *headed, *shown[1:], rule, *notes]) + "\n"


def _above(table: Table, widths: list[int]) -> list[str]:
    """Return the line above the headers; a text wider than its columns widens the last of them."""
    if not table.spanners:
        return []
    texts, rooms, place = [], [], 0
    for text, count in spans(table.spanners):
        shown = terminal_text(text)
        room = sum(widths[place : place + count]) + 2 * (count - 1)
        widths[place + count - 1] += max(0, display_width(shown) - room)
        texts.append(shown)
        rooms.append(max(room, display_width(shown)))
        place += count
    return [_padded(texts, rooms, "c" * len(texts))]


def _padded(line: list[str], widths: list[int], alignment: str) -> str:
    cells = []
    for text, width, letter in zip(line, widths, alignment, strict=True):
        gap = width - display_width(text)
        left = {"l": 0, "c": gap // 2, "r": gap, "d": gap}[letter]
        cells.append(" " * left + text + " " * (gap - left))
    return "  ".join(cells).rstrip().replace(FIGURE_SPACE, " ").replace(POINT_SPACE, " ")
