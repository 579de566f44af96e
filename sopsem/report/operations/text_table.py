"""A table inside a page: columns of text that fit their room, the rest counted below."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from sopsem.report.canvas import BLACK, GREY, text_size
from sopsem.report.operations.wording import elided, short_name

__all__ = ["TextTable", "draw_table"]

SIZE, LINE, GAP = 9.0, 0.2, 0.16  # points, inches


@dataclass(frozen=True, kw_only=True)
class TextTable:
    """Headings, rows of text, and for each column l or r; ``total`` counts rows beyond those that are held."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    alignment: str
    total: int


def draw_table(ax: Axes, table: TextTable, width: float, height: float) -> None:
    """Write a table into axes of so many inches; a column that is too wide is cut with an ellipsis."""
    ax.set_axis_off()
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    most = max(1, int(height / LINE) - 2)
    rows = table.rows[:most]
    widths = _widths(table, rows, width)
    left = 0.0
    for name, own, side, cells in zip(
        table.columns,
        widths,
        table.alignment,
        zip(*rows, strict=True) if rows else [()] * len(widths),
        strict=True,
    ):
        x = left + own if side == "r" else left
        align = "right" if side == "r" else "left"
        ax.text(x, 0.75 * LINE, elided(name, own), ha=align, va="baseline", size=SIZE, color=GREY)
        for place, text in enumerate(cells):
            ax.text(
                x,
                (place + 1.85) * LINE,
                short_name(text, own),
                ha=align,
                va="baseline",
                size=SIZE,
                color=BLACK,
            )
        left += own + GAP
    ax.plot([0, left - GAP], [1.05 * LINE] * 2, color=BLACK, linewidth=0.8)
    rest = table.total - len(rows)
    if rest > 0:
        ax.text(0, (len(rows) + 1.95) * LINE, f"and {rest} more", va="baseline", size=SIZE, color=GREY)


def _widths(table: TextTable, rows: Sequence[tuple[str, ...]], width: float) -> list[float]:
    """Return inches of every column: what its texts need, the widest giving way where it is too much."""
    columns = [[name, *(row[i] for row in rows)] for i, name in enumerate(table.columns)]
    need = [max(text_size(text, SIZE)[0] for text in texts) + 0.04 for texts in columns]
    room = width - GAP * (len(need) - 1)
    while sum(need) > room + 1e-9:
        widest = max(range(len(need)), key=lambda i: need[i])
        others = sum(need) - need[widest]
        second = max((n for i, n in enumerate(need) if i != widest), default=0.0)
        need[widest] = max(room - others, second * 0.95, 0.3)
        if need[widest] <= 0.3:
            break
    return need
