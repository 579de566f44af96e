"""Importance-performance map: how much each driver moves the outcome against how well it does today."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from sopsem.report.canvas import (
    BLACK,
    BLUE,
    GREY,
    MARGIN,
    VERMILION,
    TickFormat,
    fitted_foot,
    fitted_head,
    house_style,
    needed,
    sheet,
    text_size,
    wrapped,
    write_lines,
)

__all__ = ["driver_map"]

_COLUMNS = ("label", "importance", "ci_lower", "ci_upper", "performance")
_WIDTH, _TALL, _LEFT, _BELOW = 7.2, 4.4, 0.62, 0.52  # inches
_SIZE, _LABEL = 9.5, 2.1  # points; inches of a label before it is broken
_NARROWEST = 20.0  # points of performance shown at least
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.85}  # no line strikes a label
_CORNERS = ((0.99, 0.02, "right", "bottom", "improve first"), (0.99, 0.98, "right", "top", "keep up"))


class _Box(NamedTuple):
    """A rectangle in inches."""

    left: float
    bottom: float
    right: float
    top: float

    def shared(self, other: "_Box") -> float:
        """Return the area that two rectangles share."""
        across = min(self.right, other.right) - max(self.left, other.left)
        up = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(across, 0.0) * max(up, 0.0)


def driver_map(
    frame: pd.DataFrame,
    *,
    outcome: str = "the outcome",
    title: str | None = None,
    source_label: str = "",
    caption: str = "",
    width: float = _WIDTH,
) -> Figure:
    """Draw drivers by importance (with its interval) and performance.

    Parameters
    ----------
    frame : DataFrame
        Columns label, importance, ci_lower, ci_upper, performance (0 to 100), one row per driver.
    outcome : str
        What is driven, for the axis.
    title, source_label, caption : str
        Printed above and below; "" prints no title.
    width : float
        Inches.

    Returns
    -------
    Figure
        Round marks raise the outcome, square ones lower it; dashed lines are means over the drivers.  With drivers
        that only raise, the corners say what to improve first and what to keep up.

    Raises
    ------
    UsageError
        A missing column, or no rows.

    Examples
    --------
    >>> rows = [("Alignment", 0.6, 0.4, 0.8, 57.0), ("Coordination", 0.3, 0.1, 0.4, 52.0)]
    >>> len(driver_map(pd.DataFrame(rows, columns=_COLUMNS)).axes)
    1

    """
    needed(frame, _COLUMNS, "a map of drivers")
    said = f"What moves {outcome}, and where it stands" if title is None else title
    head, above = fitted_head(said, source_label, width)
    foot, under = fitted_foot(caption, width)
    wide = width - _LEFT - 2 * MARGIN
    name = wrapped(f"Importance: points of {outcome} per point of the driver", wide, 9.0)
    below = under + _BELOW + text_size(name, 9.0)[1] - text_size("A", 9.0)[1]
    height = above + 0.12 + _TALL + below
    with house_style():
        figure = sheet(width, height)
        axes = figure.add_axes((_LEFT / width, below / height, wide / width, _TALL / height))
        axes.set(xlim=_x_limits(frame), ylim=_y_limits(frame["performance"].to_numpy(float)))
        _draw_points(axes, frame)
        corners = _draw_corners(axes, wide) if (frame["importance"] > 0.0).all() and len(frame) > 1 else []
        _draw_labels(axes, frame, wide, corners)
        axes.set_xlabel(name)
        axes.set_ylabel("Performance today, 0 to 100")
        axes.xaxis.set_major_locator(MaxNLocator(max(3, int(1.4 * wide))))
        axes.xaxis.set_major_formatter(TickFormat())
        axes.yaxis.set_major_locator(MaxNLocator(7, integer=True))
        write_lines(figure, head, height - 0.1)
        write_lines(figure, foot, under - 0.02)
    return figure


def _x_limits(frame: pd.DataFrame) -> tuple[float, float]:
    values = frame[["importance", "ci_lower", "ci_upper"]].to_numpy(float)
    low, high = min(0.0, float(np.nanmin(values))), max(0.0, float(np.nanmax(values)))
    room = 0.08 * (high - low or 1.0)
    return low - room, high + room


def _y_limits(values: NDArray[np.float64]) -> tuple[float, float]:
    middle = (values.min() + values.max()) / 2.0
    half = max(_NARROWEST / 2.0, 0.75 * (values.max() - values.min()))
    return max(-2.0, middle - half), min(102.0, middle + half)


def _draw_points(axes: Axes, frame: pd.DataFrame) -> None:
    if axes.get_xlim()[0] < 0.0:
        axes.axvline(0.0, color=GREY, linewidth=0.8, zorder=0)
    if len(frame) > 1:
        for draw, mean in (
            (axes.axvline, frame["importance"].mean()),
            (axes.axhline, frame["performance"].mean()),
        ):
            draw(mean, color=GREY, linestyle=(0, (4, 3)), linewidth=0.9, zorder=0)
    for row in frame.itertuples(index=False):
        color, marker = (BLUE, "o") if row.importance >= 0.0 else (VERMILION, "s")
        axes.plot([row.ci_lower, row.ci_upper], [row.performance] * 2, color=color, linewidth=1.6)
        axes.plot([row.importance], [row.performance], color=color, marker=marker, markersize=8.0)


def _draw_corners(axes: Axes, wide: float) -> list[_Box]:
    """Write what two corners mean, and return where the words stand."""
    boxes = []
    for x, y, across, up, words in _CORNERS:
        axes.text(
            x, y, words, transform=axes.transAxes, ha=across, va=up, size=8.5, style="italic", color=GREY
        )
        w, h = text_size(words, 8.5)
        bottom = y * _TALL if up == "bottom" else y * _TALL - h
        boxes.append(_Box(x * wide - w, bottom, x * wide, bottom + h))
    return boxes


def _draw_labels(axes: Axes, frame: pd.DataFrame, wide: float, taken: list[_Box]) -> None:
    """Write every label where it covers nothing, or as little as can be, nearest places first."""
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    inch = wide / (x1 - x0), _TALL / (y1 - y0)
    rows = list(frame.itertuples(index=False))
    places = [((r.importance - x0) * inch[0], (r.performance - y0) * inch[1]) for r in rows]
    boxes = list(taken)
    for row, (x, y) in zip(rows, places, strict=True):
        low, high = ((v - x0) * inch[0] if np.isfinite(v) else x for v in (row.ci_lower, row.ci_upper))
        boxes += [_Box(low, y - 0.02, high, y + 0.02), _Box(x - 0.08, y - 0.08, x + 0.08, y + 0.08)]
    for row, (x, y) in zip(rows, places, strict=True):
        text = wrapped(str(row.label), min(_LABEL, 0.5 * wide), _SIZE)
        box = min(_candidates(x, y, *text_size(text, _SIZE)), key=lambda b: _cost(b, boxes, wide))
        boxes.append(box)
        centre = (box.left + box.right) / 2.0 / wide, (box.bottom + box.top) / 2.0 / _TALL
        axes.text(
            *centre,
            text,
            transform=axes.transAxes,
            size=_SIZE,
            ha="center",
            va="center",
            color=BLACK,
            bbox=_PAPER,
        )
        _lead(axes, box, (x, y), wide)


def _candidates(x: float, y: float, w: float, h: float) -> Iterator[_Box]:
    """Yield rectangles of a label around a point, nearest first."""
    for gap in (0.12, 0.3, 0.55, 0.85):
        for dx, dy in ((0, 1), (0, -1), (0.5, 1), (-0.5, 1), (0.5, -1), (-0.5, -1)):
            left = x - w / 2.0 + dx * w
            bottom = y + gap if dy > 0 else y - gap - h
            yield _Box(left, bottom, left + w, bottom + h)


def _cost(box: _Box, taken: list[_Box], wide: float) -> float:
    """Return what a place covers, with what leaves the axes counted ten times."""
    area = (box.right - box.left) * (box.top - box.bottom)
    outside = area - box.shared(_Box(0.05, 0.05, wide - 0.05, _TALL - 0.05))
    covered = sum(box.shared(other) for other in taken)
    return round(10.0 * outside + covered, 6)


def _lead(axes: Axes, box: _Box, point: tuple[float, float], wide: float) -> None:
    """Draw a line from a label that stands apart to its point."""
    x, y = point
    gap = box.bottom - y if box.bottom > y else y - box.top
    if gap > 0.2:
        end = float(np.clip(x, box.left, box.right)), box.bottom if box.bottom > y else box.top
        xs, ys = [end[0] / wide, x / wide], [end[1] / _TALL, y / _TALL]
        axes.plot(xs, ys, transform=axes.transAxes, color=GREY, linewidth=0.7, zorder=1)
