"""What became of the bootstrap draws: classes, improper parameters, the interval under each policy."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sopsem.errors import UsageError
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
from sopsem.report.digits import bounded, interval
from sopsem.report.escape import true_minus

__all__ = ["draws_panel"]

_FILLS = (
    (GREEN, ""),
    (ORANGE, "///"),
    (VERMILION, "xxx"),
    (PURPLE, "..."),
    (SKY, "\\\\\\"),
    (GREY, "+++"),
)
_WIDTH, _ROW = 8.6, 0.36  # inches


def draws_panel(
    classes: pd.Series,
    improper: pd.Series,
    intervals: pd.DataFrame,
    *,
    n_draws: int,
    effect: str,
    printed: tuple[float, float] | None = None,
    title: str = "",
    source_label: str = "",
    caption: str = "",
) -> Figure:
    """Draw the classes of all draws, how often which parameter was improper, and an interval per policy.

    Parameters
    ----------
    classes : Series
        Number of draws by class; the numbers add up to ``n_draws``.
    improper : Series
        Number of draws in which a parameter was negative or otherwise improper, by parameter; may be empty.
    intervals : DataFrame
        Columns policy, n, lower, upper: the interval of one effect and how many draws it rests on.
    n_draws : int
        How many draws were asked for.
    effect : str
        The effect that the intervals belong to.
    printed : (lower, upper), optional
        The printed interval.
    title, source_label, caption : str
        Printed above and below.

    Raises
    ------
    UsageError
        When the classes do not add up to ``n_draws``, or there are more than six.

    Examples
    --------
    >>> classes = pd.Series({"converged, proper": 150, "converged, improper": 50})
    >>> limits = pd.DataFrame([("keep", 200, 0.6, 1.35)], columns=["policy", "n", "lower", "upper"])
    >>> figure = draws_panel(classes, pd.Series({"performance": 50}), limits, n_draws=200, effect="b")
    >>> len(figure.axes)
    3

    """
    _check(classes, intervals, n_draws)
    head, above = fitted_head(title or f"What became of the {n_draws} bootstrap draws", source_label, _WIDTH)
    foot, below = fitted_foot(caption, _WIDTH)
    shares = [_share(str(name), int(count), n_draws) for name, count in classes.items()]
    legend = 0.1 + 0.17 * sum(share.count("\n") + 1.35 for share in shares)
    names, policies = [*map(str, improper.index)], [_policy_name(row) for row in intervals.itertuples()]
    longest = max(text_size(label_text(name), 9.0)[0] for name in (*names, *policies))
    left = min(3.0, longest) + 2 * MARGIN + 0.05
    lines = [_ROW * 1.2, *(_row_height(group, left) * max(1, len(group)) for group in (names, policies))]
    height = above + sum(lines) + legend + 3 * 0.42 + 0.35 + 0.55 + below
    with house_style():
        figure = sheet(_WIDTH, height)
        top = height - above
        axes = []
        for number, tall in enumerate(lines):
            top -= 0.42 + tall
            start = MARGIN if number == 0 else left
            room = _WIDTH - start - (MARGIN if number == 0 else 1.75)
            axes.append(figure.add_axes((start / _WIDTH, top / height, room / _WIDTH, tall / height)))
            top -= legend + 0.1 if number == 0 else 0.25
        _draw_classes(axes[0], classes, shares, n_draws)
        _draw_improper(axes[1], improper, n_draws, left)
        _draw_policies(axes[2], intervals, effect, printed, left)
        write_lines(figure, head, height - 0.1)
        write_lines(figure, foot, below - 0.02)
    return figure


def _check(classes: pd.Series, intervals: pd.DataFrame, n_draws: int) -> None:
    needed(intervals, ("policy", "n", "lower", "upper"), "the intervals of a panel of draws")
    if int(classes.sum()) != n_draws:
        raise UsageError(f"the classes add up to {int(classes.sum())} draws, but n_draws is {n_draws}")
    if len(classes) > len(_FILLS):
        raise UsageError(f"{len(classes)} classes of draws; show at most {len(_FILLS)}")


def _policy_name(row: object) -> str:
    return f"{row.policy} (n = {int(row.n)})"  # type: ignore[attr-defined]


def _heading(axes: Axes, text: str) -> None:
    """Write a heading at the left margin of the sheet, above the axes."""
    box, (width, height) = axes.get_position(), axes.figure.get_size_inches()  # type: ignore[union-attr]
    shown = wrapped(text, _WIDTH - 2 * MARGIN, 9.5, bold=True)
    axes.figure.text(MARGIN / width, box.y1 + 0.1 / height, shown, size=9.5, weight="bold", va="bottom")


def _share(name: str, count: int, n_draws: int) -> str:
    return wrapped(f"{name}: {count} ({100.0 * count / n_draws:.1f}%)", _WIDTH - 1.0, 9.0)


def _draw_classes(axes: Axes, classes: pd.Series, shares: Sequence[str], n_draws: int) -> None:
    start = 0
    for count, share, (color, hatch) in zip(classes, shares, _FILLS, strict=False):
        axes.barh(
            0, count, left=start, color=color, hatch=hatch, edgecolor="white", linewidth=0.8, label=share
        )
        if count / n_draws > 0.05:
            style = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            axes.text(start + count / 2.0, 0, f"{int(count)}", ha="center", va="center", size=9.5, bbox=style)
        start += int(count)
    axes.set(xlim=(0, n_draws))
    axes.set_axis_off()
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(0.0, 0.0),
        frameon=False,
        borderpad=0.0,
        handlelength=1.6,
        labelspacing=0.35,
    )
    _heading(axes, f"Classes of the draws (together {n_draws})")


def _draw_improper(axes: Axes, improper: pd.Series, n_draws: int, left: float) -> None:
    _heading(axes, "Improper parameters (a draw may have several)")
    axes.spines[["bottom", "left"]].set_visible(False)
    axes.tick_params(left=False, labelleft=False, bottom=False, labelbottom=False)
    if improper.empty:
        axes.text(
            -(left - MARGIN) / (axes.get_position().width * _WIDTH),
            0.5,
            "No draw had an improper parameter.",
            va="center",
            transform=axes.transAxes,
        )
        return
    counts = improper.to_numpy(float)
    axes.barh(range(len(counts)), counts, height=0.62, color=ORANGE)
    axes.set(ylim=(len(counts) - 0.5, -0.5), xlim=(0.0, max(counts.max(), 1.0)))
    for place, (name, count) in enumerate(zip(improper.index, counts, strict=True)):
        _row_texts(
            axes, place, str(name), f"{int(count)} ({100.0 * count / n_draws:.1f}%)", left, at=float(count)
        )


def _row_height(names: Sequence[str], left: float) -> float:
    """Return the height of each row: enough for the name with the most lines."""
    return max([_ROW, *(text_size(_row_name(name, left), 9.0)[1] + 0.06 for name in names)])


def _row_name(name: str, left: float) -> str:
    return wrapped(name, left - 2 * MARGIN + 0.05, 9.0)


def _row_texts(axes: Axes, place: int, name: str, value: str, left: float, at: float | None = None) -> None:
    """Write the name of a row left of the axes and its numbers right of the bar or of the axes."""
    side = axes.get_yaxis_transform()
    width = axes.get_position().width * _WIDTH
    shown = _row_name(name, left)
    axes.text(-0.12 / width, place, shown, ha="right", va="center", transform=side, size=9.0)
    if at is None:
        axes.text(1.0 + 0.12 / width, place, value, va="center", transform=side, size=9.0)
    else:
        axes.annotate(value, (at, place), xytext=(4, 0), textcoords="offset points", va="center", size=9.0)


def _draw_policies(
    axes: Axes,
    intervals: pd.DataFrame,
    effect: str,
    printed: tuple[float, float] | None,
    left: float,
) -> None:
    _heading(axes, f"Interval of {effect} under each policy for improper draws")
    number = bounded(3)
    if printed is not None:
        axes.axvspan(*printed, color="#d9d9d9", linewidth=0.0, zorder=0)
    for place, row in enumerate(intervals.itertuples()):
        axes.plot([row.lower, row.upper], [place, place], color=BLUE, linewidth=2.2, marker="|", markersize=9)
        text = true_minus(interval(row.lower, row.upper, number))
        _row_texts(axes, place, _policy_name(row), text, left)
    axes.set(ylim=(len(intervals) - 0.5, -0.5), xlim=_range(intervals, printed))
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False, labelleft=False)
    axes.xaxis.set_major_formatter(TickFormat())
    axes.set_xlabel(_axis_name(printed), color=BLACK)


def _axis_name(printed: tuple[float, float] | None) -> str:
    if printed is None:
        return "Standardized effect"
    limits = true_minus(interval(*printed, bounded(3)))
    return f"Standardized effect; grey: the printed interval {limits}"


def _range(intervals: pd.DataFrame, printed: Sequence[float] | None) -> tuple[float, float]:
    values = [*intervals["lower"], *intervals["upper"], *(printed or ())]
    finite = [value for value in values if np.isfinite(value)] or [0.0, 1.0]
    room = 0.06 * (max(finite) - min(finite) or 1.0)
    return min(finite) - room, max(finite) + room
