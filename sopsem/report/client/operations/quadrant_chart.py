"""Units by what is measured (to the right) and what their people perceive (up), in four named quadrants."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sopsem.executive.bridge.congruence import APART, QUADRANTS
from sopsem.report.canvas import (
    BLUE,
    GREY,
    MARGIN,
    VERMILION,
    TickFormat,
    fitted_head,
    house_style,
    label_text,
    needed,
    sheet,
    text_size,
    wrapped,
    write_lines,
)

__all__ = ["quadrant_chart"]

_COLUMNS = ("unit", "perceived", "index", "quadrant")
_LEFT, _BELOW, _SIZE, _CORNER = 0.62, 0.5, 8.5, 8.5
_LONGEST = 1.3  # inches of a unit's name before it is cut
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.9}  # no line strikes a name
Box = tuple[float, float, float, float]  # left, bottom, right, top


def quadrant_chart(
    units: pd.DataFrame, *, perceived: str, width: float, source_label: str = "", tall: float = 4.2
) -> Figure:
    """Draw the units that have both; dashed lines are their means.

    Parameters
    ----------
    units : DataFrame
        Columns unit, perceived, index, quadrant; NaN is not drawn.
    perceived : str
        Name of the perceived scale.
    width, tall : float
        Inches, of the figure and of the axes.
    source_label : str
        What the data are.

    Returns
    -------
    Figure
        Round marks where view and record agree, squares where they do not.

    Raises
    ------
    UsageError
        A missing column, or no rows.

    Examples
    --------
    >>> rows = [("U1", 4.1, 50.0, "aligned and know it"), ("U2", 3.0, 40.0, "misaligned and know it")]
    >>> len(quadrant_chart(pd.DataFrame(rows, columns=_COLUMNS), perceived="Alignment", width=7.2).axes)
    1

    """
    needed(units, _COLUMNS, "a chart of quadrants")
    shown = units.dropna(subset=["perceived", "index"])
    needed(shown, _COLUMNS, "a chart of quadrants")
    head, above = fitted_head("", source_label, width)
    wide = width - _LEFT - 2 * MARGIN
    height = above + 0.1 + tall + _BELOW
    with house_style():
        figure = sheet(width, height)
        axes = figure.add_axes((_LEFT / width, _BELOW / height, wide / width, tall / height))
        axes.set(xlim=_limits(shown["index"], 5.0), ylim=_limits(shown["perceived"], 0.3))
        axes.axvline(shown["index"].mean(), color=GREY, linestyle=(0, (4, 3)), linewidth=0.9, zorder=0)
        axes.axhline(shown["perceived"].mean(), color=GREY, linestyle=(0, (4, 3)), linewidth=0.9, zorder=0)
        taken = _draw_corners(axes, wide, tall)
        _draw_units(axes, shown, wide, tall, taken)
        axes.set_xlabel(wrapped("Measured: alignment index, 0 to 100", wide, 9.0))
        axes.set_ylabel(wrapped(f"Perceived: {label_text(perceived)}", tall, 9.0))
        axes.xaxis.set_major_locator(MaxNLocator(max(3, int(1.2 * wide)), steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(TickFormat())
        write_lines(figure, head, height - 0.1)
    return figure


def _limits(values: "pd.Series[float]", least: float) -> tuple[float, float]:
    """Return limits with room for names and corners."""
    half = max(least, 0.5 * float(values.max() - values.min()))
    middle = 0.5 * float(values.max() + values.min())
    return middle - 1.32 * half, middle + 1.32 * half


def _draw_corners(axes: Axes, wide: float, tall: float) -> list[Box]:
    """Write the quadrants' names in the corners; return where they stand, in inches."""
    boxes = []
    for (x, y), name in QUADRANTS.items():
        room = 0.3 * wide
        text = name if text_size(name, _CORNER)[0] <= room else name.replace(" and ", "\nand ")
        w, h = text_size(text, _CORNER)
        color = VERMILION if name in APART else BLUE
        left, bottom = (wide - w - 0.06 if x else 0.06), (tall - h - 0.04 if y else 0.05)
        axes.text(
            (left + (w if x else 0.0)) / wide, (bottom + (h if y else 0.0)) / tall, text, transform=axes.transAxes,
            size=_CORNER, style="italic", color=color, ha="right" if x else "left", va="top" if y else "bottom",
            linespacing=1.2, bbox=_PAPER,
        )  # fmt: skip
        boxes.append((left, bottom, left + w, bottom + h))
    return boxes


def _draw_units(axes: Axes, units: pd.DataFrame, wide: float, tall: float, taken: list[Box]) -> None:
    """Draw every unit with its name where it covers least."""
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    rows = list(units.itertuples(index=False))
    places = [((r.index - x0) / (x1 - x0) * wide, (r.perceived - y0) / (y1 - y0) * tall) for r in rows]
    boxes = [*taken, *((x - 0.07, y - 0.07, x + 0.07, y + 0.07) for x, y in places)]
    for row, (x, y) in zip(rows, places, strict=True):
        apart = row.quadrant in APART
        color, marker = (VERMILION, "s") if apart else (BLUE, "o")
        axes.plot(
            [row.index], [row.perceived], color=color, marker=marker, markersize=6.5, linestyle="none",
            markerfacecolor="white" if apart else color, markeredgewidth=1.6,
        )  # fmt: skip
        text = wrapped(str(row.unit), _LONGEST, _SIZE).partition("\n")[0]
        w, h = text_size(text, _SIZE)
        box = min(_around(x, y, w, h), key=lambda b: _covered(b, boxes, wide, tall))
        boxes.append(box)
        axes.text(box[0] / wide, box[1] / tall, text, transform=axes.transAxes, size=_SIZE, va="bottom")


def _around(x: float, y: float, w: float, h: float) -> Iterator[Box]:
    """Yield places of a name around a point: right, left, above, below, then the corners."""
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)):
        left = x + 0.09 if dx > 0 else x - 0.09 - w if dx < 0 else x - w / 2.0
        bottom = y + 0.07 if dy > 0 else y - 0.07 - h if dy < 0 else y - h / 2.0
        yield left, bottom, left + w, bottom + h


def _covered(box: Box, taken: list[Box], wide: float, tall: float) -> float:
    """Return the area that a place covers, what leaves the axes counted ten times."""
    inside = _shared(box, (0.02, 0.02, wide - 0.02, tall - 0.02))
    outside = (box[2] - box[0]) * (box[3] - box[1]) - inside
    return round(10.0 * outside + sum(_shared(box, other) for other in taken), 6)


def _shared(one: Box, two: Box) -> float:
    across, up = min(one[2], two[2]) - max(one[0], two[0]), min(one[3], two[3]) - max(one[1], two[1])
    return max(across, 0.0) * max(up, 0.0)
