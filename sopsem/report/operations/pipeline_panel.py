"""Stated chances of deals against how many were won, and their sum against what came (E28)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from sopsem.executive.pipeline import PipelineResult
from sopsem.executive.schema.policy import DEFAULT_POLICY
from sopsem.report.canvas import BLACK, BLUE, GREEN, GREY, ORANGE
from sopsem.report.operations.marks import as_shares, bare, spread
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn, inches_of, split_across
from sopsem.report.operations.wording import amount, short_name, signed

__all__ = ["panel_pipeline", "pipeline_panel"]

FEWEST = DEFAULT_POLICY["pipeline"]["min_closed"]
CLOSE = 0.05


def panel_pipeline(result: PipelineResult, ax: Axes | None = None, *, fewest: int = FEWEST) -> Axes:
    """Draw the reliability diagram by stage, and stated, expected and won deals beside it.

    Parameters
    ----------
    result : PipelineResult
        Of ``pipeline_integrity``.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.
    fewest : int
        Closed deals below which nothing is said: the policy's ``min_closed``.

    Returns
    -------
    Axes
        Upright lines are Wilson's 95 % intervals of the share won.

    Examples
    --------
    >>> from sopsem.executive.pipeline import pipeline_integrity
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> panel_pipeline(pipeline_integrity(simulate_manufacturer(0.5, 13, seed=1).tables()["pipeline"])).get_gid()
    'panel-pipeline'

    """
    return drawn(pipeline_panel(result, fewest), ax)


def pipeline_panel(result: PipelineResult, fewest: int = FEWEST) -> Panel:
    """Return the panel with its finding."""
    return Panel(name="pipeline", finding=_finding(result, fewest), draw=lambda ax: _draw(ax, result))


def _finding(result: PipelineResult, fewest: int) -> Finding:
    n, stated, wins = int(result.number("n_closed")), result.number("stated_wins"), result.number("wins")
    value = result.number("value_optimism")
    if n < fewest:
        title = f"Too few closed deals to judge the pipeline: have {n}, need {fewest}"
    elif abs(stated - wins) <= CLOSE * max(wins, 1):
        title = f"Stated chances hold: {amount(stated)} wins stated, {amount(wins)} won"
    else:
        word = "only " if wins < stated else ""
        title = f"Chances stated add up to {amount(stated)} wins; {word}{amount(wins)} were won"
    return Finding(
        title=title,
        subtitle=f"Stated chance against share won, {n} closed deals; value {signed(value)} [E28]",
        alt=(
            f"Scatter of the stated chance of winning against the share won, by stage, with the diagonal of perfect "
            f"statements. Wins stated {amount(stated)}, won {amount(wins)} of {n} closed deals; value {signed(value)}."
        ),
    )


def _draw(ax: Axes, result: PipelineResult) -> None:
    left, right = split_across(ax, (1.45, 1), 0.1)
    rows = result.table[result.table["n"] > 0]
    left.plot([0, 1], [0, 1], color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    for row in rows.itertuples(index=False):
        held = stats.binomtest(int(row.won), int(row.n)).proportion_ci(method="wilson")
        left.plot([row.stated] * 2, [held.low, held.high], color=BLUE, linewidth=1.6)
    left.scatter(rows["stated"], rows["rate"], s=36, color=BLUE, zorder=3)
    _names(left, rows)
    left.set_xlim(-0.02, 1.04)
    left.set_ylim(-0.04, 1.06)
    as_shares(left, "x", 5)
    as_shares(left, "y", 5)
    left.set_xlabel("stated chance", size=BODY, labelpad=1)
    left.set_ylabel("won", size=BODY, labelpad=1)
    _bars(right, result)


def _names(ax: Axes, rows: pd.DataFrame) -> None:
    """Write the stages right of the marks, or left where the right edge is near; none touches another."""
    room = 0.17 / max(0.4, inches_of(ax)[1])
    places = spread(rows["rate"].tolist(), room * 1.1)
    for row, y in zip(rows.itertuples(index=False), places, strict=True):
        near = row.stated > 0.6
        ax.annotate(
            f"{short_name(str(row.stage), 1.0)} ({row.n})",
            (row.stated, min(y, 0.98)),
            xytext=(-7 if near else 7, 5 if near else -5),
            textcoords="offset points",
            ha="right" if near else "left",
            va="center",
            size=BODY,
            color=BLACK,
        )


def _bars(ax: Axes, result: PipelineResult) -> None:
    rows = result.table
    numbers = {
        "stated": result.number("stated_wins"),
        "expected": float((rows["n"] * rows["shrunken"]).sum()),
        "won": result.number("wins"),
    }
    for x, ((name, value), (color, hatch)) in enumerate(
        zip(numbers.items(), ((ORANGE, ""), (GREY, "////"), (GREEN, "....")), strict=True)
    ):
        ax.bar(
            x,
            value,
            width=0.66,
            color="white" if hatch else color,
            edgecolor=color,
            hatch=hatch,
            linewidth=1.0,
        )
        ax.annotate(
            amount(value), (x, value), xytext=(0, 2), textcoords="offset points", ha="center", size=BODY
        )
        del name
    ax.set_xticks(range(3), list(numbers))
    ax.set_xlim(-0.55, 2.55)
    ax.set_ylim(0, max(1.0, np.nanmax(list(numbers.values()))) * 1.18)
    ax.set_yticks([])
    ax.set_xlabel("wins", size=BODY, labelpad=1)
    bare(ax, "bottom")
