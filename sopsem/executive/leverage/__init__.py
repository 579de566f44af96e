"""Operating leverage: breakeven and what moves it, how profit magnifies sales, what makes earnings swing."""

from sopsem.executive.leverage.breakeven import BreakevenResult, breakeven
from sopsem.executive.leverage.operating import LeverageResult, operating_leverage
from sopsem.executive.leverage.plant_breakeven import plant_breakeven
from sopsem.executive.leverage.recalibration import RecalibrationResult, recalibrate_breakeven
from sopsem.executive.leverage.volatility import (
    VolatilityResult,
    ebitda_volatility,
    enterprise_value,
)

__all__ = [
    "BreakevenResult",
    "LeverageResult",
    "RecalibrationResult",
    "VolatilityResult",
    "breakeven",
    "ebitda_volatility",
    "enterprise_value",
    "operating_leverage",
    "plant_breakeven",
    "recalibrate_breakeven",
]
