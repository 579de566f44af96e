"""One panel of a path diagram: sizes from the letters, layout, routes and numbers, then the strokes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, FancyArrowPatch, Patch, Polygon, Rectangle
from matplotlib.path import Path

from sopsem.report.canvas import BLACK, BLUE, GREY, MARGIN, VERMILION, text_size, wrapped
from sopsem.report.digits import bounded, decimals, stars
from sopsem.report.escape import true_minus
from sopsem.report.path_labels import Label, clashes, place_labels
from sopsem.report.path_layout import Box, Layout, Sizes, arrange
from sopsem.report.path_model import Arrow, ArrowKind, PathModel
from sopsem.report.path_routes import Route, route_arrow

__all__ = ["Drawing", "Look", "drawing", "names_of", "paint"]

_NODE, _SMALL, _ITEM, _LOADING, _EDGE = 10.5, 9.0, 9.0, 8.5, 10.0  # points
_WIDEST_NAME, _WIDEST_ITEM = 1.35, 1.0  # inches
_ASPECT = 1.75  # width of an ellipse to its height
_GROWTH = (1.0, 1.2, 1.45, 1.75, 2.1, 2.6)  # gaps are widened until no number covers another
_HEADING = 0.3  # inches
_LIGHT = "#9a9a9a"


@dataclass(frozen=True, kw_only=True)
class Look:
    """How arrows and numbers are drawn.

    Attributes
    ----------
    digits : int
        Decimals of the estimates.
    standardized : bool
        Numbers without a leading zero.
    stars : bool
        Mark p by stars.
    loadings : bool
        Whether arrows to and from items carry numbers.
    insignificant : {"dashed", "grey", "plain"}
        How an arrow with p of .05 or more is drawn.
    colors : bool
        Positive arrows blue, negative ones red; all black otherwise.

    """

    digits: int = 2
    standardized: bool = True
    stars: bool = True
    loadings: bool = True
    insignificant: Literal["dashed", "grey", "plain"] = "dashed"
    colors: bool = False

    def number(self, arrow: Arrow) -> str:
        """Return the text on an arrow."""
        shown = bounded(self.digits) if self.standardized else decimals(self.digits)
        return true_minus(shown(arrow.estimate)) + (stars(arrow.pvalue) if self.stars else "")

    def explained(self, r2: float) -> str:
        """Return the text below the name of an explained variable."""
        return "" if math.isnan(r2) else f"R² = {true_minus(bounded(self.digits)(r2))}"

    def color(self, arrow: Arrow) -> str:
        """Return the colour of an arrow."""
        if self.insignificant == "grey" and arrow.pvalue >= 0.05:
            return _LIGHT
        if not self.colors or math.isnan(arrow.estimate):
            return BLACK
        return VERMILION if arrow.estimate < 0.0 else BLUE

    def dashed(self, arrow: Arrow) -> bool:
        """Say whether the line of an arrow is dashed."""
        return self.insignificant == "dashed" and arrow.pvalue >= 0.05


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A panel ready to be drawn: where everything stands, and what is written there."""

    layout: Layout
    routes: tuple[Route, ...]
    texts: tuple[str, ...]
    marks: tuple[Label, ...]
    names: Mapping[str, tuple[str, str]]
    look: Look
    heading: str = ""
    bounds: tuple[float, float, float, float] = field(default=(0.0, 0.0, 0.0, 0.0))

    @property
    def width(self) -> float:
        """Width in inches."""
        return self.bounds[1] - self.bounds[0]

    @property
    def height(self) -> float:
        """Height in inches, heading included."""
        return self.bounds[3] - self.bounds[2]


def names_of(
    models: Sequence[PathModel], labels: Mapping[str, str], below: Sequence[Mapping[str, str]]
) -> list[dict[str, tuple[str, str]]]:
    """Return what stands inside each box of every panel: its name, and the lines (or nothing) below it."""
    found = []
    for model, lines in zip(models, below, strict=True):
        items = {item for group in model.items.values() for item in group}
        own = {}
        for name in dict.fromkeys((*model.structure, *sorted(items))):
            size, width = (_ITEM, _WIDEST_ITEM) if name in items else (_NODE, _WIDEST_NAME)
            own[name] = wrapped(labels.get(name, name), width, size), lines.get(name, "")
        found.append(own)
    return found


def drawing(
    model: PathModel, names: Mapping[str, tuple[str, str]], look: Look, *, heading: str = ""
) -> Drawing:
    """Lay out a model, route its arrows and place its numbers; gaps grow until no number covers another.

    Examples
    --------
    >>> arrow = Arrow(source="x", target="y", kind=ArrowKind.PATH, estimate=0.5, pvalue=0.0)
    >>> model = PathModel(factors=(), observed=("x", "y"), items={}, arrows=(arrow,))
    >>> drawing(model, {"x": ("x", ""), "y": ("y", "")}, Look()).texts
    ('.50***',)

    """
    sizes = _sizes(model, names)
    texts = tuple(_text(arrow, model, look) for arrow in model.arrows)
    best: tuple[int, Drawing] | None = None
    for growth in _GROWTH:
        made = _at_size(model, names, look, sizes.wider(growth), texts)
        wrong = clashes([m for m, t in zip(made.marks, texts, strict=True) if t], made.layout)
        if best is None or wrong < best[0]:
            best = wrong, made
        if not wrong:
            break
    return _bounded(best[1], heading) if best else _bounded(made, heading)


def _text(arrow: Arrow, model: PathModel, look: Look) -> str:
    items = {item for group in model.items.values() for item in group}
    measures = arrow.kind in {ArrowKind.LOADING, ArrowKind.WEIGHT} and {arrow.source, arrow.target} & items
    return "" if measures and not look.loadings else look.number(arrow)


def _at_size(
    model: PathModel,
    names: Mapping[str, tuple[str, str]],
    look: Look,
    sizes: Sizes,
    texts: tuple[str, ...],
) -> Drawing:
    layout = arrange(model, sizes)
    paths = {(arrow.source, arrow.target) for arrow in model.arrows if arrow.kind is ArrowKind.PATH}
    back = {(target, source) for source, target in paths}
    known = {ArrowKind.PATH: back, ArrowKind.COVARIANCE: paths | back}
    step = max([text_size(text, _EDGE)[0] for text in texts if text], default=0.3) + 0.14
    routes = tuple(
        route_arrow(
            arrow,
            layout,
            answered=(arrow.source, arrow.target) in known.get(arrow.kind, ()),
            step=step,
        )
        for arrow in model.arrows
    )
    sized = [_label_size(text, route) for text, route in zip(texts, routes, strict=True)]
    marks = tuple(place_labels(routes, sized, layout))
    return Drawing(layout=layout, routes=routes, texts=texts, marks=marks, names=names, look=look)


def _bounded(made: Drawing, heading: str) -> Drawing:
    """Return the panel with its limits and its heading."""
    boxes: list[Box | Label] = [*made.layout.boxes.values()]
    boxes += [mark for mark, text in zip(made.marks, made.texts, strict=True) if text]
    corners = np.array(
        [(b.x + side * b.width / 2, b.y + side * b.height / 2) for b in boxes for side in (-1, 1)]
    )
    points = np.concatenate([corners, *(route.points for route in made.routes)])
    (left, low), (right, high) = points.min(axis=0) - MARGIN, points.max(axis=0) + MARGIN
    top = high + (_HEADING if heading else 0.0)
    return Drawing(
        layout=made.layout,
        routes=made.routes,
        texts=made.texts,
        marks=made.marks,
        names=made.names,
        look=made.look,
        heading=heading,
        bounds=(float(left), float(right), float(low), float(top)),
    )


# ------------------------------------------------------------------------------------- sizes of texts


def _sizes(model: PathModel, names: Mapping[str, tuple[str, str]]) -> Sizes:
    """Return the smallest sizes in which every name fits."""
    within = {name: _lines(names[name], _NODE) for name in model.structure}
    observed = _largest([within[name] for name in model.observed])
    latent = [within[name] for name in model.factors]
    height = 2.0 * max([math.hypot(x / _ASPECT, y) for lines in latent for x, y in lines], default=0.0) + 0.1
    height = max(height, 0.62)
    items = {item for group in model.items.values() for item in group}
    item = _largest([_lines(names[name], _ITEM) for name in items])
    return Sizes(
        node=(_ASPECT * height, height),
        observed=(max(observed[0] + 0.2, 0.8), max(observed[1] + 0.14, 0.42)),
        item=(item[0] + 0.16, item[1] + 0.08),
    )


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


def _largest(within: Sequence[Sequence[tuple[float, float]]]) -> tuple[float, float]:
    """Return width and height of the smallest rectangle around every one of these texts."""
    corners = [corner for lines in within for corner in lines] or [(0.25, 0.15)]
    return 2.0 * max(x for x, _ in corners), 2.0 * max(y for _, y in corners)


def _below(size: float) -> float:
    """Return the size of the R² below a name."""
    return _SMALL if size == _NODE else 8.0


def _label_size(text: str, route: Route) -> tuple[float, float]:
    width, height = text_size(text or ".00", _LOADING if route.measurement else _EDGE)
    return width + 0.04, height


# -------------------------------------------------------------------------------------------- strokes


def paint(axes: Axes, panel: Drawing) -> None:
    """Draw a panel into axes whose units are inches."""
    left, right, low, high = panel.bounds
    axes.set(xlim=(left, right), ylim=(low, high))
    axes.set_axis_off()
    for route, text, mark in zip(panel.routes, panel.texts, panel.marks, strict=True):
        _draw_arrow(axes, route, panel.look)
        if text:
            _draw_number(axes, route, text, mark, panel.look)
    for name, box in panel.layout.boxes.items():
        _draw_box(axes, box, panel.names[name], small=name in panel.layout.items)
    if panel.heading:
        axes.text(
            left + MARGIN, high, panel.heading, size=11.0, weight="bold", ha="left", va="top", gid="heading"
        )


def _draw_arrow(axes: Axes, route: Route, look: Look) -> None:
    double = route.arrow.kind is ArrowKind.COVARIANCE
    axes.add_patch(
        FancyArrowPatch(
            path=Path(route.points),
            arrowstyle="<|-|>" if double else "-|>",
            mutation_scale=9.0 if route.measurement or double else 13.0,
            linewidth=0.9 if route.measurement or double else 1.3,
            linestyle=(0, (4, 2.5)) if look.dashed(route.arrow) else "-",
            color=look.color(route.arrow),
            shrinkA=0.0,
            shrinkB=0.0,
            fill=True,
            zorder=1,
        )
    )


def _draw_number(axes: Axes, route: Route, text: str, mark: Label, look: Look) -> None:
    grey = look.insignificant == "grey" and route.arrow.pvalue >= 0.05
    axes.text(
        mark.x,
        mark.y,
        text,
        size=_LOADING if route.measurement else _EDGE,
        color=GREY if grey else BLACK,
        ha="center",
        va="center",
        zorder=3,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        gid="estimate",
    )


def _draw_box(axes: Axes, box: Box, names: tuple[str, str], *, small: bool) -> None:
    name, below = names
    shape = _shape(box)
    shape.set(facecolor="white", edgecolor=BLACK, linewidth=1.0 if small else 1.4, zorder=2)
    axes.add_patch(shape)
    size = _ITEM if small else _NODE
    tall, short = text_size(name, size)[1], text_size(below, _below(size))[1] if below else 0.0
    style: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 4, "gid": "name", "linespacing": 1.1}
    axes.text(box.x, box.y + short / 2.0, name, size=size, **style)
    if below:
        axes.text(box.x, box.y - tall / 2.0, below, size=_below(size), **style)


def _shape(box: Box) -> Patch:
    if box.round:
        return Ellipse((box.x, box.y), box.width, box.height)
    if box.hexagon:
        x, y = box.width / 2.0, box.height / 2.0
        corners = [(-x, 0.0), (-0.8 * x, y), (0.8 * x, y), (x, 0.0), (0.8 * x, -y), (-0.8 * x, -y)]
        return Polygon([(box.x + a, box.y + b) for a, b in corners], closed=True)
    return Rectangle((box.x - box.width / 2, box.y - box.height / 2), box.width, box.height)
