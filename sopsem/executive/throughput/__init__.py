"""Throughput economics: contribution per hour of the constraint, the best mix, its accounts, bookings that are real."""

from sopsem.executive.throughput.accounts import ThroughputAccounts, throughput_accounting
from sopsem.executive.throughput.booking import BookingResult, booking_reality
from sopsem.executive.throughput.contribution import ContributionResult, contribution_table
from sopsem.executive.throughput.mix import MixResult, product_mix

__all__ = [
    "BookingResult",
    "ContributionResult",
    "MixResult",
    "ThroughputAccounts",
    "booking_reality",
    "contribution_table",
    "product_mix",
    "throughput_accounting",
]
