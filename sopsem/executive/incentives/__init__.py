"""Incentives: what the pay of sales rewards, set beside what the enterprise earns."""

from sopsem.executive.incentives.alignment import IncentiveResult, incentive_alignment

__all__ = ["IncentiveResult", "incentive_alignment"]
