"""Which survey tool wrote a file.

A new tool is one function that knows its export's shape, in a module of its own, and one line here.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sopsem.survey.table import Grid
from sopsem.survey.tools import google_forms, limesurvey, microsoft_forms, plain, qualtrics, surveymonkey
from sopsem.survey.tools.layout import Layout

__all__ = ["TOOLS", "named_layout", "recognise"]

# the most particular shapes first
TOOLS: tuple[Callable[[Grid], Layout | None], ...] = (
    qualtrics.three_rows,
    qualtrics.legacy,
    limesurvey.vv,
    limesurvey.code_headings,
    limesurvey.text_headings,
    surveymonkey.two_rows,
    google_forms.timestamped,
    microsoft_forms.numbered_and_timed,
)
NAMED: tuple[tuple[str, Callable[[Sequence[str]], dict[str, int] | None]], ...] = (
    ("Qualtrics", qualtrics.named),
    ("LimeSurvey", limesurvey.named),
)


def recognise(grid: Grid) -> Layout:
    """Return the layout of the first tool whose shape the grid has, or the plain one."""
    return next((layout for tool in TOOLS if (layout := tool(grid))), None) or one_row(grid)


def one_row(grid: Grid) -> Layout:
    """Take the first row as names, which may also be whole questions."""
    return replace(named_layout(tuple(name.strip() for name in grid.rows[0].fields)), n_header=1)


def named_layout(names: Sequence[str], headings: Sequence[str] = ()) -> Layout:
    """Return the layout of named columns without header rows: of a frame or a statistics file.

    Examples
    --------
    >>> layout = named_layout(["respondent_id", "col1"])
    >>> layout.tool, layout.roles
    ('plain', {'respondent_id': 0})

    """
    found = next(((tool, roles, ()) for tool, known in NAMED if (roles := known(names)) is not None), None)
    tool, roles, notes = found or ("plain", *plain.plain_roles(names))
    return Layout(
        tool=tool,
        n_header=0,
        names=tuple(names),
        headings=tuple(headings),
        aliases=tuple(
            _aliases(tool, name, text) for name, text in zip(names, headings or names, strict=True)
        ),
        roles=roles,
        notes=notes,
    )


def _aliases(tool: str, name: str, text: str) -> tuple[str, ...]:
    codes = limesurvey.code_of(name) if tool == "LimeSurvey" else ()
    return (*qualtrics.parts(text), *plain.row_of_grid(text), *codes)
