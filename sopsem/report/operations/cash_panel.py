"""Days that money is tied up: stock, debtors, creditors and the cash cycle (E19)."""

import numpy as np
from matplotlib.axes import Axes

from sopsem.executive.finance import CashResult
from sopsem.report.canvas import BLACK, BLUE, GREY, ORANGE, SKY
from sopsem.report.operations.marks import keys_above, last_periods, periods_below
from sopsem.report.operations.panel import BODY, Finding, Panel, drawn
from sopsem.report.operations.wording import amount, period_noun, thin

__all__ = ["cash_panel", "panel_cash"]

BACK = 3  # periods


def panel_cash(result: CashResult, ax: Axes | None = None) -> Axes:
    """Draw days of stock and debtors above, of creditors below, and their sum, the cash cycle.

    Parameters
    ----------
    result : CashResult
        Of ``cash_cycle`` for one unit.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from sopsem.executive.finance import cash_cycle
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> panel_cash(cash_cycle(simulate_manufacturer(0.5, 13, seed=1).tables()["financials"])).get_gid()
    'panel-cash'

    """
    return drawn(cash_panel(result), ax)


def cash_panel(result: CashResult) -> Panel:
    """Return the panel with its finding."""
    return Panel(name="cash", finding=_finding(result), draw=lambda ax: _draw(ax, result))


def _finding(result: CashResult) -> Finding:
    rows = result.table.dropna(subset=["ccc"])
    labels = result.table["period"].tolist()
    mean = result.number("ccc")
    if rows.empty or np.isnan(mean):
        title = f"Cash cycle not known: {thin(result.notices) or 'no period has all three parts'}"
    else:
        last = float(rows["ccc"].iloc[-1])
        title = f"Money is tied up for {amount(last)} days"
        if len(rows) > BACK:
            title += _moved(last - float(rows["ccc"].iloc[-1 - BACK]), period_noun(labels, BACK))
    parts = ", ".join(f"{name.upper()} {amount(result.number(name))}" for name in ("dio", "dso", "dpo"))
    return Finding(
        title=title,
        subtitle="Days of stock (DIO) + debtors (DSO) − creditors (DPO) = cash cycle [E19]",
        alt=(
            f"Stacked bars of days by {period_noun(labels)} with a line of the cash cycle. "
            f"Means: {parts}, cycle {amount(mean)} days."
        ),
    )


def _moved(change: float, periods: str) -> str:
    if abs(change) < 0.5:
        return f", as {BACK} {periods} before"
    return f", {amount(abs(change))} {'more' if change > 0 else 'fewer'} than {BACK} {periods} before"


def _draw(ax: Axes, result: CashResult) -> None:
    labels = last_periods(result.table["period"])
    rows = result.table.tail(len(labels))
    x = np.arange(len(labels))
    dio, dso, dpo = (np.nan_to_num(rows[name].to_numpy(float)) for name in ("dio", "dso", "dpo"))
    ax.bar(x, dso, color=SKY, label="DSO", width=0.82, edgecolor="white", linewidth=0.3)
    ax.bar(
        x,
        dio,
        bottom=dso,
        color=BLUE,
        hatch="////",
        label="DIO",
        width=0.82,
        edgecolor="white",
        linewidth=0.3,
    )
    ax.bar(x, -dpo, color=ORANGE, hatch="....", label="DPO", width=0.82, edgecolor="white", linewidth=0.3)
    ax.plot(x, rows["ccc"], color="white", linewidth=3.6)
    ax.plot(x, rows["ccc"], color=BLACK, linewidth=1.8, label="cash cycle")
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.locator_params(axis="y", nbins=5)
    ax.set_ylabel("days", size=BODY)
    keys_above(ax)
    periods_below(ax, labels)
