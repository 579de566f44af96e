"""How the arrows of a path diagram run: from border to border, bent where they must be, each with a label."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.report.path_layout import Box, Layout
from sopsem.report.path_model import Arrow, ArrowKind

__all__ = ["Label", "Route", "place_labels", "route_arrow"]

Points = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Route:
    """An arrow and the points (n, 2) of its line in inches."""

    arrow: Arrow
    points: Points
    measurement: bool


@dataclass(frozen=True, kw_only=True)
class Label:
    """A text of an arrow: centre, width and height in inches."""

    x: float
    y: float
    width: float
    height: float

    def overlap(self, other: "Label | Box") -> float:
        """Return the area shared with another label or a box; 0 beside the curve of an ellipse."""
        across = (self.width + other.width) / 2.0 - abs(self.x - other.x)
        up = (self.height + other.height) / 2.0 - abs(self.y - other.y)
        area = max(across, 0.0) * max(up, 0.0)
        return area if isinstance(other, Label) or not other.round or self._enters(other) else 0.0

    def _enters(self, ellipse: Box) -> bool:
        """Say whether the nearest point of the label lies inside an ellipse, not only in its rectangle."""
        across = max(abs(self.x - ellipse.x) - self.width / 2.0, 0.0) / (ellipse.width / 2.0)
        up = max(abs(self.y - ellipse.y) - self.height / 2.0, 0.0) / (ellipse.height / 2.0)
        return math.hypot(across, up) < 1.0


def route_arrow(arrow: Arrow, layout: Layout, *, answered: bool) -> Route:
    """Return the line of one arrow.

    Parameters
    ----------
    arrow : Arrow
        The arrow; its ends have boxes in the layout.
    layout : Layout
        Where everything stands.
    answered : bool
        Whether another path runs the opposite way; both are bent then, so that they stay apart.

    Notes
    -----
    Straight lines are the rule.  A long arrow follows its free places on a Catmull-Rom curve; a covariance is
    an arc.

    """
    start, end = layout.boxes[arrow.source], layout.boxes[arrow.target]
    through = layout.passes.get((arrow.source, arrow.target))
    back = layout.passes.get((arrow.target, arrow.source))
    if through or back:
        middle = through or tuple(reversed(back or ()))
        line = _curve([(start.x, start.y), *middle, (end.x, end.y)])
    elif arrow.kind is ArrowKind.COVARIANCE:
        line = _arc(start, end, _bulge(start, end, layout))
    else:
        ends = np.array([(start.x, start.y), (end.x, end.y)])
        line = _arc(start, end, 0.18) if answered else _dense(ends)
    return Route(arrow=arrow, points=_clipped(line, start, end), measurement=_is_item(arrow, layout))


def _is_item(arrow: Arrow, layout: Layout) -> bool:
    structural = max(box.width for box in layout.boxes.values())
    return arrow.kind is ArrowKind.LOADING and layout.boxes[arrow.target].width < structural


def _dense(points: Points, count: int = 60) -> Points:
    steps = np.linspace(0.0, 1.0, count)[:, None]
    return np.asarray(points[0] * (1.0 - steps) + points[1] * steps)


def _curve(points: Sequence[tuple[float, float]]) -> Points:
    """Return a smooth curve through points (Catmull & Rom 1974)."""
    knots = np.array([points[0], *points, points[-1]])
    steps = np.linspace(0.0, 1.0, 40)[:, None]
    parts = []
    for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:], strict=False):
        cubic = 2 * b + (c - a) * steps + (2 * a - 5 * b + 4 * c - d) * steps**2
        parts.append((cubic + (3 * b - a - 3 * c + d) * steps**3) / 2.0)
    return np.concatenate(parts)


def _arc(start: Box, end: Box, bulge: float) -> Points:
    """Return a parabola whose middle leaves the chord by ``bulge`` times its length, to the left."""
    a, b = np.array([start.x, start.y]), np.array([end.x, end.y])
    way = b - a
    control = (a + b) / 2.0 + 2.0 * bulge * np.array([-way[1], way[0]])
    steps = np.linspace(0.0, 1.0, 80)[:, None]
    return np.asarray((1 - steps) ** 2 * a + 2 * steps * (1 - steps) * control + steps**2 * b)


def _bulge(start: Box, end: Box, layout: Layout) -> float:
    """Return how far a covariance bends: away from the middle, and clear of what lies between."""
    centre = np.mean([(box.x, box.y) for box in layout.boxes.values()], axis=0)
    middle = np.array([(start.x + end.x) / 2.0, (start.y + end.y) / 2.0])
    way = np.array([end.x - start.x, end.y - start.y])
    left = np.array([-way[1], way[0]])
    outward = float(np.dot(left, middle - centre))
    sign = 1.0 if outward >= 0.0 else -1.0
    least = 0.4 / math.hypot(*way)  # inches: room for the label of a short arc
    sizes = sorted({max(size, least) for size in (0.12, 0.25, 0.4, 0.6)}, key=lambda size: abs(size - 0.25))
    choices = [(place, turn * size) for place, size in enumerate(sizes) for turn in (sign, -sign)]
    best = [(_hits(_arc(start, end, bend), start, end, layout), size, bend) for size, bend in choices]
    return min(best, key=lambda found: found[:2])[2]


def _hits(line: Points, start: Box, end: Box, layout: Layout) -> int:
    """Count the boxes, other than its ends, that a line runs through."""
    others = [box for box in layout.boxes.values() if box not in (start, end)]
    return sum(bool(_inside(line, box).any()) for box in others)


def _inside(points: Points, box: Box) -> NDArray[np.bool_]:
    across = np.abs(points[:, 0] - box.x) / (box.width / 2.0)
    up = np.abs(points[:, 1] - box.y) / (box.height / 2.0)
    return np.asarray(np.hypot(across, up) < 1.0 if box.round else np.maximum(across, up) < 1.0)


def _clipped(line: Points, start: Box, end: Box) -> Points:
    """Return the part of a line that lies outside of both its boxes."""
    fine = _finer(line)
    first = int(np.flatnonzero(_inside(fine, start))[-1]) + 1
    inner = np.flatnonzero(_inside(fine[first:], end))
    last = first + (int(inner[0]) if len(inner) else len(fine) - first)
    kept = fine[first:last]
    return kept if len(kept) > 1 else line


def _finer(line: Points) -> Points:
    """Return a line with a point at least every hundredth of an inch."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    wanted = np.linspace(0.0, lengths[-1], max(2, math.ceil(lengths[-1] / 0.01)))
    return np.column_stack([np.interp(wanted, lengths, line[:, axis]) for axis in (0, 1)])


def place_labels(
    routes: Sequence[Route], sizes: Sequence[tuple[float, float]], layout: Layout
) -> list[Label]:
    """Return a place on its arrow for each label, off the boxes, other labels and, if it can, other arrows.

    Parameters
    ----------
    routes : sequence of Route
        The arrows.
    sizes : sequence of (width, height)
        Size of each label in inches.
    layout : Layout
        Where everything stands.

    """
    placed: dict[int, Label] = {}
    # Arrows to items have the least room, so their labels come first.
    for number in sorted(range(len(routes)), key=lambda n: not routes[n].measurement):
        choices = _choices(routes[number], sizes[number])
        others = list(placed.values())
        costs = [away + _cost(label, routes, number, layout, others) for label, away in choices]
        placed[number] = choices[int(np.argmin(costs))][0]
    return [placed[number] for number in range(len(routes))]


def _choices(route: Route, size: tuple[float, float]) -> list[tuple[Label, float]]:
    """Return the places a label may take, each with its distance from the best one as a cost."""
    shares = _shares(route)
    found = [(_at(route.points, share, size), abs(share - shares[0])) for share in shares]
    if route.arrow.kind is ArrowKind.COVARIANCE:
        length = float(np.hypot(*np.diff(route.points, axis=0).T).sum())
        found.append((_beyond(route.points, size), -0.1 if length < 3.0 * max(size) else 0.6))
    return found


def _beyond(points: Points, size: tuple[float, float]) -> Label:
    """Return the place outside of an arc, at its middle: a short arc has no room on it."""
    middle = points[len(points) // 2]
    out = middle - (points[0] + points[-1]) / 2.0
    out = out / max(float(np.hypot(*out)), 1e-9)
    x, y = middle + out * (float(np.abs(out) @ np.array(size)) / 2.0 + 0.03)
    return Label(x=float(x), y=float(y), width=size[0], height=size[1])


def _shares(route: Route) -> list[float]:
    """Return where along its arrow a label may stand, the best first."""
    return (
        [0.56, 0.62, 0.5, 0.68, 0.44, 0.8, 0.32]
        if route.measurement
        else [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2]
    )


def _at(points: Points, share: float, size: tuple[float, float]) -> Label:
    x, y = points[round(share * (len(points) - 1))]
    return Label(x=float(x), y=float(y), width=size[0], height=size[1])


def _cost(
    label: Label, routes: Sequence[Route], number: int, layout: Layout, placed: Sequence[Label]
) -> float:
    clash = sum(label.overlap(box) for box in layout.boxes.values())
    clash += sum(label.overlap(other) for other in placed)
    box = Box(x=label.x, y=label.y, width=label.width, height=label.height, round=False)
    crossed = sum(
        bool(_inside(route.points, box).any()) for other, route in enumerate(routes) if other != number
    )
    return (5.0 + 1000.0 * clash if clash > 0.0 else 0.0) + 0.5 * crossed
