"""Orders that sales is paid for though they cost the firm more than they bring (E37)."""

from matplotlib.axes import Axes

from sopsem.executive.incentives import IncentiveResult
from sopsem.report.operations.panel import Finding, Panel, drawn, inches_of
from sopsem.report.operations.text_table import TextTable, draw_table
from sopsem.report.operations.wording import amount, money, share, thin

__all__ = ["conflict_panel", "panel_conflicts"]

HELD = 20


def panel_conflicts(result: IncentiveResult, ax: Axes | None = None) -> Axes:
    """Write the conflict set, the dearest first.

    Parameters
    ----------
    result : IncentiveResult
        Of ``incentive_alignment``.
    ax : Axes, optional
        Where to draw; by default a sheet of its own.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from sopsem.executive.incentives import incentive_alignment
    >>> from sopsem.executive.simulate import simulate_manufacturer
    >>> t = simulate_manufacturer(0.5, 13, seed=1).tables()
    >>> given = (t[name] for name in ("incentives", "orders", "products", "routings"))
    >>> panel_conflicts(incentive_alignment(*given, {"MACH": 300.0})).get_gid()
    'panel-conflicts'

    """
    return drawn(conflict_panel(result), ax)


def conflict_panel(result: IncentiveResult) -> Panel:
    """Return the panel with its finding."""
    found = result.conflict_set
    table = TextTable(
        columns=("order", "sales unit", "product", "quantity", "revenue", "paid", "net value"),
        rows=tuple(
            (
                r.order_id,
                r.sales_unit,
                r.product_id,
                amount(r.quantity),
                money(r.revenue),
                money(r.pay),
                money(r.net),
            )
            for r in found.head(HELD).itertuples(index=False)
        ),
        alignment="lllrrrr",
        total=len(found),
    )
    return Panel(
        name="conflicts",
        finding=_finding(result),
        draw=lambda ax: draw_table(ax, table, *inches_of(ax)),
        table=table,
    )


def _finding(result: IncentiveResult) -> Finding:
    own = result.summary
    count, n = int(result.number("conflicts")), int(result.number("n"))
    if n == 0:
        title = "No order is paid for"
    elif count == 0:
        title = f"No order of {n} is paid for that costs the firm more than it brings"
    else:
        title = f"{share(result.number('exposure_share'))} of sales pay goes to orders that lose value: {count} of {n}"
    hours = f"hours of {own['constraint']} at their price" if own["constraint"] else "no hour has a price"
    too_few = f"; {thin(result.notices)}" if thin(result.notices) else ""
    return Finding(
        title=title,
        subtitle=f"Orders paid for with a value below zero, {hours}{too_few} [E37]",
        alt=f"Table of the orders with the highest pay among those that lose value. {title}.",
    )
