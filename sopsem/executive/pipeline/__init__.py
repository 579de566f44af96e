"""Pipeline discipline: are stated chances kept, and what demand do they make with its spread."""

from sopsem.executive.pipeline.calibration import brier_parts, cox_calibration, shrunken_rate
from sopsem.executive.pipeline.demand import DemandScenarios, probabilistic_demand
from sopsem.executive.pipeline.integrity import PipelineResult, pipeline_integrity
from sopsem.executive.pipeline.wins import WinsResult, win_distribution

__all__ = [
    "DemandScenarios",
    "PipelineResult",
    "WinsResult",
    "brier_parts",
    "cox_calibration",
    "pipeline_integrity",
    "probabilistic_demand",
    "shrunken_rate",
    "win_distribution",
]
