"""The authorisation rule on the orders of the past: what it would have stopped, and how those ended (E35)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sopsem.executive.governance import ReplayResult
from sopsem.report.canvas import BLACK, BLUE, GREY, ORANGE, VERMILION
from sopsem.report.operations.marks import bare
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn, split_across
from sopsem.report.operations.wording import share

__all__ = ["panel_replay", "replay_panel"]

LOOK = {"approve": (BLUE, ""), "escalate": (ORANGE, "////"), "reject": (VERMILION, "xxxx")}
NAMES = {"approve": "approved", "escalate": "escalated", "reject": "rejected"}


def panel_replay(result: ReplayResult, ax: Axes | None = None) -> Axes:
    """Draw the decisions the rule would have made, with how often those orders were late and what they leaked.

    Parameters
    ----------
    result : ReplayResult
        Of ``replay``.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from datetime import date
    >>> from sopsem.executive.governance import replay
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> panel_replay(replay(simulate_manufacturer(0.5, 13, seed=1).tables(), since=date(2023, 1, 1))).get_gid()
    'panel-replay'

    """
    return drawn(replay_panel(result), ax)


def replay_panel(result: ReplayResult) -> Panel:
    """Return the panel with its finding."""
    return Panel(name="replay", finding=_finding(result), draw=lambda ax: _draw(ax, result))


def _finding(result: ReplayResult) -> Finding:
    own = {name: result.number(name) for name in result.summary}
    stopped = own["share_escalated"] + own["share_rejected"]
    n = int(own["n"])
    late, kept = own["share_late_stopped"], own["share_late_approved"]
    if n == 0:
        title = "No order was judged again"
    else:
        title = f"The rule would have stopped {share(stopped)} of {n} orders"
        if np.isfinite(late) and np.isfinite(kept):
            title += f": {share(late)} of those came late, {share(kept)} of the others"
    return Finding(
        title=title,
        subtitle="Authorisation rule replayed on past orders: an association, not an effect [E35]",
        alt=f"Bars of the orders by decision; for each how many came late and what value was lost. {title}.",
    )


def _draw(ax: Axes, result: ReplayResult) -> None:
    rows = result.groups
    first, second, third = split_across(ax, (1, 1, 1), 0.07)
    _bars(first, rows, "share", "of order lines")
    _bars(second, rows, "share_late", "delivered late")
    _bars(third, rows, "leakage", "freight, penalties")
    first.set_yticks(
        range(len(rows)), [f"{NAMES[d]}\n{n} lines" for d, n in zip(rows["decision"], rows["n"], strict=True)]
    )


def _bars(ax: Axes, rows: pd.DataFrame, column: str, title: str) -> None:
    values = rows[column].to_numpy(float)
    for place, (decision, value) in enumerate(zip(rows["decision"], values, strict=True)):
        color, hatch = LOOK[decision]
        known = np.isfinite(value)
        ax.barh(
            place,
            value if known else 0,
            height=0.56,
            color="white" if hatch else color,
            edgecolor=color,
            hatch=hatch,
            linewidth=1,
        )
        ax.annotate(
            share(value) if known else "too few",
            (value if known else 0, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            size=BODY,
            color=BLACK if known else GREY,
        )
    ax.set_xlim(0, max(0.001, float(np.nanmax(values, initial=0.0))) * 1.45)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title(title, size=BODY, loc="left", pad=3)
    bare(ax, "left")
