"""Forecast discipline: accuracy on a stated horizon, bias, which steps add value, what of a surge lasts."""

from sopsem.executive.forecast.accuracy import ForecastReport, forecast_report
from sopsem.executive.forecast.bias import BiasResult, forecast_bias
from sopsem.executive.forecast.measures import accuracy, theil, tracking_signal
from sopsem.executive.forecast.persistence import PersistenceResult, demand_persistence
from sopsem.executive.forecast.value_added import ValueAdded, forecast_value_added

__all__ = [
    "BiasResult",
    "ForecastReport",
    "PersistenceResult",
    "ValueAdded",
    "accuracy",
    "demand_persistence",
    "forecast_bias",
    "forecast_report",
    "forecast_value_added",
    "theil",
    "tracking_signal",
]
