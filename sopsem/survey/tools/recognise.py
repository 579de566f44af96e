"""Which survey tool wrote a file.

A new tool is one function that knows its export's shape, in a module of its own, and one line here.
"""

from collections.abc import Callable, Sequence

from sopsem.survey.table import Grid
from sopsem.survey.tools import plain, qualtrics
from sopsem.survey.tools.layout import Layout

__all__ = ["TOOLS", "recognise", "recognise_names"]

# the most particular shapes first
TOOLS: tuple[Callable[[Grid], Layout | None], ...] = (qualtrics.three_rows, qualtrics.legacy)


def recognise(grid: Grid) -> Layout:
    """Return the layout of the first tool whose shape the grid has, or the plain one."""
    return next((layout for tool in TOOLS if (layout := tool(grid))), None) or plain.one_row(grid)


def recognise_names(names: Sequence[str]) -> tuple[str, dict[str, int]]:
    """Return the tool and its roles for named columns without header rows: of a frame or a statistics file.

    Examples
    --------
    >>> recognise_names(["respondent_id", "col1"])
    ('plain', {'respondent_id': 0})

    """
    roles = qualtrics.named(names)
    return ("Qualtrics", roles) if roles is not None else ("plain", plain.plain_roles(names))
