"""Capacity: where the bottleneck is and moves to, what a line can do by its physics, and the range to load it in."""

from sopsem.executive.capacity.bottleneck import BottleneckResult, bottleneck_map
from sopsem.executive.capacity.corridor import (
    Corridor,
    breakdown_scv,
    flow_factor,
    plant_corridor,
    utilization_corridor,
)
from sopsem.executive.capacity.line import LineResult, line_benchmark, line_benchmark_from

__all__ = [
    "BottleneckResult",
    "Corridor",
    "LineResult",
    "bottleneck_map",
    "breakdown_scv",
    "flow_factor",
    "line_benchmark",
    "line_benchmark_from",
    "plant_corridor",
    "utilization_corridor",
]
