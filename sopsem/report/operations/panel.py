"""What a panel is: a finding in words above a picture that shows it, on a sheet of its own or inside a page."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sopsem.report.canvas import BLACK, GREY, house_style, label_text, sheet, text_size, wrapped
from sopsem.report.operations.text_table import TextTable

__all__ = [
    "BODY",
    "Cell",
    "Finding",
    "Panel",
    "drawn",
    "heading_height",
    "inches_of",
    "place",
    "split_across",
    "split_down",
]

TITLE, BODY = 11.5, 9.0  # points
OWN = (5.6, 2.35)  # inches of a panel alone, below its heading
EDGE = 0.08


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a panel says: the finding as a sentence, what it shows in neutral words, and a text for the blind.

    >>> Finding(title="MACH limits output", subtitle="Bottleneck [E05]", alt="A strip.").title
    'MACH limits output'
    """

    title: str
    subtitle: str
    alt: str

    def __post_init__(self) -> None:
        """Take control characters out: names come from files."""
        for name in ("title", "subtitle", "alt"):
            object.__setattr__(self, name, label_text(getattr(self, name)))


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A finding and what draws it on axes; a panel of text holds its table too, for readers of a page."""

    name: str
    finding: Finding
    draw: Callable[[Axes], None]
    table: TextTable | None = None


class Cell(NamedTuple):
    """A rectangle of a sheet in inches; ``top`` is measured from the lower edge."""

    left: float
    top: float
    width: float
    height: float


def _heading(finding: Finding, width: float) -> list[tuple[str, float, str, bool]]:
    """Return title and subtitle as lines that fit a width in inches: text, size, colour, bold."""
    return [
        (wrapped(finding.title, width, TITLE, bold=True), TITLE, BLACK, True),
        (wrapped(finding.subtitle, width, BODY), BODY, GREY, False),
    ]


def heading_height(finding: Finding, width: float) -> float:
    """Return the inches that title and subtitle take.

    >>> one = Finding(title="MACH limits output", subtitle="Bottleneck [E05]", alt="A strip.")
    >>> heading_height(one, 5.0) < heading_height(one, 1.0)
    True
    """
    return sum(text_size(text, size)[1] for text, size, _, _ in _heading(finding, width))


def drawn(panel: Panel, ax: Axes | None) -> Axes:
    """Draw a panel on the axes given, or on a sheet of its own; the finding stands above."""
    with house_style():
        if ax is None:
            width, height = OWN
            tall = height + heading_height(panel.finding, width - 2 * EDGE)
            cell = Cell(EDGE, tall - EDGE, width - 2 * EDGE, tall - 2 * EDGE)
            return place(sheet(width, tall), cell, panel)
        panel.draw(ax)
        ax.set_gid(f"panel-{panel.name}")
        _write_above(ax, panel.finding)
    return ax


def place(figure: Figure, cell: Cell, panel: Panel, *, heading: float | None = None) -> Axes:
    """Draw a panel into a cell of a sheet: the finding at its top, the picture in what is left.

    Parameters
    ----------
    figure : Figure
    cell : Cell
    panel : Panel
    heading : float, optional
        Inches kept for the finding, so that pictures beside each other begin at one height; 0 writes none.

    Returns
    -------
    Axes

    """
    wide, tall = figure.get_size_inches()
    kept = heading_height(panel.finding, cell.width) if heading is None else heading
    top = cell.top
    for text, size, color, bold in _heading(panel.finding, cell.width) if kept else ():
        weight = "bold" if bold else "normal"
        figure.text(
            cell.left / wide,
            top / tall,
            text,
            size=size,
            color=color,
            weight=weight,
            va="top",
            linespacing=1.2,
        )
        top -= text_size(text, size)[1]
    room = Cell(cell.left, cell.top - kept - 0.04, cell.width, cell.height - kept - 0.04)
    ax = figure.add_axes(_fractions(room, wide, tall))
    ax.set_gid(f"panel-{panel.name}")
    panel.draw(ax)
    _fit(figure, ax, room)
    return ax


def _fractions(cell: Cell, wide: float, tall: float) -> tuple[float, float, float, float]:
    return cell.left / wide, (cell.top - cell.height) / tall, cell.width / wide, cell.height / tall


def _fit(figure: Figure, ax: Axes, room: Cell) -> None:
    """Make axes so much smaller that their labels stay in the room."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        tight = ax.get_tightbbox(figure.canvas.get_renderer())  # type: ignore[attr-defined]
    if tight is None:
        return
    left, bottom, right, top = (edge / figure.dpi for edge in tight.extents)
    before = max(0.0, room.left - left)
    after = max(0.0, right - room.left - room.width)
    above = max(0.0, top - room.top)
    below = max(0.0, room.top - room.height - bottom)
    inner = Cell(
        room.left + before, room.top - above, room.width - before - after, room.height - above - below
    )
    ax.set_position(_fractions(inner, *figure.get_size_inches()))


def inches_of(ax: Axes) -> tuple[float, float]:
    """Return width and height of axes."""
    figure = ax.get_figure(root=True)
    extent = ax.get_window_extent()
    dpi = 100.0 if figure is None else figure.dpi
    return extent.width / dpi, extent.height / dpi


def _write_above(ax: Axes, finding: Finding) -> None:
    """Write title and subtitle above axes, flush with their left edge."""
    width = inches_of(ax)[0]
    up = 16.0  # points: room for a row of keys
    for text, size, color, bold in reversed(_heading(finding, width)):
        ax.annotate(
            text,
            (0, 1),
            xycoords="axes fraction",
            xytext=(0, up),
            textcoords="offset points",
            size=size,
            color=color,
            weight="bold" if bold else "normal",
            va="bottom",
            annotation_clip=False,
        )
        up += text_size(text, size)[1] * 72 + 2


def split_down(ax: Axes, heights: tuple[float, ...], gap: float = 0.1) -> list[Axes]:
    """Return axes one under the other inside others, sharing x; heights are shares of the room."""
    ax.set_axis_off()
    room = (1 - gap * (len(heights) - 1)) / sum(heights)
    found: list[Axes] = []
    top = 1.0
    for height in heights:
        own = ax.inset_axes((0, top - height * room, 1, height * room), sharex=found[0] if found else None)
        found.append(own)
        top -= height * room + gap
    for own in found[:-1]:
        own.tick_params(labelbottom=False)
    return found


def split_across(ax: Axes, widths: tuple[float, ...], gap: float = 0.1) -> list[Axes]:
    """Return axes side by side inside others; widths are shares of the room."""
    ax.set_axis_off()
    room = (1 - gap * (len(widths) - 1)) / sum(widths)
    found, left = [], 0.0
    for width in widths:
        found.append(ax.inset_axes((left, 0, width * room, 1)))
        left += width * room + gap
    return found
