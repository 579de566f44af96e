"""Synthetic manufacturers: every mechanism driven by one number, the true alignment, and switched one by one."""

from sopsem.executive.simulate.enterprise import Enterprise, simulate_enterprise, simulate_moderation
from sopsem.executive.simulate.manufacturer import Manufacturer, simulate_manufacturer

__all__ = [
    "Enterprise",
    "Manufacturer",
    "simulate_enterprise",
    "simulate_manufacturer",
    "simulate_moderation",
]
