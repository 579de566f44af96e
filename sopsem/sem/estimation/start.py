"""Starting values on the correlation metric: principal axes, disattenuated correlations, regressions."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sopsem.sem.estimation.group import Group
from sopsem.sem.estimation.problem import Problem
from sopsem.sem.estimation.scaling import RESPONSE, ScaledModel
from sopsem.sem.model.spec import ModelSpec, Parameter

__all__ = ["start_values"]

Array = NDArray[np.float64]


def start_values(problem: Problem, strategy: int = 0) -> Array:
    """Return kernel starts (q,).

    Parameters
    ----------
    strategy : int
        0: from the sample correlations, the user's starts preferred.  1: loadings .7, structural part at
        zero, the user's starts left aside.  2 and up: random variations of 0, drawn from a generator seeded
        by ``strategy``.

    """
    whole = problem.parameters
    values = whole.row_offset.copy()
    for number, group in enumerate(problem.groups, start=1):
        own = _row_starts(group) if strategy != 1 else _plain_starts(group)
        values[list(problem.spec.rows_of(number))] = own
    free = np.any(whole.row_basis != 0.0, axis=1)
    target = (values - whole.row_offset)[free]
    basis = whole.row_basis[free]
    size = np.abs(basis).max(axis=1, initial=0.0)
    y, *_ = np.linalg.lstsq(basis / size[:, None], target / size, rcond=None)
    if strategy > 1:
        rng = np.random.default_rng(strategy)
        y = y * rng.uniform(0.6, 1.4, size=y.shape) + rng.normal(0.0, 0.05, size=y.shape)
    return np.asarray(y)


def _factor_of_metric(p: Parameter, model: ScaledModel) -> float:
    """Return what turns a value on the kernel's metric into a value of this row."""
    if p.op in RESPONSE:
        return 1.0
    at = {v: i for i, v in enumerate(model.variables)}
    left, right = model.units[at[p.lhs]], model.units[at[p.rhs]]
    if p.op == "=~":
        return float(right / left)
    return float(left / right) if p.op in ("~", "~1", "<~") else float(left * right)


def _plain_starts(group: Group) -> Array:
    plain = {"=~": 0.7, "~": 0.0, "~1": 0.0, "~*~": 1.0, "<~": 1.0}
    values = []
    for p in group.spec.parameters:
        value = plain.get(p.op, 0.5 if p.lhs == p.rhs else 0.0)
        # without the user's starts, which may be what failed before
        values.append(_given(replace(p, start=np.nan), value * _factor_of_metric(p, group.model), group))
    return np.array(values)


def _given(p: Parameter, value: float, group: Group) -> float:
    """Prefer the user's start or fixed value; intercepts and thresholds start at those of the sample."""
    if not (p.free or p.exo):
        return p.value
    if np.isfinite(p.start):
        return p.start
    if p.op == "|":
        return group.sample_threshold(p)
    if p.op == "~1":
        at = group.model.variables.index(p.lhs)
        mean = group.moments.mean
        return value + (mean[at] if mean is not None and at < len(mean) else 0.0)
    return value


def _row_starts(group: Group) -> Array:
    sd = np.sqrt(np.diag(group.moments.covariance))
    guess = _Guess(group.spec, group.moments.covariance / np.outer(sd, sd))
    return np.array(
        [_given(p, guess.value(p) * _factor_of_metric(p, group.model), group) for p in group.spec]
    )


class _Guess:
    """Rough solution: loadings, spreads (standard deviations on the kernel's metric), correlations."""

    def __init__(self, spec: ModelSpec, correlation: Array) -> None:
        self.spec = spec
        self.order = list(spec.observed)
        self.composites = spec.composites
        self.correlation = correlation
        self.spread = dict.fromkeys(spec.observed, 1.0) | {"": 1.0}
        self.loading: dict[tuple[str, str], float] = {}
        self.explained: dict[str, float] = {}
        self.add_factors()
        self.slopes = {y: self.regress(y) for y in dict.fromkeys(p.lhs for p in spec if p.op == "~")}

    def add_factors(self) -> None:
        waiting = list(self.spec.latent)
        while waiting:
            ready = [f for f in waiting if all(i in self.order for i in self.items(f))] or waiting[:1]
            for factor in ready:
                self.add_factor(factor, [i for i in self.items(factor) if i in self.order])
                waiting.remove(factor)

    def items(self, factor: str) -> list[str]:
        return list(
            dict.fromkeys(
                p.rhs for p in self.spec if p.op in ("=~", "<~") and p.lhs == factor and p.rhs != factor
            )
        )

    def add_composite(self, composite: str, items: list[str]) -> None:
        """Add a sum of components: of those with free weights as much as of the marker, in units of its own."""
        weights = np.zeros(len(self.order))
        for item in items:
            row = self.spec.find(composite, "<~", item)
            fixed = row is not None and not row.free
            weights[self.order.index(item)] = np.sign(row.value) if row is not None and fixed else 1.0
        raw = self.correlation @ weights
        self.spread[composite] = float(np.sqrt(max(float(weights @ raw), 1e-6)))
        self._append(composite, raw / self.spread[composite])

    def add_factor(self, factor: str, items: list[str]) -> None:
        if factor in self.composites:
            self.add_composite(factor, items)
            return
        at = [self.order.index(i) for i in items]
        strength = _principal_axis(self.correlation[np.ix_(at, at)]) if items else np.zeros(0)
        rows = [self.spec.find(factor, "=~", i) for i in items]
        anchor = next(
            (k for k, p in enumerate(rows) if p is not None and not p.free and p.value != 0.0), None
        )
        if anchor is not None:
            row = rows[anchor]
            strength = strength * np.sign(strength[anchor] or 1.0) * np.sign(row.value if row else 1.0)
        spread = 1.0
        variance = self.spec.find(factor, "~~", factor)
        if anchor is not None and (variance is None or variance.free):
            spread = max(abs(strength[anchor]), 0.3) * self.spread[items[anchor]]
        elif variance is not None and variance.free and items:
            spread = float(np.mean(np.abs(strength)))
        self.spread[factor] = spread
        for item, value in zip(items, strength, strict=True):
            self.loading[factor, item] = float(value) * self.spread[item] / spread
            self.explained[item] = self.explained.get(item, 0.0) + float(value) ** 2
        weights = np.zeros(len(self.order))
        weights[at] = strength
        self.append_correlations(factor, weights)

    def append_correlations(self, factor: str, weights: Array) -> None:
        raw = self.correlation @ weights
        variance = float(weights @ raw)
        squared = weights**2
        true = variance - float((squared * (1.0 - squared)).sum())
        scale = np.sqrt(max(true, 0.1 * variance, 1e-6))
        self._append(factor, np.clip(raw / scale, -0.9, 0.9))

    def _append(self, variable: str, column: Array) -> None:
        """Add a variable with these correlations."""
        k = len(self.order)
        grown = np.eye(k + 1)
        grown[:k, :k] = self.correlation
        grown[:k, k] = grown[k, :k] = column
        self.correlation = grown
        self.order.append(variable)

    def regress(self, outcome: str) -> dict[str, float]:
        predictors = [p.rhs for p in self.spec if p.op == "~" and p.lhs == outcome]
        at = [self.order.index(v) for v in predictors]
        y = self.order.index(outcome)
        inner = self.correlation[np.ix_(at, at)] + 0.05 * np.eye(len(at))
        slopes = np.linalg.solve(inner, self.correlation[at, y])
        self.explained[outcome] = self.explained.get(outcome, 0.0) + float(
            np.clip(slopes @ self.correlation[at, y], 0, 0.9)
        )
        return {
            v: float(s) * self.spread[outcome] / self.spread[v]
            for v, s in zip(predictors, slopes, strict=True)
        }

    def value(self, p: Parameter) -> float:
        if p.op == "=~":
            return self.loading.get((p.lhs, p.rhs), 0.0)
        if p.op == "~":
            return self.slopes[p.lhs][p.rhs]
        if p.op != "~~":
            return 1.0 if p.op in ("~*~", "<~") else 0.0
        if p.lhs == p.rhs:
            return self.spread[p.lhs] ** 2 * max(1.0 - self.explained.get(p.lhs, 0.0), 0.2)
        if p.exo or (p.lhs not in self.explained and p.rhs not in self.explained):
            i, j = self.order.index(p.lhs), self.order.index(p.rhs)
            damp = 1.0 if p.exo else 0.9
            return damp * float(self.correlation[i, j]) * self.spread[p.lhs] * self.spread[p.rhs]
        return 0.0


def _principal_axis(correlation: Array) -> Array:
    """Return one-factor loadings by principal axis, a few iterations."""
    k = len(correlation)
    if k == 1:
        return np.ones(1) * 0.9
    off = correlation - np.diag(np.diag(correlation))
    communality = np.abs(off).max(axis=1)
    loadings = np.sqrt(communality)
    for _ in range(10):
        values, vectors = np.linalg.eigh(off + np.diag(communality))
        loadings = vectors[:, -1] * np.sqrt(max(values[-1], 0.05))
        communality = np.clip(loadings**2, 0.05, 0.9)
    loadings = np.clip(loadings, -0.95, 0.95)
    return np.asarray(loadings * np.sign(loadings.sum() or 1.0))
