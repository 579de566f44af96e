"""Profit of the periods ahead as it adds up: its spread over demand, breakeven, and named worlds (E32)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sopsem.executive.scenario import ScenarioResult
from sopsem.report.canvas import BLACK, BLUE, GREEN, GREY, SKY, VERMILION
from sopsem.report.operations.marks import as_money, periods_below, spread
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn, inches_of
from sopsem.report.operations.wording import money, period_noun, share, short_name, thin

__all__ = ["panel_profit", "profit_panel"]

LOOK = ((BLACK, "o", "-"), (VERMILION, "v", (0, (4, 2))), (GREEN, "^", (0, (1, 1.2))))
WORLDS = ("base", "downside", "upside")


def panel_profit(result: ScenarioResult, ax: Axes | None = None) -> Axes:
    """Draw the fan of profit added up over the periods, from the 5th to the 95th percentile, and three worlds.

    Parameters
    ----------
    result : ScenarioResult
        Of ``simulate_scenarios``.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.

    Returns
    -------
    Axes
        Zero is breakeven: fixed cost is taken off.

    Examples
    --------
    >>> from sopsem.executive.scenario import simulate_scenarios
    >>> from sopsem.executive.scenario.trial import small_model
    >>> panel_profit(simulate_scenarios(small_model())).get_gid()
    'panel-profit'

    """
    return drawn(profit_panel(result), ax)


def profit_panel(result: ScenarioResult) -> Panel:
    """Return the panel with its finding."""
    return Panel(name="profit", finding=_finding(result), draw=lambda ax: _draw(ax, result))


def _finding(result: ScenarioResult) -> Finding:
    own = {name: result.number(name) for name in result.summary}
    periods = list(dict.fromkeys(result.paths["period"]))
    ahead = f"{len(periods)} {period_noun(periods, len(periods))}" if periods else "the plan"
    if np.isfinite(own["p5"]):
        title = f"Profit of {ahead}: {money(own['p5'])} to {money(own['p95'])} in nine cases of ten"
        if own["p_loss"] > 0:
            title += f"; a loss in {share(own['p_loss'])}"
    else:
        base = float(result.table.set_index("scenario").loc["base", "profit"])
        title = f"Profit of {ahead} {money(base)} as planned; its spread is not known"
        title += f" ({thin(result.notices)})" if thin(result.notices) else ""
    worlds = ", ".join(
        f"{row.scenario} {money(row.profit)}" if np.isfinite(row.profit) else f"{row.scenario} impossible"
        for row in result.table.itertuples(index=False)
    )
    return Finding(
        title=title,
        subtitle="Profit added up: P5 to P95 and quartiles, breakeven at 0, named worlds [E32]",
        alt=f"Fan of profit added up over {ahead}, with breakeven at zero. {title}. Worlds: {worlds}.",
    )


def _draw(ax: Axes, result: ScenarioResult) -> None:
    paths = result.paths
    periods = list(dict.fromkeys(paths["period"]))
    x = np.arange(len(periods) + 1)
    wide = paths.pivot_table(index="path", columns="period", values="cumulative")
    wide = wide[periods] if periods else wide
    if "p5" in wide.index:
        _fan(ax, x, wide)
    ax.axhline(0, color=GREY, linewidth=1.0)
    named = [name for name in WORLDS if name in wide.index] or list(wide.index[:3])
    ends = []
    for name, (color, mark, line) in zip(named, LOOK, strict=False):
        y = np.r_[0, wide.loc[name].to_numpy(float)]
        ax.plot(x, y, color=color, marker=mark, linestyle=line, linewidth=1.4, markersize=4.5)
        ends.append((f"{short_name(name, 0.9)} {money(y[-1])}", y[-1], color))
    ax.margins(y=0.06)
    as_money(ax)
    periods_below(ax, ["start", *periods])
    ax.set_xlim(0, len(periods) + 0.02 * len(periods))
    _ends(ax, ends, len(periods))


def _fan(ax: Axes, x: np.ndarray, wide: pd.DataFrame) -> None:
    low, lower, middle, upper, high = (
        np.r_[0, wide.loc[q].to_numpy(float)] for q in ("p5", "p25", "p50", "p75", "p95")
    )
    ax.fill_between(x, low, high, facecolor=SKY, alpha=0.45, edgecolor=BLUE, linewidth=0.6)
    ax.fill_between(x, lower, upper, facecolor=BLUE, alpha=0.35, linewidth=0)
    ax.plot(x, middle, color=BLUE, linewidth=1.2)


def _ends(ax: Axes, ends: list[tuple[str, float, str]], x: float) -> None:
    """Write the names of the worlds at the ends of their lines, none on another."""
    low, high = ax.get_ylim()
    room = (high - low) * 0.165 / max(0.3, inches_of(ax)[1])
    places = spread([end for _, end, _ in ends], room)
    for (text, _, color), y in zip(ends, places, strict=True):
        ax.annotate(
            text, (x, y), xytext=(9, 0), textcoords="offset points", va="center", size=BODY, color=color
        )
