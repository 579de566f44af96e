"""The effects of a model: direct paths, routes through other variables, totals."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from sopsem.errors import UsageError
from sopsem.sem.model.spec import ModelSpec

__all__ = ["Effect", "find_effects"]

MAX_ROUTES = 1000


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One effect: ``kind`` is direct, indirect (one route), total_indirect or total."""

    kind: str
    outcome: str
    predictor: str
    route: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name as in ``total:alignment~coordination`` or ``indirect:coordination>alignment>performance``."""
        return f"{self.kind}:" + (
            ">".join(self.route) if self.kind == "indirect" else f"{self.outcome}~{self.predictor}"
        )


def _arrows(spec: ModelSpec) -> dict[str, list[str]]:
    """Return source -> targets of every path, loadings included."""
    arrows: dict[str, list[str]] = {}
    for p in spec:
        if p.op not in {"~", "=~"} or p.lhs == p.rhs or not (p.free or p.value != 0.0):
            continue
        source, target = (p.rhs, p.lhs) if p.op == "~" else (p.lhs, p.rhs)
        arrows.setdefault(source, []).append(target)
    return arrows


def _routes(arrows: dict[str, list[str]], start: str, end: str) -> Iterator[tuple[str, ...]]:
    """Yield the routes from start to end that visit no variable twice, depth first in model order."""
    useful = _reachable(_reversed(arrows), end) | {end}
    stack: list[tuple[str, ...]] = [(start,)]
    while stack:
        route = stack.pop()
        for target in reversed(arrows.get(route[-1], [])):
            if target == end:
                yield (*route, target)
            elif target in useful and target not in route:
                stack.append((*route, target))


def _reversed(arrows: dict[str, list[str]]) -> dict[str, list[str]]:
    turned: dict[str, list[str]] = {}
    for source, targets in arrows.items():
        for target in targets:
            turned.setdefault(target, []).append(source)
    return turned


def _reachable(arrows: dict[str, list[str]], start: str) -> set[str]:
    """Return what can be reached from a variable; itself only through a loop."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for target in arrows.get(waiting.pop(), []):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def find_effects(spec: ModelSpec) -> list[Effect]:
    """List the effects among the variables of the structural formulas (``~``), in model order.

    For every predictor and outcome: the direct path, each specific indirect route, the total indirect effect
    (when there is a route) and the total.  In a model with a feedback loop routes are endless: only direct
    and total effects are listed.
    """
    outcomes = list(dict.fromkeys(p.lhs for p in spec if p.op == "~"))
    predictors = list(dict.fromkeys(p.rhs for p in spec if p.op == "~"))
    arrows = _arrows(spec)
    loop = any(v in _reachable(arrows, v) for v in arrows)
    found: list[Effect] = []
    for outcome in outcomes:
        for predictor in [v for v in predictors if v != outcome]:
            found.extend(_effects_between(arrows, predictor, outcome, loop=loop))
    return found


def _effects_between(
    arrows: dict[str, list[str]], predictor: str, outcome: str, *, loop: bool
) -> list[Effect]:
    pair = {"outcome": outcome, "predictor": predictor}
    ends = (predictor, outcome)
    direct = [Effect(kind="direct", route=ends, **pair)] if outcome in arrows.get(predictor, []) else []
    total = [Effect(kind="total", route=ends, **pair)]
    if loop:
        return [*direct, *total] if outcome in _reachable(arrows, predictor) else []
    routes = list(islice(_routes(arrows, predictor, outcome), MAX_ROUTES + 1))
    if len(routes) > MAX_ROUTES:
        raise UsageError(
            f"more than {MAX_ROUTES} routes lead from {predictor} to {outcome}; ask for fewer paths"
        )
    indirect = [Effect(kind="indirect", route=r, **pair) for r in sorted(routes, key=len) if len(r) > 2]
    together = [Effect(kind="total_indirect", route=ends, **pair)] if indirect else []
    return [*direct, *indirect, *together, *total] if routes else []
