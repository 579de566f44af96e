"""What every step of the forecast takes from its error: the staircase from naive to consensus (E26)."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sopsem.executive.forecast import ValueAdded
from sopsem.report.canvas import BLACK, BLUE, GREY, VERMILION
from sopsem.report.operations.marks import as_shares, bare
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn
from sopsem.report.operations.wording import share, short_name, signed, thin

__all__ = ["panel_value_added", "value_added_panel"]

SURE = 0.05


def panel_value_added(result: ValueAdded, ax: Axes | None = None) -> Axes:
    """Draw the error after every step, and what the step added with its 95 % interval.

    Parameters
    ----------
    result : ValueAdded
        Of ``forecast_value_added``.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from sopsem.executive.forecast import forecast_value_added
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> t = simulate_manufacturer(0.5, 13, seed=1).tables()
    >>> panel_value_added(forecast_value_added(t["forecasts"], t["demand"])).get_gid()
    'panel-value-added'

    """
    return drawn(value_added_panel(result), ax)


def value_added_panel(result: ValueAdded) -> Panel:
    """Return the panel with its finding."""
    return Panel(name="value-added", finding=_finding(result), draw=lambda ax: _draw(ax, result))


def _finding(result: ValueAdded) -> Finding:
    rows = result.table
    steps = "; ".join(f"{row.step} {share(row.wape)}" for row in rows.itertuples(index=False))
    n = int(result.number("n_periods"))
    return Finding(
        title=_title(result),
        subtitle="Forecast error (WAPE) by step; what each adds, 95% interval [E26]",
        alt=f"Staircase of the forecast error over {n} periods: {steps}. {_title(result)}.",
    )


def _title(result: ValueAdded) -> str:
    """Return which step makes the forecast worse beyond chance, else what all steps bring."""
    rows = result.table.iloc[1:]
    total = result.number("total_added")
    too_few = thin(result.notices)
    if len(rows) == 0:
        return "One step of forecasting: nothing to compare"
    if too_few and rows["dm_p"].isna().all():
        return f"Value added is not tested: {too_few.partition(': ')[2]} periods"
    worse = rows[(rows["added"] < 0) & (rows["dm_p"] < SURE)]
    better = rows[(rows["added"] > 0) & (rows["dm_p"] < SURE)]
    if len(worse):
        worst = worse.loc[worse["added"].idxmin()]
        before, after = float(worst["wape"] + worst["added"]), float(worst["wape"])
        return f"The {short_name(worst['step'], 1.2)} step raises forecast error from {share(before)} to {share(after)}"
    if better.empty:
        return "No step changes the forecast error beyond chance"
    first, last = float(result.table["wape"].iloc[0]), float(result.table["wape"].iloc[-1])
    if total > 0:
        return f"Forecasting cuts the error from {share(first)} to {share(last)}; no step destroys value"
    return f"All steps together leave the error at {share(last)}, naive {share(first)}"


def _draw(ax: Axes, result: ValueAdded) -> None:
    rows = result.table
    wape = rows["wape"].to_numpy(float)
    for x, row in enumerate(rows.to_dict("records")):
        _step(ax, x, row)
        top = np.nanmax([wape[max(0, x - 1)], wape[x], wape[x] + row["added_high"] - row["added"]])
        ax.annotate(
            share(wape[x]),
            (x, top),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            size=BODY,
            weight="bold",
        )
    ax.set_xticks(range(len(rows)), [_below(row) for row in rows.to_dict("records")])
    ax.set_xlim(-0.6, len(rows) - 0.4)
    ax.set_ylim(0, float(np.nanmax(wape)) * 1.28)
    as_shares(ax)
    bare(ax, "left", "bottom")
    ax.tick_params(axis="y", length=3)


def _below(row: Mapping[Hashable, Any]) -> str:
    name = short_name(str(row["step"]), 1.0)
    return name if np.isnan(row["added"]) else f"{name}\nadds {signed(row['added'])}"


def _step(ax: Axes, x: int, row: Mapping[Hashable, Any]) -> None:
    """Draw the bar of a step and the part of the error that it took away or brought."""
    after, added = float(row["wape"]), float(np.nan_to_num(row["added"]))
    before = after + added
    ax.bar(x, min(before, after), width=0.62, color="#c9c9c9", edgecolor=GREY, linewidth=0.6)
    if x == 0:
        return
    ax.plot([x - 0.69, x + 0.31], [before, before], color=GREY, linewidth=0.8, linestyle=(0, (2, 2)))
    good = added >= 0
    ax.bar(
        x,
        abs(added),
        bottom=min(before, after),
        width=0.62,
        color="white" if good else VERMILION,
        edgecolor=BLUE if good else VERMILION,
        hatch="////" if good else "",
        linewidth=1.0,
    )
    if np.isfinite(row["added_low"]):
        ax.errorbar(
            x, after, yerr=float(row["added_high"]) - added, color=BLACK, capsize=4, linewidth=1.4, zorder=4
        )
