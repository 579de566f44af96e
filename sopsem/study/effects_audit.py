"""Checks of the table of effects: sums of products, implied correlations and explained variance."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from sopsem.study.effect_graph import EffectGraph, Pair, Values, effect_graph
from sopsem.study.findings import CHECKS, Finding, Verdict, agreement, extremes, number, span
from sopsem.study.printed import Printed
from sopsem.study.published import PublishedStudy
from sopsem.study.study_parts import Effect

__all__ = ["traceable", "traced_range"]

Numbers = Mapping[Pair, Printed]

# Corners of the rounding box double with each path; beyond this many paths a check is left out.
MAX_PATHS = 12


def traceable(study: PublishedStudy) -> EffectGraph | None:
    """Return the graph when path tracing holds: standardized paths, one exogenous variable."""
    graph = effect_graph(study)
    if graph is None or len(graph.paths) > MAX_PATHS or len(graph.exogenous) != 1:
        return None
    complete = len(graph.standardized) == len(graph.paths)
    return graph if complete and not study.structure.residual_covariances else None


def traced_range(numbers: Numbers, function: Callable[[Values], float]) -> tuple[float, float, float]:
    """Return a function of the paths at their printed values, and its extremes within rounding."""
    names: list[Pair] = list(numbers)
    low, high = extremes(lambda *values: function(dict(zip(names, values, strict=True))), *numbers.values())
    return function({pair: number.value for pair, number in numbers.items()}), low, high


@CHECKS.register("product", label="total effect as the sum of products", digits=5, source="Bollen (1987)")
def sum_of_products(study: PublishedStudy) -> Iterator[Finding]:
    """Compare each total or indirect effect with the products of the paths on its routes, within rounding."""
    graph = effect_graph(study)
    if graph is None or len(graph.paths) > MAX_PATHS or any(row.est.censored for row in graph.paths.values()):
        return
    for row in study.effects.rows:
        if graph.paths.get(row.pair) is not row and not row.est.censored:
            yield _product(graph, row)


def _product(graph: EffectGraph, row: Effect) -> Finding:
    outcome, predictor = row.pair
    routes = [route for route in graph.routes(outcome, predictor) if row.kind == "total" or len(route) > 2]

    def along(values: Values) -> float:
        direct = graph.coefficients(values)
        return sum(_along(route, direct) for route in routes)

    numbers = {pair: path.est for pair, path in graph.paths.items()}
    value, low, high = traced_range(numbers, along)
    share = max(0.0, min(high, row.est.upper) - max(low, row.est.lower)) / (high - low) if high > low else 1.0
    point = {pair: printed.value for pair, printed in numbers.items()}
    parts = {" -> ".join(route): _along(route, graph.coefficients(point)) for route in routes}
    told = "; ".join(f"{name} {number(part, 4)}" for name, part in parts.items())
    return Finding(
        part=row.name,
        computed=f"{number(value, 5)}, within rounding {span(low, high, 5)}",
        printed=str(row.est),
        verdict=agreement(row.est.overlaps(low, high)),
        explanation=f"{told}. The print is met in {share:.0%} of the range.",
        values={"value": value, "lower": low, "upper": high, "share": share} | parts,
    )


def _along(route: tuple[str, ...], direct: Values) -> float:
    product = 1.0
    for predictor, outcome in pairwise(route):
        product *= direct[outcome, predictor]
    return product


@CHECKS.register("r_squared", label="explained variance implied by the paths", source="Wright (1934)")
def explained_variance(study: PublishedStudy) -> Iterator[Finding]:
    """Compute R2 of each outcome by path tracing; above 1 no admissible solution has these paths."""
    graph = traceable(study)
    if graph is None:
        return
    for outcome in graph.variables:
        if graph.parents(outcome):
            yield _explained(graph, outcome)


def _explained(graph: EffectGraph, outcome: str) -> Finding:
    value, low, high = traced_range(graph.standardized, lambda values: graph.r_squared(outcome, values))
    return Finding(
        part=outcome,
        computed=f"R2 {number(value)}, disturbance {number(1 - value)}",
        verdict=agreement(low <= 1),
        explanation=f"Within rounding {span(low, high)}; no residual covariances assumed.",
        values={"value": value, "lower": low, "upper": high},
    )


@CHECKS.register("correlation", label="correlations implied by the paths", source="Wright (1934)")
def implied_correlations(study: PublishedStudy) -> Iterator[Finding]:
    """Compute the correlation of each pair of variables by path tracing."""
    graph = traceable(study)
    if graph is None:
        return
    r = graph.correlations({pair: value.value for pair, value in graph.standardized.items()})
    pairs = [(i, j) for i in range(len(r)) for j in range(i)]
    values = {f"{graph.variables[j]},{graph.variables[i]}": float(r[i, j]) for i, j in pairs}
    yield Finding(
        computed="; ".join(f"{name} {number(value)}" for name, value in values.items()),
        verdict=Verdict.UNDECIDABLE if max(map(abs, values.values())) <= 1 else Verdict.INCONSISTENT,
        explanation="Not printed; path tracing without residual covariances.",
        values=values,
    )
