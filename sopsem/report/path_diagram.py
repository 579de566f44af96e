"""Path diagram of any structural equation model, drawn from a frame of estimates.

Ellipses are factors, hexagons composites, rectangles observed variables; arrows carry estimates without a leading
zero.  Black on white, sizes in inches, so the letters keep their size in print.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

import pandas as pd
from matplotlib.figure import Figure

from sopsem.report.canvas import fitted_foot, fitted_head, house_style, sheet, write_lines
from sopsem.report.path_drawing import Drawing, Look, drawing, names_of, paint
from sopsem.report.path_model import PathModel, read_paths

__all__ = ["caption", "compose", "explained_lines", "path_diagram"]

_WIDEST_SHEET = 15.0  # inches; panels that are wider together stand below each other
_GUTTER = 0.35


def path_diagram(
    frame: pd.DataFrame,
    r2: pd.Series | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    items: bool = True,
    digits: int = 2,
    title: str = "Standardized solution",
    source_label: str = "",
    look: Look | None = None,
) -> Figure:
    """Draw a model with its standardized estimates.

    Parameters
    ----------
    frame : DataFrame
        Columns lhs, op, rhs, est_std, pvalue; one group.
    r2 : Series, optional
        Explained variance by variable name, shown inside the variable.
    labels : mapping of str to str, optional
        Names to print instead of variable names.
    items : bool
        False draws the structural part only.
    digits : int
        Decimals of the estimates.
    title, source_label : str
        Printed above; ``source_label`` says what the data are, e.g. "synthetic data".
    look : Look, optional
        How arrows and numbers are drawn; black, dashed where p is .05 or more, with stars, by default.

    Returns
    -------
    Figure

    Raises
    ------
    UsageError
        When a column is missing, the frame holds several groups, or nothing can be drawn.

    Examples
    --------
    >>> rows = [("y", "~", "x", -0.448, 0.001), ("y", "~~", "y", 0.8, 0.0)]
    >>> frame = pd.DataFrame(rows, columns=["lhs", "op", "rhs", "est_std", "pvalue"])
    >>> figure = path_diagram(frame, pd.Series({"y": 0.2}), digits=3)
    >>> any(text.get_text() == "−.448**" for text in figure.axes[0].texts)
    True

    """
    style = look or Look(digits=digits)
    model = read_paths(frame, items=items)
    panel = drawing(model, names_of([model], labels or {}, [explained_lines(model, r2, style)])[0], style)
    return compose([panel], title, source_label, caption(model, style, explained=r2 is not None))


def explained_lines(model: PathModel, r2: pd.Series | None, look: Look) -> dict[str, str]:
    """Return the line of R² below every explained variable of the structure."""
    known = {} if r2 is None else r2
    return {name: look.explained(float(known[name])) for name in model.structure if name in known}


def caption(model: PathModel, look: Look, *, explained: bool) -> str:
    """Return what the shapes, lines and numbers of a diagram mean."""
    shown = (
        ("ellipses are factors", len(model.factors) > len(model.composites)),
        ("hexagons are composites", bool(model.composites)),
        ("rectangles are observed variables", bool(model.observed or model.items)),
    )
    shapes = ", ".join(text for text, wanted in shown if wanted)
    numbers = f"{shapes}; numbers are {'standardized' if look.standardized else 'unstandardized'} estimates"
    if explained:
        numbers += ", R² is the explained share of the variance"
    lines = {"dashed": "dashed: p\xa0≥\xa0.05", "grey": "grey: p\xa0≥\xa0.05", "plain": ""}[
        look.insignificant
    ]
    colors = "blue: positive, red: negative" if look.colors else ""
    marks = (
        "*\xa0p\xa0<\xa0.05, **\xa0p\xa0<\xa0.01, ***\xa0p\xa0<\xa0.001 (Wald tests)" if look.stars else ""
    )
    said = [text for text in (numbers, lines, colors, marks) if text]
    return ". ".join(text[0].upper() + text[1:] for text in said) + "."


def compose(panels: Sequence[Drawing], title: str, source_label: str, foot_text: str) -> Figure:
    """Return a figure as large as what is drawn: panels beside or below each other, title and caption."""
    rows = _rows(panels)
    width = max([*(sum(p.width for p in row) + _GUTTER * (len(row) - 1) for row in rows), 5.0])
    head, above = fitted_head(title, source_label, width)
    foot, below = fitted_foot(foot_text, width)
    heights = [max(panel.height for panel in row) for row in rows]
    height = above + sum(heights) + below + _GUTTER * (len(rows) - 1)
    with house_style():
        figure = sheet(width, height)
        top = height - above
        for row, tall in zip(rows, heights, strict=True):
            used = sum(panel.width for panel in row) + _GUTTER * (len(row) - 1)
            left = (width - used) / 2.0
            for panel in row:
                place = (
                    left / width,
                    (top - panel.height) / height,
                    panel.width / width,
                    panel.height / height,
                )
                paint(figure.add_axes(place), panel)
                left += panel.width + _GUTTER
            top -= tall + _GUTTER
        write_lines(figure, head, height - 0.1)
        write_lines(figure, foot, below - 0.02)
    return figure


def _rows(panels: Sequence[Drawing]) -> list[list[Drawing]]:
    """Return the panels in rows no wider than the widest sheet, or one wide panel alone."""
    row, used, places = 0, 0.0, []
    for panel in panels:
        if used and used + panel.width > _WIDEST_SHEET:
            row, used = row + 1, 0.0
        places.append(row)
        used += panel.width + _GUTTER
    return [
        [panel for _, panel in group]
        for _, group in groupby(zip(places, panels, strict=True), lambda x: x[0])
    ]
