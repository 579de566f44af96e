"""Forest plot: every effect with its interval, ours beside the printed one."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sopsem.report.canvas import (
    BLUE,
    GREY,
    MARGIN,
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

__all__ = ["forest_plot"]

_EFFECTS = ("label", "est", "ci_lower", "ci_upper", "printed_est", "printed_lower", "printed_upper")
_ROW = 0.62  # inches per effect of the forest plot


def forest_plot(
    effects: pd.DataFrame,
    *,
    title: str = "Effects: this analysis beside the printed table",
    source_label: str = "",
    ours: str = "this analysis",
    theirs: str = "printed",
    level: str = "95%",
    caption: str = "",
) -> Figure:
    """Draw each effect with its interval, ours above the printed one.

    Parameters
    ----------
    effects : DataFrame
        Columns label, est, ci_lower, ci_upper, printed_est, printed_lower, printed_upper; NaN is not drawn.
    title, source_label, caption : str
        Printed above and below; ``source_label`` says what the data are, e.g. "synthetic data".
    ours, theirs : str
        Names of the two sources.
    level : str
        Level of the intervals as printed.

    Raises
    ------
    UsageError
        When a column is missing or there is no effect.

    Examples
    --------
    >>> row = ("a on b", 0.5, 0.3, 0.7, 0.504, 0.261, 0.69)
    >>> figure = forest_plot(pd.DataFrame([row], columns=_EFFECTS))
    >>> len(figure.axes)
    1

    """
    needed(effects, _EFFECTS, "a forest plot")
    names = [wrapped(str(label), 2.6, 9.5) for label in effects["label"]]
    left = max(text_size(name, 9.5)[0] for name in names) + 2 * MARGIN
    plot, right = 4.0, text_size("−.000 [−.000, −.000]", 9.0)[0] + 0.45
    width = left + plot + right
    head, above = fitted_head(title, source_label, width)
    foot, below = fitted_foot(caption, width)
    tall = _ROW * len(names)
    height = above + 0.35 + tall + 0.55 + below
    with house_style():
        figure = sheet(width, height)
        axes = figure.add_axes((left / width, (below + 0.55) / height, plot / width, tall / height))
        axes.set(xlim=_limits(effects[list(_EFFECTS[1:])].to_numpy(float)), ylim=(len(names) - 0.5, -0.5))
        axes.axvline(0.0, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
        for place, (name, row) in enumerate(zip(names, effects.itertuples(index=False), strict=True)):
            _draw_pair(axes, place, row)
            axes.text(
                -MARGIN / plot,
                place,
                name,
                size=9.5,
                ha="right",
                va="center",
                transform=axes.get_yaxis_transform(),
            )
        heading = f"Estimate [{label_text(level)} interval]"
        axes.text(
            1.04, -0.62, heading, size=8.5, va="bottom", color=GREY, transform=axes.get_yaxis_transform()
        )
        _finish_forest(axes, (ours, theirs))
        write_lines(figure, head, height - 0.1)
        write_lines(figure, foot, below - 0.02)
    return figure


def _draw_pair(axes: Axes, place: int, row: object) -> None:
    """Draw our estimate above the printed one, each with its interval and its numbers."""
    for shift, prefix, low, high, marker, color in (
        (-0.17, "est", "ci_lower", "ci_upper", "o", BLUE),
        (0.17, "printed_est", "printed_lower", "printed_upper", "s", VERMILION),
    ):
        est, lower, upper = (float(getattr(row, name)) for name in (prefix, low, high))
        face = color if prefix == "est" else "white"
        axes.plot([lower, upper], [place + shift] * 2, color=color, linewidth=1.8, solid_capstyle="butt")
        axes.plot(
            [est],
            [place + shift],
            marker=marker,
            color=color,
            markersize=6.5,
            markerfacecolor=face,
            markeredgewidth=1.5,
        )
        number = bounded(3)
        limits = interval(lower, upper, number)
        axes.text(
            1.04,
            place + shift,
            true_minus(f"{number(est)} {limits}"),
            size=9.0,
            va="center",
            color=color,
            transform=axes.get_yaxis_transform(),
        )


def _finish_forest(axes: Axes, names: tuple[str, str]) -> None:
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False, labelleft=False)
    axes.xaxis.set_major_formatter(TickFormat())
    axes.set_xlabel("Standardized effect")
    marks = [
        Line2D([], [], color=BLUE, marker="o", linewidth=1.8, label=label_text(names[0])),
        Line2D(
            [],
            [],
            color=VERMILION,
            marker="s",
            markerfacecolor="white",
            linewidth=1.8,
            label=label_text(names[1]),
        ),
    ]
    axes.legend(
        handles=marks, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False, borderaxespad=0.1
    )


def _limits(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return axis limits around the finite values and 0, with a little room."""
    finite = values[np.isfinite(values)]
    low, high = min(0.0, float(finite.min(initial=0.0))), max(0.0, float(finite.max(initial=0.0)))
    room = 0.05 * (high - low or 1.0)
    return low - room, high + room
