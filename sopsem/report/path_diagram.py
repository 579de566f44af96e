"""Path diagram of any recursive structural equation model; a model with a loop is drawn on a circle.

Ellipses are factors, rectangles observed variables; arrows carry standardized estimates without a leading
zero; a dashed arrow has p >= .05.  Black on white, sizes in inches, so the letters keep their size in print.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, FancyArrowPatch, Patch, Rectangle
from matplotlib.path import Path

from sopsem.report.canvas import (
    BLACK,
    MARGIN,
    fitted_foot,
    fitted_head,
    house_style,
    sheet,
    text_size,
    wrapped,
    write_lines,
)
from sopsem.report.digits import bounded, stars
from sopsem.report.escape import true_minus
from sopsem.report.path_layout import Box, Layout, Sizes, arrange
from sopsem.report.path_model import Arrow, ArrowKind, PathModel, read_paths
from sopsem.report.path_routes import Label, Route, place_labels, route_arrow

__all__ = ["path_diagram"]

_NODE, _SMALL, _ITEM, _LOADING, _EDGE = 10.5, 9.0, 9.0, 8.5, 10.0  # points
_WIDEST_NAME = 1.25  # inches
_ASPECT = 1.75  # width of an ellipse to its height


def path_diagram(
    frame: pd.DataFrame,
    r2: pd.Series | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    items: bool = True,
    digits: int = 2,
    title: str = "Standardized solution",
    source_label: str = "",
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
    model = read_paths(frame, items=items)
    names = _names(model, labels or {}, r2, digits)
    layout = arrange(model, _sizes(model, names))
    answered = {(arrow.target, arrow.source) for arrow in model.arrows if arrow.kind is ArrowKind.PATH}
    routes = [
        route_arrow(
            arrow,
            layout,
            answered=arrow.kind is ArrowKind.PATH and (arrow.source, arrow.target) in answered,
        )
        for arrow in model.arrows
    ]
    texts = [_estimate(route.arrow, digits) for route in routes]
    marks = place_labels(routes, [_label_size(t, r) for t, r in zip(texts, routes, strict=True)], layout)
    with house_style():
        figure, axes = _framed(layout, routes, marks, title, source_label, _caption(model, r2))
        for route, text, mark in zip(routes, texts, marks, strict=True):
            _draw_arrow(axes, route, text, mark)
        for name, box in layout.boxes.items():
            _draw_box(axes, box, names[name], small=name in _items(model))
    return figure


def _items(model: PathModel) -> set[str]:
    return {item for group in model.items.values() for item in group}


def _names(
    model: PathModel, labels: Mapping[str, str], r2: pd.Series | None, digits: int
) -> dict[str, tuple[str, str]]:
    """Return what stands inside each box: its name, and its R² or nothing."""
    known = {} if r2 is None else {str(name): float(value) for name, value in r2.items()}
    items = _items(model)
    found = {}
    for name in (*model.structure, *items):
        size, width = (_ITEM, 0.9) if name in items else (_NODE, _WIDEST_NAME)
        value = known.get(name, math.nan)
        below = "" if math.isnan(value) else f"R² = {true_minus(bounded(digits)(value))}"
        found[name] = (wrapped(labels.get(name, name), width, size), below)
    return found


def _sizes(model: PathModel, names: Mapping[str, tuple[str, str]]) -> Sizes:
    """Return the smallest sizes in which every name fits."""
    inside = [_lines(names[name], _NODE) for name in model.structure]
    width, height = _largest(inside)
    if model.factors:
        height = 2.0 * max(math.hypot(x / _ASPECT, y) for lines in inside for x, y in lines) + 0.1
        height = max(height, 0.7)
        width = _ASPECT * height
    item = _largest([_lines(names[name], _ITEM) for name in _items(model)])
    return Sizes(node=(max(width + 0.12, 1.0), height), item=(item[0] + 0.16, item[1] + 0.08))


def _lines(texts: tuple[str, str], size: float) -> list[tuple[float, float]]:
    """Return the outermost corner (right, up or down) of each line of a name and its R², centred on 0."""
    name, below = texts
    parts = [(line, size) for line in name.split("\n")] + ([(below, _below(size))] if below else [])
    found = [text_size(*part) for part in parts]
    top = sum(height for _, height in found) / 2.0
    corners = []
    for width, height in found:
        corners.append((width / 2.0, max(abs(top), abs(top - height))))
        top -= height
    return corners


def _largest(inside: Sequence[Sequence[tuple[float, float]]]) -> tuple[float, float]:
    """Return width and height of the smallest rectangle around every one of these texts."""
    corners = [corner for lines in inside for corner in lines] or [(0.25, 0.15)]
    return 2.0 * max(x for x, _ in corners), 2.0 * max(y for _, y in corners)


def _below(size: float) -> float:
    """Return the size of the R² below a name."""
    return _SMALL if size == _NODE else 8.0


def _estimate(arrow: Arrow, digits: int) -> str:
    return true_minus(bounded(digits)(arrow.estimate)) + stars(arrow.pvalue)


def _label_size(text: str, route: Route) -> tuple[float, float]:
    width, height = text_size(text, _LOADING if route.measurement else _EDGE)
    return width + 0.04, height


def _caption(model: PathModel, r2: pd.Series | None) -> str:
    shapes = [
        text
        for text, shown in (
            ("Ellipses are factors", bool(model.factors)),
            ("rectangles are observed variables", bool(model.observed or model.items)),
        )
        if shown
    ]
    parts = [f"{', '.join(shapes)}; numbers are standardized estimates"]
    if r2 is not None:
        parts[0] += ", R² is the explained share of the variance"
    parts.append(
        "Dashed: p\xa0≥\xa0.05. *\xa0p\xa0<\xa0.05, **\xa0p\xa0<\xa0.01, ***\xa0p\xa0<\xa0.001 (Wald tests)."
    )
    return ". ".join(part[0].upper() + part[1:] for part in parts)


def _framed(
    layout: Layout,
    routes: Sequence[Route],
    marks: Sequence[Label],
    title: str,
    source_label: str,
    caption: str,
) -> tuple[Figure, Axes]:
    """Return a figure as large as what is drawn, title and caption included, and axes in inches."""
    boxes: list[Box | Label] = [*layout.boxes.values(), *marks]
    left = min([b.x - b.width / 2 for b in boxes] + [float(r.points[:, 0].min()) for r in routes]) - MARGIN
    right = max([b.x + b.width / 2 for b in boxes] + [float(r.points[:, 0].max()) for r in routes]) + MARGIN
    low = min([b.y - b.height / 2 for b in boxes] + [float(r.points[:, 1].min()) for r in routes]) - MARGIN
    high = max([b.y + b.height / 2 for b in boxes] + [float(r.points[:, 1].max()) for r in routes]) + MARGIN
    width = max(right - left, 5.0)
    spare = (width - (right - left)) / 2.0
    head, above = fitted_head(title, source_label, width)
    foot, below = fitted_foot(caption, width)
    height = above + (high - low) + below
    figure = sheet(width, height)
    axes = figure.add_axes((0.0, below / height, 1.0, (high - low) / height))
    axes.set(xlim=(left - spare, right + spare), ylim=(low, high))
    axes.set_axis_off()
    write_lines(figure, head, height - 0.1)
    write_lines(figure, foot, below - 0.02)
    return figure, axes


def _draw_arrow(axes: Axes, route: Route, text: str, mark: Label) -> None:
    double = route.arrow.kind is ArrowKind.COVARIANCE
    axes.add_patch(
        FancyArrowPatch(
            path=Path(route.points),
            arrowstyle="<|-|>" if double else "-|>",
            mutation_scale=9.0 if route.measurement else 13.0,
            linewidth=0.9 if route.measurement else 1.3,
            linestyle=(0, (4, 2.5)) if route.arrow.pvalue >= 0.05 else "-",
            color=BLACK,
            shrinkA=0.0,
            shrinkB=0.0,
            fill=True,
            zorder=1,
        )
    )
    axes.text(
        mark.x,
        mark.y,
        text,
        size=_LOADING if route.measurement else _EDGE,
        ha="center",
        va="center",
        zorder=3,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        gid="estimate",
    )


def _draw_box(axes: Axes, box: Box, names: tuple[str, str], *, small: bool) -> None:
    name, below = names
    shape: Patch = (
        Ellipse((box.x, box.y), box.width, box.height)
        if box.round
        else Rectangle((box.x - box.width / 2, box.y - box.height / 2), box.width, box.height)
    )
    shape.set(facecolor="white", edgecolor=BLACK, linewidth=1.0 if small else 1.4, zorder=2)
    axes.add_patch(shape)
    size = _ITEM if small else _NODE
    tall, short = text_size(name, size)[1], text_size(below, _below(size))[1] if below else 0.0
    style: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 4, "gid": "name", "linespacing": 1.1}
    axes.text(box.x, box.y + short / 2.0, name, size=size, **style)
    if below:
        axes.text(box.x, box.y - tall / 2.0, below, size=_below(size), **style)
