"""Utilisation of the constraint in its corridor, and which resource limits output in every period (E05, E07)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sopsem.executive.capacity import BottleneckResult, Corridor
from sopsem.report.canvas import BLACK, BLUE, GREY, ORANGE, SKY, VERMILION
from sopsem.report.operations.marks import as_shares, bare, keys_above, last_periods, periods_below
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn, split_down
from sopsem.report.operations.wording import per_period, period_noun, share, short_name

__all__ = ["panel_utilisation", "utilisation_panel"]

STATUS = {  # of the corridor: colour and mark
    "below": (ORANGE, "v"),
    "inside": (BLUE, "o"),
    "above": (VERMILION, "^"),
    "over-capacity": (VERMILION, "X"),
}
KEYS = {
    "below": "below",
    "inside": "inside",
    "above": "above its corridor",
    "over-capacity": "over its hours",
}
MOST_RESOURCES = 4


def panel_utilisation(
    result: BottleneckResult, corridor: Corridor | None = None, ax: Axes | None = None
) -> Axes:
    """Draw how full the constraint was, the corridor around it, and the bottleneck of every period.

    Parameters
    ----------
    result : BottleneckResult
        Of ``bottleneck_map``.
    corridor : Corridor, optional
        Of ``plant_corridor`` for the same resource; without it the load of demand is drawn.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from sopsem.executive.capacity import bottleneck_map
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> t = simulate_manufacturer(0.5, 13, seed=1).tables()
    >>> panel_utilisation(bottleneck_map(t["capacity"], t["routings"], t["demand"])).get_gid()
    'panel-utilisation'

    """
    return drawn(utilisation_panel(result, corridor), ax)


def utilisation_panel(result: BottleneckResult, corridor: Corridor | None = None) -> Panel:
    """Return the panel with its finding."""
    return Panel(
        name="utilisation", finding=_finding(result, corridor), draw=lambda ax: _draw(ax, result, corridor)
    )


def _finding(result: BottleneckResult, corridor: Corridor | None) -> Finding:
    labels = result.table["period"].tolist()
    name = str(result.summary["bottleneck"])
    count = int((result.table["bottleneck"] == name).sum())
    title = f"{short_name(name, 1.5)} limits output in {per_period(count, labels)}"
    tags, kept = "[E05]", ""
    if corridor is not None:
        inside = corridor.number("share_inside")
        lower, upper = corridor.number("lower"), corridor.number("upper")
        tags = "[E05, E07]"
        if corridor.summary["empty"]:
            title += "; no load is both profitable and dependable"
        elif not np.isnan(inside):
            title += f"; in its corridor {share(inside)} of the time"
        kept = (
            f" The corridor is {share(lower)} to {share(upper)}; {share(inside)} of the periods are inside."
        )
    return Finding(
        title=title,
        subtitle=f"Utilisation of {name}, and the bottleneck by {period_noun(labels)} {tags}",
        alt=f"Line of the utilisation of {name}, and a strip with the bottleneck of every period. {title}.{kept}",
    )


def _draw(ax: Axes, result: BottleneckResult, corridor: Corridor | None) -> None:
    labels = last_periods(result.table["period"])
    named = _limiting(result)
    above, strip = split_down(ax, (2.4, 0.35 + 0.33 * len(named)), 0.06)
    rows = _utilisation(result, corridor).reindex(labels)
    x = np.arange(len(labels))
    above.axhline(1.0, color=GREY, linewidth=0.8)
    if corridor is not None and not corridor.summary["empty"]:
        _band(above, corridor, len(labels))
    above.plot(x, rows["utilisation"], color=BLACK, linewidth=0.9, zorder=2)
    for status, (color, mark) in STATUS.items():
        chosen = (rows["status"] == status).to_numpy()
        if not chosen.any():
            continue
        above.plot(
            x[chosen],
            rows["utilisation"][chosen],
            mark,
            color=color,
            markersize=5,
            linestyle="none",
            zorder=3,
            label=KEYS[status],
        )
    keys_above(above)
    above.margins(y=0.1)
    as_shares(above)
    _strip(strip, result.table.set_index("period")["bottleneck"].reindex(labels), named)
    periods_below(strip, labels)


def _utilisation(result: BottleneckResult, corridor: Corridor | None) -> pd.DataFrame:
    """Return utilisation and status by period."""
    if corridor is not None and len(corridor.table):
        return corridor.table.set_index("period")[["utilisation", "status"]]
    own = result.utilisation
    own = own[own["resource"] == result.summary["bottleneck"]].set_index("period")
    return pd.DataFrame(
        {
            "utilisation": own["utilisation"],
            "status": np.where(own["utilisation"] > 1, "over-capacity", "inside"),
        }
    )


def _band(ax: Axes, corridor: Corridor, n: int) -> None:
    lower, upper = corridor.number("lower"), corridor.number("upper")
    ax.axhspan(lower, upper, facecolor=SKY, alpha=0.22, zorder=0)
    for value in (lower, upper):
        ax.axhline(value, color=BLUE, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        ax.annotate(
            share(value),
            (n - 0.4, value),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            size=BODY,
            color=BLUE,
        )


def _limiting(result: BottleneckResult) -> list[str]:
    """Return the resources that were the bottleneck, the most frequent first; the last stands for all others."""
    names = [str(name) for name in result.table["bottleneck"].value_counts().index]
    return names if len(names) <= MOST_RESOURCES else [*names[: MOST_RESOURCES - 1], "others"]


def _strip(ax: Axes, bottleneck: "pd.Series[str]", named: list[str]) -> None:
    row = {name: place for place, name in enumerate(named)}
    places = [row.get(str(name), len(named) - 1) for name in bottleneck]
    ax.scatter(range(len(places)), places, marker="s", s=26, color=BLACK)
    ax.set_yticks(range(len(named)), [short_name(name, 0.8) for name in named])
    ax.set_ylim(len(named) - 0.4, -0.6)
    for place in range(len(named)):
        ax.axhline(place, color="#d8d8d8", linewidth=0.8, zorder=0)
    bare(ax, "bottom")
