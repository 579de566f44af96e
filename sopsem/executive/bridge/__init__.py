"""The bridge: what people perceive of alignment (a survey) beside what the records of the same units say."""

from sopsem.executive.bridge.link import link_survey
from sopsem.executive.bridge.measured import MeasuredUnits, measure_units
from sopsem.executive.bridge.result import Bridge

__all__ = ["Bridge", "MeasuredUnits", "link_survey", "measure_units"]
