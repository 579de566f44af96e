"""The population of a recursive model whose variables all have variance 1: what loadings and paths imply."""

from collections.abc import Mapping
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ModelError
from sopsem.sem.model.spec import ModelSpec

__all__ = ["population_correlations"]

Array = NDArray[np.float64]
Arrow = tuple[str, str]


def population_correlations(
    spec: ModelSpec, arrows: Mapping[Arrow, float], *, factor_correlation: float = 0.0
) -> Array:
    """Return the correlations (p, p) of the observed variables, in the order of ``spec.observed``.

    Parameters
    ----------
    spec : ModelSpec
        A model without feedback.
    arrows : mapping
        The standardized value of every loading and path by (target, source).
    factor_correlation : float
        Correlation of those exogenous factors whose covariance the model estimates; every other covariance of
        the model is 0 in the population.

    Raises
    ------
    ModelError
        An arrow without a value, paths in a circle, or a variable whose arrows explain all of its variance.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> arrows = {("a", "f"): 0.8, ("b", "f"): 0.7, ("c", "f"): 0.6}
    >>> population_correlations(model_spec("f =~ a + b + c"), arrows).round(2).tolist()
    [[1.0, 0.56, 0.48], [0.56, 1.0, 0.42], [0.48, 0.42, 1.0]]

    """
    sources = _sources(spec)
    missing = [f"{t} <- {s}" for t in sources for s in sources[t] if (t, s) not in arrows]
    if missing:
        raise ModelError(f"no standardized value is given for {', '.join(missing)}")
    order = _causes_first(sources)
    free = {(p.lhs, p.rhs) for p in spec if p.op == "~~" and p.lhs != p.rhs and p.free}
    exogenous = {v for v in order if not sources[v]}
    together = {pair for a, b in free if {a, b} <= exogenous for pair in permutations((a, b))}
    place = {v: i for i, v in enumerate(order)}
    total = np.eye(len(order))
    for i, v in enumerate(order):
        if v in exogenous:
            total[i, :i] = [factor_correlation if (v, u) in together else 0.0 for u in order[:i]]
        else:
            total[i, :i] = _caused(v, {place[s]: arrows[v, s] for s in sources[v]}, total[:i, :i])
        total[:i, i] = total[i, :i]
    at = [place[v] for v in spec.observed]
    return total[np.ix_(at, at)]


def _sources(spec: ModelSpec) -> dict[str, list[str]]:
    """Return the variables with an arrow to each variable."""
    sources: dict[str, list[str]] = {v: [] for v in (*spec.latent, *spec.observed)}
    for p in spec:
        if p.op == "=~":
            sources[p.rhs].append(p.lhs)
        elif p.op == "~":
            sources[p.lhs].append(p.rhs)
    return sources


def _causes_first(sources: Mapping[str, list[str]]) -> list[str]:
    order: list[str] = []
    waiting = list(sources)
    while waiting:
        ready = [v for v in waiting if all(s in order for s in sources[v])]
        if not ready:
            raise ModelError(f"the paths between {', '.join(waiting)} run in a circle")
        order += ready
        waiting = [v for v in waiting if v not in ready]
    return order


def _caused(name: str, arrows: Mapping[int, float], earlier: Array) -> Array:
    """Return the correlations of a caused variable with the earlier ones, by path tracing."""
    weights = np.zeros(len(earlier))
    weights[list(arrows)] = list(arrows.values())
    row: Array = earlier @ weights
    if (explained := float(weights @ row)) >= 1.0:
        raise ModelError(
            f"the arrows to {name} explain {explained:.3f} of a variance of 1; make them smaller"
        )
    return row
