"""Every panel of the dashboard: a function each, and all of an assessment in the order of its pages."""

from collections.abc import Callable, Mapping
from typing import Any

from sopsem.executive.assessment import Assessment
from sopsem.executive.bridge import Bridge
from sopsem.report.operations.arbitration_panel import arbitration_panel, panel_arbitration
from sopsem.report.operations.booking_panel import booking_panel, panel_booking
from sopsem.report.operations.cash_panel import cash_panel, panel_cash
from sopsem.report.operations.component_panel import component_panel, panel_components
from sopsem.report.operations.conflict_panel import conflict_panel, panel_conflicts
from sopsem.report.operations.decision_panel import decision_panel, panel_decisions
from sopsem.report.operations.delivery_panel import delivery_panel, panel_delivery
from sopsem.report.operations.load_panel import load_panel, panel_load
from sopsem.report.operations.optimism_panel import optimism_panel, panel_optimism
from sopsem.report.operations.panel import Panel
from sopsem.report.operations.perception_panel import panel_perception, perception_panel
from sopsem.report.operations.pipeline_panel import panel_pipeline, pipeline_panel
from sopsem.report.operations.product_panel import panel_products, product_panel
from sopsem.report.operations.profit_panel import panel_profit, profit_panel
from sopsem.report.operations.refusal_panel import refusal_panel, unasked_panel
from sopsem.report.operations.replay_panel import panel_replay, replay_panel
from sopsem.report.operations.utilisation_panel import panel_utilisation, utilisation_panel
from sopsem.report.operations.value_added_panel import panel_value_added, value_added_panel

__all__ = [
    "back_panels",
    "front_panels",
    "panel_arbitration",
    "panel_booking",
    "panel_cash",
    "panel_components",
    "panel_conflicts",
    "panel_decisions",
    "panel_delivery",
    "panel_load",
    "panel_optimism",
    "panel_perception",
    "panel_pipeline",
    "panel_products",
    "panel_profit",
    "panel_replay",
    "panel_utilisation",
    "panel_value_added",
]

Maker = Callable[[Any, Assessment], Panel]  # of the field and of the whole
# topic and panel by the field of the assessment that it starts from
FRONT: Mapping[str, tuple[str, Maker]] = {
    "booking": ("Booked, feasible and shipped revenue [E04]", lambda own, _: booking_panel(own)),
    "bottleneck": (
        "Utilisation of the constraint [E05, E07]",
        lambda own, a: utilisation_panel(own, a.corridor),
    ),
    "contribution": (
        "Contribution per hour of the constraint [E01, E34]",
        lambda own, a: product_panel(own, a.prices),
    ),
    "bias": (
        "Optimism of the forecast by sales unit [E25]",
        lambda own, a: optimism_panel(own, a.tables.policy["forecast"]["ts_limit"]),
    ),
    "value_added": (
        "Value added by the steps of the forecast [E26]",
        lambda own, _: value_added_panel(own),
    ),
    "pipeline": (
        "Stated chances against deals won [E28]",
        lambda own, a: pipeline_panel(own, a.tables.policy["pipeline"]["min_closed"]),
    ),
    "delivery": (
        "On time in full, open lines, premium freight [orders]",
        lambda own, _: delivery_panel(own),
    ),
    "replay": ("Authorisation rule replayed on past orders [E35]", lambda own, _: replay_panel(own)),
    "cash": ("Cash cycle [E19]", lambda own, _: cash_panel(own)),
    "arbitration": ("The plan ahead by view [E33]", lambda own, _: arbitration_panel(own)),
    "scenarios": ("Profit of the periods ahead [E32]", lambda own, _: profit_panel(own)),
}
BACK: Mapping[str, tuple[str, Maker]] = {
    "bottleneck": ("Load by resource and period [E05]", lambda own, _: load_panel(own)),
    "index": ("Components of the alignment index [E41]", lambda own, _: component_panel(own)),
    "replay": ("Orders that the rule would not have approved [E35]", lambda own, _: decision_panel(own)),
    "incentives": ("Orders paid for that lose value [E37]", lambda own, _: conflict_panel(own)),
}


def front_panels(found: Assessment, bridge: Bridge | None = None) -> tuple[Panel, ...]:
    """Return the panels of the first page; what could not be made is a card with the reason."""
    last = unasked_panel() if bridge is None else perception_panel(bridge, found.unit)
    return (*_made(found, FRONT), last)


def back_panels(found: Assessment) -> tuple[Panel, ...]:
    """Return the panels of the second page: what stands behind the first."""
    return tuple(_made(found, BACK))


def _made(found: Assessment, asked: Mapping[str, tuple[str, Maker]]) -> list[Panel]:
    return [
        refusal_panel(name, topic, found.missing) if own is None else make(own, found)
        for name, (topic, make) in asked.items()
        for own in (getattr(found, name),)
    ]
