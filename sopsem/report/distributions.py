"""Bootstrap distributions: one histogram per effect with its estimate and its intervals."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.report.canvas import (
    BLACK,
    BLUE,
    GREY,
    MARGIN,
    PURPLE,
    SKY,
    VERMILION,
    TickFormat,
    fitted_foot,
    fitted_head,
    house_style,
    label_text,
    needed,
    sheet,
    text_size,
    wrapped,
    write_lines,
)

__all__ = ["bootstrap_distributions"]

_PANEL = (3.3, 2.2)  # inches
Bar = tuple[pd.Series, str, Any, str]  # limits, colour, kind of line, marker
_KINDS = ((VERMILION, "-", "|"), (PURPLE, "-", "|"), (GREY, "-", "|"))


def bootstrap_distributions(
    draws: pd.DataFrame,
    points: pd.Series,
    intervals: pd.DataFrame,
    *,
    printed: pd.DataFrame | None = None,
    labels: Mapping[str, str] | None = None,
    title: str = "Bootstrap distributions of the effects",
    source_label: str = "",
    caption: str = "",
) -> Figure:
    """Draw a histogram per effect with its estimate, its intervals and the printed interval.

    Parameters
    ----------
    draws : DataFrame
        One column per effect, one row per draw; a draw without a value is NaN, counted and not drawn.
    points : Series
        The estimate of each effect.
    intervals : DataFrame
        Columns effect, kind, lower, upper; up to three kinds, in the order of their first row.
    printed : DataFrame, optional
        Index effect, columns lower, upper.
    labels : mapping of str to str, optional
        Printed name of an effect.
    title, source_label, caption : str
        Printed above and below.

    Raises
    ------
    UsageError
        When a column is missing, an effect has no draw or no estimate, or there are more than three kinds.

    Examples
    --------
    >>> draws = pd.DataFrame({"a": np.linspace(0.1, 0.9, 200)})
    >>> kinds = pd.DataFrame([("a", "percentile", 0.12, 0.88)], columns=["effect", "kind", "lower", "upper"])
    >>> figure = bootstrap_distributions(draws, pd.Series({"a": 0.5}), kinds)
    >>> figure.axes[0].get_title(loc="left")
    'a'

    """
    kinds = _check_draws(draws, points, intervals)
    across = min(len(draws.columns), 2 if len(draws.columns) <= 4 else 3)
    down = math.ceil(len(draws.columns) / across)
    width = max(across * (_PANEL[0] + 0.35) + 0.35, 5.2)
    marks = _distribution_marks(kinds, printed=printed is not None)
    columns = _fitting([str(mark.get_label()) for mark in marks], width)
    head, above = fitted_head(title, source_label, width)
    foot, below = fitted_foot(caption, width)
    names = {
        effect: wrapped((labels or {}).get(effect, effect), _PANEL[0] - 0.1, 9.5, bold=True)
        for effect in draws.columns
    }
    row = _PANEL[1] + 0.7 + 0.17 * max(name.count("\n") + 1 for name in names.values())
    above += 0.22 * math.ceil(len(marks) / columns)
    height = above + 0.1 + down * row + below
    with house_style():
        figure = sheet(width, height)
        for place, effect in enumerate(draws.columns):
            x = 0.45 + (place % across) * (_PANEL[0] + 0.35)
            y = height - above - 0.1 - (place // across + 1) * row + 0.4
            axes = figure.add_axes((x / width, y / height, (_PANEL[0] - 0.15) / width, _PANEL[1] / height))
            rows = intervals[intervals["effect"] == effect].set_index("kind")
            bars: list[Bar] = [
                (rows.loc[kind], *_KINDS[n]) for n, kind in enumerate(kinds) if kind in rows.index
            ]
            if printed is not None and effect in printed.index:
                bars.append((printed.loc[effect], BLACK, (0, (2, 1.2)), "s"))
            _draw_distribution(axes, draws[effect].to_numpy(float), float(points[effect]), bars)
            axes.set_title(names[effect], loc="left", size=9.5, weight="bold", pad=14)
        write_lines(figure, head, height - 0.1)
        _legend(figure, marks, columns, height - above)
        write_lines(figure, foot, below - 0.02)
    return figure


def _check_draws(draws: pd.DataFrame, points: pd.Series, intervals: pd.DataFrame) -> list[str]:
    """Return the kinds of interval after checking that every effect can be drawn."""
    needed(intervals, ("effect", "kind", "lower", "upper"), "the intervals of a bootstrap figure")
    if draws.empty:
        raise UsageError(
            "there are no draws or no effects to show; pass one column per effect, one row per draw"
        )
    for effect in draws.columns:
        if effect not in points.index:
            raise UsageError(f"effect {effect!r} has draws but no estimate; add it to points")
        if not np.isfinite(draws[effect].to_numpy(float)).any():
            raise UsageError(f"effect {effect!r} has no finite draw; leave it out of the figure")
    kinds = list(dict.fromkeys(intervals["kind"]))
    if len(kinds) > len(_KINDS):
        raise UsageError(f"{len(kinds)} kinds of interval in one figure; show at most {len(_KINDS)}")
    return kinds


def _draw_distribution(axes: Axes, values: NDArray[np.float64], point: float, bars: Sequence[Bar]) -> None:
    finite = values[np.isfinite(values)]
    low, high = _view(finite, point, [float(bar[0][end]) for bar in bars for end in ("lower", "upper")])
    shown = finite[(finite >= low) & (finite <= high)]
    counts, edges = np.histogram(
        shown, bins=min(40, max(10, math.ceil(math.sqrt(len(shown))))), range=(low, high)
    )
    top = float(counts.max(initial=1))
    axes.bar(
        edges[:-1],
        counts,
        np.diff(edges),
        align="edge",
        color=SKY,
        edgecolor="white",
        linewidth=0.4,
        alpha=0.8,
    )
    axes.plot([point, point], [0.0, top * 1.06], color=BLUE, linewidth=2.0)
    if low < 0.0 < high:
        axes.plot([0.0, 0.0], [0.0, top * 1.06], color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    step = 0.11 * top
    for number, (limits, color, line, mark) in enumerate(bars, start=1):
        ends = [float(limits["lower"]), float(limits["upper"])]
        axes.plot(ends, [-step * number] * 2, color=color, linestyle=line, linewidth=1.8)
        axes.plot(
            ends,
            [-step * number] * 2,
            linestyle="",
            marker=mark,
            markersize=4 if mark == "s" else 7,
            color=color,
        )
    axes.axhline(0.0, color=GREY, linewidth=0.8)
    axes.set(xlim=(low, high), ylim=(-step * (len(bars) + 0.8), top * 1.08))
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(left=False, labelleft=False)
    axes.xaxis.set_major_formatter(TickFormat())
    axes.text(0.0, 1.015, _count_text(values, finite, shown), size=8.0, color=GREY, transform=axes.transAxes)


def _view(finite: NDArray[np.float64], point: float, ends: Sequence[float]) -> tuple[float, float]:
    """Return the shown range: estimate, limits, and the draws but those far out (4 quartile ranges)."""
    lower, upper = np.quantile(finite, [0.25, 0.75])
    reach = 4.0 * (upper - lower)
    inner = finite[(finite >= lower - reach) & (finite <= upper + reach)]
    marks = [value for value in (inner.min(), inner.max(), point, *ends) if math.isfinite(value)]
    room = 0.06 * (max(marks) - min(marks) or 1.0)
    return float(min(marks) - room), float(max(marks) + room)


def _count_text(values: NDArray[np.float64], finite: NDArray[np.float64], shown: NDArray[np.float64]) -> str:
    text = f"{len(finite)} of {len(values)} draws"
    beyond = len(finite) - len(shown)
    return f"{text}, {beyond} beyond the axis" if beyond else text


def _distribution_marks(kinds: Sequence[str], *, printed: bool) -> list[Line2D]:
    """Return the entries of the legend."""
    marks = [Line2D([], [], color=BLUE, linewidth=2.0, label="estimate")]
    for kind, (color, _, mark) in zip(kinds, _KINDS, strict=False):
        name = f"{label_text(kind)} interval"
        marks.append(Line2D([], [], color=color, marker=mark, markersize=7, linewidth=1.8, label=name))
    if printed:
        style = {"color": BLACK, "linestyle": (0, (2, 1.2)), "marker": "s", "markersize": 4}
        marks.append(Line2D([], [], label="printed interval", **style))  # type: ignore[arg-type]
    return marks


def _fitting(texts: Sequence[str], width: float) -> int:
    """Return how many columns of a legend fit into a width in inches."""
    widest = max(text_size(text, 9.0)[0] for text in texts) + 0.75
    return max(1, min(len(texts), int((width - 2 * MARGIN) / widest)))


def _legend(figure: Figure, marks: Sequence[Line2D], columns: int, bottom: float) -> None:
    """Write the legend below the head of the figure, its lower edge ``bottom`` inches up the sheet."""
    width, height = figure.get_size_inches()
    figure.legend(
        handles=marks,
        loc="lower left",
        bbox_to_anchor=(MARGIN / width, bottom / height),
        ncols=columns,
        frameon=False,
        borderaxespad=0.0,
        borderpad=0.0,
        labelspacing=0.4,
    )
