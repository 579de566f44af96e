"""The graph of paths behind a printed table of effects, and what it implies by path tracing.

Rows of kind direct are paths.  A row of kind total is a path too, unless it is the path that the printed
model fixes to zero.  Path tracing needs standardized values, one exogenous variable, no feedback and no
residual covariances; where these do not hold, nothing is implied.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sopsem.study.printed import Printed
from sopsem.study.published import PublishedStudy
from sopsem.study.study_parts import Effect

__all__ = ["EffectGraph", "causal_order", "effect_graph"]

Pair = tuple[str, str]
Values = Mapping[Pair, float]


@dataclass(frozen=True, kw_only=True)
class EffectGraph:
    """Paths between variables in causal order.

    Attributes
    ----------
    variables : names, causes before outcomes.
    paths : the row that tells each path, by (outcome, predictor).
    standardized : the printed standardized value of each path.

    """

    variables: tuple[str, ...]
    paths: Mapping[Pair, Effect]
    standardized: Mapping[Pair, Printed]

    def parents(self, outcome: str) -> list[str]:
        """Return the variables with a path to ``outcome``, in causal order."""
        return [v for v in self.variables if (outcome, v) in self.paths]

    @property
    def exogenous(self) -> list[str]:
        """The variables without a path to them."""
        return [v for v in self.variables if not self.parents(v)]

    def coefficients(self, printed: Values) -> dict[Pair, float]:
        """Turn printed values into direct paths: a total effect less what runs through later variables."""
        direct: dict[Pair, float] = {}
        for outcome in self.variables:
            for predictor in reversed(self.parents(outcome)):
                value = printed[outcome, predictor]
                if self.paths[outcome, predictor].kind == "total":
                    value -= self._indirect(outcome, predictor, direct)
                direct[outcome, predictor] = value
        return direct

    def _indirect(self, outcome: str, predictor: str, direct: Values) -> float:
        total = self._totals(direct)
        row = self.variables.index(predictor)
        return sum(
            direct[outcome, v] * float(total[self.variables.index(v), row])
            for v in self.parents(outcome)
            if (outcome, v) in direct and v != predictor
        )

    def _matrix(self, direct: Values) -> NDArray[np.float64]:
        index = {name: i for i, name in enumerate(self.variables)}
        matrix = np.zeros((len(index), len(index)))
        for (outcome, predictor), value in direct.items():
            matrix[index[outcome], index[predictor]] = value
        return matrix

    def _totals(self, direct: Values) -> NDArray[np.float64]:
        matrix = self._matrix(direct)
        return np.linalg.inv(np.eye(len(matrix)) - matrix) - np.eye(len(matrix))

    def total(self, outcome: str, predictor: str, printed: Values) -> float:
        """Return the sum over all routes from ``predictor`` to ``outcome`` of the products of their paths."""
        totals = self._totals(self.coefficients(printed))
        return float(totals[self.variables.index(outcome), self.variables.index(predictor)])

    def routes(self, outcome: str, predictor: str) -> list[tuple[str, ...]]:
        """Return every route from ``predictor`` to ``outcome``, as the variables on it."""
        if outcome == predictor:
            return [(predictor,)]
        return [
            (*route, outcome) for parent in self.parents(outcome) for route in self.routes(parent, predictor)
        ]

    def correlations(self, printed: Values) -> NDArray[np.float64]:
        """Return the correlations of the variables, in order, by path tracing from one cause."""
        direct = self.coefficients(printed)
        r = np.eye(len(self.variables))
        for i, outcome in enumerate(self.variables):
            row = sum(
                (direct[outcome, v] * r[self.variables.index(v), :i] for v in self.parents(outcome)),
                np.zeros(i),
            )
            r[i, :i] = r[:i, i] = row
        return r

    def r_squared(self, outcome: str, printed: Values) -> float:
        """Return the variance of ``outcome`` that its paths explain, b' R b."""
        direct, r = self.coefficients(printed), self.correlations(printed)
        where = [self.variables.index(v) for v in self.parents(outcome)]
        b = np.array([direct[outcome, v] for v in self.parents(outcome)])
        return float(b @ r[np.ix_(where, where)] @ b)


def effect_graph(study: PublishedStudy) -> EffectGraph | None:
    """Build the graph of a study's effects; None without rows, with feedback, or with a path told twice.

    >>> from sopsem.study.published import load_study
    >>> graph = effect_graph(load_study())
    >>> graph.exogenous, graph.parents("performance")
    (['coordination'], ['conflict', 'alignment'])
    """
    closed = None if study.nested is None else study.nested.pair
    told = [row for row in study.effects.rows if row.kind == "direct"]
    direct = {row.pair for row in told}
    told += [row for row in study.effects.rows if row.kind == "total" and row.pair not in direct | {closed}]
    paths = {row.pair: row for row in told}
    order = causal_order(list(paths))
    if not paths or order is None:
        return None
    values = {pair: row.est if study.effects.standardized else row.std for pair, row in paths.items()}
    known = {pair: value for pair, value in values.items() if value is not None and not value.censored}
    return EffectGraph(variables=order, paths=paths, standardized=known)


def causal_order(pairs: list[Pair]) -> tuple[str, ...] | None:
    """Sort variables, causes first, by (outcome, predictor) pairs; None when the paths run in a circle.

    >>> causal_order([("y", "m"), ("m", "x")]), causal_order([("y", "m"), ("m", "y")])
    (('x', 'm', 'y'), None)
    """
    waiting = list(dict.fromkeys(name for outcome, predictor in pairs for name in (predictor, outcome)))
    order: list[str] = []
    while waiting:
        ready = [v for v in waiting if all(cause in order for outcome, cause in pairs if outcome == v)]
        if not ready:
            return None
        order.append(ready[0])
        waiting.remove(ready[0])
    return tuple(order)
