"""Which lane each variable of a path diagram stands in, and in which order."""

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from sopsem.report.path_model import ArrowKind, PathModel

__all__ = ["Via", "lanes_of", "ordered_lanes"]


@dataclass(frozen=True, kw_only=True)
class Via:
    """A free place in a lane for an arrow that passes through it."""

    source: str
    target: str
    lane: int


def lanes_of(model: PathModel) -> dict[str, int] | None:
    """Return the lane of each variable of the structure, or None for a model with a loop of three or more.

    A first-order factor stands right of its second-order factor, or left of it when that one is a cause only; two
    variables that cause each other share a lane.  Factors beyond the items (``mirrored``) have none.

    Examples
    --------
    >>> from sopsem.report.path_model import Arrow
    >>> def arrow(source, target):
    ...     return Arrow(source=source, target=target, kind=ArrowKind.PATH, estimate=0.1, pvalue=0.5)
    >>> arrows = (arrow("x", "m"), arrow("m", "y"), arrow("x", "y"))
    >>> lanes_of(PathModel(factors=(), observed=("x", "m", "y"), items={}, arrows=arrows))
    {'x': 0, 'm': 1, 'y': 2}

    """
    beyond = set(model.mirrored())
    names = [name for name in model.structure if name not in beyond]
    links = [pair for pair in _links(model) if not set(pair) & beyond]
    head = {name: name for name in names}  # of two that cause each other the first stands for both
    for source, target in links:
        if (target, source) in links:
            first, second = sorted((source, target), key=names.index)
            head[second] = head[first]
    before: dict[str, set[str]] = {head[name]: set() for name in names}
    for source, target in links:
        if head[source] != head[target]:
            before[head[target]].add(head[source])
    try:
        order = list(TopologicalSorter(before).static_order())
    except CycleError:
        return None
    lane: dict[str, int] = {}
    for name in order:
        lane[name] = max((lane[other] + 1 for other in before[name]), default=0)
    return {name: lane[head[name]] for name in names}


def _links(model: PathModel) -> list[tuple[str, str]]:
    """Return (left, right) for every directed arrow of the structure."""
    directed = [arrow for arrow in model.structural_arrows() if arrow.kind is not ArrowKind.COVARIANCE]
    paths = [arrow for arrow in directed if arrow.kind is ArrowKind.PATH]
    causes_only = {arrow.source for arrow in paths} - {arrow.target for arrow in paths}
    return [
        (arrow.target, arrow.source)
        if arrow.kind is ArrowKind.LOADING and arrow.source in causes_only
        else (arrow.source, arrow.target)
        for arrow in directed
    ]


def ordered_lanes(model: PathModel, lane: dict[str, int]) -> list[list[str | Via]]:
    """Return the lanes from left to right, each from top to bottom, with free places for long arrows.

    Each lane is ordered by the mean place of what its entries are joined to in the lane before, then after
    (the barycentre rule of Sugiyama, Tagawa & Toda 1981).
    """
    lanes: list[list[str | Via]] = [[] for _ in range(max(lane.values()) + 1)]
    for name in lane:
        lanes[lane[name]].append(name)
    joined: list[tuple[str | Via, str | Via]] = []
    for source, target in _links(model):
        if source not in lane or lane[source] == lane[target]:
            continue
        chain = _chain(source, target, lane, lanes)
        joined += pairwise(chain)
    for _ in range(3):
        for number in range(1, len(lanes)):
            _sort(lanes, number, number - 1, joined)
        for number in range(len(lanes) - 2, -1, -1):
            _sort(lanes, number, number + 1, joined)
    return lanes


def _chain(source: str, target: str, lane: dict[str, int], lanes: list[list[str | Via]]) -> list[str | Via]:
    """Return what an arrow passes; a free place starts in the middle of its lane."""
    vias: list[str | Via] = []
    for number in range(lane[source] + 1, lane[target]):
        via = Via(source=source, target=target, lane=number)
        lanes[number].insert((len(lanes[number]) + 1) // 2, via)
        vias.append(via)
    return [source, *vias, target]


def _sort(
    lanes: list[list[str | Via]], number: int, fixed: int, joined: list[tuple[str | Via, str | Via]]
) -> None:
    """Order one lane by the mean place of its entries' partners in a neighbouring lane; ties stay."""
    places = {entry: (place + 0.5) / len(lanes[fixed]) for place, entry in enumerate(lanes[fixed])}
    now = {entry: (place + 0.5) / len(lanes[number]) for place, entry in enumerate(lanes[number])}

    def mean_place(entry: str | Via) -> float:
        partners = [b if a == entry else a for a, b in joined if entry in (a, b)]
        known = [places[partner] for partner in partners if partner in places]
        return sum(known) / len(known) if known else now[entry]

    lanes[number].sort(key=mean_place)
