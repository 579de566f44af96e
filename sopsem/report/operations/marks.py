"""Parts that several panels share: periods on an axis, keys in a row above, axes of money and of shares."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sopsem.report.canvas import BLUE, VERMILION
from sopsem.report.operations.panel import BODY
from sopsem.report.operations.wording import money, share

__all__ = [
    "LOADED",
    "SIGNED",
    "TOP",
    "as_money",
    "as_shares",
    "bare",
    "keys_above",
    "last_periods",
    "periods_below",
    "spread",
]

MOST_TICKS, MOST_PERIODS = 7, 48
NICE = (1, 2, 3, 6, 12, 13, 26, 52)
TOP = 1.02  # where keys stand, in axes
SIGNED = LinearSegmentedColormap.from_list("signed", [BLUE, "white", VERMILION])
LOADED = LinearSegmentedColormap.from_list("loaded", ["white", BLUE])


def last_periods(labels: Sequence[str]) -> list[str]:
    """Return the newest periods that a panel has room for.

    >>> len(last_periods([f"2025-W{w:02d}" for w in range(1, 53)]))
    48
    """
    return [str(label) for label in labels][-MOST_PERIODS:]


def periods_below(ax: Axes, labels: Sequence[str]) -> None:
    """Put period labels at places 0, 1, ... of the x axis, so many that they do not touch."""
    n = len(labels)
    step = next((s for s in NICE if n / s <= MOST_TICKS), -(-n // MOST_TICKS))
    places = list(range(0, n, step))
    ax.set_xticks(places, [str(labels[i]) for i in places])
    ax.set_xlim(-0.6, n - 0.4)


def keys_above(ax: Axes, *, columns: int | None = None) -> None:
    """Write the keys of labelled artists in one row above the axes."""
    handles, names = ax.get_legend_handles_labels()
    ax.legend(
        handles,
        names,
        loc="lower left",
        bbox_to_anchor=(-0.01, TOP - 0.03),
        ncols=columns or max(1, len(names)),
        frameon=False,
        fontsize=BODY,
        borderpad=0.1,
        borderaxespad=0.0,
        handlelength=1.8,
        handletextpad=0.5,
        columnspacing=1.2,
    )


def as_money(ax: Axes, axis: str = "y", most: int = 4) -> None:
    """Print ticks of an axis as money."""
    own = getattr(ax, f"{axis}axis")
    own.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    own.set_major_formatter(FuncFormatter(lambda value, _: money(value) if value else "0"))


def as_shares(ax: Axes, axis: str = "y", most: int = 4) -> None:
    """Print ticks of an axis in per cent."""
    own = getattr(ax, f"{axis}axis")
    own.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
    own.set_major_formatter(FuncFormatter(lambda value, _: share(round(value, 6)) if value else "0"))


def bare(ax: Axes, *spines: str) -> None:
    """Take ticks off, and every spine but those named."""
    ax.tick_params(length=0)
    for name, spine in ax.spines.items():
        spine.set_visible(name in spines)


def spread(values: Sequence[float], room: float) -> np.ndarray:
    """Return places near the values that are at least ``room`` apart, in the same order: labels that do not touch.

    >>> spread([1.0, 1.1, 5.0], 1.0).tolist()
    [1.0, 2.0, 5.0]
    """
    order = np.argsort(values, kind="stable")
    placed = np.asarray(values, float).copy()
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + room)
    return placed
