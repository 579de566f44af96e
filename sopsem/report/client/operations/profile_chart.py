"""One unit: what its people say over what its records say, each from 0 to 100, where 100 is good."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sopsem.report.canvas import (
    BLUE,
    GREY,
    MARGIN,
    VERMILION,
    fitted_head,
    house_style,
    needed,
    sheet,
    text_size,
    wrapped,
    write_lines,
)

__all__ = ["profile_chart"]

_COLUMNS = ("side", "label", "score")
_ROW, _HEAD, _SIZE, _VALUE = 0.3, 0.34, 9.0, 0.9  # inches, points; inches at the right for numbers
_HEADINGS = {"people": ("What people say", BLUE, "o"), "records": ("What records say", VERMILION, "s")}


def profile_chart(profile: pd.DataFrame, *, width: float, source_label: str = "") -> Figure:
    """Draw a profile.

    Parameters
    ----------
    profile : DataFrame
        Columns side ("people" or "records"), label, score (0 to 100); of NaN it is said that it is not known.
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
    >>> frame = pd.DataFrame([("people", "Alignment", 60.0), ("records", "delivery", 90.0)], columns=_COLUMNS)
    >>> len(profile_chart(frame, width=7.2).axes)
    1

    """
    needed(profile, _COLUMNS, "a chart of a profile")
    head, above = fitted_head("", source_label, width)
    left = min(2.6, 0.44 * width)
    names = [wrapped(str(name), left - MARGIN - 0.1, _SIZE) for name in profile["label"]]
    heights = [max(_ROW, text_size(name, _SIZE)[1] + 0.1) for name in names]
    sides = profile["side"].nunique()
    total = above + sum(heights) + sides * _HEAD + 0.3
    with house_style():
        figure = sheet(width, total)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set(xlim=(0.0, width), ylim=(total, 0.0))
        axes.axis("off")
        at, side = above, ""
        for name, height, row in zip(names, heights, profile.itertuples(index=False), strict=True):
            if row.side != side:
                side = str(row.side)
                heading, color, _ = _HEADINGS[side]
                axes.text(
                    MARGIN, at + 0.6 * _HEAD, heading, size=9.5, weight="bold", color=color, va="center"
                )
                at += _HEAD
            _draw_row(axes, name, row, (left, width), at + height / 2.0)
            at += height
        for end in (0, 50, 100):
            axes.text(
                _place(end, left, width), at + 0.14, f"{end}", size=8.5, color=GREY, ha="center", va="center"
            )
        write_lines(figure, head, total - 0.1)
    return figure


def _place(score: float, left: float, width: float) -> float:
    return left + (width - _VALUE - left) * score / 100.0


def _draw_row(axes: Axes, name: str, row: object, room: tuple[float, float], y: float) -> None:
    score, (_, color, marker) = float(row.score), _HEADINGS[str(row.side)]  # type: ignore[attr-defined]
    axes.text(MARGIN, y, name, size=_SIZE, va="center", linespacing=1.2)
    ends = (_place(0.0, *room), _place(100.0, *room))
    axes.plot(ends, (y, y), color="#dddddd", linewidth=2.0, solid_capstyle="round", zorder=1)
    known = math.isfinite(score)
    if known:
        face = color if marker == "o" else "white"
        axes.plot(
            [_place(score, *room)], [y], marker, color=color, markersize=7.5, markerfacecolor=face,
            markeredgewidth=1.8, zorder=5,
        )  # fmt: skip
    said = f"{score:.0f}" if known else "hidden" if marker == "o" else "not known"
    axes.text(
        room[1] - MARGIN,
        y,
        said,
        size=_SIZE if known else 8.0,
        va="center",
        ha="right",
        color="black" if known else GREY,
    )
