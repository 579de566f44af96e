"""A printed page: title, headline strip and a grid of panels, whose pictures begin at one height in each row."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sopsem.report.canvas import BLACK, GREY, house_style, sheet, text_size
from sopsem.report.operations.headline import Gauge
from sopsem.report.operations.panel import BODY, Cell, Panel, heading_height, place
from sopsem.report.operations.wording import elided

__all__ = ["A3", "A3_BACK", "SLIDE", "Shape", "grid_page"]

MADE = "#a34700"  # the house's colour of source labels
GUTTER, MARGIN = 0.34, 0.4  # inches
STRIP = 0.98


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Size of a page in inches, and its grid."""

    width: float
    height: float
    rows: int
    columns: int


A3 = Shape(width=16.54, height=11.69, rows=4, columns=3)
A3_BACK = Shape(width=16.54, height=11.69, rows=2, columns=2)
SLIDE = Shape(width=13.33, height=7.5, rows=2, columns=2)


def grid_page(
    panels: Sequence[Panel],
    shape: Shape,
    *,
    title: str,
    foot: str,
    label: str = "",
    gauges: Sequence[Gauge] = (),
) -> Figure:
    """Draw a page.

    Parameters
    ----------
    panels : sequence of Panel
        Row by row, at most rows x columns.
    shape : Shape
    title, foot : str
        Above and below everything.
    label : str
        What the data are, such as "synthetic data"; beside the title.
    gauges : sequence of Gauge
        The strip below the title; none leaves it out.

    Returns
    -------
    Figure

    """
    with house_style():
        figure = sheet(shape.width, shape.height)
        top = _title(figure, title, label)
        if gauges:
            _strip(figure, gauges, top)
            top -= STRIP
        _write(figure, MARGIN, 0.3, foot, BODY, GREY)
        _grid(figure, panels, shape, Cell(MARGIN, top, shape.width - 2 * MARGIN, top - 0.42))
    return figure


def _write(
    figure: Figure, left: float, top: float, text: str, size: float, color: str, *, bold: bool = False
) -> None:
    wide, tall = figure.get_size_inches()
    weight = "bold" if bold else "normal"
    figure.text(
        left / wide, top / tall, text, size=size, color=color, weight=weight, va="top", linespacing=1.2
    )


def _title(figure: Figure, title: str, label: str) -> float:
    """Write the title and what the data are; return the height of what is below."""
    wide, tall = figure.get_size_inches()
    room = wide - 2 * MARGIN - (text_size(label, 12, bold=True)[0] + 0.5 if label else 0)
    _write(figure, MARGIN, tall - 0.26, elided(title, room, 17, bold=True), 17, BLACK, bold=True)
    if label:
        text = figure.text(
            (wide - MARGIN) / wide, (tall - 0.3) / tall, label, size=12, weight="bold", color=MADE
        )
        text.set(ha="right", va="top")
    return float(tall - 0.68)


def _strip(figure: Figure, gauges: Sequence[Gauge], top: float) -> None:
    """Write the gauges side by side between two rules."""
    wide, tall = figure.get_size_inches()
    own = (wide - 2 * MARGIN) / len(gauges)
    for place_, gauge in enumerate(gauges):
        left = MARGIN + place_ * own
        for text, down, size, color, bold in (
            (gauge.name, 0.05, BODY, GREY, False),
            (gauge.value, 0.21, 19, BLACK, True),
            (gauge.detail, 0.52, BODY, BLACK, False),
            (gauge.moved, 0.68, BODY, BLACK, False),
        ):
            _write(
                figure, left, top - down, elided(text, own - 0.12, size, bold=bold), size, color, bold=bold
            )
    for height in (top, top - STRIP + 0.1):
        figure.add_artist(_rule(MARGIN / wide, 1 - MARGIN / wide, height / tall))


def _rule(left: float, right: float, height: float) -> Line2D:
    return Line2D([left, right], [height, height], color=BLACK, linewidth=0.8)


def _grid(figure: Figure, panels: Sequence[Panel], shape: Shape, room: Cell) -> None:
    width = (room.width - GUTTER * (shape.columns - 1)) / shape.columns
    height = (room.height - 0.2 * (shape.rows - 1)) / shape.rows
    for row in range(shape.rows):
        own = panels[row * shape.columns : (row + 1) * shape.columns]
        kept = max((heading_height(panel.finding, width) for panel in own), default=0.0)
        top = room.top - row * (height + 0.2)
        for column, panel in enumerate(own):
            place(
                figure, Cell(room.left + column * (width + GUTTER), top, width, height), panel, heading=kept
            )
