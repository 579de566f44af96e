"""Every panel of the dashboard: a function each, and all of an assessment in the order of the page."""

from collections.abc import Callable

from sopsem.executive.assessment import Assessment
from sopsem.report.operations.booking_panel import booking_panel, panel_booking
from sopsem.report.operations.cash_panel import cash_panel, panel_cash
from sopsem.report.operations.panel import Panel
from sopsem.report.operations.refusal_panel import refusal_panel, unasked_panel
from sopsem.report.operations.utilisation_panel import panel_utilisation, utilisation_panel

__all__ = ["front_panels", "panel_booking", "panel_cash", "panel_utilisation"]


Maker = Callable[[Assessment], Panel | None]
FRONT: dict[str, tuple[str, Maker]] = {
    "booking": (
        "Booked, feasible and shipped revenue [E04]",
        lambda a: None if a.booking is None else booking_panel(a.booking),
    ),
    "bottleneck": (
        "Utilisation of the constraint [E05, E07]",
        lambda a: None if a.bottleneck is None else utilisation_panel(a.bottleneck, a.corridor),
    ),
    "cash": ("Cash cycle [E19]", lambda a: None if a.cash is None else cash_panel(a.cash)),
}


def front_panels(found: Assessment, bridge: object | None = None) -> tuple[Panel, ...]:
    """Return the panels of the first page; what could not be made is a card with the reason."""
    own = (make(found) or refusal_panel(name, topic, found.missing) for name, (topic, make) in FRONT.items())
    return (*own, *(() if bridge is not None else (unasked_panel(),)))
