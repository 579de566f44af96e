"""Promises kept by period, what haste cost, and how late the open lines are."""

import numpy as np
from matplotlib.axes import Axes

from sopsem.executive.alignment import DeliveryRecord
from sopsem.report.canvas import BLACK, BLUE, GREY, ORANGE, PURPLE, VERMILION
from sopsem.report.operations.marks import as_shares, bare, keys_above, last_periods, periods_below
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn, split_across, split_down
from sopsem.report.operations.wording import amount, period_noun, share, thin

__all__ = ["delivery_panel", "panel_delivery"]


def panel_delivery(result: DeliveryRecord, ax: Axes | None = None) -> Axes:
    """Draw on time in full against both days, premium freight, and the age of the open lines.

    Parameters
    ----------
    result : DeliveryRecord
        Of ``delivery_record``.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from sopsem.executive.alignment import delivery_record
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> panel_delivery(delivery_record(simulate_manufacturer(0.5, 13, seed=1).tables()["orders"])).get_gid()
    'panel-delivery'

    """
    return drawn(delivery_panel(result), ax)


def delivery_panel(result: DeliveryRecord) -> Panel:
    """Return the panel with its finding."""
    return Panel(name="delivery", finding=_finding(result), draw=lambda ax: _draw(ax, result))


def _finding(result: DeliveryRecord) -> Finding:
    own = {name: result.number(name) for name in result.summary}
    labels = result.table["period"].tolist()
    if np.isnan(own["otif_promised"]):
        title = f"Delivery not known: {thin(result.notices)}"
    else:
        title = f"{share(own['otif_promised'])} of lines came in full by the day promised"
        if not np.isnan(own["otif_requested"]):
            title += f", {share(own['otif_requested'])} by the day asked for"
    ages = ", ".join(f"{row.band} {row.lines}" for row in result.ageing.itertuples(index=False))
    return Finding(
        title=title,
        subtitle="On time in full; premium freight / value; open lines by age [orders]",
        alt=(
            f"Lines of on time in full by {period_noun(labels)} against the promised and the requested day; bars of "
            f"premium freight, {share(own['freight_share'])} of value in all. Open lines: {ages}."
        ),
    )


def _draw(ax: Axes, result: DeliveryRecord) -> None:
    left, right = split_across(ax, (2.4, 1), 0.27)
    above, below = split_down(left, (2.2, 1), 0.12)
    labels = last_periods(result.table["period"])
    rows = result.table.tail(len(labels))
    x = np.arange(len(labels))
    above.plot(
        x, rows["otif_promised"], color=BLUE, marker="o", markersize=3.2, linewidth=1.2, label="promised day"
    )
    if rows["otif_requested"].notna().any():
        above.plot(
            x,
            rows["otif_requested"],
            color=ORANGE,
            marker="s",
            markersize=3,
            linewidth=1.2,
            linestyle=(0, (3, 1.5)),
            label="requested day",
        )
    above.margins(y=0.08)
    as_shares(above)
    keys_above(above)
    below.bar(
        x,
        np.nan_to_num(rows["freight_share"]),
        width=0.72,
        color=PURPLE,
        hatch="////",
        edgecolor="white",
        linewidth=0.2,
    )
    as_shares(below, "y", 2)
    below.set_ylabel("premium\nfreight", size=BODY)
    periods_below(below, labels)
    below.set_xticks(below.get_xticks()[::2])
    _ages(right, result)


def _ages(ax: Axes, result: DeliveryRecord) -> None:
    rows = result.ageing
    y = np.arange(len(rows))
    ax.barh(y, rows["lines"], height=0.55, color=[GREY, ORANGE, VERMILION, BLACK])
    for place, lines in enumerate(rows["lines"]):
        ax.annotate(
            amount(lines), (lines, place), xytext=(3, 0), textcoords="offset points", va="center", size=BODY
        )
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, max(1, int(rows["lines"].max())) * 1.45)
    ax.set_xticks([])
    ax.set_yticks(y, [str(band) for band in rows["band"]])
    ax.set_title("open lines", size=BODY, pad=3, loc="left")
    bare(ax, "left")
