"""How the arrows of a path diagram run: from border to border, bent where they must be."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.report.path_layout import Box, Layout
from sopsem.report.path_model import Arrow, ArrowKind

__all__ = ["Points", "Route", "inside", "route_arrow"]

Points = NDArray[np.float64]


_NEXT = 0.32  # inches: bend of the arc between two variables that stand next to each other


@dataclass(frozen=True, kw_only=True)
class Route:
    """An arrow and the points (n, 2) of its line in inches."""

    arrow: Arrow
    points: Points
    measurement: bool


def route_arrow(arrow: Arrow, layout: Layout, *, answered: bool, step: float = 0.55) -> Route:
    """Return the line of one arrow.

    Parameters
    ----------
    arrow : Arrow
        The arrow; its ends have boxes in the layout.
    layout : Layout
        Where everything stands.
    answered : bool
        Whether another path runs the opposite way, or, for a covariance, any path joins both: they are bent then, so
        that they stay apart.
    step : float
        Inches by which the arc over one more variable of a column stands further out: the width of a label.

    Notes
    -----
    Straight lines are the rule, unless they would cross a box.  A long arrow follows its free places on a
    Catmull-Rom curve; a covariance is an arc, the further out the more variables of a column it passes, so that the
    labels of all pairs stand in a triangle.

    """
    start, end = layout.boxes[arrow.source], layout.boxes[arrow.target]
    through = layout.passes.get((arrow.source, arrow.target))
    back = layout.passes.get((arrow.target, arrow.source))
    if _is_item(arrow, layout) and not layout.circular:
        return _measuring(arrow, layout)
    if through or back:
        middle = through or tuple(reversed(back or ()))
        line = _curve([(start.x, start.y), *middle, (end.x, end.y)])
    elif arrow.kind is ArrowKind.COVARIANCE:
        line = _arc(start, end, _bulge(arrow, layout, step, answered=answered))
    else:
        line = _direct(start, end, layout, answered=answered)
    return Route(arrow=arrow, points=_clipped(line, start, end), measurement=_is_item(arrow, layout))


def _is_item(arrow: Arrow, layout: Layout) -> bool:
    return arrow.kind in {ArrowKind.LOADING, ArrowKind.WEIGHT} and bool(
        {arrow.source, arrow.target} & layout.items
    )


def _measuring(arrow: Arrow, layout: Layout) -> Route:
    """Return the line between a factor and the middle of that edge of an item which faces it."""
    loading = arrow.target in layout.items
    item, factor = (arrow.target, arrow.source) if loading else (arrow.source, arrow.target)
    box, owner = layout.boxes[item], layout.boxes[factor]
    beside = abs(box.x - owner.x) > (box.width + owner.width) / 2.0
    x = box.x + math.copysign(box.width / 2.0, owner.x - box.x) if beside else box.x
    y = box.y if beside else box.y + math.copysign(box.height / 2.0, owner.y - box.y)
    point = Box(x=x, y=y, width=1e-6, height=1e-6, round=False)
    ends = (owner, point) if loading else (point, owner)
    line = _direct(*ends, layout, answered=False, beside=(box, owner))
    return Route(arrow=arrow, points=_clipped(line, *ends), measurement=True)


def _direct(start: Box, end: Box, layout: Layout, *, answered: bool, beside: tuple[Box, ...] = ()) -> Points:
    """Return a straight line, or the least bent arc that crosses the fewest boxes."""
    if answered:
        return _arc(start, end, 0.18 if start.x != end.x else 0.28)
    ends = (start, end, *beside)
    straight = _dense(np.array([(start.x, start.y), (end.x, end.y)]))
    if not _hits(straight, ends, layout):
        return straight
    sizes = (0.0, 0.08, -0.08, 0.16, -0.16, 0.26, -0.26, 0.4, -0.4)
    return min((_arc(start, end, size) for size in sizes), key=lambda line: _hits(line, ends, layout))


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


def _bulge(arrow: Arrow, layout: Layout, step: float, *, answered: bool) -> float:
    """Return how far a covariance bends: away from the middle, and clear of what lies between."""
    start, end = layout.boxes[arrow.source], layout.boxes[arrow.target]
    way = np.array([end.x - start.x, end.y - start.y])
    length, left = math.hypot(*way), np.array([-way[1], way[0]])
    sign = 1.0 if float(np.dot(left, _outward(arrow, layout))) >= 0.0 else -1.0
    if (away := _column_offset(arrow, layout, step)) is not None:
        away = max(away, start.width / 2.0 + _NEXT) if answered else away
        sizes = [away / length, (away + 0.3) / length]
    else:
        least = 0.4 / length  # room for the label of a short arc
        sizes = sorted(
            {max(size, least) for size in (0.12, 0.25, 0.4, 0.6)}, key=lambda size: abs(size - 0.25)
        )
    choices = [(place, turn * size) for place, size in enumerate(sizes) for turn in (sign, -sign)]
    best = [(_hits(_arc(start, end, bend), (start, end), layout), size, bend) for size, bend in choices]
    return min(best, key=lambda found: found[:2])[2]


def _outward(arrow: Arrow, layout: Layout) -> Points:
    """Return the direction in which an arc has most room: away from the items, or from the middle."""
    start, end = layout.boxes[arrow.source], layout.boxes[arrow.target]
    middle = np.array([(start.x + end.x) / 2.0, (start.y + end.y) / 2.0])
    ends = {arrow.source, arrow.target}
    if abs(start.x - end.x) < 1e-6 and not ends & layout.items:
        away = [layout.boxes[name].x - start.x for name in layout.items]
        pull = sum(math.copysign(1.0, x) / x**2 for x in away if abs(x) > start.width / 2.0)
        if pull:
            return np.array([-pull, 0.0])
    centre = np.mean([(box.x, box.y) for box in layout.boxes.values()], axis=0)
    return np.asarray(middle - centre)


def _column_offset(arrow: Arrow, layout: Layout, step: float) -> float | None:
    """Return how far the arc of two boxes of one column stands out, None for two of different columns."""
    start, end = layout.boxes[arrow.source], layout.boxes[arrow.target]
    if abs(start.x - end.x) > 1e-6:
        return None
    low, high = sorted((start.y, end.y))
    between = sum(abs(box.x - start.x) < 1e-6 and low < box.y < high for box in layout.boxes.values())
    if {arrow.source, arrow.target} & layout.items:
        return start.width / 2.0 + 0.25 + 0.16 * between
    return start.width / 2.0 + 0.1 + step * (between - 0.5) if between else _NEXT


def _hits(line: Points, ends: tuple[Box, ...], layout: Layout) -> int:
    """Count the boxes, other than its ends, that a line runs through."""
    others = [box for box in layout.boxes.values() if box not in ends]
    return sum(bool(inside(line, box).any()) for box in others)


def inside(points: Points, box: Box) -> NDArray[np.bool_]:
    """Say which points (n, 2) lie within a box."""
    across = np.abs(points[:, 0] - box.x) / (box.width / 2.0)
    up = np.abs(points[:, 1] - box.y) / (box.height / 2.0)
    return np.asarray(np.hypot(across, up) < 1.0 if box.round else np.maximum(across, up) < 1.0)


def _clipped(line: Points, start: Box, end: Box) -> Points:
    """Return the part of a line that lies outside of both its boxes."""
    fine = _finer(line)
    first = int(np.flatnonzero(inside(fine, start))[-1]) + 1
    inner = np.flatnonzero(inside(fine[first:], end))
    last = first + (int(inner[0]) if len(inner) else len(fine) - first)
    kept = fine[first:last]
    return kept[np.linspace(0, len(kept) - 1, 49).round().astype(int)] if len(kept) > 1 else line


def _finer(line: Points) -> Points:
    """Return a line with a point at least every hundredth of an inch."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    wanted = np.linspace(0.0, lengths[-1], max(2, math.ceil(lengths[-1] / 0.01)))
    return np.column_stack([np.interp(wanted, lengths, line[:, axis]) for axis in (0, 1)])
