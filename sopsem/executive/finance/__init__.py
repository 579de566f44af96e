"""Finance: where cash is tied up, and why."""

from sopsem.executive.finance.cash import CashResult, cash_cycle, cash_days

__all__ = ["CashResult", "cash_cycle", "cash_days"]
