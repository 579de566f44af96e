"""Plans over several periods: the best one, what scenarios do to it, and the trade between functional views."""

from sopsem.executive.scenario.adjusting import adjusted, promotion
from sopsem.executive.scenario.arbitration import Arbitration, arbitrate
from sopsem.executive.scenario.horizon import Plan, best_plan, plan_horizon
from sopsem.executive.scenario.model import PlanModel, Workforce
from sopsem.executive.scenario.sensitivity import Sensitivity, sensitivity
from sopsem.executive.scenario.simulation import ScenarioResult, simulate_scenarios

__all__ = [
    "Arbitration",
    "Plan",
    "PlanModel",
    "ScenarioResult",
    "Sensitivity",
    "Workforce",
    "adjusted",
    "arbitrate",
    "best_plan",
    "plan_horizon",
    "promotion",
    "sensitivity",
    "simulate_scenarios",
]
