"""Prices that follow capacity: floors from the price of an hour, prices that clear a full plant, elasticity."""

from sopsem.executive.pricing.clearing import Clearing, clearing_prices
from sopsem.executive.pricing.corridor import PriceCorridor, price_corridor
from sopsem.executive.pricing.elasticity import Elasticity, estimate_elasticity

__all__ = [
    "Clearing",
    "Elasticity",
    "PriceCorridor",
    "clearing_prices",
    "estimate_elasticity",
    "price_corridor",
]
