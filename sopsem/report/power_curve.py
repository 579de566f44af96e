"""Power against N: Monte Carlo points with 95 % bands, theory as dashed lines, the target and the N found."""

from collections.abc import Sequence
from itertools import cycle

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sopsem.report.canvas import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    MARGIN,
    ORANGE,
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

__all__ = ["power_curve"]

_INKS = ((BLUE, "o"), (VERMILION, "s"), (GREEN, "^"), (PURPLE, "D"), (ORANGE, "v"), (SKY, "P"), (BLACK, "X"))
_WIDTH, _TALL, _LEFT, _KEY = 8.6, 4.2, 0.62, 2.6  # inches


def power_curve(
    frame: pd.DataFrame,
    *,
    target: float | None = None,
    found: tuple[float, float, float] | None = None,
    title: str = "",
    source_label: str = "",
    caption: str = "",
) -> Figure:
    """Draw the power of each test against N.

    Parameters
    ----------
    frame : DataFrame
        Columns label, n, power, lower, upper (limits of the Monte Carlo error) and analytic (NaN where theory says
        nothing), in the order in which the tests are to be listed; at most seven tests.
    target : float, optional
        A power that is wanted: a dotted line.
    found : (n, lower, upper), optional
        The N that reaches it, with the limits of its Monte Carlo error.
    title, source_label, caption : str
        Printed above and below.

    Raises
    ------
    UsageError
        A missing column, or no rows.

    Examples
    --------
    >>> rows = [("c", 92, 0.44, 0.41, 0.47, 0.44), ("c", 200, 0.76, 0.73, 0.79, 0.77)]
    >>> columns = ["label", "n", "power", "lower", "upper", "analytic"]
    >>> figure = power_curve(pd.DataFrame(rows, columns=columns), target=0.8)
    >>> len(figure.axes)
    1

    """
    needed(frame, ("label", "n", "power", "lower", "upper", "analytic"), "the figure of power")
    labels = list(dict.fromkeys(map(str, frame["label"])))
    head, above = fitted_head(title or "Power against sample size", source_label, _WIDTH)
    foot, below = fitted_foot(caption, _WIDTH)
    height = above + 0.12 + _TALL + 0.55 + below
    with house_style():
        figure = sheet(_WIDTH, height)
        box = (
            _LEFT / _WIDTH,
            (below + 0.55) / height,
            (_WIDTH - _LEFT - _KEY - MARGIN) / _WIDTH,
            _TALL / height,
        )
        axes = figure.add_axes(box)
        for label, (color, marker) in zip(labels, cycle(_INKS), strict=False):
            _draw(axes, frame[frame["label"] == label].sort_values("n"), label, color, marker)
        _draw_target(axes, target, found)
        _finish(axes, sorted(frame["n"].unique()))
        write_lines(figure, head, height - 0.1)
        write_lines(figure, foot, below - 0.02)
    return figure


def _draw(axes: Axes, rows: pd.DataFrame, label: str, color: str, marker: str) -> None:
    """Draw one test: a band and points of the replications, a dashed line of theory."""
    n = rows["n"].to_numpy(float)
    axes.fill_between(n, rows["lower"], rows["upper"], color=color, alpha=0.18, linewidth=0.0)
    axes.plot(
        n,
        rows["power"],
        color=color,
        marker=marker,
        markersize=4.5,
        linewidth=1.4,
        label=wrapped(label_text(label), _KEY - 0.55, 8.5),
    )
    axes.plot(n, rows["analytic"], color=color, linestyle=(0, (4, 2.5)), linewidth=1.1)


def _draw_target(axes: Axes, target: float | None, found: tuple[float, float, float] | None) -> None:
    if target is not None:
        axes.axhline(target, color=GREY, linestyle=":", linewidth=1.2, zorder=0)
    if found is None:
        return
    n, lower, upper = found
    axes.axvspan(lower, upper, color="#d9d9d9", linewidth=0.0, zorder=0)
    axes.axvline(n, color=GREY, linewidth=1.0, zorder=0)
    axes.text(
        n, 1.03, f"N = {n:.0f}", size=8.5, ha="center", va="bottom"
    )  # above the axes, where no line runs


def _finish(axes: Axes, sizes: Sequence[int]) -> None:
    room = max(0.04 * (sizes[-1] - sizes[0]), 2.0)
    axes.set(xlim=(sizes[0] - room, sizes[-1] + room), ylim=(-0.02, 1.02), xticks=_ticks(sizes, axes))
    axes.set_xlabel("Sample size N", color=BLACK)
    axes.set_ylabel("Share of replications that reject", color=BLACK)
    axes.yaxis.set_major_formatter(TickFormat())
    axes.plot([], [], color=GREY, linestyle=(0, (4, 2.5)), linewidth=1.1, label="theory")
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        frameon=False,
        fontsize=8.5,
        labelspacing=0.7,
        borderpad=0.0,
    )


def _ticks(sizes: Sequence[int], axes: Axes) -> list[int]:
    """Return the sizes whose numbers have room, the first and the last among them."""
    width = axes.get_position().width * _WIDTH
    span = max(sizes[-1] - sizes[0], 1)
    kept = [sizes[0]]
    for n in sizes[1:]:
        apart = width * (n - kept[-1]) / span
        if apart > text_size(str(n), 9.0)[0] + 0.1:
            kept.append(n)
        elif n == sizes[-1] and len(kept) > 1:
            kept[-1] = n
    return kept
