"""The moments of a population: of a parameter table with values, or of a fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite, isnan

import numpy as np
from numpy.typing import NDArray

from sopsem.errors import ModelError, UsageError
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.implied import NamedMoments, implied_moments
from sopsem.sem.model.ordinal_rows import threshold_rank
from sopsem.sem.model.spec import ModelSpec, Parameter
from sopsem.sem.sample.moments import Moments

__all__ = ["Population", "population_of_fit", "population_of_table"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Population:
    """One group: names, means (p,), covariances (p, p), and the thresholds of ordered variables."""

    names: tuple[str, ...]
    mean: Array
    covariance: Array
    thresholds: Mapping[str, tuple[float, ...]]


def population_of_fit(fit: Fit) -> tuple[Population, ...]:
    """Return the implied moments of a fit as the populations of its groups.

    Without intercepts means are those of the sample, or 0 where it has none.
    """
    if fit.spec.ordered:  # answers need the latent responses in the metric of the thresholds
        rows = [replace(p, value=float(v)) for p, v in zip(fit.spec, fit.rows, strict=True)]
        return _of_groups(fit.spec, rows)
    found = implied_moments(fit)
    named = list(found.values()) if isinstance(found, dict) else [found]
    return tuple(_of_group(own, sample) for own, sample in zip(named, fit.data_moments, strict=True))


def _of_group(own: NamedMoments, sample: Moments) -> Population:
    names = tuple(map(str, own.cov.columns))
    if own.mean is not None:
        mean = np.array([float(own.mean[v]) for v in names])
    elif sample.mean is not None:
        mean = np.array([sample.mean[sample.names.index(v)] for v in names])
    else:
        mean = np.zeros(len(names))
    return Population(
        names=names, mean=mean, covariance=np.asarray(own.cov.to_numpy(dtype=float)), thresholds={}
    )


def population_of_table(spec: ModelSpec, values: Mapping[str, float]) -> tuple[Population, ...]:
    """Return the moments that a parameter table has at given values.

    Parameters
    ----------
    spec : ModelSpec
    values : mapping of str to float
        By label or name (``"f=~x2"``, in the second group ``"f=~x2.g2"``); they go before values in the text.

    Raises
    ------
    UsageError
        A value for what is no parameter.
    ModelError
        A covariance matrix that is not positive definite; thresholds out of order.

    Notes
    -----
    A free parameter without a value has, as in lavaan's ``simulateData``, 1 for loadings and variances and 0
    otherwise.

    """
    known = {p.path() for p in spec} | {p.label for p in spec if p.label}
    if unknown := [name for name in values if name not in known]:
        raise UsageError(
            f"values has {', '.join(map(repr, unknown))}, which is no parameter of the model; names are e.g. "
            f"{', '.join(sorted(known)[:5])}"
        )
    if spec.composites:
        raise UsageError(
            "data of a model with composites (<~) cannot be simulated; write its indicators with =~"
        )
    return _of_groups(spec, [replace(p, value=_value(p, values)) for p in spec])


def _of_groups(spec: ModelSpec, rows: Sequence[Parameter]) -> tuple[Population, ...]:
    """Return the populations of all groups; the ``value`` of every row is what it has there."""
    return tuple(_table_group(spec, [rows[i] for i in spec.rows_of(g)]) for g in range(1, spec.n_groups + 1))


def _value(p: Parameter, values: Mapping[str, float]) -> float:
    for name in (p.path(), p.label):
        if name and name in values:
            return float(values[name])
    if not p.free and not isnan(p.value):
        return p.value
    if isfinite(p.start):
        return p.start
    return 1.0 if p.op in ("=~", "~*~") or (p.op == "~~" and p.lhs == p.rhs) else 0.0


def _table_group(spec: ModelSpec, rows: Sequence[Parameter]) -> Population:
    """Return (I - B)^-1 S (I - B)^-T and the means of one group, for the observed variables."""
    variables = [*spec.observed, *spec.latent]
    at = {v: i for i, v in enumerate(variables)}
    paths, symmetric = np.zeros((len(at), len(at))), np.zeros((len(at), len(at)))
    origin = np.zeros(len(at))
    for p in rows:
        if p.op == "=~" and p.lhs != p.rhs:
            paths[at[p.rhs], at[p.lhs]] = p.value
        elif p.op == "~":
            paths[at[p.lhs], at[p.rhs]] = p.value
        elif p.op == "~~":
            symmetric[at[p.lhs], at[p.rhs]] = symmetric[at[p.rhs], at[p.lhs]] = p.value
        elif p.op == "~1":
            origin[at[p.lhs]] = p.value
    total: Array = np.asarray(np.linalg.inv(np.eye(len(at)) - paths), dtype=np.float64)
    if spec.ordered and spec.parameterization == "delta":
        scales = {p.lhs: p.value for p in rows if p.op == "~*~"}
        wanted = {at[v]: 1.0 / scales.get(v, 1.0) ** 2 for v in spec.ordered}
        _scale_responses(symmetric, total, wanted, variables)
    used = slice(len(spec.observed))
    return Population(
        names=spec.observed,
        mean=(total @ origin)[used],
        covariance=(total @ symmetric @ total.T)[used, used],
        thresholds=_thresholds(rows),
    )


def _thresholds(rows: Sequence[Parameter]) -> dict[str, tuple[float, ...]]:
    """Return the thresholds of every ordered variable from low to high."""
    listed: dict[str, list[tuple[int, float]]] = {}
    for p in rows:
        if p.op == "|":
            listed.setdefault(p.lhs, []).append((threshold_rank(p), p.value))
    ordered = {v: tuple(t for _, t in sorted(ranked)) for v, ranked in listed.items()}
    for v, cuts in ordered.items():
        if any(a >= b for a, b in pairwise(cuts)):
            raise ModelError(f"the thresholds of {v} are {', '.join(f'{c:g}' for c in cuts)}; they must rise")
    return ordered


def _scale_responses(
    symmetric: Array, total: Array, variances: Mapping[int, float], variables: Sequence[str]
) -> None:
    """Set the residual variances of latent responses so that their variances are those of their scales."""
    for i in variances:
        symmetric[i, i] = 0.0
    explained = np.diag(total @ symmetric @ total.T)
    for i, variance in variances.items():
        left = variance - explained[i]
        if left <= 0.0:
            raise ModelError(
                f"the latent response of {variables[i]} has variance {variance:g}, but the model explains "
                f"{explained[i]:g} of it; give smaller loadings or variances, or parameterization='theta'"
            )
        symmetric[i, i] = left
