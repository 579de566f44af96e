"""The moments of a group with ordered variables, as the kernel's structure reads them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ModelError
from sopsem.kernel.response_structure import ResponseStructure
from sopsem.sem.estimation.scaling import ScaledModel
from sopsem.sem.model.ordinal_rows import threshold_rank
from sopsem.sem.model.spec import ModelSpec
from sopsem.sem.sample.ordinal_gamma import Statistic
from sopsem.sem.sample.ordinal_moments import OrdinalMoments

__all__ = ["response_metric", "response_origin", "response_structure", "statistic_places"]

Array = NDArray[np.float64]
KINDS = ("threshold", "mean", "slope", "variance", "covariance")


def response_structure(spec: ModelSpec, model: ScaledModel, ordinal: OrdinalMoments) -> ResponseStructure:
    """Return the structure of the statistics of ``ordinal`` in their order."""
    place = {v: i for i, v in enumerate(model.variables)}
    covariates = [v for v in spec.observed if v not in ordinal.names]
    rows = [p for p in spec if p.op == "|"]
    at = {(p.lhs, threshold_rank(p) - 1): t for t, p in enumerate(rows)}
    scaled = [p.lhs for p in spec if p.op == "~*~"]
    return ResponseStructure(
        layout=model.layout,
        variables=np.array([place[v] for v in ordinal.names], dtype=np.intp),
        given=np.array([place[v] for v in ("", *covariates)], dtype=np.intp),
        kind=np.array([KINDS.index(s.kind) for s in ordinal.index], dtype=np.intp),
        first=np.array([s.i for s in ordinal.index], dtype=np.intp),
        second=np.array([_second(s.kind, s.i, s.j, ordinal.names, at) for s in ordinal.index], dtype=np.intp),
        threshold_offset=model.thresholds.offset,
        threshold_basis=model.thresholds.basis,
        scale_of=np.array([scaled.index(v) if v in scaled else -1 for v in ordinal.names], dtype=np.intp),
        scale_offset=model.scales.offset,
        scale_basis=model.scales.basis,
        theta=spec.parameterization == "theta",
    )


def _second(kind: str, i: int, j: int, names: Sequence[str], thresholds: dict[tuple[str, int], int]) -> int:
    """Return what the structure wants as the second number of a statistic."""
    if kind == "threshold":
        return thresholds[names[i], j]
    return j + 1 if kind == "slope" else j


def response_origin(model: ScaledModel, ordinal: OrdinalMoments) -> Array:
    """Return the value in the data of a statistic that is 0 on the kernel's metric, but for its unit (k,)."""
    center = dict(zip(model.variables, model.center, strict=False))
    return np.array([-center[ordinal.names[s.i]] if s.kind == "mean" else 0.0 for s in ordinal.index])


def response_metric(model: ScaledModel, ordinal: OrdinalMoments) -> Array:
    """Return what turns every statistic on the kernel's metric into one of the data (k,)."""
    sd = dict(zip(model.variables, model.units, strict=True))
    covariates = [v for v in model.variables[: len(model.sd)] if v not in ordinal.names]
    unit = np.array([sd[v] for v in ordinal.names])
    given = np.array([sd[v] for v in covariates])
    metric = np.ones(len(ordinal.index))
    for k, s in enumerate(ordinal.index):
        if s.kind == "mean":
            metric[k] = unit[s.i]
        elif s.kind == "slope":
            metric[k] = unit[s.i] / given[s.j]
        elif s.kind != "threshold":
            metric[k] = unit[s.i] * unit[s.j]
    return metric


def statistic_places(own: OrdinalMoments, like: OrdinalMoments) -> NDArray[np.intp]:
    """Return where the statistics of ``like`` stand among ``own``, whatever the order of the variables.

    Raises
    ------
    ModelError
        Other variables, or other ones that are ordered.

    """
    place = {_key(s, own.names): k for k, s in enumerate(own.index)}
    wanted = [_key(s, like.names) for s in like.index]
    if sorted(map(str, place)) != sorted(map(str, wanted)):
        raise ModelError(
            "the two models treat different variables as ordered; fit both with the same ordered="
        )
    return np.array([place[k] for k in wanted], dtype=np.intp)


def _key(statistic: Statistic, names: tuple[str, ...]) -> tuple[object, ...]:
    first = names[statistic.i]
    if statistic.kind == "covariance":
        return (statistic.kind, *sorted((first, names[statistic.j])))
    return (statistic.kind, first, statistic.j if statistic.kind in ("threshold", "slope") else None)
