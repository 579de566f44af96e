"""What fit indices need when rows are incomplete: the misfit that complete data would have shown, corrected.

The statistic is that of complete data at the saturated and at the fitted moments of the incomplete ones; c is
its mean over df when the model holds.

References
----------
Zhang, X., & Savalei, V. (2023). New computations for RMSEA and CFI following FIML and TS estimation with missing
data. Psychological Methods, 28.

"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sopsem.kernel.structure import half
from sopsem.sem.estimation.fit import Fit
from sopsem.sem.estimation.group import Group
from sopsem.sem.estimation.incomplete_scores import incomplete_information, incomplete_scores
from sopsem.sem.estimation.moment_analysis import GroupAnalysis, analyse_moments
from sopsem.sem.estimation.robust_errors import shares
from sopsem.sem.estimation.standard_errors import inverse_information
from sopsem.sem.sample.normal_theory import normal_weight

__all__ = ["CompleteMisfit", "complete_misfit"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CompleteMisfit:
    """Statistic of complete data with the factor that corrects its mean."""

    chisq: float
    factor: float


def complete_misfit(fit: Fit) -> CompleteMisfit:
    """Return the complete-data statistic of a fit to incomplete rows, and c.

    With the observed information W of the saturated model of incomplete rows, that of complete ones C, both at
    the saturated moments, products of scores J, E the inverse of D'HD with H the information that the settings
    name, and U = W - W D E D'W,

        c = tr(C W^-1 U W^-1) / df,   with robust errors   tr(U W^-1 C W^-1 U W^-1 J W^-1) / df.
    """
    settings = fit.settings
    parts = [_Part.of(p, settings.information) for p in analyse_moments(fit.problem, fit.kernel_theta)]
    weights = shares([p.analysis for p in parts])
    bread = sum(w * p.slopes.T @ p.bread @ p.slopes for w, p in zip(weights, parts, strict=True))
    inverse = np.nan_to_num(inverse_information(fit.problem, fit.kernel_theta, np.asarray(bread)))
    trace = (_robust_trace if settings.robust else _plain_trace)(parts, weights, inverse)
    return CompleteMisfit(chisq=_complete_chisq(fit), factor=trace / fit.df if fit.df else 1.0)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Informations of one group on its moments that are not given."""

    analysis: GroupAnalysis
    slopes: Array
    own: Array
    bread: Array
    complete: Array
    products: Array

    @classmethod
    def of(cls, analysis: GroupAnalysis, kind: str) -> "_Part":
        group = analysis.group
        free = np.flatnonzero(~group.given)
        at = np.ix_(free, free)
        scores = incomplete_scores(group, None)[:, free]
        products = scores.T @ scores / group.moments.n
        own = incomplete_information(group, None, "observed")[at]
        bread = {"observed": own, "first_order": products}.get(kind)
        return cls(
            analysis=analysis,
            slopes=analysis.slopes[free],
            own=own,
            bread=incomplete_information(group, None, "expected")[at] if bread is None else bread,
            complete=_complete_weight(group)[at],
            products=products,
        )


def _complete_weight(group: Group) -> Array:
    """Return C: variables that only predict count as given, since nothing is modelled about them."""
    x = np.array([v in group.spec.exogenous for v in group.spec.observed], dtype=bool)
    i, j = half(len(x))
    modelled = ~np.concatenate([x, x[i] & x[j]])
    return normal_weight(group.scaled_covariance, means=True) * np.outer(modelled, modelled)


def _plain_trace(parts: list[_Part], weights: Array, inverse: Array) -> float:
    """Return tr(C W^-1 U W^-1) of all groups."""
    total = 0.0
    for w, p in zip(weights, parts, strict=True):
        total += float(np.trace(np.linalg.solve(p.own, p.complete)))
        total -= w * float(np.trace(p.slopes.T @ p.complete @ p.slopes @ inverse))
    return total


def _robust_trace(parts: list[_Part], weights: Array, inverse: Array) -> float:
    """Return tr(U W^-1 C W^-1 U W^-1 J W^-1) of all groups.

    W^-1 U = I - D E D'W couples the groups through E only, so that products of two of them are summed.
    """
    total = 0.0
    for w, one in zip(weights, parts, strict=True):
        for v, two in zip(weights, parts, strict=True):
            onto = -w * one.slopes @ inverse @ two.slopes.T @ two.own * (v / w)
            if one is two:
                onto = onto + np.eye(len(one.own))
            # the row block of group one, the column block of group two of W^-1 U
            gamma = np.linalg.solve(two.own, np.linalg.solve(two.own, two.products).T)
            total += float(np.trace(onto.T @ (w * one.complete) @ onto @ gamma)) / v
    return total


def _complete_chisq(fit: Fit) -> float:
    """Return N times F of complete data with the saturated moments for those of the sample."""
    total = 0.0
    for group, implied in zip(fit.groups, fit.implied, strict=True):
        moments = replace(group.moments, patterns=None)
        here = fit.problem.estimator.objective(replace(group, moments=moments))
        value = here.evaluate(fit.kernel_theta[None], np.zeros(1, dtype=np.intp))[0][0]
        total += group.moments.n * float(value) if implied.mu is not None else 0.0
    return total
