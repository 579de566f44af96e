"""Units by what people perceive and what is measured of their alignment (E43)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sopsem.executive.bridge import Bridge
from sopsem.executive.bridge.congruence import QUADRANTS
from sopsem.report.canvas import BLACK, BLUE, GREY, VERMILION
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn
from sopsem.report.operations.wording import short_name

__all__ = ["panel_perception", "perception_panel"]


def panel_perception(result: Bridge, ax: Axes | None = None, *, unit: str = "") -> Axes:
    """Draw every unit by its measured and its perceived alignment.

    Parameters
    ----------
    result : Bridge
        Of ``link_survey``.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.
    unit : str
        The one that stands out.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from sopsem.executive.bridge import link_survey
    >>> people = pd.DataFrame({"unit": ["A"] * 5 + ["B"] * 5, "alignment": [6, 6, 5, 6, 6, 3, 3, 2, 3, 3]})
    >>> measured = pd.DataFrame({"unit": ["A", "B"], "index_s": [45, 70]})
    >>> panel_perception(link_survey(people, measured, categories=7)).get_gid()
    'panel-perception'

    """
    return drawn(perception_panel(result, unit), ax)


def perception_panel(result: Bridge, unit: str = "") -> Panel:
    """Return the panel with its finding."""
    rows = result.units.dropna(subset=["z_perceived", "z_measured"])
    return Panel(
        name="perception", finding=_finding(rows, unit), draw=lambda ax: _draw(ax, result, rows, unit)
    )


def _finding(rows: pd.DataFrame, unit: str) -> Finding:
    return Finding(
        title=_title(rows, unit),
        subtitle=f"Perceived against measured alignment, {len(rows)} units, z scores among them [E43]",
        alt=(
            "Scatter of units, measured alignment across, perceived up. "
            + "; ".join(f"{row.unit}: {row.quadrant}" for row in rows.itertuples(index=False))
            + "."
        ),
    )


def _title(rows: pd.DataFrame, unit: str) -> str:
    own = rows[rows["unit"] == unit]
    if rows.empty:
        return "One unit alone cannot be placed: no comparison of units"
    if len(own):
        return f"{short_name(unit, 1.5)} is {own['quadrant'].iloc[0]}"
    confident = int((rows["quadrant"] == QUADRANTS[False, True]).sum())
    return f"{confident} of {len(rows)} units are {QUADRANTS[False, True]}"


def _draw(ax: Axes, result: Bridge, rows: pd.DataFrame, unit: str) -> None:
    if rows.empty:
        _floors(ax, result)
        return
    reach = max(1.2, float(np.abs(rows[["z_measured", "z_perceived"]].to_numpy()).max()) * 1.15)
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.axvline(0, color=GREY, linewidth=0.8)
    ax.plot([-reach, reach], [-reach, reach], color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
    for row in rows.itertuples(index=False):
        mine = row.unit == unit
        wrong = row.quadrant == QUADRANTS[False, True]
        ax.plot(
            row.z_measured,
            row.z_perceived,
            "D" if mine else "X" if wrong else "o",
            color=VERMILION if wrong else BLUE,
            markersize=9 if mine else 6.5,
            markeredgecolor=BLACK if mine else "none",
        )
        if mine or len(rows) <= 14:
            left = row.z_measured > 0.55 * reach
            ax.annotate(
                short_name(str(row.unit), 0.9),
                (row.z_measured, row.z_perceived),
                xytext=(-6 if left else 6, 0),
                textcoords="offset points",
                ha="right" if left else "left",
                va="center",
                size=BODY,
                weight="bold" if mine else "normal",
            )
    for (right, up), text in QUADRANTS.items():
        ax.text(
            0.99 if right else 0.01,
            0.98 if up else 0.02,
            text,
            transform=ax.transAxes,
            ha="right" if right else "left",
            va="top" if up else "bottom",
            size=BODY,
            style="italic",
            color=GREY,
        )
    ax.set_xlim(-reach, reach)
    ax.set_ylim(-1.4 * reach, 1.4 * reach)  # room for the names of the quadrants
    ax.set_xlabel("measured", size=BODY, labelpad=1)
    ax.set_ylabel("perceived", size=BODY, labelpad=1)
    ax.locator_params(nbins=5)


def _floors(ax: Axes, result: Bridge) -> None:
    """Draw the profile of one unit: scores of what is perceived and of what is measured."""
    rows = result.profile.dropna(subset=["score"]).sort_values("score").tail(8)
    y = np.arange(len(rows))
    for place, row in zip(y, rows.itertuples(index=False), strict=True):
        seen = row.side == "perceived"
        ax.plot(row.score, place, "s" if seen else "o", color=VERMILION if seen else BLUE, markersize=7)
    ax.set_yticks(
        y, [f"{short_name(str(row.label), 1.5)} ({row.side})" for row in rows.itertuples(index=False)]
    )
    ax.set_xlim(0, 100)
    ax.grid(axis="x", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
