"""The unit of every variable of a model on the correlation metric."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.model.spec import ModelSpec

__all__ = ["variable_units"]

Array = NDArray[np.float64]


def variable_units(spec: ModelSpec, place: Mapping[str, int], sd: Array) -> Array:
    """Return the unit of every variable: standard deviations, for factors and composites that of their marker."""
    known: dict[str, float] = dict(zip(spec.observed, sd, strict=True)) | {"": 1.0}
    variances = {
        p.lhs: p.value for p in spec if p.op == "~~" and p.lhs == p.rhs and not p.free and p.value > 0.0
    }
    waiting = list(spec.latent)
    while waiting:
        ready = [f for f in waiting if f in variances or _loads_on(spec, f, known)] or waiting
        for f in ready:
            known[f] = _unit(spec, f, known, variances)
            waiting.remove(f)
    units = np.ones(len(place))
    for v, i in place.items():
        units[i] = known[v]
    return units


def _loads_on(spec: ModelSpec, factor: str, known: Mapping[str, float]) -> bool:
    return all(p.rhs in known for p in spec if p.op in ("=~", "<~") and p.lhs == factor)


def _unit(spec: ModelSpec, factor: str, known: Mapping[str, float], variances: Mapping[str, float]) -> float:
    if factor in variances:
        return float(np.sqrt(variances[factor]))
    weights = [p for p in spec if p.op == "<~" and p.lhs == factor]
    loadings = [p for p in spec if p.op == "=~" and p.lhs == factor and p.rhs in known and p.rhs != factor]
    for p in weights or loadings:
        if not p.free and p.value != 0.0:
            return known[p.rhs] * abs(p.value) if weights else known[p.rhs] / abs(p.value)
    loadings = weights or loadings
    return float(np.exp(np.mean([np.log(known[p.rhs]) for p in loadings]))) if loadings else 1.0
