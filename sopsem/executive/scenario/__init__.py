"""Plans over several periods: the best one, what scenarios do to it, and the trade between functional views."""

from sopsem.executive.scenario.horizon import Plan, best_plan, plan_horizon
from sopsem.executive.scenario.model import PlanModel, Workforce

__all__ = ["Plan", "PlanModel", "Workforce", "best_plan", "plan_horizon"]
