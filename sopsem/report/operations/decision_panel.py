"""The last orders that the authorisation rule would not have approved, with the reasons and how they ended (E35)."""

import pandas as pd
from matplotlib.axes import Axes

from sopsem.executive.governance import ReplayResult
from sopsem.report.operations.panel import Finding, Panel, drawn, inches_of
from sopsem.report.operations.text_table import TextTable, draw_table
from sopsem.report.operations.wording import amount, money, share

__all__ = ["decision_panel", "panel_decisions"]

HELD = 20
WHY = {  # the ten tests, short
    "A1": "data",
    "A2": "capacity",
    "A3": "corridor",
    "A4": "hard floor",
    "A5": "capacity floor",
    "A6": "size",
    "A7": "credit",
    "A8": "liquidity",
    "A9": "speculative",
    "A10": "displacement",
}


def panel_decisions(result: ReplayResult, ax: Axes | None = None) -> Axes:
    """Write the newest orders that would have been escalated or rejected.

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
    >>> panel_decisions(replay(simulate_manufacturer(0.5, 13, seed=1).tables(), since=date(2023, 1, 1))).get_gid()
    'panel-decisions'

    """
    return drawn(decision_panel(result), ax)


def decision_panel(result: ReplayResult) -> Panel:
    """Return the panel with its finding."""
    stopped = result.table[result.table["decision"] != "approve"]
    newest = stopped.sort_values(["order_date", "order_id"], ascending=[False, True], kind="stable")
    table = TextTable(
        columns=(
            "ordered",
            "order",
            "product",
            "decision",
            "net value",
            "days late",
            "why",
        ),
        rows=tuple(_row(row) for row in newest.head(HELD).to_dict("records")),
        alignment="llllrrl",
        total=len(stopped),
    )
    return Panel(
        name="decisions",
        finding=_finding(result, stopped),
        draw=lambda ax: draw_table(ax, table, *inches_of(ax)),
        table=table,
    )


def _row(row: dict[str, object]) -> tuple[str, ...]:
    day = pd.Timestamp(str(row["order_date"])).date().isoformat()
    late = float(row["late_days"])  # type: ignore[arg-type]
    why = ", ".join(WHY.get(code, code) for code in str(row["reasons"]).split())
    return (
        day,
        str(row["order_id"]),
        str(row["product_id"]),
        str(row["decision"]),
        money(float(row["net_value"])),  # type: ignore[arg-type]
        "open" if pd.isna(late) else amount(late),
        why,
    )


def _finding(result: ReplayResult, stopped: pd.DataFrame) -> Finding:
    reasons = stopped["reasons"].str.split().explode().value_counts()
    title = f"All of {len(result.table)} orders would have been approved"
    if len(stopped):
        most, part = WHY[str(reasons.index[0])], share(int(reasons.iloc[0]) / len(stopped))
        title = f"{most.capitalize()} is the reason for {part} of the orders that the rule stops"
    return Finding(
        title=title,
        subtitle=f"Newest of {len(stopped)} orders not approved; value net of the price of hours; − is early [E35]",
        alt=f"Table of the newest orders that the rule would have escalated or rejected. {title}.",
    )
