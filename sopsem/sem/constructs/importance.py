"""Importance of drivers: total effects in points of the answers' own scales, and constructs as means of items.

A construct's value is the mean of its items, each carried to 0 (lowest answer) to 100 (highest); of a
second-order construct the mean of its dimensions.  One unit of a factor moves that mean by

    u = mean of (loading x u of the indicator),    u of an item = 100 / (highest - lowest),

so importance, the points by which the outcome moves when the driver rises by one point, is the total effect
times u(outcome) / u(driver).

References
----------
Ringle, C. M., & Sarstedt, M. (2016). Gain more insight from your PLS-SEM results: The importance-performance
map analysis. Industrial Management & Data Systems, 116.  (rescaling to 0-100, unstandardized total effects)

"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import UsageError
from sopsem.sem.constructs.solution import Solution, solution
from sopsem.sem.effects.effect_values import effect_values
from sopsem.sem.effects.routes import Effect, find_effects
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.model.spec import ModelSpec

__all__ = ["importance", "item_weights", "total_effects_on"]

Array = NDArray[np.float64]
Ranges = Mapping[str, tuple[float, float]]


def total_effects_on(spec: ModelSpec, outcome: str) -> list[Effect]:
    """Return the total effects on one outcome, in model order.

    Raises
    ------
    UsageError
        Nothing in the model leads to this variable.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> [e.predictor for e in total_effects_on(model_spec("m ~ x; y ~ m"), "y")]
    ['x', 'm']

    """
    found = [e for e in find_effects(spec) if e.kind == "total"]
    own = [e for e in found if e.outcome == outcome]
    if not own:
        outcomes = ", ".join(dict.fromkeys(e.outcome for e in found)) or "none: it has no path (~)"
        raise UsageError(f"no path of the model leads to {outcome!r}; its outcomes are {outcomes}")
    return own


def item_weights(spec: ModelSpec, construct: str) -> dict[str, float]:
    """Return the weight of every item in the mean that stands for a construct; weights add up to 1.

    >>> from sopsem.sem.model.spec import model_spec
    >>> item_weights(model_spec("f =~ a + b; g =~ c + d + e; h =~ f + g"), "h")["c"]  # a half of a third
    0.16666666666666666
    """
    if construct in spec.observed:
        return {construct: 1.0}
    parts = _indicators(spec, construct)
    weights: dict[str, float] = {}
    for part in parts:
        for item, weight in item_weights(spec, part).items():
            weights[item] = weights.get(item, 0.0) + weight / len(parts)
    return weights


def importance(
    fit: Fit, wanted: list[Effect], ranges: Ranges, theta: Array | None = None, *, standardized: bool = False
) -> Array:
    """Return the importance of drivers (B, n_effects) at kernel parameters (B, k), by default the solution's.

    Parameters
    ----------
    fit : Fit
        Of one group.
    wanted : list of Effect
        Total effects, from ``total_effects_on``.
    ranges : mapping of item to (lowest, highest)
        Of every item that measures a driver or the outcome.
    standardized : bool
        In standard deviations of outcome and driver instead; ranges do not matter then.

    Raises
    ------
    UsageError
        An item without a range, or a range whose ends are not in order.

    """
    theta = fit.kernel_theta[None] if theta is None else theta
    values = effect_values(fit.spec, fit.model, theta, wanted, standardized=standardized)
    if standardized:
        return values
    found = solution(fit, theta)
    names = dict.fromkeys(v for e in wanted for v in (e.outcome, e.predictor))
    points = {v: _points(fit.spec, found, v, ranges) for v in names}
    with np.errstate(invalid="ignore", divide="ignore"):
        turned = [points[e.outcome] / points[e.predictor] for e in wanted]
    return np.asarray(values * np.stack(turned, axis=1))


def _indicators(spec: ModelSpec, factor: str) -> list[str]:
    return [p.rhs for p in spec if p.op == "=~" and p.lhs == factor and p.rhs != factor]


def _points(spec: ModelSpec, found: Solution, variable: str, ranges: Ranges) -> Array:
    """Return by how many points its mean of items moves when a variable rises by one unit, (B,)."""
    if variable in spec.observed:
        return np.full(len(found.loadings), 100.0 / _width(variable, ranges))
    factor = spec.latent.index(variable)
    parts = []
    for part in _indicators(spec, variable):
        if part in spec.observed:
            loading = found.loadings[:, found.observed.index(part), factor]
        else:
            loading = found.paths[:, spec.latent.index(part), factor]
        parts.append(loading * _points(spec, found, part, ranges))
    return np.asarray(np.mean(parts, axis=0))


def _width(item: str, ranges: Ranges) -> float:
    low, high = ranges.get(item, (np.nan, np.nan))
    if not high > low:
        raise UsageError(
            f"the lowest and the highest answer of {item} are {low} and {high}; an importance-performance map needs "
            "both, in this order: give the item's scale codes in the questionnaire"
        )
    return high - low
