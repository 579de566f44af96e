"""Google Forms: a time with its zone first, then questions; a grid's columns are ``question [row]``."""

from sopsem.survey.table import Grid
from sopsem.survey.times import GOOGLE
from sopsem.survey.tools.layout import Layout
from sopsem.survey.tools.plain import row_of_grid

__all__ = ["timestamped"]


def timestamped(grid: Grid) -> Layout | None:
    """Recognise the export by the times in its first column, which only Google writes in this way."""
    first = [row.fields[0].strip() if row.fields else "" for row in grid.rows[1:]]
    if not any(first) or not all(GOOGLE.fullmatch(cell) for cell in first if cell):
        return None
    names = tuple(name.strip() for name in grid.rows[0].fields)
    return Layout(
        tool="Google Forms",
        n_header=1,
        names=names,
        aliases=tuple(row_of_grid(name) for name in names),
        roles={"ended": 0},
    )
