"""The baseline (independence) model: variances alone, and the covariances of variables that only predict."""

from dataclasses import replace
from itertools import combinations

import numpy as np

from sopsem.sem.estimation.fit import Fit, fit_moments
from sopsem.sem.model.spec import ModelSpec, Parameter
from sopsem.sem.sample.incomplete_moments import available_moments

__all__ = ["baseline_fit", "baseline_spec", "normal_baseline"]


def baseline_spec(spec: ModelSpec) -> ModelSpec:
    """Return the independence model of the observed variables of a model.

    Variances and, with a mean structure, means are free; covariances are 0 but for those of observed variables
    that only predict, which stay what they are in the model, and those of auxiliary variables.

    Examples
    --------
    >>> from sopsem.sem.model.spec import model_spec
    >>> [p.name for p in baseline_spec(model_spec("y ~ x + z"))]
    ['y~~y', 'x~~x', 'z~~z', 'x~~z']

    """
    rows = [row for group in range(1, spec.n_groups + 1) for row in _group_rows(spec, group)]
    return replace(
        spec,
        parameters=tuple(rows),
        latent=(),
        definitions=(),
        constraints=(),
        notes=(),
        text="",
        parameterization="delta",
    )


def _group_rows(spec: ModelSpec, group: int) -> list[Parameter]:
    """Return the rows of one group; latent responses have variance 1 and mean 0, and free thresholds.

    Moments given the exogenous variables have free slopes on these.
    """
    fixed = {p.lhs for p in spec if p.exo}
    rows = []
    if spec.conditional_x:
        given = [v for v in spec.observed if v in fixed]
        rows += [_row(v, "~", x, group, exo=False) for v in spec.observed if v not in fixed for x in given]
    rows += [_row(p.lhs, "|", p.rhs, group, exo=False) for p in spec if p.op == "|" and p.group == group]
    pairs = [(v, v) for v in spec.observed]
    pairs += [(v, w) for i, v in enumerate(spec.exogenous) for w in spec.exogenous[i + 1 :]]
    pairs += [(a, v) for a in spec.auxiliary for v in spec.observed if v not in spec.auxiliary]
    pairs += list(combinations(spec.auxiliary, 2))
    means = spec.observed if spec.meanstructure else ()
    rows += [_row(v, "~~", w, group, exo=v in fixed and w in fixed) for v, w in pairs]
    rows += [_row(v, "~*~", v, group, exo=False) for v in spec.ordered]
    rows += [_row(v, "~1", "", group, exo=v in fixed) for v in means]
    held = {"~~": 1.0, "~*~": 1.0, "~1": 0.0}
    return [
        replace(p, free=False, value=held[p.op]) if p.lhs in spec.ordered and p.op in held else p
        for p in rows
    ]


def _row(lhs: str, op: str, rhs: str, group: int, *, exo: bool) -> Parameter:
    return Parameter(lhs=lhs, op=op, rhs=rhs, group=group, user=False, free=not exo, exo=exo)


def baseline_fit(fit: Fit) -> Fit:
    """Return the baseline model fitted to the data of a fit, in the same way."""
    settings = replace(fit.settings, bounds="none")
    moments = fit.data_moments
    if (
        settings.missing == "ml_x"
    ):  # the baseline holds exogenous variables at the moments of the rows that have them
        moments = tuple(available_moments(m) for m in moments)
    return fit_moments(baseline_spec(fit.spec), moments, settings=settings)


def normal_baseline(fit: Fit) -> tuple[float, int]:
    """Return chi2 and df of the baseline model by maximum likelihood with complete data.

    F = sum log s_ii + log|S_xx| - log|S| has a closed form, so nothing is fitted.
    """
    x = [i for i, v in enumerate(fit.spec.observed) if v in fit.spec.exogenous]
    p, total = len(fit.spec.observed), 0.0
    for share, group in zip(fit.problem.weights, fit.groups, strict=True):
        covariance = group.moments.covariance
        sd = np.sqrt(np.diag(covariance))
        correlation = covariance / np.outer(sd, sd)
        given = np.linalg.slogdet(correlation[np.ix_(x, x)])[1] if x else 0.0
        total += float(share * (given - np.linalg.slogdet(correlation)[1]))
    df = p * (p - 1) // 2 - len(x) * (len(x) - 1) // 2 if len(x) < p else 0
    return fit.multiplier * total, df * fit.n_groups
