"""The bridge: what people perceive of alignment (a survey) beside what the records of the same units say.

No public data join answers on alignment with operational tables of the same units, so the bridge is tried on synthetic
enterprises only.  With one unit nothing can be correlated; no number of units tells the direction.
"""

from sopsem.executive.bridge.link import link_survey
from sopsem.executive.bridge.measured import MeasuredUnits, measure_units
from sopsem.executive.bridge.result import Bridge

__all__ = ["Bridge", "MeasuredUnits", "link_survey", "measure_units"]
