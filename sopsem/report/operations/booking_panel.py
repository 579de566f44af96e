"""Booked, feasible and shipped revenue, with the backlog of the constraint below (E04)."""

import numpy as np
from matplotlib.axes import Axes

from sopsem.executive.throughput import BookingResult
from sopsem.report.canvas import BLACK, BLUE, GREEN, GREY, VERMILION
from sopsem.report.operations.marks import as_money, keys_above, last_periods, periods_below
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn, split_down
from sopsem.report.operations.wording import amount, per_period, period_noun, share

__all__ = ["booking_panel", "panel_booking"]

CHRONIC, NOTHING = 0.05, 0.005  # of what was booked


def panel_booking(result: BookingResult, ax: Axes | None = None) -> Axes:
    """Draw what was booked against what could be made and what was shipped.

    Parameters
    ----------
    result : BookingResult
        Of ``booking_reality``.
    ax : Axes, optional
        Where to draw; by default a sheet of its own (``panel_booking(result).figure``).

    Returns
    -------
    Axes

    Examples
    --------
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> from sopsem.executive.throughput import booking_reality
    >>> t = simulate_manufacturer(0.5, 13, seed=1).tables()
    >>> found = booking_reality(t["orders"], t["products"], t["routings"], t["capacity"])
    >>> panel_booking(found).get_gid()
    'panel-booking'

    """
    return drawn(booking_panel(result), ax)


def booking_panel(result: BookingResult) -> Panel:
    """Return the panel with its finding."""
    return Panel(name="booking", finding=_finding(result), draw=lambda ax: _draw(ax, result))


def _finding(result: BookingResult) -> Finding:
    labels = result.table["period"].tolist()
    illusory, over = result.number("illusory"), int(result.number("periods_illusory"))
    growth = result.number("backlog_growth")
    cover = float(result.table["cover"].iloc[-1])
    if np.isnan(illusory):
        title = "Nothing was booked: bookings cannot be judged"
    elif illusory > NOTHING:
        title = f"{share(illusory)} of what was booked could not be made, in {per_period(over, labels)}"
    else:
        title = "What was booked could be made" + (f", but for {per_period(over, labels)}" if over else "")
    grows = f"; it grows by {amount(growth)} h a {period_noun(labels)}" if growth > 0.5 else ""
    return Finding(
        title=title,
        subtitle=f"Booked, feasible and shipped revenue; backlog of {result.summary['constraint']} [E04]",
        alt=(
            f"Lines of booked, feasible and shipped revenue by {period_noun(labels)}, {labels[0]} to {labels[-1]}. "
            f"{share(illusory)} of all bookings could not be made. The backlog of the constraint is "
            f"{amount(cover, 1)} {period_noun(labels, 2)} at the end{grows}."
        ),
    )


def _draw(ax: Axes, result: BookingResult) -> None:
    labels = last_periods(result.table["period"])
    rows = result.table.tail(len(labels))
    x = np.arange(len(labels))
    above, below = split_down(ax, (2.4, 1), 0.12)
    booked, feasible = rows["booked"].to_numpy(float), rows["feasible"].to_numpy(float)
    above.fill_between(
        x,
        feasible,
        booked,
        where=booked > feasible,
        hatch="////",
        facecolor="none",
        edgecolor=VERMILION,
        linewidth=0,
    )
    above.plot(x, booked, color=BLACK, linewidth=1.6, label="booked")
    above.plot(x, feasible, color=BLUE, linewidth=1.6, linestyle=(0, (4, 2)), label="feasible")
    above.plot(x, rows["shipped"], color=GREEN, linewidth=0.9, marker="o", markersize=2.8, label="shipped")
    above.margins(y=0.08)
    as_money(above)
    keys_above(above)
    below.bar(x, rows["cover"], color=GREY, width=0.7)
    below.set_ylim(0, max(1e-9, float(np.nanmax(rows["cover"], initial=0.0)) * 1.15))
    below.locator_params(axis="y", nbins=2)
    below.set_ylabel(f"backlog,\n{period_noun(labels, 2)}", size=BODY)
    periods_below(below, labels)
