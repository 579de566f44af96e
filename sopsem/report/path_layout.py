"""Where each variable of a path diagram stands; inches, y upwards, the structure centred on y = 0.

Variables stand in lanes by the longest directed path that leads to them, so causes stand left of effects; an
arrow over several lanes is led through a free place in each (Sugiyama, Tagawa & Toda 1981).  Items stand
outside: left of the first lane, right of the last, above and below in between.  Factors that measure only items
of others stand beyond these.  A model with a loop of three or more has no such order and stands on a circle.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from sopsem.report.path_lanes import Via, lanes_of, ordered_lanes
from sopsem.report.path_model import PathModel

__all__ = ["Box", "Layout", "Sizes", "arrange"]


@dataclass(frozen=True, kw_only=True)
class Box:
    """A place: centre, width and height, and whether it is an ellipse or a hexagon."""

    x: float
    y: float
    width: float
    height: float
    round: bool
    hexagon: bool = False


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes in inches of ellipses, observed variables of the structure and items, and the gaps between them.

    ``observed`` is as large as ``node`` when it is not given.
    """

    node: tuple[float, float]
    item: tuple[float, float]
    observed: tuple[float, float] = (0.0, 0.0)
    lane_gap: float = 0.95
    node_gap: float = 0.62
    item_gap: float = 0.1
    fan: float = 0.75  # length of the arrows to the items

    def wider(self, factor: float) -> "Sizes":
        """Return the sizes with all gaps multiplied."""
        gaps = ("lane_gap", "node_gap", "item_gap", "fan")
        return replace(self, **{name: factor * getattr(self, name) for name in gaps})

    def of(self, model: PathModel, name: str) -> tuple[float, float]:
        """Return width and height of a variable of the structure."""
        return self.node if name in model.factors or not self.observed[0] else self.observed


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Boxes by name; places that a long arrow passes; which boxes are items; whether it is a circle."""

    boxes: dict[str, Box]
    passes: dict[tuple[str, str], tuple[tuple[float, float], ...]]
    items: frozenset[str] = frozenset()
    circular: bool = False


def arrange(model: PathModel, sizes: Sizes) -> Layout:
    """Return a place for every variable of a model.

    Examples
    --------
    >>> from sopsem.report.path_model import Arrow, ArrowKind
    >>> arrow = Arrow(source="x", target="y", kind=ArrowKind.PATH, estimate=0.5, pvalue=0.0)
    >>> model = PathModel(factors=(), observed=("x", "y"), items={}, arrows=(arrow,))
    >>> boxes = arrange(model, Sizes(node=(1.0, 0.5), item=(0.7, 0.3))).boxes
    >>> boxes["x"].x < boxes["y"].x
    True

    """
    lanes = lanes_of(model)
    layout = _circle(model, sizes) if lanes is None else _in_lanes(model, sizes, ordered_lanes(model, lanes))
    return replace(layout, items=frozenset(item for group in model.items.values() for item in group))


# ---------------------------------------------------------------------------------------------- lanes


def _in_lanes(model: PathModel, sizes: Sizes, lanes: list[list[str | Via]]) -> Layout:
    sides = _sides(model, lanes)
    tall = [[_slot(model, sizes, sides, entry) for entry in lane] for lane in lanes]
    across = _lane_centres(model, sizes, sides, lanes)
    boxes: dict[str, Box] = {}
    passes: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for x, lane, heights in zip(across, lanes, tall, strict=True):
        top = sum(heights) / 2.0
        for entry, height in zip(lane, heights, strict=True):
            y = top - height / 2.0
            top -= height
            if isinstance(entry, Via):
                passes.setdefault((entry.source, entry.target), []).append((x, y))
                continue
            below = _row_room(sizes) / 2.0 if sides.get(entry) == "inner" else 0.0
            boxes[entry] = _node(model, sizes, entry, x, y - below)
    nodes = dict(boxes)
    for owner, side in sides.items():
        boxes |= _fan(model, nodes, owner, side, sizes)
    boxes |= _beyond(model, boxes, sizes)
    return Layout(boxes=boxes, passes={ends: tuple(points) for ends, points in passes.items()})


def _node(model: PathModel, sizes: Sizes, name: str, x: float, y: float) -> Box:
    width, height = sizes.of(model, name)
    composite = name in model.composites
    return Box(
        x=x,
        y=y,
        width=width,
        height=height,
        round=name in model.factors and not composite,
        hexagon=composite,
    )


def _sides(model: PathModel, lanes: list[list[str | Via]]) -> dict[str, str]:
    """Return on which side each factor's items stand."""
    sides: dict[str, str] = {}
    for number, lane in enumerate(lanes):
        for place, entry in enumerate(lane):
            if isinstance(entry, Via) or entry not in model.items:
                continue
            if number in {0, len(lanes) - 1}:
                sides[entry] = "right" if number else ("left" if len(lanes) > 1 else "right")
            else:
                sides[entry] = "above" if place == 0 else "below" if place == len(lane) - 1 else "inner"
    return sides


def _row_room(sizes: Sizes) -> float:
    return sizes.item[1] + sizes.fan


def _slot(model: PathModel, sizes: Sizes, sides: dict[str, str], entry: str | Via) -> float:
    """Return the height that an entry of a lane takes."""
    if isinstance(entry, Via):
        return 0.7
    own = sizes.of(model, entry)[1] + sizes.node_gap
    side = sides.get(entry)
    if side in {"left", "right"}:
        return max(own, len(model.items[entry]) * (sizes.item[1] + sizes.item_gap) + 0.25)
    return own + (_row_room(sizes) if side == "inner" else 0.0)


def _row_half(model: PathModel, sizes: Sizes, sides: dict[str, str], lane: list[str | Via]) -> float:
    """Return half the width of a lane: of its widest row of items, or of its variables."""
    rows = [len(model.items[entry]) for entry in lane if isinstance(entry, str) and sides.get(entry) in _ROWS]
    own = [sizes.of(model, entry)[0] / 2.0 for entry in lane if isinstance(entry, str)]
    step = sizes.item[0] + sizes.item_gap
    return max([count * step / 2.0 for count in rows] + own + [0.2])


_ROWS = {"above", "below", "inner"}


def _lane_centres(
    model: PathModel, sizes: Sizes, sides: dict[str, str], lanes: list[list[str | Via]]
) -> list[float]:
    """Return the x of each lane: far enough that neither arrows nor rows of items are crowded."""
    halves = [_row_half(model, sizes, sides, lane) for lane in lanes]
    own = [
        max([sizes.of(model, entry)[0] / 2.0 for entry in lane if isinstance(entry, str)], default=0.2)
        for lane in lanes
    ]
    centres = [0.0]
    for number, (left, right) in enumerate(pairwise(halves)):
        joined = own[number] + own[number + 1] + sizes.lane_gap
        centres.append(centres[-1] + max(joined, left + right + sizes.item_gap))
    return centres


def _fan(model: PathModel, nodes: dict[str, Box], owner: str, side: str, sizes: Sizes) -> dict[str, Box]:
    """Return the boxes of a factor's items, in a column beside it or a row above or below."""
    items, factor, (width, height) = model.items[owner], nodes[owner], sizes.item
    middle = (len(items) - 1) / 2.0
    found = {}
    for place, item in enumerate(items):
        if side in {"left", "right"}:
            away = factor.width / 2.0 + _length(model, nodes, owner, sizes) + width / 2.0
            x = factor.x + (away if side == "right" else -away)
            y = _centre(model, nodes, owner) + (middle - place) * (height + sizes.item_gap)
        else:
            x = factor.x + (place - middle) * (width + sizes.item_gap)
            y = _row_level(nodes, owner, side, sizes)
        found[item] = Box(x=x, y=y, width=width, height=height, round=False)
    return found


def _length(model: PathModel, nodes: dict[str, Box], owner: str, sizes: Sizes) -> float:
    """Return the length of the arrows to a column of items: longer where those of several factors cross."""
    items, x = set(model.items[owner]), nodes[owner].x
    crossing = [n for n in model.factors if n != owner and n in nodes and nodes[n].x == x]
    shared = max([len(items & set(model.loaded(name))) for name in crossing], default=0)
    return sizes.fan * (1.8 if shared > 1 else 1.0)


def _centre(model: PathModel, nodes: dict[str, Box], owner: str) -> float:
    """Return the height of a column of items: between all the factors that measure nothing else.

    Only where it is the one column of its side, as with the factors of a growth curve.
    """
    items, x = set(model.items[owner]), nodes[owner].x
    lane = [name for name, box in nodes.items() if box.x == x]
    sharing = [name for name in lane if name in model.factors and items <= set(model.loaded(name))]
    alone = sum(name in model.items for name in lane) == 1
    heights = [nodes[name].y for name in sharing] if alone else [nodes[owner].y]
    return sum(heights) / len(heights)


def _row_level(nodes: dict[str, Box], owner: str, side: str, sizes: Sizes) -> float:
    """Return the height of a row of items: outside of all ellipses, or just above its own factor."""
    own = nodes[owner]
    away = sizes.fan + sizes.item[1] / 2.0
    if side == "inner":
        return own.y + own.height / 2.0 + away - 0.1
    if side == "above":
        tops = max(box.y + box.height / 2.0 for box in nodes.values()) + 0.2
        return max(tops, _edge(own, 1) + sizes.fan) + sizes.item[1] / 2.0
    bottoms = min(box.y - box.height / 2.0 for box in nodes.values()) - 0.2
    return min(bottoms, _edge(own, -1) - sizes.fan) - sizes.item[1] / 2.0


def _edge(box: Box, sign: int) -> float:
    return box.y + sign * box.height / 2.0


def _beyond(model: PathModel, boxes: dict[str, Box], sizes: Sizes) -> dict[str, Box]:
    """Return the boxes of factors that measure only items of others: beside one column of items, or below all."""
    names = model.mirrored()
    columns = {boxes[item].x for name in names for item in model.loaded(name)}
    if not names:
        return {}
    step = (sizes.node[0] if len(columns) > 1 else sizes.node[1]) + 0.5 * sizes.node_gap

    def mean(name: str, axis: str) -> float:
        values = [boxes[item].x if axis == "x" else boxes[item].y for item in model.loaded(name)]
        return sum(values) / len(values)

    if len(columns) > 1:
        low = min(box.y - box.height / 2.0 for box in boxes.values()) - 1.6 * sizes.fan - sizes.node[1] / 2.0
        wanted = _spread([mean(name, "x") for name in names], step)
        return {n: _node(model, sizes, n, x, low) for n, x in zip(names, wanted, strict=True)}
    column = columns.pop()
    away = sizes.item[0] / 2.0 + 1.3 * sizes.fan + sizes.node[0] / 2.0
    right = column >= sum(box.x for box in boxes.values()) / len(boxes)
    x = column + (away if right else -away)
    heights = _spread([-mean(name, "y") for name in names], step)
    return {n: _node(model, sizes, n, x, -y) for n, y in zip(names, heights, strict=True)}


def _spread(wanted: list[float], step: float) -> list[float]:
    """Return places in the order of the wanted ones, at least a step apart, with the same mean."""
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    placed = [0.0] * len(wanted)
    last = -math.inf
    for n in order:
        last = placed[n] = max(wanted[n], last + step)
    shift = (sum(wanted) - sum(placed)) / len(wanted)
    return [place + shift for place in placed]


# ---------------------------------------------------------------------------------------------- circle


def _circle(model: PathModel, sizes: Sizes) -> Layout:
    """Return places on a circle, each variable at the middle of the arc that its items take outside."""
    names = model.structure
    weights = [max(1, len(model.items.get(name, ()))) for name in names]
    total = sum(weights)
    item_step = math.hypot(*sizes.item) + sizes.item_gap
    node_step = max(math.hypot(*sizes.of(model, name)) for name in names) + 0.5 * sizes.lane_gap
    smallest = 2.0 * math.pi * min(weights) / total
    radius = node_step / (2.0 * math.sin(min(smallest, math.pi) / 2.0)) if len(names) > 1 else 0.0
    outer = max(radius + math.hypot(*sizes.node) / 2.0 + sizes.fan, item_step * total / (2.0 * math.pi))
    boxes: dict[str, Box] = {}
    before = 0
    for name, weight in zip(names, weights, strict=True):
        angle = _angle(before + (weight - 1) / 2.0, total)
        boxes[name] = _node(model, sizes, name, radius * math.cos(angle), radius * math.sin(angle))
        for place, item in enumerate(model.items.get(name, ())):
            turn = _angle(before + place, total)
            x, y = outer * math.cos(turn), outer * math.sin(turn)
            boxes[item] = Box(x=x, y=y, width=sizes.item[0], height=sizes.item[1], round=False)
        before += weight
    return Layout(boxes=boxes, passes={}, circular=True)


def _angle(place: float, total: int) -> float:
    """Return the angle of a place on the circle: clockwise from the left."""
    return math.pi - 2.0 * math.pi * place / total
