"""Charts with one row per construct on its answer scale: scores beside a benchmark, two groups beside each other.

Everything is placed in inches, so that the same chart can be drawn for a desk (wide) and for a phone (narrow)
with letters of the same size.
"""

import math
from collections.abc import Callable, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sopsem.report.canvas import (
    BLACK,
    BLUE,
    GREY,
    VERMILION,
    house_style,
    label_text,
    needed,
    sheet,
    text_size,
    wrapped,
)
from sopsem.report.digits import decimals
from sopsem.report.escape import true_minus

__all__ = ["NARROW", "WIDE", "gap_chart", "score_chart"]

WIDE, NARROW = 7.2, 3.5  # inches
_EDGE, _ROW, _SIZE = 0.08, 0.66, 9.5
_BAND, _TRACK = "#c9d9e6", "#dddddd"
_SCORES = ("label", "mean", "lower", "upper", "benchmark_mean", "benchmark_low", "benchmark_high")
_GAPS = ("label", "mean_first", "mean_second", "gap")
_ONE, _TWO = decimals(1), decimals(2)


def score_chart(scores: pd.DataFrame, *, width: float = WIDE, source_label: str = "") -> Figure:
    """Draw each score with its interval on the scale, over the middle half of the benchmark.

    Parameters
    ----------
    scores : DataFrame
        Columns label, mean, lower, upper, benchmark_mean, benchmark_low, benchmark_high, minimum, maximum;
        NaN is not drawn.
    width : float
        Inches.
    source_label : str
        What the data are, e.g. "synthetic data".

    Raises
    ------
    UsageError
        When a column is missing or there is no row.

    Examples
    --------
    >>> row = ("Conflict", 3.1, 2.8, 3.4, 3.5, 2.9, 4.1, 1, 7)
    >>> columns = [*_SCORES, "minimum", "maximum"]
    >>> len(score_chart(pd.DataFrame([row], columns=columns)).axes)
    1

    """
    needed(scores, (*_SCORES, "minimum", "maximum"), "a chart of scores")
    legend = (
        ("dot", BLUE, "this client, 95% interval"),
        ("tick", BLACK, "benchmark mean"),
        ("band", _BAND, "middle half of the benchmark"),
    )
    return _chart(scores, width, legend, _draw_score, source_label)


def gap_chart(
    gaps: pd.DataFrame, groups: tuple[str, str], *, width: float = WIDE, source_label: str = ""
) -> Figure:
    """Draw the means of two groups on each scale, joined by a line, with the gap in numbers.

    Parameters
    ----------
    gaps : DataFrame
        Columns label, mean_first, mean_second, gap, minimum, maximum; NaN is not drawn.
    groups : tuple of two str
        Names of the groups.
    width, source_label
        As in `score_chart`.

    Raises
    ------
    UsageError
        When a column is missing or there is no row.

    Examples
    --------
    >>> frame = pd.DataFrame([("Conflict", 3.1, 3.9, -0.8, 1, 7)], columns=[*_GAPS, "minimum", "maximum"])
    >>> len(gap_chart(frame, ("Sales", "Operations")).axes)
    1

    """
    needed(gaps, (*_GAPS, "minimum", "maximum"), "a chart of gaps")
    legend = (("dot", BLUE, label_text(groups[0])), ("square", VERMILION, label_text(groups[1])))
    return _chart(gaps, width, legend, _draw_gap, source_label)


Place = Callable[[float], float]
Mark = tuple[str, str, str]  # shape, colour, text


def _chart(
    frame: pd.DataFrame,
    width: float,
    legend: Sequence[Mark],
    draw: Callable[[Axes, object, Place, float], str],
    source_label: str,
) -> Figure:
    """Lay out legend, rows and axis from the top; ``draw`` makes one row and returns the text at its right."""
    lines = _legend_lines(legend, width)
    names = [wrapped(str(name), width - 1.75, _SIZE, bold=True) for name in frame["label"]]
    heights = [_ROW + (text.count("\n")) * 0.17 for text in names]
    top = 0.1 + 0.24 * len(lines) + (0.24 if source_label else 0.0) + 0.06
    with house_style():
        figure = sheet(width, top + sum(heights) + 0.3)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set(xlim=(0.0, width), ylim=(top + sum(heights) + 0.3, 0.0))
        axes.axis("off")
        if source_label:
            axes.text(
                _EDGE, 0.17, label_text(source_label), size=8.5, weight="bold", color="#8a3a00", va="center"
            )
        _write_legend(axes, lines, 0.17 + (0.24 if source_label else 0.0))
        at = top
        for name, height, row in zip(names, heights, frame.itertuples(index=False), strict=True):
            base = at + height - 0.26
            place = _placing(row, width)
            axes.text(_EDGE, at + 0.04, name, size=_SIZE, weight="bold", va="top", linespacing=1.2)
            said = draw(axes, row, place, base)
            axes.text(width - _EDGE, at + 0.04, true_minus(said), size=_SIZE, va="top", ha="right")
            at += height
        _write_ends(axes, frame, at + 0.08, width)
    return figure


def _placing(row: object, width: float) -> Place:
    low, high = float(row.minimum), float(row.maximum)  # type: ignore[attr-defined]

    def place(value: float) -> float:
        return _EDGE + 0.08 + (width - 2 * _EDGE - 0.16) * (value - low) / (high - low)

    return place


def _track(axes: Axes, place: Place, row: object, base: float) -> None:
    ends = place(float(row.minimum)), place(float(row.maximum))  # type: ignore[attr-defined]
    axes.plot(ends, (base, base), color=_TRACK, linewidth=2.0, solid_capstyle="round", zorder=1)


def _draw_score(axes: Axes, row: object, place: Place, base: float) -> str:
    mean, lower, upper, norm, low, high = (float(getattr(row, name)) for name in _SCORES[1:])
    _track(axes, place, row, base)
    if math.isfinite(low) and math.isfinite(high):
        wide = place(high) - place(low)
        axes.add_patch(Rectangle((place(low), base - 0.085), wide, 0.17, color=_BAND, linewidth=0, zorder=2))
    if math.isfinite(norm):
        axes.plot([place(norm)] * 2, (base - 0.115, base + 0.115), color=BLACK, linewidth=1.6, zorder=3)
    if math.isfinite(lower) and math.isfinite(upper):
        axes.plot((place(lower), place(upper)), (base, base), color=BLUE, linewidth=2.4, zorder=4)
    if not math.isfinite(mean):
        return "hidden: too few answers"
    axes.plot([place(mean)], [base], "o", color=BLUE, markersize=7.5, markeredgecolor="white", zorder=5)
    beside = f" (benchmark {_ONE(norm)})" if math.isfinite(norm) else ""
    return f"{_ONE(mean)}{beside}"


def _draw_gap(axes: Axes, row: object, place: Place, base: float) -> str:
    first, second, gap = (float(getattr(row, name)) for name in _GAPS[1:])
    _track(axes, place, row, base)
    if not (math.isfinite(first) and math.isfinite(second)):
        return "hidden: too few answers"
    axes.plot((place(first), place(second)), (base, base), color=GREY, linewidth=2.4, zorder=3)
    axes.plot([place(first)], [base], "o", color=BLUE, markersize=8.0, markeredgecolor="white", zorder=5)
    axes.plot(
        [place(second)], [base], "s", color=VERMILION, markersize=7.5, markerfacecolor="white", zorder=4,
        markeredgewidth=1.8,
    )  # fmt: skip
    return f"gap {_ONE(gap)}"


def _legend_lines(legend: Sequence[Mark], width: float) -> list[list[Mark]]:
    """Break the legend into lines that fit."""
    lines: list[list[Mark]] = [[]]
    used = 0.0
    for mark in legend:
        wide = text_size(mark[2], 8.5)[0] + 0.55
        if lines[-1] and used + wide > width - 2 * _EDGE:
            lines.append([])
            used = 0.0
        lines[-1].append(mark)
        used += wide
    return lines


def _write_legend(axes: Axes, lines: Sequence[Sequence[Mark]], top: float) -> None:
    for number, line in enumerate(lines):
        at, y = _EDGE, top + 0.24 * number
        for shape, color, text in line:
            _draw_mark(axes, shape, color, at + 0.12, y)
            axes.text(at + 0.3, y, text, size=8.5, va="center", color=BLACK)
            at += text_size(text, 8.5)[0] + 0.55


def _draw_mark(axes: Axes, shape: str, color: str, x: float, y: float) -> None:
    if shape == "band":
        axes.add_patch(Rectangle((x - 0.12, y - 0.06), 0.24, 0.12, color=color, linewidth=0))
    elif shape == "tick":
        axes.plot([x, x], (y - 0.08, y + 0.08), color=color, linewidth=1.6)
    elif shape == "square":
        axes.plot([x], [y], "s", color=color, markersize=6.5, markerfacecolor="white", markeredgewidth=1.8)
    else:
        axes.plot((x - 0.12, x + 0.12), (y, y), color=color, linewidth=2.2)
        axes.plot([x], [y], "o", color=color, markersize=6.5, markeredgecolor="white")


def _write_ends(axes: Axes, frame: pd.DataFrame, y: float, width: float) -> None:
    """Write the ends of the scale where all rows share it."""
    ends = frame[["minimum", "maximum"]].drop_duplicates()
    if len(ends) != 1:
        return
    low, high = (f"{float(value):g}" for value in ends.iloc[0])
    steps = range(int(low), int(high) + 1) if high.isdigit() and low.isdigit() and float(high) < 12 else ()
    place = _placing(next(ends.itertuples(index=False)), width)
    for step in steps or (float(low), float(high)):
        axes.text(place(step), y, f"{step:g}", size=8.5, color=GREY, ha="center", va="center")
