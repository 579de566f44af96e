"""Every figure of a report by its name; each takes plain frames and returns a matplotlib Figure.

``figure_bytes`` makes the file.
"""

from sopsem.report.canvas import figure_bytes
from sopsem.report.distributions import bootstrap_distributions
from sopsem.report.draws_panel import draws_panel
from sopsem.report.driver_map import driver_map
from sopsem.report.forest import forest_plot
from sopsem.report.path_diagram import path_diagram

__all__ = [
    "bootstrap_distributions",
    "draws_panel",
    "driver_map",
    "figure_bytes",
    "forest_plot",
    "path_diagram",
]
