"""Where the numbers of a path diagram stand: on their arrows, off the boxes and off each other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.report.path_layout import Box, Layout
from sopsem.report.path_model import ArrowKind
from sopsem.report.path_routes import Points, Route

__all__ = ["Label", "clashes", "place_labels"]

_ROUNDS = 4  # times that every label may look for a better place


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


def place_labels(
    routes: Sequence[Route], sizes: Sequence[tuple[float, float]], layout: Layout
) -> list[Label]:
    """Return a place on its arrow for each label, off the boxes, other labels and, if it can, other arrows.

    Every label takes its best place among those given to the others so far; those that overlap then look again.

    Parameters
    ----------
    routes : sequence of Route
        The arrows.
    sizes : sequence of (width, height)
        Size of each label in inches.
    layout : Layout
        Where everything stands.

    """
    if not routes:
        return []
    choices = [_choices(route, size) for route, size in zip(routes, sizes, strict=True)]
    fixed = [
        np.array([away for _, away in choices[number]]) + _fixed_cost(choices[number], routes, number, layout)
        for number in range(len(routes))
    ]
    placed = [choices[number][int(np.argmin(cost))][0] for number, cost in enumerate(fixed)]
    done: set[int] = set()
    # Arrows to items have the least room, so their labels come first.
    order = sorted(range(len(routes)), key=lambda n: not routes[n].measurement)
    for turn in range(_ROUNDS):
        moved = False
        for number in order:
            others = [placed[other] for other in (done - {number})]
            if turn and not _shared([placed[number]], others).any():
                continue
            clash = _shared([label for label, _ in choices[number]], others)
            costs = fixed[number] + np.where(clash > 0.0, 5.0 + 1000.0 * clash, 0.0)
            best = choices[number][int(np.argmin(costs))][0]
            moved = moved or not turn or placed[number] != best
            placed[number] = best
            done.add(number)
        if not moved:
            break
    return placed


def _shared(labels: Sequence[Label], others: Sequence[Label]) -> NDArray[np.float64]:
    """Return for every label the area that it shares with all the others."""
    if not others:
        return np.zeros(len(labels))
    one, two = _rectangles(labels), _rectangles(others)
    across = (one[:, None, 2] + two[None, :, 2]) / 2.0 - np.abs(one[:, None, 0] - two[None, :, 0])
    up = (one[:, None, 3] + two[None, :, 3]) / 2.0 - np.abs(one[:, None, 1] - two[None, :, 1])
    return np.asarray((np.maximum(across, 0.0) * np.maximum(up, 0.0)).sum(axis=1))


def _rectangles(labels: Sequence[Label]) -> NDArray[np.float64]:
    return np.array([(label.x, label.y, label.width, label.height) for label in labels])


def clashes(labels: Sequence[Label], layout: Layout) -> int:
    """Count the pairs of labels, and of labels and boxes, that cover each other."""
    pairs = sum(
        one.overlap(other) > 0.0 for number, one in enumerate(labels) for other in labels[number + 1 :]
    )
    return pairs + sum(label.overlap(box) > 0.0 for label in labels for box in layout.boxes.values())


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
    best = 0.56 if route.measurement else 0.5
    further = [n / 100.0 for n in range(14, 88, 3)]
    return [best, *sorted(further, key=lambda share: abs(share - best))]


def _at(points: Points, share: float, size: tuple[float, float]) -> Label:
    x, y = points[round(share * (len(points) - 1))]
    return Label(x=float(x), y=float(y), width=size[0], height=size[1])


def _fixed_cost(
    choices: Sequence[tuple[Label, float]], routes: Sequence[Route], number: int, layout: Layout
) -> NDArray[np.float64]:
    """Return the cost of the boxes that a label covers and of the arrows that it hides, for every place."""
    labels = [label for label, _ in choices]
    clash = np.array([sum(label.overlap(box) for box in layout.boxes.values()) for label in labels])
    hidden = np.zeros(len(labels))
    rectangles = _rectangles(labels)
    low = (rectangles[:, :2] - rectangles[:, 2:] / 2.0).min(axis=0)
    high = (rectangles[:, :2] + rectangles[:, 2:] / 2.0).max(axis=0)
    for other, route in enumerate(routes):
        apart = np.any(route.points.max(axis=0) < low) or np.any(route.points.min(axis=0) > high)
        if other == number or apart:
            continue
        away = np.abs(route.points[None] - rectangles[:, None, :2])
        within: NDArray[np.bool_] = np.all(away < rectangles[:, None, 2:] / 2.0, axis=2)
        hidden += within.any(axis=1)
    return np.where(clash > 0.0, 5.0 + 1000.0 * clash, 0.0) + 0.5 * hidden
