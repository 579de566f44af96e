"""The importance-performance map: what moves the outcome, and how well the client does it.

Source: Martilla & James (1977), Journal of Marketing 41, 77-79; Ringle & Sarstedt (2016), Industrial
Management & Data Systems 116, 1865-1886 (total effects, performance on 0 to 100).
"""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sopsem.report.canvas import (
    BLACK,
    BLUE,
    GREY,
    TickFormat,
    house_style,
    label_text,
    needed,
    sheet,
    text_size,
    wrapped,
)

__all__ = ["driver_map"]

_COLUMNS = ("label", "importance", "lower", "upper", "performance")
_LEFT, _RIGHT, _BELOW = 0.62, 0.15, 0.55


def driver_map(drivers: pd.DataFrame, outcome: str, *, width: float = 7.2, source_label: str = "") -> Figure:
    """Draw importance (total effect with its interval) against performance (0 to 100).

    Parameters
    ----------
    drivers : DataFrame
        Columns label, importance, lower, upper, performance; rows without both numbers are not drawn.
    outcome : str
        Name of what is driven.
    width : float
        Inches.
    source_label : str
        What the data are.

    Raises
    ------
    UsageError
        When a column is missing or there is no row.

    Examples
    --------
    >>> row = ("Coordination", 0.40, 0.20, 0.60, 55.0)
    >>> len(driver_map(pd.DataFrame([row], columns=_COLUMNS), "Performance").axes)
    1

    """
    needed(drivers, _COLUMNS, "an importance-performance map")
    drawn = drivers[np.isfinite(drivers[["importance", "performance"]].to_numpy(float)).all(axis=1)]
    above = 0.12 + (0.24 if source_label else 0.0)
    tall = max(2.9, 0.5 * width)
    axis = wrapped(f"Importance: total effect on {outcome}", width - _LEFT - 0.2, 9.0)
    below = _BELOW + 0.17 * axis.count("\n")
    height = above + tall + below
    with house_style():
        figure = sheet(width, height)
        box = (_LEFT / width, below / height, (width - _LEFT - _RIGHT) / width, tall / height)
        axes = figure.add_axes(box)
        axes.set(xlim=_limits(drawn), ylim=(0.0, 100.0))
        axes.axvline(0.0, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
        axes.axhline(50.0, color=GREY, linewidth=0.9, linestyle=(0, (1, 3)), zorder=0)
        for row in drawn.itertuples(index=False):
            _draw(axes, row)
        _label(axes, drawn, (width - _LEFT - _RIGHT, tall))
        axes.xaxis.set_major_formatter(TickFormat())
        axes.set_xlabel(axis)
        axes.set_ylabel("Performance, 0 to 100")
        if source_label:
            figure.text(
                0.08 / width, 1.0 - 0.17 / height, label_text(source_label), size=8.5, weight="bold",
                color="#8a3a00", va="center",
            )  # fmt: skip
    return figure


def _limits(drawn: pd.DataFrame) -> tuple[float, float]:
    values = drawn[["importance", "lower", "upper"]].to_numpy(float).ravel()
    finite = values[np.isfinite(values)]
    low, high = min(0.0, float(finite.min(initial=0.0))), max(0.0, float(finite.max(initial=0.0)))
    room = 0.06 * (high - low or 1.0)
    return low - room, high + room


def _draw(axes: Axes, row: object) -> None:
    at, low, high, level = (float(getattr(row, name)) for name in _COLUMNS[1:])
    if math.isfinite(low) and math.isfinite(high):
        axes.plot((low, high), (level, level), color=BLUE, linewidth=1.6, alpha=0.55, zorder=2)
    axes.plot([at], [level], "o", color=BLUE, markersize=8.5, markeredgecolor="white", zorder=3)


def _label(axes: Axes, drawn: pd.DataFrame, room: tuple[float, float]) -> None:
    """Write each name above its point, or below where another name stands; within the frame."""
    taken: list[tuple[float, ...]] = []
    left, right = axes.get_xlim()
    ordered = drawn.sort_values("performance", ascending=False)
    for row in ordered.itertuples(index=False):
        text = wrapped(str(row.label), room[0] * 0.55, 9.0)
        wide, tall = text_size(text, 9.0)
        x = (float(row.importance) - left) / (right - left) * room[0]
        y = float(row.performance) / 100.0 * room[1]
        x = min(max(x, wide / 2 + 0.04), room[0] - wide / 2 - 0.04)
        for base in _bases(y, tall, room[1]):
            box = (x - wide / 2, base - tall / 2, x + wide / 2, base + tall / 2)
            if not any(_overlap(box, other) for other in taken):
                break
        taken.append(box)
        axes.text(
            left + x / room[0] * (right - left), base / room[1] * 100.0, text, size=9.0, color=BLACK,
            ha="center", va="center", zorder=4, linespacing=1.2,
        )  # fmt: skip


def _bases(y: float, tall: float, room: float) -> list[float]:
    """Return the heights at which a name may stand, the best first."""
    steps = [0.13 + tall / 2 + extra for extra in (0.0, 0.2, 0.4)]
    wanted = [y + sign * step for step in steps for sign in (1.0, -1.0)]
    return [each for each in wanted if tall / 2 < each < room - tall / 2] or [y]


def _overlap(one: tuple[float, ...], two: tuple[float, ...]) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
